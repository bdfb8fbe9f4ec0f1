package smtp

import (
	"bytes"
	"encoding/base64"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const maxLine = 2048 // bytes: four times RFC 5321, section 4.5.3.1.4

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "smtp", Transport: dissect.TCP, Ports: []uint16{25, 587, 2525}, MaxBuffer: 4 << 10}
}

// Probe wants SMTP in the greeting, or EHLO or HELO from the client; "220" alone is FTP as well.
func (protocol) Probe(_ *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if dir == dissect.FromResponder {
		if n := min(len(data), 3); string(data[:n]) != "220"[:n] && string(data[:n]) != "554"[:n] {
			return dissect.NotMine
		}
		c := wire.At(data)
		line, ok := c.Line()
		if !ok {
			return dissect.More
		}
		if bytes.Contains(line, []byte("SMTP")) {
			return dissect.Mine
		}
		if bytes.Contains(line, []byte("FTP")) {
			return dissect.NotMine
		}
		return dissect.More
	}
	if n := min(len(data), 5); !strings.EqualFold(string(data[:n]), "EHLO "[:n]) && !strings.EqualFold(string(data[:n]), "HELO "[:n]) {
		return dissect.NotMine
	}
	if bytes.IndexByte(data, '\n') < 0 {
		return dissect.More
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return &session{} }

type login uint8

const (
	none login = iota
	wantUser
	wantPassword
	wantPlain
)

type session struct {
	told, greeted, tls, offered bool
	login                       login
	user                        string
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
		dissect.Cleartext(e, "smtp", "smtp.command")
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
	if len(line) < 4 {
		return
	}
	code, text := string(line[:3]), line[4:]
	server := dissect.About(e.Flow().Responder)
	switch {
	case code == "220" && s.tls:
		e.Handoff("tls")
	case code == "220" && !s.greeted:
		s.greeted = true
		e.Observe(dissect.Claim{Subject: server, Kind: model.KindBanner, Value: string(text), Source: "smtp.greeting"})
	case code == "250" && strings.EqualFold(string(text), "STARTTLS") && !s.offered:
		s.offered = true
		e.Observe(dissect.Claim{Subject: server, Kind: model.KindCapability, Value: "STARTTLS", Source: "smtp.ehlo"})
	}
}

// command reads a command line; it reports whether the first message begins.
func (s *session) command(e dissect.Emitter, line []byte) bool {
	if s.login != none {
		s.answer(e, string(line))
		return false
	}
	verb, arg, _ := strings.Cut(string(line), " ")
	switch strings.ToUpper(verb) {
	case "EHLO", "HELO":
		if !strings.HasPrefix(arg, "[") {
			e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Initiator), Kind: model.KindHostname, Value: arg, Source: "smtp.ehlo"})
		}
	case "STARTTLS":
		s.tls = true
	case "AUTH":
		s.auth(e, arg)
	case "DATA", "BDAT":
		e.Operate(model.VerbStore, "message", model.ResultUnset, 1)
		return true
	}
	return false
}

func (s *session) auth(e dissect.Emitter, arg string) {
	mechanism, initial, _ := strings.Cut(arg, " ")
	switch strings.ToUpper(mechanism) {
	case "LOGIN":
		s.login = wantUser
	case "PLAIN":
		s.login = wantPlain
	default:
		return
	}
	if initial != "" {
		s.answer(e, initial)
	}
}

func (s *session) answer(e dissect.Emitter, text string) {
	plain, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		s.login = none
		return
	}
	switch s.login {
	case wantUser:
		s.user, s.login = string(plain), wantPassword
	case wantPassword:
		s.done(e, s.user, string(plain))
	case wantPlain: // authorisation, account, secret (RFC 4616)
		if part := strings.SplitN(string(plain), "\x00", 3); len(part) == 3 {
			s.done(e, part[1], part[2])
		}
		s.login = none
	}
}

func (s *session) done(e dissect.Emitter, user, password string) {
	f := e.Flow()
	s.login = none
	e.Login(dissect.Credential{Service: "smtp", User: user, Password: password, Server: f.Responder, Client: f.Initiator, Evidence: "smtp.auth"})
}
