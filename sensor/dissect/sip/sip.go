package sip

import (
	"bytes"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const maxMessages = 40 // later messages say nothing new

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "sip", Transport: dissect.TCP | dissect.UDP, Ports: []uint16{5060, 5062, 5080}, MaxBuffer: 16 << 10, ProbeBytes: 2048}
}

var methods = [...]string{"INVITE", "ACK", "BYE", "CANCEL", "REGISTER", "OPTIONS", "PRACK", "SUBSCRIBE", "NOTIFY", "PUBLISH", "INFO", "REFER", "MESSAGE", "UPDATE"}

// Probe wants the version of a status or request line.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	const status = "SIP/2.0 "
	if n := min(len(data), len(status)); string(data[:n]) == status[:n] {
		if n == len(status) {
			return dissect.Mine
		}
		return dissect.More
	}
	if !begins(data) {
		return dissect.NotMine
	}
	before, _, ok := bytes.Cut(data, []byte{'\n'})
	if !ok {
		if f.Protocol == 6 {
			return dissect.More
		}
		return dissect.NotMine
	}
	if bytes.HasSuffix(bytes.TrimRight(before, "\r"), []byte(" SIP/2.0")) {
		return dissect.Mine
	}
	return dissect.NotMine
}

func begins(data []byte) bool {
	for _, m := range methods {
		if n := min(len(m), len(data)); string(data[:n]) == m[:n] && (len(data) == n || data[n] == ' ') {
			return true
		}
	}
	return false
}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct {
	told     bool
	product  [2]string
	messages int
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if e.Flow().Protocol != 6 {
		if len(data) > 8 && (begins(data) || bytes.HasPrefix(data, []byte("SIP/2.0 "))) {
			s.message(e, dir, data)
		}
		return len(data), s.enough()
	}
	blank := 0 // keep-alives (RFC 5626, section 3.5.1)
	for blank < len(data) && (data[blank] == '\r' || data[blank] == '\n') {
		blank++
	}
	if blank > 0 {
		return blank, dissect.More
	}
	end := bytes.Index(data, []byte("\r\n\r\n"))
	if end < 0 {
		return 0, dissect.More
	}
	if !begins(data) && !bytes.HasPrefix(data, []byte("SIP/2.0 ")) {
		return 0, dissect.NotMine
	}
	length := s.message(e, dir, data[:end+4])
	return end + 4 + length, s.enough()
}

func (s *session) enough() dissect.Verdict {
	if s.messages++; s.messages > maxMessages {
		return dissect.Done
	}
	return dissect.More
}

// message reads the header of a message and returns the length of its body.
func (s *session) message(e dissect.Emitter, dir dissect.Direction, data []byte) int {
	if !s.told {
		s.told = true
		dissect.Cleartext(e, "sip", "sip.start_line")
	}
	c := wire.At(data)
	start, _ := c.Line()
	method, _, _ := bytes.Cut(start, []byte(" "))
	if !bytes.HasPrefix(start, []byte("SIP/")) {
		e.Operate(verb(string(method)), string(method), model.ResultUnset, 1)
	}
	length := 0
	for {
		line, ok := c.Line()
		if !ok || len(line) == 0 {
			return length
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("User-Agent")):
			s.tell(e, dir, "sip.user_agent", value)
		case bytes.EqualFold(name, []byte("Server")):
			s.tell(e, dir, "sip.server", value)
		case bytes.EqualFold(name, []byte("Content-Length")), len(name) == 1 && name[0]|0x20 == 'l':
			length = number(value)
		}
	}
}

func (s *session) tell(e dissect.Emitter, dir dissect.Direction, source string, value []byte) {
	if s.product[dir] == string(value) {
		return
	}
	s.product[dir] = string(value)
	e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Sender(dir)), Kind: model.KindSoftware, Value: s.product[dir], Source: source})
}

func number(b []byte) int {
	n := 0
	for _, d := range b {
		if d < '0' || d > '9' || n > 1<<20 {
			return 0
		}
		n = 10*n + int(d-'0')
	}
	return n
}

func verb(method string) model.Verb {
	switch method {
	case "REGISTER":
		return model.VerbLogin
	case "INVITE", "UPDATE", "ACK", "PRACK":
		return model.VerbAssociate
	case "MESSAGE", "NOTIFY", "PUBLISH", "INFO":
		return model.VerbNotify
	case "OPTIONS", "SUBSCRIBE":
		return model.VerbQuery
	case "REFER":
		return model.VerbMove
	}
	return model.VerbExecute
}
