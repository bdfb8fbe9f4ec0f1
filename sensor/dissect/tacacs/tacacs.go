package tacacs

import (
	"encoding/binary"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// The packet types and flags (RFC 8907, section 4.1).
const (
	typeAuthentication = 1
	typeAuthorization  = 2
	typeAccounting     = 3
	flagClear          = 0x01
	flagSingle         = 0x04
	header             = 12
	maxBody            = 4 << 10 // bytes
	maxPackets         = 20
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "tacacs", Transport: dissect.TCP, Ports: []uint16{49}, MaxBuffer: 2 * maxBody}
}

// Probe wants a first packet of its direction that is exactly as long as it says.
func (protocol) Probe(_ *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if data[0] != 0xc0 && data[0] != 0xc1 || len(data) > 1 && (data[1] == 0 || data[1] > typeAccounting) ||
		len(data) > 2 && data[2] != 1+byte(dir) || len(data) > 3 && data[3]&^(flagClear|flagSingle) != 0 {
		return dissect.NotMine
	}
	if len(data) < header {
		return dissect.More
	}
	n := binary.BigEndian.Uint32(data[8:])
	if n < 5 || n > maxBody || binary.BigEndian.Uint32(data[4:]) == 0 || len(data) > header+int(n) {
		return dissect.NotMine
	}
	if len(data) < header+int(n) {
		return dissect.More
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct {
	packets int
	told    bool
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if len(data) < header {
		return 0, dissect.More
	}
	n := binary.BigEndian.Uint32(data[8:])
	if data[0]>>4 != 0xc || n > maxBody {
		return 0, dissect.NotMine
	}
	size := header + int(n)
	if len(data) < size {
		return 0, dissect.More
	}
	if s.packets++; s.packets > maxPackets {
		return size, dissect.Done
	}
	plain := data[3]&flagClear != 0
	s.tell(e, plain)
	if dir == dissect.FromInitiator && data[2] == 1 { // later packets of a session answer questions of the server's
		switch data[1] {
		case typeAuthentication:
			e.Operate(model.VerbLogin, "administration", model.ResultUnset, 1)
			if plain {
				start(e, data[header:size])
			}
		case typeAuthorization:
			e.Operate(model.VerbQuery, "authorization", model.ResultUnset, 1)
		case typeAccounting:
			e.Operate(model.VerbStore, "accounting", model.ResultUnset, 1)
		}
	}
	return size, dissect.More
}

func (s *session) tell(e dissect.Emitter, plain bool) {
	if s.told {
		return
	}
	s.told = true
	f := e.Flow()
	e.Observe(dissect.Claim{Subject: dissect.About(f.Responder), Kind: model.KindRole, Value: "TACACS+ server", Source: "tacacs.type"})
	e.Observe(dissect.Claim{Subject: dissect.About(f.Initiator), Kind: model.KindRole, Value: "network access server", Source: "tacacs.type"})
	if plain {
		dissect.Cleartext(e, "tacacs", "tacacs.flags")
		return
	}
	// The body is hidden by MD5 of a shared secret, without integrity (RFC 8907, section 10.1).
	e.Report(dissect.Weakness{Type: model.FindingWeakCrypto, Rule: "tacacs.obfuscation", Version: 1, Subject: f.Responder, Peer: f.Initiator,
		Detail: "MD5 obfuscation", Evidence: "tacacs.flags"})
}

// start reads an authentication start in clear (RFC 8907, section 5.1): PAP carries the password.
func start(e dissect.Emitter, body []byte) {
	c := wire.At(body)
	c.Skip(2)
	kind := c.U8()
	c.Skip(1)
	user, port, remote, secret := int(c.U8()), int(c.U8()), int(c.U8()), int(c.U8())
	name := c.Bytes(user)
	c.Skip(port + remote)
	password := c.Bytes(secret)
	if f := e.Flow(); c.OK() && kind == 2 && user > 0 {
		e.Login(dissect.Credential{Service: "tacacs", User: string(name), Password: string(password), Server: f.Responder, Client: f.Initiator, Evidence: "tacacs.start"})
	}
}
