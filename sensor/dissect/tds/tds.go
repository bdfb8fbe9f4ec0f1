package tds

import (
	"fmt"
	"unicode/utf16"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// The packet types ([MS-TDS], section 2.2.3.1.1).
const (
	typeBatch    = 1
	typeRPC      = 3
	typeResponse = 4
	typeLogin7   = 16
	typePrelogin = 18
	header       = 8
	port         = 1433
	maxPackets   = 12
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "tds", Transport: dissect.TCP, Ports: []uint16{port, 2433}, MaxBuffer: 33 << 10}
}

// Probe wants a packet header; statements and answers only on the usual port, a pre-login anywhere
// when its list of options is one.
func (protocol) Probe(f *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	switch data[0] {
	case typeBatch, typeRPC, typeLogin7, typePrelogin, 2, 6, 7, 14, 17:
		if dir != dissect.FromInitiator {
			return dissect.NotMine
		}
	case typeResponse:
		if dir != dissect.FromResponder {
			return dissect.NotMine
		}
	default:
		return dissect.NotMine
	}
	if len(data) < header {
		return dissect.More
	}
	n := int(data[2])<<8 | int(data[3])
	if data[1]&^0x19 != 0 || n < header || n > 32767 || data[7] != 0 {
		return dissect.NotMine
	}
	if data[0] == typePrelogin {
		if len(data) < n && n <= 512 {
			return dissect.More
		}
		if _, ok := parsePrelogin(data[header:min(len(data), n)]); ok {
			return dissect.Mine
		}
		return dissect.NotMine
	}
	if f.Responder.Port == port {
		return dissect.Mine
	}
	return dissect.More
}

// prelogin is what a pre-login says ([MS-TDS], section 2.2.6.5).
type prelogin struct {
	version    []byte
	encryption byte
}

func parsePrelogin(b []byte) (prelogin, bool) {
	c := wire.At(b)
	var p prelogin
	for range 16 {
		kind := c.U8()
		if kind == 0xff {
			return p, c.OK() && p.version != nil
		}
		at, n := int(c.U16()), int(c.U16())
		if !c.OK() || kind > 7 || at+n > len(b) {
			return p, false
		}
		value := b[at : at+n]
		switch {
		case kind == 0 && n == 6:
			p.version = value
		case kind == 1 && n == 1:
			p.encryption = value[0]
		}
	}
	return p, false
}

func (protocol) New() dissect.Dissector { return &session{} }

func (protocol) Many(n int) []dissect.Resetter { return dissect.Many[session](n) }

// Reset begins anew.
func (s *session) Reset() { *s = session{} }

type session struct {
	packets  int
	prelogin bool // the next answer is one to a pre-login
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if len(data) < header {
		return 0, dissect.More
	}
	n := int(data[2])<<8 | int(data[3])
	if n < header || data[0] > 18 {
		return 0, dissect.NotMine
	}
	if len(data) < n && (data[0] == typePrelogin || data[0] == typeLogin7 || s.prelogin) {
		return 0, dissect.More
	}
	if s.packets++; s.packets > maxPackets {
		return n, dissect.Done
	}
	body := data[header:min(n, len(data))]
	switch {
	case dir == dissect.FromInitiator && data[0] == typePrelogin:
		if len(body) > 0 && body[0] == 0x16 { // TLS inside of packets
			e.Inner("tls", dir, body)
			e.Encrypted()
			return n, dissect.More
		}
		s.prelogin = true
	case dir == dissect.FromResponder && s.prelogin:
		s.prelogin = false
		if p, ok := parsePrelogin(body); ok {
			s.server(e, p)
		}
	case dir == dissect.FromResponder && data[0] == typePrelogin:
		e.Inner("tls", dir, body)
	case data[0] == typeLogin7:
		login(e, dir, body)
	case data[0] == typeBatch || data[0] == typeRPC:
		e.Operate(model.VerbExecute, "statement", model.ResultUnset, 1)
	}
	return n, dissect.More
}

func (s *session) server(e dissect.Emitter, p prelogin) {
	f := e.Flow()
	server := dissect.About(f.Responder)
	v := p.version
	e.Observe(dissect.Claim{Subject: server, Kind: model.KindSoftware, Value: fmt.Sprintf("Microsoft SQL Server %d.%d.%d", v[0], v[1], int(v[2])<<8|int(v[3])), Source: "tds.version"})
	name := map[byte]string{0: "encrypts the login only", 1: "encryption on", 2: "no encryption", 3: "encryption required"}[p.encryption]
	e.Observe(dissect.Claim{Subject: server, Kind: model.KindCapability, Value: name, Source: "tds.encryption"})
	if p.encryption == 2 {
		dissect.Cleartext(e, "tds", "tds.encryption")
	}
}

// login reads LOGIN7 ([MS-TDS], section 2.2.6.4): offsets and lengths in characters.
func login(e dissect.Emitter, dir dissect.Direction, b []byte) {
	c := wire.At(b)
	c.Skip(36)
	field := func() []byte {
		at, n := int(c.L16()), 2*int(c.L16())
		if !c.OK() || at+n > len(b) {
			return nil
		}
		return b[at : at+n]
	}
	host, user, password, application := field(), field(), field(), field()
	field() // the server's name as the client knows it
	field()
	library := field()
	if !c.OK() {
		return
	}
	f := e.Flow()
	client := dissect.About(f.Sender(dir))
	e.Observe(dissect.Claim{Subject: client, Kind: model.KindHostname, Value: text(host), Source: "tds.hostname"})
	e.Observe(dissect.Claim{Subject: client, Kind: model.KindSoftware, Value: text(application), Source: "tds.application"})
	e.Observe(dissect.Claim{Subject: client, Kind: model.KindSoftware, Value: text(library), Source: "tds.library"})
	if len(user) > 0 {
		e.Login(dissect.Credential{Service: "tds", User: text(user), Password: text(plain(password)), Server: f.Receiver(dir), Client: f.Sender(dir), Evidence: "tds.login7"})
	}
}

// plain undoes the obfuscation of the password: halves swapped, then 0xa5.
func plain(b []byte) []byte {
	out := make([]byte, len(b))
	for i, x := range b {
		x ^= 0xa5
		out[i] = x<<4 | x>>4
	}
	return out
}

func text(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = uint16(b[2*i]) | uint16(b[2*i+1])<<8
	}
	return string(utf16.Decode(units))
}
