package telnet

import (
	"bytes"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

const (
	maxText  = 512      // bytes of the text before the prompt
	maxTyped = 128      // bytes of a typed line
	maxTotal = 64 << 10 // bytes without a login after which nothing more is expected
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "telnet", Transport: dissect.TCP, Ports: []uint16{23, 2323, 1023}}
}

// Probe wants a negotiation at the front, or, on port 23, at the end of the first text.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	sure, possible := negotiates(data)
	switch {
	case sure:
		return dissect.Mine
	case possible:
		return dissect.More
	case f.Responder.Port != 23:
		return dissect.NotMine
	}
	if i := bytes.IndexByte(data, iac); i > 0 {
		if sure, _ := negotiates(data[i:]); sure {
			return dissect.Mine
		}
	}
	if prompt(bytes.TrimRight(data, " ")) != nothing {
		return dissect.Mine
	}
	return dissect.More
}

func (protocol) New() dissect.Dissector { return &session{} }

type asked uint8

const (
	nothing asked = iota
	account
	secret
)

type session struct {
	told     bool
	strip    [2]stripper
	text     []byte // before the first prompt
	tail     []byte // of the server's last line
	typed    []byte
	user     string
	waiting  asked
	bannered bool
	total    int
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if !s.told {
		s.told = true
		dissect.Cleartext(e, "telnet", "telnet.command")
	}
	for _, b := range data {
		if s.total++; s.total > maxTotal {
			return len(data), dissect.Done
		}
		if !s.strip[dir].next(b) {
			continue
		}
		if dir == dissect.FromResponder {
			s.shown(e, b)
		} else if s.typing(e, b) {
			return len(data), dissect.Done
		}
	}
	return len(data), dissect.More
}

// shown follows the server's text up to a prompt.
func (s *session) shown(e dissect.Emitter, b byte) {
	if !s.bannered && len(s.text) < maxText {
		s.text = append(s.text, b)
	}
	if b == '\n' || b == '\r' {
		s.tail = s.tail[:0]
		return
	}
	if len(s.tail) < maxText {
		s.tail = append(s.tail, b)
	}
	if b != ':' {
		return
	}
	if p := prompt(s.tail); p != nothing {
		s.waiting, s.typed = p, s.typed[:0]
		if !s.bannered {
			s.bannered = true
			e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Responder), Kind: model.KindBanner, Value: before(s.text), Source: "telnet.banner"})
		}
	}
}

// before is the text without the line of the prompt, in one line.
func before(text []byte) string {
	return string(bytes.Join(bytes.Fields(text[:bytes.LastIndexByte(text, '\n')+1]), []byte(" ")))
}

// typing follows what the client types; it reports whether a login is complete.
func (s *session) typing(e dissect.Emitter, b byte) bool {
	if s.waiting == nothing {
		return false
	}
	switch b {
	case '\r', '\n', 0:
		if len(s.typed) == 0 && s.waiting == account || b != '\r' && b != '\n' {
			return false
		}
	case 8, 127:
		s.typed = s.typed[:max(len(s.typed)-1, 0)]
		return false
	default:
		if len(s.typed) < maxTyped {
			s.typed = append(s.typed, b)
		}
		return false
	}
	if s.waiting == account {
		s.user, s.waiting, s.typed = string(s.typed), nothing, s.typed[:0]
		return false
	}
	f := e.Flow()
	e.Login(dissect.Credential{Service: "telnet", User: s.user, Password: string(s.typed), Server: f.Responder, Client: f.Initiator, Evidence: "telnet.login"})
	e.Operate(model.VerbLogin, "account", model.ResultUnset, 1)
	return true
}

// prompt reads what a line that ends in a colon asks for. "Last login:" asks for nothing.
func prompt(line []byte) asked {
	l := bytes.ToLower(bytes.TrimSpace(line))
	switch {
	case bytes.HasSuffix(l, []byte("last login:")):
		return nothing
	case bytes.HasSuffix(l, []byte("login:")), bytes.HasSuffix(l, []byte("username:")), bytes.HasSuffix(l, []byte("user name:")), bytes.HasSuffix(l, []byte("user:")):
		return account
	case bytes.HasSuffix(l, []byte("password:")), bytes.HasSuffix(l, []byte("passwd:")):
		return secret
	}
	return nothing
}
