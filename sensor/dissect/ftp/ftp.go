package ftp

import (
	"bytes"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "ftp", Transport: dissect.TCP, Ports: []uint16{21, 2121}, MaxBuffer: 4 << 10}
}

// Probe waits for the client: "220" greets in SMTP as well. On port 21, or with FTP in its text,
// the greeting suffices.
func (protocol) Probe(f *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if dir == dissect.FromResponder {
		if data[0] < '1' || data[0] > '4' {
			return dissect.NotMine
		}
		text, size := line(data)
		if size == 0 {
			return partial(data)
		}
		code, words, _, ok := reply(text)
		if !ok || code != 220 && code != 120 && code != 421 {
			return dissect.NotMine
		}
		if bytes.Contains(words, []byte("SMTP")) {
			return dissect.NotMine
		}
		if f.Responder.Port == 21 || bytes.Contains(words, []byte("FTP")) {
			return dissect.Mine
		}
		return dissect.More
	}
	for {
		text, size := line(data)
		if size == 0 {
			if len(data) > 5 && verb8(data[:4]) == "" && verb8(data[:3]) == "" {
				return dissect.NotMine
			}
			return dissect.More
		}
		if v := judge(f, text); v != dissect.More {
			return v
		}
		data = data[size:]
	}
}

// judge looks at one command line. USER and PASS are words of POP3 as well.
func judge(f *dissect.Flow, text []byte) dissect.Verdict {
	verb, arg := command(text)
	switch verb {
	case "":
		return dissect.NotMine
	case "FEAT", "SYST", "PASV", "EPSV", "PBSZ", "PORT":
		return dissect.Mine
	case "AUTH":
		if bytes.EqualFold(arg, []byte("TLS")) || bytes.EqualFold(arg, []byte("SSL")) {
			return dissect.Mine
		}
		return dissect.NotMine
	case "USER":
		if f.Responder.Port == 21 {
			return dissect.Mine
		}
	}
	return dissect.More
}

func partial(data []byte) dissect.Verdict {
	for i, b := range data[:min(3, len(data))] {
		if b < '0' || b > '9' || i == 0 && b > '4' {
			return dissect.NotMine
		}
	}
	if len(data) > maxLine {
		return dissect.NotMine
	}
	return dissect.More
}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct {
	greeted, told, tls bool
	user               string
	waiting            model.Verb // of the last command, until its reply
	inReply            int        // code of a reply of several lines, until its last one
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	text, size := line(data)
	if size == 0 {
		if len(data) > maxLine {
			return len(data), dissect.NotMine
		}
		return 0, dissect.More
	}
	s.cleartext(e)
	if dir == dissect.FromInitiator {
		s.command(e, text)
		return size, dissect.More
	}
	if s.answer(e, text) {
		e.Handoff("tls")
	}
	return size, dissect.More
}

func (s *session) cleartext(e dissect.Emitter) {
	if s.told {
		return
	}
	s.told = true
	dissect.Cleartext(e, "ftp", "ftp.command")
}

func (s *session) command(e dissect.Emitter, text []byte) {
	verb, arg := command(text)
	s.waiting = model.VerbUnset
	switch verb {
	case "USER":
		s.user = string(arg[:min(len(arg), 128)])
	case "PASS":
		f := e.Flow()
		e.Login(dissect.Credential{Service: "ftp", User: s.user, Password: string(arg[:min(len(arg), 128)]),
			Server: f.Responder, Client: f.Initiator, Evidence: "ftp.pass"})
		s.waiting = model.VerbLogin
	case "AUTH":
		s.tls = true
	case "RETR":
		s.waiting = model.VerbRead
	case "STOR", "STOU", "APPE":
		s.waiting = model.VerbWrite
	case "DELE", "RMD":
		s.waiting = model.VerbDelete
	}
}

// answer reads a reply line and reports whether TLS begins behind it.
func (s *session) answer(e dissect.Emitter, text []byte) bool {
	code, words, last, ok := reply(text)
	if s.inReply != 0 && (!ok || code != s.inReply) {
		return false
	}
	if !ok {
		return false
	}
	first := s.inReply == 0
	s.inReply = 0
	if !last {
		s.inReply = code
	}
	server := dissect.About(e.Flow().Responder)
	switch {
	case code == 220 && !s.greeted:
		s.greeted = last
		e.Observe(dissect.Claim{Subject: server, Kind: model.KindBanner, Value: string(words), Source: "ftp.greeting"})
	case code == 215 && first:
		e.Observe(dissect.Claim{Subject: server, Kind: model.KindBanner, Value: string(words), Source: "ftp.syst"})
	case code == 234 && s.tls:
		return true
	}
	if s.waiting != model.VerbUnset && code >= 200 && last {
		result := model.ResultOK
		if code >= 400 {
			result = model.ResultRefused
		}
		object := "file"
		if s.waiting == model.VerbLogin {
			object = "account"
		}
		e.Operate(s.waiting, object, result, 1)
		s.waiting = model.VerbUnset
	}
	return false
}
