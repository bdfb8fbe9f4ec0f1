package smb

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

const maxMessages = 60 // a conversation that lasted so long has told what it is

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "smb", Transport: dissect.TCP, Ports: []uint16{445, 139}, MaxBuffer: 64 << 10}
}

// Probe wants a NetBIOS session header and one of the four signatures behind it, or a session
// request or answer on port 139.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	switch {
	case data[0] == nbMessage:
		if len(data) < 8 {
			if len(data) > 1 && data[1] > 1 {
				return dissect.NotMine
			}
			return dissect.More
		}
		if signed(data[4:]) {
			return dissect.Mine
		}
	case data[0] == nbRequest && f.Responder.Port == 139:
		if len(data) < 5 {
			return dissect.More
		}
		if data[1] == 0 && data[2] == 0 && data[3] >= 68 && data[4] == 32 { // two encoded names
			return dissect.Mine
		}
	case data[0] >= nbPositive && data[0] <= nbKeepAlive && f.Responder.Port == 139:
		if len(data) < 4 {
			return dissect.More
		}
		if data[1] == 0 && data[2] == 0 && data[3] <= 6 {
			return dissect.Mine
		}
	}
	return dissect.NotMine
}

func signed(b []byte) bool {
	return len(b) >= 4 && b[0] >= 0xfc && b[1] == 'S' && b[2] == 'M' && b[3] == 'B'
}

func (protocol) New() dissect.Dissector { return &session{} }

func (protocol) Many(n int) []dissect.Resetter { return dissect.Many[session](n) }

// Reset begins anew.
func (s *session) Reset() { *s = session{} }

type session struct {
	messages int
	version  string
	told1    bool // SMB 1 in use was reported
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	f, ok := parseFrame(data)
	if !ok {
		return 0, dissect.More
	}
	if f.kind != nbMessage {
		if f.kind < nbRequest || f.kind > nbKeepAlive {
			return 0, dissect.NotMine
		}
		return 4 + f.size, dissect.More
	}
	if len(data) < 4+min(f.size, 14) {
		return 0, dissect.More
	}
	body := data[4:]
	if !signed(body) {
		if f.size < 4 {
			return 4 + f.size, dissect.More
		}
		return 0, dissect.NotMine
	}
	if f.size < shortest { // its length does not belong to it
		return 4 + f.size, dissect.More
	}
	if s.messages++; s.messages > maxMessages {
		return len(data), dissect.Done
	}
	if !wanted(body) || f.size > 60<<10 {
		s.unread(e, dir, body)
		return 4 + f.size, dissect.More
	}
	if len(body) < f.size {
		s.messages-- // counted when it is whole
		return 0, dissect.More
	}
	s.read(e, dir, body[:f.size])
	return 4 + f.size, dissect.More
}

// Gap goes on with the next segment: most begin with a message.
func (s *session) Gap(dissect.Emitter, dissect.Direction, int) dissect.Verdict { return dissect.More }

// shortest is how many bytes of a message any judgement takes: no header of [MS-SMB2] section 2.2 or
// [MS-CIFS] section 2.2.3.1 is that short.
const shortest = 16

// wanted reports whether the message has to be seen as a whole.
func wanted(b []byte) bool {
	switch b[0] {
	case 0xff:
		return b[4] == cmd1Negotiate || b[4] == cmd1SessionSetup
	case 0xfe:
		return len(b) < 14 || b[13] == 0 && (b[12] == cmd2Negotiate || b[12] == cmd2SessionSetup)
	}
	return false
}

// unread notes a message that is passed over: what its header says.
func (s *session) unread(e dissect.Emitter, dir dissect.Direction, b []byte) {
	switch b[0] {
	case 0xff:
		s.usesSMB1(e, dir, len(b) > 9 && b[9]&0x80 != 0)
	case 0xfd:
		e.Encrypted()
	}
}

func (s *session) usesSMB1(e dissect.Emitter, dir dissect.Direction, response bool) {
	if !response || s.told1 {
		return
	}
	s.told1 = true
	f := e.Flow()
	e.Version("SMB 1")
	e.Report(dissect.Weakness{Type: model.FindingObsoleteProtocol, Rule: "smb.version_1", Version: 1, Subject: f.Sender(dir), Peer: f.Receiver(dir),
		Detail: "SMB 1", Evidence: "smb.protocol_id"})
}

func (s *session) read(e dissect.Emitter, dir dissect.Direction, b []byte) {
	if b[0] == 0xff {
		if m, ok := parse1(b); ok {
			s.usesSMB1(e, dir, m.response)
			s.read1(e, dir, m)
		}
	} else if m, ok := parse2(b); ok {
		s.read2(e, dir, m)
	}
	if b[0] == 0xff && b[4] == cmd1Negotiate {
		return
	}
	tokens(e, dir, b)
}

// oidKerberos is 1.2.840.113554.1.2.2 in BER, before the token's kind (RFC 4121, section 4.1).
var oidKerberos = []byte("\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02")

// tokens hands what authenticates to its package.
func tokens(e dissect.Emitter, dir dissect.Direction, b []byte) {
	if i := bytes.Index(b, []byte("NTLMSSP\x00")); i >= 0 {
		e.Inner("ntlm", dir, b[i:])
	}
	for rest := b; ; {
		i := bytes.Index(rest, oidKerberos)
		if i < 0 {
			return
		}
		rest = rest[i+len(oidKerberos):]
		if len(rest) > 3 && rest[1] == 0 && rest[0] >= 1 && rest[0] <= 3 {
			e.Inner("gssapi", dir, rest[2:])
			return
		}
	}
}

func (s *session) claim(e dissect.Emitter, dir dissect.Direction, kind model.Kind, field, value string) {
	e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Sender(dir)), Kind: kind, Value: value, Source: "smb." + field})
}

func (s *session) read1(e dissect.Emitter, dir dissect.Direction, m message1) {
	switch {
	case m.command == cmd1Negotiate && !m.response:
		if names, smb2 := m.dialects(); len(names) > 0 && !smb2 {
			s.claim(e, dir, model.KindCapability, "dialect_offered", "at most "+names[len(names)-1])
		}
	case m.command == cmd1Negotiate:
		s.negotiated1(e, dir, m)
	case m.command == cmd1SessionSetup:
		if m.response {
			login(e, m.status)
			if m.status == 0 && len(m.words) >= 6 { // Action ([MS-CIFS], section 2.2.4.53.2)
				unknown(e, dir, m.words[4]&1 != 0, false)
			}
		}
		s.setup1(e, dir, m)
	}
}

// negotiated1 reads the NT LAN Manager response ([MS-CIFS], section 2.2.4.52.2): 17 words.
func (s *session) negotiated1(e dissect.Emitter, dir dissect.Direction, m message1) {
	if len(m.words) != 34 {
		return
	}
	signing(e, dir, m.words[2]&0x08 != 0)
	key := int(m.words[33])
	if m.words[22]&0x80 != 0 { // CAP_EXTENDED_SECURITY in the high byte of the capabilities
		return
	}
	names := m.strings(key, 2, false)
	if len(names) > 0 {
		s.claim(e, dir, model.KindDomain, "primary_domain", names[0])
	}
	if len(names) > 1 {
		s.claim(e, dir, model.KindHostname, "server_name", names[1])
	}
}

// setup1 reads native names ([MS-CIFS], section 2.2.4.53; [MS-SMB], section 2.2.4.6). Requests
// without extended security have the user's name before them.
func (s *session) setup1(e dissect.Emitter, dir dissect.Direction, m message1) {
	from, skip := 0, 0
	switch n := len(m.words); {
	case n == 26 && !m.response: // two passwords, account, domain
		from, skip = int(m.words[14])|int(m.words[15])<<8, 2
		from += int(m.words[16]) | int(m.words[17])<<8
	case n == 24 && !m.response, n == 8 && m.response: // security blob
		at := 14
		if m.response {
			at = 6
		}
		from = int(m.words[at]) | int(m.words[at+1])<<8
	case n == 6 && m.response:
	default:
		return
	}
	names := m.strings(from, skip+3, true)
	if len(names) < skip+2 {
		return
	}
	// Samba's server gives itself out as Windows 6.1.
	if windows := strings.HasPrefix(names[skip], "Windows"); !windows || !strings.HasPrefix(names[skip+1], "Samba") {
		s.claim(e, dir, model.KindOS, "native_os", names[skip])
	}
	s.claim(e, dir, model.KindSoftware, "native_lanman", names[skip+1])
	if m.response && len(names) > skip+2 {
		s.claim(e, dir, model.KindDomain, "primary_domain", names[skip+2])
	}
}

func signing(e dissect.Emitter, dir dissect.Direction, required bool) {
	value := "signing not required"
	if required {
		value = "signing required"
	}
	e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Sender(dir)), Kind: model.KindCapability, Value: value, Source: "smb.security_mode"})
}

// unknown reports a session that the server gave to somebody it does not know.
func unknown(e dissect.Emitter, dir dissect.Direction, guest, null bool) {
	w := dissect.Weakness{Type: model.FindingAnonymousAccess, Rule: "smb.anonymous", Version: 1, Subject: e.Flow().Sender(dir),
		Peer: e.Flow().Receiver(dir), Detail: "guest session", Evidence: "smb.session_flags"}
	if null {
		w.Detail = "session without an account"
	}
	if guest || null {
		e.Report(w)
	}
}

// login counts an answer that ends a session's setup.
func login(e dissect.Emitter, status uint32) {
	switch status {
	case 0:
		e.Operate(model.VerbLogin, "session", model.ResultOK, 1)
	case 0xc000006d, 0xc000006a, 0xc0000022, 0xc0000234: // logon failure, wrong password, access denied, locked out
		e.Operate(model.VerbLogin, "session", model.ResultRefused, 1)
	}
}

func (s *session) read2(e dissect.Emitter, dir dissect.Direction, m message2) {
	if m.command == cmd2SessionSetup && m.response {
		login(e, m.status)
		if m.status == 0 && len(m.body) >= 4 { // SessionFlags ([MS-SMB2], section 2.2.6)
			unknown(e, dir, m.body[2]&1 != 0, m.body[2]&2 != 0)
		}
	}
	if m.command != cmd2Negotiate || !m.response {
		return
	}
	n, ok := parseNegotiated(m.body)
	if !ok {
		return
	}
	name := dialectName(n.dialect)
	if name == "" {
		return
	}
	if n.dialect == 0x02ff { // more will be negotiated
		return
	}
	s.version = name
	e.Version(name)
	s.claim(e, dir, model.KindCapability, "dialect", name)
	signing(e, dir, n.signing&2 != 0)
	s.claim(e, dir, model.KindIdentifier, "server_guid", fmt.Sprintf("guid:%x", n.guid))
}
