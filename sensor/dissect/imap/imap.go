package imap

import (
	"bytes"
	"encoding/base64"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const maxLine = 4096 // bytes

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "imap", Transport: dissect.TCP, Ports: []uint16{143}, MaxBuffer: 8 << 10}
}

// Probe wants an untagged greeting (RFC 9051, section 7.1), or a tag and a command.
func (protocol) Probe(_ *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if dir == dissect.FromResponder {
		for _, word := range greetings {
			if n := min(len(data), len(word)); string(data[:n]) == word[:n] {
				if n == len(word) {
					return dissect.Mine
				}
				return dissect.More
			}
		}
		return dissect.NotMine
	}
	head := data[:min(len(data), maxTag+1)]
	space := bytes.IndexByte(head, ' ')
	if space == 0 || space < 0 && len(data) > maxTag || !wire.Printable(head) && space < 0 {
		return dissect.NotMine
	}
	if space < 0 {
		return dissect.More
	}
	for _, word := range openings {
		rest := data[space+1:]
		if n := min(len(rest), len(word)); bytes.EqualFold(rest[:n], []byte(word[:n])) {
			if n < len(word) {
				return dissect.More
			}
			if len(rest) == n || rest[n] == ' ' || rest[n] == '\r' || rest[n] == '\n' {
				return dissect.Mine
			}
		}
	}
	return dissect.NotMine
}

const maxTag = 16 // bytes: clients count or use a letter and a number

var (
	greetings = [...]string{"* OK", "* PREAUTH", "* BYE"}
	openings  = [...]string{"CAPABILITY", "LOGIN", "AUTHENTICATE", "STARTTLS", "ID", "SELECT", "EXAMINE"}
)

func command(line []byte) (tag, verb, arg string) {
	tag, rest, _ := strings.Cut(string(line), " ")
	verb, arg, _ = strings.Cut(rest, " ")
	return tag, strings.ToUpper(verb), arg
}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct {
	told, greeted, plain bool
	tlsTag               string
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
		dissect.Cleartext(e, "imap", "imap.command")
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
	server := dissect.About(e.Flow().Responder)
	tag, verb, arg := command(line)
	switch {
	case s.tlsTag != "" && tag == s.tlsTag && verb == "OK":
		e.Handoff("tls")
	case tag == "*" && !s.greeted && (verb == "OK" || verb == "PREAUTH" || verb == "BYE"):
		s.greeted = true
		if strings.HasPrefix(arg, "[") { // capabilities
			_, arg, _ = strings.Cut(arg, "]")
		}
		e.Observe(dissect.Claim{Subject: server, Kind: model.KindBanner, Value: arg, Source: "imap.greeting"})
	case tag == "*" && verb == "ID":
		if p := product(arg); p != "" {
			e.Observe(dissect.Claim{Subject: server, Kind: model.KindSoftware, Value: p, Source: "imap.id"})
		}
	}
}

// product reads name and version of an ID list: ("name" "Cyrus" "version" "1.5" …).
func product(list string) string {
	part := strings.Split(list, `"`)
	values := map[string]string{}
	for i := 1; i+2 < len(part); i += 4 {
		values[strings.ToLower(part[i])] = part[i+2]
	}
	return strings.TrimSpace(values["name"] + " " + values["version"])
}

// command reports whether the login is over.
func (s *session) command(e dissect.Emitter, line []byte) bool {
	if s.plain {
		s.plain = false
		return s.answer(e, string(line))
	}
	tag, verb, arg := command(line)
	switch verb {
	case "LOGIN":
		user, password := twoStrings(arg)
		s.login(e, user, password)
		return true
	case "AUTHENTICATE":
		mechanism, initial, _ := strings.Cut(arg, " ")
		if strings.EqualFold(mechanism, "PLAIN") {
			if initial != "" {
				return s.answer(e, initial)
			}
			s.plain = true
		}
	case "STARTTLS":
		s.tlsTag = tag
	case "SELECT", "EXAMINE":
		return true
	}
	return false
}

// twoStrings reads two atoms or quoted strings. A literal gives "".
func twoStrings(arg string) (first, second string) {
	if strings.HasPrefix(arg, `"`) {
		part := strings.SplitN(arg, `"`, 4)
		if len(part) < 3 {
			return "", ""
		}
		return part[1], strings.Trim(strings.Join(part[2:], `"`), ` "`)
	}
	first, second, _ = strings.Cut(arg, " ")
	return first, strings.Trim(second, `"`)
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
	e.Login(dissect.Credential{Service: "imap", User: user, Password: password, Server: f.Responder, Client: f.Initiator, Evidence: "imap.login"})
}
