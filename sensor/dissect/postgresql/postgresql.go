package postgresql

import (
	"bytes"
	"encoding/binary"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// The codes of the first message (section 53.7).
const (
	codeSSL     = 80877103
	codeGSS     = 80877104
	codeCancel  = 80877102
	codeStart   = 3 << 16
	codeStart32 = 3<<16 | 2
	maxStart    = 10000 // bytes: the server's own limit
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "postgresql", Transport: dissect.TCP, Ports: []uint16{5432}}
}

// Probe wants the first message of a client.
func (protocol) Probe(_ *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if dir == dissect.FromResponder {
		return dissect.More
	}
	if data[0] != 0 {
		return dissect.NotMine
	}
	if len(data) < 8 {
		return dissect.More
	}
	n := binary.BigEndian.Uint32(data)
	switch binary.BigEndian.Uint32(data[4:]) {
	case codeSSL, codeGSS:
		if n == 8 {
			return dissect.Mine
		}
	case codeCancel:
		if n == 16 {
			return dissect.Mine
		}
	case codeStart, codeStart32:
		if n > 8 && n <= maxStart && (len(data) < 13 || bytes.HasPrefix(data[8:], []byte("user\x00")) || bytes.Contains(data[8:], []byte("\x00user\x00"))) {
			return dissect.Mine
		}
	}
	return dissect.NotMine
}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct {
	started bool
	asked   bool // for TLS
	clear   bool // the server asked for the password in clear
	user    string
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if dir == dissect.FromInitiator && !s.started {
		return s.start(e, data)
	}
	if s.asked && dir == dissect.FromResponder {
		s.asked = false
		if data[0] == 'S' {
			e.Handoff("tls")
		}
		return 1, dissect.More
	}
	if len(data) < 5 {
		return 0, dissect.More
	}
	n := int(binary.BigEndian.Uint32(data[1:]))
	if n < 4 || n > 1<<30 {
		return 0, dissect.NotMine
	}
	if n > maxStart {
		return 1 + n, dissect.More
	}
	if len(data) < 1+n {
		return 0, dissect.More
	}
	return 1 + n, s.message(e, dir, data[0], data[5:1+n])
}

func (s *session) start(e dissect.Emitter, data []byte) (int, dissect.Verdict) {
	if len(data) < 8 {
		return 0, dissect.More
	}
	n := int(binary.BigEndian.Uint32(data))
	if n < 8 || n > maxStart {
		return 0, dissect.NotMine
	}
	if len(data) < n {
		return 0, dissect.More
	}
	switch code := binary.BigEndian.Uint32(data[4:]); code {
	case codeSSL, codeGSS:
		s.asked = true
		return n, dissect.More
	case codeStart, codeStart32:
		s.started = true
		dissect.Cleartext(e, "postgresql", "postgresql.startup")
		part := bytes.Split(data[8:n], []byte{0})
		for i := 0; i+1 < len(part); i += 2 {
			if string(part[i]) == "user" {
				s.user = string(part[i+1])
			}
		}
	}
	return n, dissect.More
}

func (s *session) message(e dissect.Emitter, dir dissect.Direction, kind byte, body []byte) dissect.Verdict {
	f := e.Flow()
	if dir == dissect.FromInitiator {
		if kind == 'p' && s.clear {
			s.clear = false
			e.Login(dissect.Credential{Service: "postgresql", User: s.user, Password: string(wire.Until(body, 0)), Server: f.Responder, Client: f.Initiator, Evidence: "postgresql.password"})
		}
		return dissect.More
	}
	switch kind {
	case 'R':
		c := wire.At(body)
		s.authentication(e, c.U32())
	case 'S':
		if value, ok := bytes.CutPrefix(body, []byte("server_version\x00")); ok {
			e.Observe(dissect.Claim{Subject: dissect.About(f.Responder), Kind: model.KindSoftware, Value: "PostgreSQL " + string(wire.Until(value, 0)), Source: "postgresql.server_version"})
		}
	case 'E':
		e.Operate(model.VerbLogin, "database", model.ResultRefused, 1)
		return dissect.Done
	case 'Z':
		return dissect.Done
	}
	return dissect.More
}

// authentication reads what the server asks for (section 53.7, Authentication…).
func (s *session) authentication(e dissect.Emitter, code uint32) {
	name := map[uint32]string{2: "Kerberos", 3: "password in clear", 5: "MD5", 7: "GSSAPI", 9: "SSPI", 10: "SASL"}[code]
	s.clear = code == 3
	if code == 0 {
		e.Operate(model.VerbLogin, "database", model.ResultOK, 1)
	}
	if name != "" {
		e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Responder), Kind: model.KindCapability, Value: "authentication " + name, Source: "postgresql.authentication"})
	}
}
