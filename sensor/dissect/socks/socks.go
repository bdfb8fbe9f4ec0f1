package socks

import (
	"bytes"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	maxMethods = 8   // of a client that means it
	maxOpening = 640 // bytes: greeting, login and request
	noLogin    = 0
	withLogin  = 2
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "socks", Transport: dissect.TCP, Ports: []uint16{1080, 9050}, MaxBuffer: 2 << 10, ProbeBytes: maxOpening}
}

// Probe wants greeting and what follows it of SOCKS 5, or a whole request of SOCKS 4 with a name in it
// or to the usual port: the rest is too short to be sure of.
func (protocol) Probe(f *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if dir == dissect.FromResponder {
		if data[0] == 5 || data[0] == 0 {
			return dissect.More
		}
		return dissect.NotMine
	}
	switch data[0] {
	case 4:
		return probe4(f, data)
	case 5:
		return probe5(data)
	}
	return dissect.NotMine
}

func probe4(f *dissect.Flow, data []byte) dissect.Verdict {
	if len(data) < 9 {
		return dissect.More
	}
	if data[1] != 1 && data[1] != 2 || data[2] == 0 && data[3] == 0 {
		return dissect.NotMine
	}
	user, rest, found := bytes.Cut(data[8:], []byte{0})
	if len(user) > 0 && !wire.Printable(user) {
		return dissect.NotMine
	}
	if !found {
		return dissect.More
	}
	if data[4] == 0 && data[5] == 0 && data[6] == 0 && data[7] != 0 { // 4a: the destination's name follows
		name, behind, found := bytes.Cut(rest, []byte{0})
		switch {
		case len(name) > 0 && !wire.Printable(name), found && (len(name) == 0 || len(behind) > 0):
			return dissect.NotMine
		case !found:
			return dissect.More
		}
		return dissect.Mine
	}
	if len(rest) == 0 && (len(user) > 0 || f.Responder.Port == 1080) {
		return dissect.Mine
	}
	return dissect.NotMine
}

func probe5(data []byte) dissect.Verdict {
	size := greetingSize(data)
	if size < 0 {
		return dissect.NotMine
	}
	if size == 0 || len(data) == size {
		return dissect.More
	}
	rest := data[size:]
	if rest[0] == 1 {
		n := loginSize(rest)
		if n > 0 && len(rest) >= n {
			return dissect.Mine
		}
		if n < 0 {
			return dissect.NotMine
		}
		return dissect.More
	}
	switch n := requestSize(rest); {
	case n < 0:
		return dissect.NotMine
	case n == 0 || len(rest) < n:
		return dissect.More
	}
	return dissect.Mine
}

// greetingSize is the length of a client's greeting (RFC 1928, section 3): 0 when bytes are missing,
// -1 for others'.
func greetingSize(data []byte) int {
	if len(data) < 2 {
		return 0
	}
	n := int(data[1])
	if n == 0 || n > maxMethods {
		return -1
	}
	for _, m := range data[2:min(len(data), 2+n)] {
		if m > 9 && m < 0x80 || m == 0xff {
			return -1
		}
	}
	if len(data) < 2+n {
		return 0
	}
	return 2 + n
}

// loginSize is the length of a login (RFC 1929, section 2), in the same way.
func loginSize(data []byte) int {
	c := wire.At(data)
	if c.U8() != 1 {
		return -1
	}
	user := c.Bytes(int(c.U8()))
	c.Skip(int(c.U8()))
	if !c.OK() {
		return 0
	}
	if len(user) == 0 {
		return -1
	}
	return len(data) - c.Len()
}

// requestSize is the length of a request or an answer (RFC 1928, sections 4 and 6), in the same way.
func requestSize(data []byte) int {
	if data[0] != 5 || len(data) > 2 && data[2] != 0 {
		return -1
	}
	if len(data) < 5 {
		return 0
	}
	switch data[3] {
	case 1:
		return 10
	case 3:
		return 7 + int(data[4])
	case 4:
		return 22
	}
	return -1
}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct {
	greeted [2]bool
	method  byte
	told    bool
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	f := e.Flow()
	if !s.told {
		s.told = true
		s.method = 0xff
		e.Observe(dissect.Claim{Subject: dissect.About(f.Responder), Kind: model.KindRole, Value: "proxy", Source: "socks.version"})
		e.Version("SOCKS 5")
		if data[0] == 4 {
			e.Version("SOCKS 4")
		}
	}
	switch {
	case data[0] == 4 && dir == dissect.FromInitiator:
		s.greeted[1] = true
		return len(data), dissect.More
	case dir == dissect.FromResponder && data[0] == 0 && s.greeted[1]: // the answer of SOCKS 4
		if len(data) < 8 {
			return 0, dissect.More
		}
		s.served(e, data[1] == 90)
		return 8, dissect.Done
	case dir == dissect.FromInitiator:
		return s.client(e, data)
	}
	return s.server(e, data)
}

func (s *session) client(e dissect.Emitter, data []byte) (int, dissect.Verdict) {
	if !s.greeted[0] {
		n := greetingSize(data)
		if n < 0 {
			return 0, dissect.NotMine
		}
		s.greeted[0] = n > 0
		return n, dissect.More
	}
	if data[0] == 5 {
		return max(requestSize(data), 0), dissect.More
	}
	n := loginSize(data)
	if n < 0 {
		return 0, dissect.NotMine
	}
	if n > 0 {
		c := wire.At(data[1:])
		user := c.Bytes(int(c.U8()))
		password := c.Bytes(int(c.U8()))
		f := e.Flow()
		e.Login(dissect.Credential{Service: "socks", User: string(user), Password: string(password), Server: f.Responder, Client: f.Initiator, Evidence: "socks.login"})
	}
	return n, dissect.More
}

func (s *session) server(e dissect.Emitter, data []byte) (int, dissect.Verdict) {
	switch {
	case len(data) < 2:
		return 0, dissect.More
	case data[0] == 1: // the answer to a login
		return 2, dissect.More
	case data[0] != 5:
		return 0, dissect.NotMine
	case !s.greeted[1]:
		s.greeted[1] = true
		s.method = data[1]
		if s.method == 0xff {
			return 2, dissect.Done
		}
		return 2, dissect.More
	}
	n := requestSize(data)
	if n <= 0 || len(data) < n {
		return 0, dissect.More
	}
	s.served(e, data[1] == 0)
	return n, dissect.Done
}

// served notes the result of a request, and that none had to log in for it.
func (s *session) served(e dissect.Emitter, ok bool) {
	result := model.ResultFailed
	if ok {
		result = model.ResultOK
	}
	e.Operate(model.VerbExecute, "relay", result, 1)
	if f := e.Flow(); ok && s.method != withLogin && (s.method == noLogin || !s.greeted[0]) {
		e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "socks.no_authentication", Version: 1, Subject: f.Responder, Peer: f.Initiator, Evidence: "socks.method"})
	}
}
