package office_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/wardscope/wardscope/sensor/capture/hospital/office"
	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

func play(write func(s *wire.Script)) (said [2][]byte, steps []wire.Step) {
	r := wire.NewRand(3)
	s := wire.Script{Rand: &r}
	write(&s)
	for _, step := range s.Steps {
		said[step.From] = append(said[step.From], step.Data...)
		said[step.From] = append(said[step.From], make([]byte, step.Bulk)...)
	}
	return said, s.Steps
}

// TestDHCP reads the messages by their options (RFC 2131, 2132).
func TestDHCP(t *testing.T) {
	l := office.Lease{Client: wire.MAC{2, 0, 0, 0, 0, 1}, Address: wire.IP{10, 0, 0, 9}, Server: wire.IP{10, 0, 0, 2}, Router: wire.IP{10, 0, 0, 1}, DNS: wire.IP{10, 0, 0, 2},
		Host: "WS-1", Domain: "x.example", Class: "MSFT 5.0", Parameters: []byte{1, 3, 6}, FQDN: true, MessageSizeOption: true}
	for _, tt := range []struct {
		renew bool
		want  []byte // message types
	}{{false, []byte{1, 2, 3, 5}}, {true, []byte{3, 5}}} {
		l.Renew = tt.renew
		_, steps := play(func(s *wire.Script) { office.DHCP(s, l) })
		var got []byte
		for _, step := range steps {
			m := step.Data[28:]
			options := map[byte]string{}
			for b := m[240:]; b[0] != 255; b = b[2+int(b[1]):] {
				options[b[0]] = string(b[2 : 2+b[1]])
			}
			got = append(got, options[53][0])
			if step.From == wire.Client && (options[12] != "WS-1" || options[60] != "MSFT 5.0" || options[55] != "\x01\x03\x06") {
				t.Errorf("client says %q", options)
			}
			if step.From == wire.Server && (!bytes.Equal(m[16:20], l.Address[:]) || options[15] != "x.example") {
				t.Errorf("server gives %v, says %q", m[16:20], options)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestNames(t *testing.T) {
	ip := wire.IP{192, 0, 2, 1}
	_, steps := play(func(s *wire.Script) {
		office.Lookup(s, "a.example", &ip)
		office.Lookup(s, "gone.example", nil)
		office.LookupService(s, "_ldap._tcp.x.example", "dc.x.example", 389, ip)
		office.AnnounceMDNS(s, "printer", ip, office.Service{Type: "_ipp._tcp.local", Name: "Printer", Port: 631, Text: []string{"a=b"}}, office.Service{Type: "_x._tcp.local", Name: "y"})
		office.QueryMDNS(s, "_ipp._tcp.local")
		office.LLMNR(s, "wpad")
	})
	var got []string
	for _, step := range steps {
		var m dns.Msg
		if err := m.Unpack(step.Data); err != nil {
			t.Fatalf("%x: %v", step.Data, err)
		}
		for _, rr := range m.Answer {
			got = append(got, strings.ReplaceAll(rr.String(), "\t", " "))
		}
	}
	want := []string{"a.example. 300 IN A 192.0.2.1", "_ldap._tcp.x.example. 600 IN SRV 0 100 389 dc.x.example."}
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("no %q in %q", w, got)
		}
	}
	if len(got) != 2+7 {
		t.Errorf("%d answers", len(got))
	}
	_, steps = play(func(s *wire.Script) { office.RegisterNetBIOS(s, "WS-1", "CLINIC", ip) })
	if len(steps) != 3 || !bytes.Contains(steps[0].Data, []byte("FHFDCNDBCACACACACACACACACACACAAA")) {
		t.Errorf("NetBIOS registration %q", steps[0].Data)
	}
}

// hello lets a real TLS server read a client's hello.
func hello(t *testing.T, stream []byte) *tls.ClientHelloInfo {
	t.Helper()
	client, server := net.Pipe()
	go func() {
		_, _ = client.Write(stream) // the server may hang up first
		_ = client.Close()
	}()
	go func() { _, _ = io.Copy(io.Discard, client) }()
	var got *tls.ClientHelloInfo
	c := tls.Server(server, &tls.Config{MinVersion: tls.VersionTLS10, GetConfigForClient: func(h *tls.ClientHelloInfo) (*tls.Config, error) {
		got = h
		return nil, io.ErrUnexpectedEOF
	}})
	if err := c.HandshakeContext(t.Context()); got == nil {
		t.Fatalf("hello not read: %v", err)
	}
	_ = server.Close()
	return got
}

func TestTLS(t *testing.T) {
	cert, err := office.Certificate("a.example", "A", time.Unix(1e9, 0))
	if err != nil {
		t.Fatal(err)
	}
	again, err := office.Certificate("a.example", "A", time.Unix(1e9, 0))
	if err != nil || !bytes.Equal(cert, again) {
		t.Errorf("the same name gives two certificates: %v", err)
	}
	if c, err := x509.ParseCertificate(cert); err != nil || c.Subject.CommonName != "a.example" {
		t.Errorf("certificate: %v", err)
	}
	for _, tt := range []struct {
		name   string
		hello  office.Hello
		wire   uint16
		suite  uint16
		newest uint16
		alpn   int
	}{
		{"browser", office.Browser, 0x0304, 0x1301, 0x0304, 2},
		{"schannel", office.Schannel, 0x0303, 0xc02f, 0x0303, 0},
		{"embedded", office.Embedded, 0x0303, 0xc030, 0x0303, 0},
		{"legacy", office.Legacy, 0x0301, 0x000a, 0x0301, 0},
	} {
		said, _ := play(func(s *wire.Script) {
			office.TLS(s, office.Secure{Hello: tt.hello, Name: "a.example", Certificate: cert, Version: tt.wire, Suite: tt.suite, Protocol: "h2", Exchanges: 2, Up: 100, Down: 40_000})
		})
		h := hello(t, said[0])
		if h.ServerName != "a.example" || len(h.SupportedProtos) != tt.alpn || !slices.Contains(h.SupportedVersions, tt.newest) {
			t.Errorf("%s: name %q, protocols %v, versions %x", tt.name, h.ServerName, h.SupportedProtos, h.SupportedVersions)
		}
		for side := range said {
			for b := said[side]; len(b) > 0; {
				n := int(binary.BigEndian.Uint16(b[3:]))
				if b[0] < 20 || b[0] > 23 || 5+n > len(b) || n > 16640 {
					t.Fatalf("%s: record %x of %d octets, %d are left", tt.name, b[:5], n, len(b)-5)
				}
				b = b[5+n:]
			}
		}
	}
}

func TestHTTP(t *testing.T) {
	said, _ := play(func(s *wire.Script) {
		office.HTTP(s, office.Page{Path: "/a?b=c", Host: "h", Agent: "x", Server: "y", Type: "text/plain", Octets: 30, User: "root", Password: "pass"},
			office.Page{Method: "POST", Path: "/p", Host: "h", Server: "y", Type: "text/plain", Body: "hi", Send: "body", SendType: "text/plain"})
		office.Print(s, "printer", "HP", 500)
	})
	requests, answers := bufio.NewReader(bytes.NewReader(said[0])), bufio.NewReader(bytes.NewReader(said[1]))
	for i := range 4 {
		r, err := http.ReadRequest(requests)
		if err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
		if user, password, ok := r.BasicAuth(); i == 0 && (!ok || user != "root" || password != "pass") {
			t.Errorf("basic authentication %q %q", user, password)
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
		a, err := http.ReadResponse(answers, r)
		if err != nil {
			t.Fatalf("answer %d: %v", i, err)
		}
		if _, err := io.Copy(io.Discard, a.Body); err != nil {
			t.Fatalf("answer %d: %v", i, err)
		}
		if err := a.Body.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if requests.Buffered()+answers.Buffered() != 0 {
		t.Error("octets are left")
	}
}

var (
	me = office.Windows{Host: "WS-1", Domain: "CLINIC", DNS: "clinic.example", Major: 10, Build: 19045, Native: "Windows 5.1", Account: "canary.user"}
	it = office.Windows{Host: "FILES", Domain: "CLINIC", DNS: "clinic.example", Major: 6, Minor: 1, Build: 7601, Native: "Windows 7"}
)

// TestShares walks the session messages and finds the builds and names of both ends.
func TestShares(t *testing.T) {
	for _, tt := range []struct {
		name  string
		write func(s *wire.Script)
		magic byte
	}{
		{"smb2", func(s *wire.Script) { office.ReadShare(s, me, it, 0x0210, `\\FILES\x`, "f", 2, 70_000) }, 0xfe},
		{"smb1", func(s *wire.Script) { office.LegacyShare(s, me, it) }, 0xff},
	} {
		said, _ := play(tt.write)
		for side := range said {
			for b := said[side]; len(b) > 0; {
				n := int(binary.BigEndian.Uint32(b))
				if 4+n > len(b) || b[4] != tt.magic {
					t.Fatalf("%s: message %x of %d octets, %d are left", tt.name, b[:8], n, len(b)-4)
				}
				b = b[4+n:]
			}
		}
		if !bytes.Contains(said[0], []byte("\x0a\x00\x65\x4a")) || !bytes.Contains(said[1], []byte("\x06\x01\xb1\x1d")) {
			t.Errorf("%s: a build is missing", tt.name)
		}
		if !bytes.Contains(said[0], wire.UTF16("WS-1")) || !bytes.Contains(said[1], wire.UTF16("files.clinic.example")) {
			t.Errorf("%s: a name is missing", tt.name)
		}
	}
}

// TestBER walks directory messages by their own lengths.
func TestBER(t *testing.T) {
	_, steps := play(func(s *wire.Script) {
		office.Login(s, "CLINIC.EXAMPLE", "WS-1$", "WS-1", 18, 17)
		office.BindSimple(s, "CN=x", "canary-password", "DC=x", 2)
		office.BindNegotiate(s, me, it)
		office.NetlogonPing(s, me, it)
	})
	for i, step := range steps {
		if rest := walk(t, step.Data, 0); rest != 0 {
			t.Errorf("message %d: %d octets are left", i, rest)
		}
	}
}

func walk(t *testing.T, b []byte, depth int) int {
	t.Helper()
	for len(b) >= 2 {
		tag, n, head := b[0], int(b[1]), 2
		if b[1]&0x80 != 0 {
			k := int(b[1] & 0x7f)
			n = 0
			for _, c := range b[2 : 2+k] {
				n = n<<8 | int(c)
			}
			head += k
		}
		if head+n > len(b) {
			t.Fatalf("element %x of %d octets, %d are left", tag, n, len(b)-head)
		}
		if tag&0x20 != 0 && depth < 12 {
			if rest := walk(t, b[head:head+n], depth+1); rest != 0 {
				t.Errorf("element %x: %d octets are left", tag, rest)
			}
		}
		b = b[head+n:]
	}
	return len(b)
}

// TestRemote holds the shape of the remote access dialogues.
func TestRemote(t *testing.T) {
	for _, tt := range []struct {
		name           string
		write          func(s *wire.Script)
		client, server string
	}{
		{"telnet", func(s *wire.Script) { office.Telnet(s, "APC", "apc", "secret", "apc>") }, "apc\r\nsecret\r\nstatus\r\n", "APC\r\nlogin: apc\r\nPassword: \r\napc>"},
		{"ftp", func(s *wire.Script) { office.FTP(s, "hello", "u", "p") }, "USER u\r\nPASS p\r\n", "220 hello\r\n331"},
		{"ssh", func(s *wire.Script) { office.SSH(s, "SSH-2.0-a", "SSH-2.0-b", "host", 2) }, "SSH-2.0-a\r\n\x00\x00", "SSH-2.0-b\r\n\x00\x00"},
		{"vnc", func(s *wire.Script) { office.VNC(s, "canary desktop", 2) }, "RFB 003.008\n\x01\x01\x02", "RFB 003.008\n\x01\x01\x00\x00\x00\x00\x04\x00\x03\x00"},
		{"rdp", func(s *wire.Script) { office.RDP(s, "WS-1", 2600) }, "Cookie: mstshash=canary\r\n", "\x03\x00\x00\x13"},
		{"tds", func(s *wire.Script) { office.Prelogin(s, 10, 50, 1600, 1) }, "\x12\x01\x00\x1a", "\x0a\x32\x06\x40"},
		{"sip", func(s *wire.Script) { office.Register(s, office.Call{Agent: "P/1", Server: "S/1", Extension: "41"}) }, "User-Agent: P/1\r\n", "Server: S/1\r\n"},
		{"rtsp", func(s *wire.Script) { office.Watch(s, "rtsp://c/1", "N", "C", 2, 100) }, "DESCRIBE rtsp://c/1 RTSP/1.0", "Content-Length: "},
		{"pjl", func(s *wire.Script) { office.PrintRaw(s, "HP LaserJet", 10) }, "@PJL INFO ID", "\"HP LaserJet\""},
		{"ssdp", func(s *wire.Script) { office.SearchSSDP(s, "ssdp:all", "W"); office.NotifySSDP(s, "l", "s", "t", "i") }, "M-SEARCH * HTTP/1.1", ""},
		{"wsd", func(s *wire.Script) { office.HelloWSD(s, "i", "t", "s", "a") }, "<d:XAddrs>a</d:XAddrs>", ""},
		{"syslog", func(s *wire.Script) { office.Syslog(s, 0, "h", "x") }, "<134>Jan  1 00:00:00 h x", ""},
		{"browser", func(s *wire.Script) { office.HostAnnouncement(s, "WS-1", "CLINIC", wire.IP{1, 2, 3, 4}, 5, 1) }, "\\MAILSLOT\\BROWSE\x00\x01", ""},
	} {
		said, _ := play(tt.write)
		if !bytes.Contains(said[0], []byte(tt.client)) || !bytes.Contains(said[1], []byte(tt.server)) {
			t.Errorf("%s: client %q, server %q", tt.name, said[0], said[1])
		}
	}
	said, _ := play(func(s *wire.Script) { office.NTP(s, 1e18); office.Media(s, 2) })
	if len(said[0]) != 48+2*172 {
		t.Errorf("NTP and RTP: %d octets", len(said[0]))
	}
}

// TestQUIC unmasks nothing, but holds the parts of an Initial that everybody can read.
func TestQUIC(t *testing.T) {
	_, steps := play(func(s *wire.Script) { office.QUIC(s, "a.example", 5) })
	first := steps[0].Data
	if len(first) != 1200 || first[0]&0xf0 != 0xc0 || hex.EncodeToString(first[1:6]) != "0000000108" || len(steps) != 6 {
		t.Errorf("Initial of %d octets: %x, %d packets", len(first), first[:8], len(steps))
	}
}

func TestARP(t *testing.T) {
	a, b := wire.MAC{2, 0, 0, 0, 0, 1}, wire.MAC{2, 0, 0, 0, 0, 2}
	_, steps := play(func(s *wire.Script) {
		office.ARP(s, a, wire.IP{10, 0, 0, 1}, b, wire.IP{10, 0, 0, 2})
		office.Announce(s, a, wire.IP{10, 0, 0, 1})
	})
	if len(steps) != 3 || steps[0].To != wire.Broadcast || steps[1].To != a || !bytes.Equal(steps[1].Data[8:14], b[:]) {
		t.Errorf("%+v", steps)
	}
}
