package pop3

import (
	"bytes"
	"encoding/base64"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const maxLine = 1024 // bytes: twice RFC 2449, section 4

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "pop3", Transport: dissect.TCP, Ports: []uint16{110}, MaxBuffer: 4 << 10}
}

// Probe knows the greeting "+OK"; some other text protocols answer so too, hence the port or the
// word POP, or a client's command.
func (protocol) Probe(f *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if dir == dissect.FromResponder {
		if n := min(len(data), 3); string(data[:n]) != "+OK"[:n] {
			return dissect.NotMine
		}
		c := wire.At(data)
		line, ok := c.Line()
		switch {
		case !ok:
			return dissect.More
		case f.Responder.Port == 110, bytes.Contains(bytes.ToUpper(line), []byte("POP")):
			return dissect.Mine
		}
		return dissect.More
	}
	for _, word := range openings {
		if n := min(len(data), len(word)); strings.EqualFold(string(data[:n]), word[:n]) {
			if f.Responder.Port == 110 && n == len(word) {
				return dissect.Mine
			}
			return dissect.More
		}
	}
	return dissect.NotMine
}

// openings are what a client may say first.
var openings = [...]string{"USER ", "CAPA", "APOP ", "STLS", "AUTH", "QUIT", "PASS ", "STAT"}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct {
	told, greeted, tls, plain bool
	user                      string
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	c := wire.At(data)
	line, ok := c.Line()
	if !ok {
		if len(data) > maxLine {
			return 0, dissect.NotMine
		}
		return 0, dissect.More
	}
	size := len(data) - c.Len()
	if !s.told {
		s.told = true
		dissect.Cleartext(e, "pop3", "pop3.command")
	}
	if dir == dissect.FromResponder {
		s.reply(e, line)
		return size, dissect.More
	}
	if s.command(e, line) {
		return size, dissect.Done
	}
	return size, dissect.More
}

func (s *session) reply(e dissect.Emitter, line []byte) {
	text, ok := strings.CutPrefix(string(line), "+OK")
	if !ok {
		s.tls = false
		return
	}
	if s.tls {
		e.Handoff("tls")
		return
	}
	if s.greeted {
		return
	}
	s.greeted = true
	if i := strings.IndexByte(text, '<'); i >= 0 { // the timestamp of APOP
		text = text[:i]
	}
	e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Responder), Kind: model.KindBanner, Value: text, Source: "pop3.greeting"})
}

// command reports whether the login is over.
func (s *session) command(e dissect.Emitter, line []byte) bool {
	if s.plain {
		s.plain = false
		return s.answer(e, string(line))
	}
	verb, arg, _ := strings.Cut(string(line), " ")
	switch strings.ToUpper(verb) {
	case "USER":
		s.user = arg
	case "PASS":
		s.login(e, s.user, arg)
		return true
	case "STLS":
		s.tls = true
	case "AUTH":
		mechanism, initial, _ := strings.Cut(arg, " ")
		if strings.EqualFold(mechanism, "PLAIN") {
			if initial != "" {
				return s.answer(e, initial)
			}
			s.plain = true
		}
	case "STAT", "RETR", "LIST", "UIDL":
		return true
	}
	return false
}

func (s *session) answer(e dissect.Emitter, text string) bool {
	plain, err := base64.StdEncoding.DecodeString(text)
	part := strings.SplitN(string(plain), "\x00", 3)
	if err != nil || len(part) != 3 {
		return false
	}
	s.login(e, part[1], part[2])
	return true
}

func (s *session) login(e dissect.Emitter, user, password string) {
	f := e.Flow()
	e.Login(dissect.Credential{Service: "pop3", User: user, Password: password, Server: f.Responder, Client: f.Initiator, Evidence: "pop3.pass"})
}
