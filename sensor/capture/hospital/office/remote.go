package office

import (
	"fmt"
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

const thinking = 300 * time.Millisecond

// Telnet writes a login with character echo and a command.
func Telnet(s *wire.Script, banner, user, password, prompt string) {
	s.Answer([]byte{255, 253, 1, 255, 251, 1, 255, 251, 3})
	s.Ask([]byte{255, 252, 1, 255, 253, 1, 255, 253, 3})
	s.Answer([]byte("\r\n" + banner + "\r\nlogin: "))
	typed := func(text string, echo bool) {
		for i := range len(text) {
			s.Say(wire.Client, s.Rand.Between(60*time.Millisecond, thinking), []byte{text[i]})
			if echo {
				s.Answer([]byte{text[i]})
			}
		}
		s.Say(wire.Client, thinking, []byte("\r\n"))
	}
	typed(user, true)
	s.Answer([]byte("\r\nPassword: "))
	typed(password, false)
	s.Answer([]byte("\r\n" + prompt))
	typed("status", true)
	s.Answer([]byte("\r\nok\r\n" + prompt))
}

// FTP writes a login and a directory change on a control connection.
func FTP(s *wire.Script, banner, user, password string) {
	s.Answer([]byte("220 " + banner + "\r\n"))
	for _, line := range [][2]string{{"USER " + user, "331 Password required"}, {"PASS " + password, "230 Login successful."},
		{"SYST", "215 UNIX Type: L8"}, {"TYPE I", "200 Switching to Binary mode."}, {"CWD /logs", "250 Directory successfully changed."}, {"QUIT", "221 Goodbye."}} {
		s.Say(wire.Client, 20*time.Millisecond, []byte(line[0]+"\r\n"))
		s.Answer([]byte(line[1] + "\r\n"))
	}
}

// SSH writes banners of both programs and the server's host key, which its name decides, the key exchange's lists (RFC 4253, section 7.1) and sealed packets.
func SSH(s *wire.Script, client, server, host string, packets int) {
	identity := wire.NewRand(wire.Key(host))
	lists := func(kex, key, cipher, mac string) []byte {
		var b wire.Buf
		b.U8(20).Raw(s.Rand.Bytes(16))
		for _, v := range []string{kex, key, cipher, cipher, mac, mac, "none", "none", "", ""} {
			b.U32(uint32(len(v))).Str(v)
		}
		b.U8(0).U32(0)
		pad := 8 - (len(b)+5)%8
		if pad < 4 {
			pad += 8
		}
		var p wire.Buf
		p.U32(uint32(len(b) + pad + 1)).U8(byte(pad)).Raw(b).Zero(pad)
		return p
	}
	s.Ask([]byte(client + "\r\n"))
	s.Answer([]byte(server + "\r\n"))
	s.Ask(lists("curve25519-sha256,ecdh-sha2-nistp256,diffie-hellman-group14-sha256", "ssh-ed25519,rsa-sha2-512", "chacha20-poly1305@openssh.com,aes256-ctr", "hmac-sha2-256,hmac-sha1"))
	s.Answer(lists("curve25519-sha256,ecdh-sha2-nistp256", "ssh-ed25519,rsa-sha2-512", "chacha20-poly1305@openssh.com,aes256-ctr", "hmac-sha2-256"))
	point := wire.Join([]byte{0, 0, 0, 44, 6, 30, 0, 0, 0, 32}, s.Rand.Bytes(32), make([]byte, 6))
	s.Ask(point)
	key := append([]byte{0, 0, 0, 11}, "ssh-ed25519\x00\x00\x00\x20"...)
	reply := wire.Join([]byte{31, 0, 0, 0, 51}, key, identity.Bytes(32), []byte{0, 0, 0, 32}, s.Rand.Bytes(32),
		[]byte{0, 0, 0, 83}, key[:len(key)-1], []byte{64}, s.Rand.Bytes(64))
	pad := 8 - (len(reply)+5)%8 + 8
	var p wire.Buf
	p.U32(uint32(len(reply)+pad+1)).U8(byte(pad)).Raw(reply).Zero(pad).U8(0, 0, 0, 12, 10, 21).Zero(10)
	s.Answer(p)
	s.Ask([]byte{0, 0, 0, 12, 10, 21, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	for range packets {
		s.Bulk(wire.Client, s.Rand.Between(time.Millisecond, thinking), nil, 36+8*s.Rand.IntN(8))
		s.Bulk(wire.Server, time.Millisecond, nil, 44+8*s.Rand.IntN(40))
	}
}

// VNC writes an RFB 3.8 session that asks for no password (RFC 6143, section 7).
func VNC(s *wire.Script, desktop string, updates int) {
	s.Answer([]byte("RFB 003.008\n"))
	s.Ask([]byte("RFB 003.008\n"))
	s.Answer([]byte{1, 1})
	s.Ask([]byte{1})
	s.Answer([]byte{0, 0, 0, 0})
	s.Ask([]byte{1})
	var init wire.Buf
	init.U16(1024, 768).U8(32, 24, 0, 1).U16(255, 255, 255).U8(16, 8, 0, 0, 0, 0).U32(uint32(len(desktop))).Str(desktop)
	s.Answer(init)
	s.Ask([]byte{2, 0, 0, 1, 0, 0, 0, 0})
	for range updates {
		s.Ask([]byte{3, 1, 0, 0, 0, 0, 4, 0, 3, 0})
		var rect wire.Buf
		rect.U8(0, 0).U16(1, 0, 0, 16, 16).U32(0)
		s.Bulk(wire.Server, s.Rand.Between(20*time.Millisecond, time.Second), rect, 16*16*4)
	}
}

// RDP writes the start of a session without network level authentication: X.224 with standard
// security and the client's core data (MS-RDPBCGR, sections 2.2.1.1 to 2.2.1.3).
func RDP(s *wire.Script, clientName string, build uint32) {
	tpkt := func(parts ...[]byte) []byte {
		body := wire.Join(parts...)
		return wire.Join([]byte{3, 0, byte((len(body) + 4) >> 8), byte(len(body) + 4)}, body)
	}
	cookie := "Cookie: mstshash=canary\r\n"
	s.Ask(tpkt([]byte{byte(6 + len(cookie) + 8), 0xe0, 0, 0, 0, 0, 0}, []byte(cookie), []byte{1, 0, 8, 0, 0, 0, 0, 0}))
	s.Answer(tpkt([]byte{14, 0xd0, 0, 0, 0x12, 0x34, 0, 2, 0, 8, 0, 0, 0, 0, 0}))
	var core wire.Buf
	core.U16LE(0xc001, 212).U32LE(0x00080004).U16LE(1280, 1024, 0xca01, 0xaa03).U32LE(0x409, build)
	name := wire.UTF16(clientName)
	core.Raw(name[:min(len(name), 30)]).Zero(32-min(len(name), 30)).U32LE(4, 0, 12).Zero(64).U16LE(0xca01, 1).U32LE(0).U16LE(24, 7, 1).Zero(212 - 142)
	data := wire.Join([]byte{0, 5, 0, 0x14, 0x7c, 0, 1}, []byte{0x80 | byte((len(core)+14)>>8), byte(len(core) + 14)},
		[]byte{0, 8, 0, 0x10, 0, 1, 0xc0, 0, 'D', 'u', 'c', 'a'}, []byte{0x80 | byte(len(core)>>8), byte(len(core))}, core)
	domain := func(v ...uint32) []byte {
		var b []byte
		for _, x := range v {
			b = append(b, wire.BERInt(x)...)
		}
		return wire.BER(0x30, b)
	}
	inner := wire.Join([]byte{4, 1, 1, 4, 1, 1, 1, 1, 0xff}, domain(34, 2, 0, 1, 0, 1, 65535, 2), domain(1, 1, 1, 1, 0, 1, 1056, 2), domain(65535, 64535, 65535, 1, 0, 1, 65535, 2), wire.BER(4, data))
	connect := wire.BER(0x65, inner)
	s.Ask(tpkt([]byte{2, 0xf0, 0x80, 0x7f}, connect))
}

// Prelogin writes a TDS prelogin exchange of SQL Server (MS-TDS, section 2.2.6.5).
func Prelogin(s *wire.Script, major, minor byte, build uint16, packets int) {
	body := func(a, b byte, c uint16) []byte {
		return []byte{0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, a, b, byte(c >> 8), byte(c), 0, 0, 2}
	}
	packet := func(typ byte, p []byte) []byte {
		n := len(p) + 8
		return wire.Join([]byte{typ, 1, byte(n >> 8), byte(n), 0, 0, 1, 0}, p)
	}
	s.Ask(packet(0x12, body(11, 0, 2100)))
	s.Answer(packet(4, body(major, minor, build)))
	for range packets {
		s.Ask(packet(1, wire.Join([]byte{22, 0, 0, 0, 18, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0}, wire.UTF16("select 1"))))
		s.Answer(packet(4, []byte{0xfd, 0, 0, 0xc1, 0, 0, 0, 0, 0, 0, 0, 0, 0}))
	}
}

// Call is a SIP registration or call.
type Call struct {
	Agent, Server string
	Extension     string
	Phone, Proxy  string // addresses in dotted form
	Port          uint16 // of media
}

func (c Call) message(start, method string, headers string, body string) []byte {
	return fmt.Appendf(nil, "%s\r\nVia: SIP/2.0/UDP %s:5060;branch=z9hG4bK%s\r\nFrom: \"canary name\" <sip:%s@%s>;tag=1\r\nTo: <sip:%s@%s>\r\nCall-ID: %s@%s\r\nCSeq: 1 %s\r\n%sContent-Length: %d\r\n\r\n%s",
		start, c.Phone, c.Extension, c.Extension, c.Proxy, c.Extension, c.Proxy, c.Extension, c.Phone, method, headers, len(body), body)
}

// Register writes a SIP registration.
func Register(s *wire.Script, c Call) {
	contact := fmt.Sprintf("Contact: <sip:%s@%s:5060>\r\n", c.Extension, c.Phone)
	s.Ask(c.message("REGISTER sip:"+c.Proxy+" SIP/2.0", "REGISTER", contact+"Max-Forwards: 70\r\nUser-Agent: "+c.Agent+"\r\nExpires: 3600\r\n", ""))
	s.Answer(c.message("SIP/2.0 200 OK", "REGISTER", contact+"Server: "+c.Server+"\r\n", ""))
}

// Media writes RTP of G.711 in both directions (RFC 3550, section 5.1).
func Media(s *wire.Script, packets int) {
	ssrc := uint32(s.Rand.Uint64())
	for i := range packets {
		for _, from := range []wire.From{wire.Client, wire.Server} {
			var b wire.Buf
			b.U8(0x80, 0).U16(uint16(i)).U32(uint32(160*i), ssrc+uint32(from)).Raw(s.Rand.Bytes(160))
			s.Say(from, 10*time.Millisecond, b)
		}
	}
}

// Watch writes an RTSP session of a recorder with a camera (RFC 2326), media interleaved.
func Watch(s *wire.Script, url, agent, server string, frames, octets int) {
	sdp := "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=live\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
	steps := []struct{ method, headers, answer, body string }{
		{"OPTIONS", "", "Public: OPTIONS, DESCRIBE, SETUP, PLAY\r\n", ""},
		{"DESCRIBE", "Accept: application/sdp\r\n", "Content-Type: application/sdp\r\n", sdp},
		{"SETUP", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 7\r\n", ""},
		{"PLAY", "Session: 7\r\n", "Session: 7\r\n", ""},
	}
	for i, v := range steps {
		s.Ask(fmt.Appendf(nil, "%s %s RTSP/1.0\r\nCSeq: %d\r\nUser-Agent: %s\r\n%s\r\n", v.method, url, i+1, agent, v.headers))
		length := ""
		if v.body != "" {
			length = fmt.Sprintf("Content-Length: %d\r\n", len(v.body))
		}
		s.Answer(fmt.Appendf(nil, "RTSP/1.0 200 OK\r\nCSeq: %d\r\nServer: %s\r\n%s%s\r\n%s", i+1, server, v.answer, length, v.body))
	}
	for i := range frames {
		var b wire.Buf
		b.U8('$', 0).U16(uint16(octets+12)).U8(0x80, 96).U16(uint16(i)).U32(uint32(i*3600), 77)
		s.Bulk(wire.Server, 40*time.Millisecond, b, octets)
	}
}
