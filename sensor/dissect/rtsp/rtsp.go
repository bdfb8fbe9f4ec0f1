package rtsp

import (
	"bytes"
	"encoding/base64"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const maxMessages = 40 // later messages say nothing new

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "rtsp", Transport: dissect.TCP, Ports: []uint16{554, 8554, 7070}, MaxBuffer: 16 << 10, ProbeBytes: 2048}
}

var methods = [...]string{"OPTIONS", "DESCRIBE", "SETUP", "PLAY", "PAUSE", "TEARDOWN", "ANNOUNCE", "RECORD", "REDIRECT", "GET_PARAMETER", "SET_PARAMETER", "PLAY_NOTIFY"}

// Probe wants the version of a status or request line.
func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if answers(data) {
		if len(data) < 5 {
			return dissect.More
		}
		return dissect.Mine
	}
	if !begins(data) {
		return dissect.NotMine
	}
	before, _, ok := bytes.Cut(data, []byte{'\n'})
	if !ok {
		return dissect.More
	}
	if bytes.Contains(before, []byte(" RTSP/")) {
		return dissect.Mine
	}
	return dissect.NotMine
}

func answers(data []byte) bool {
	const status = "RTSP/"
	n := min(len(data), len(status))
	return string(data[:n]) == status[:n]
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
	seen     [2]string
	offered  string
	messages int
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if data[0] == '$' { // interleaved binary data (RFC 2326, section 10.12)
		if len(data) < 4 {
			return 0, dissect.More
		}
		return 4 + int(data[2])<<8 + int(data[3]), dissect.More
	}
	if data[0] == '\r' || data[0] == '\n' {
		return 1, dissect.More
	}
	end := bytes.Index(data, []byte("\r\n\r\n"))
	if end < 0 {
		return 0, dissect.More
	}
	if !begins(data) && !answers(data) {
		return 0, dissect.NotMine
	}
	length := s.message(e, dir, data[:end+4])
	if s.messages++; s.messages > maxMessages {
		return len(data), dissect.Done
	}
	return end + 4 + length, dissect.More
}

// message reads a header and returns the length of the body.
func (s *session) message(e dissect.Emitter, dir dissect.Direction, data []byte) int {
	if !s.told {
		s.told = true
		dissect.Cleartext(e, "rtsp", "rtsp.start_line")
	}
	c := wire.At(data)
	start, _ := c.Line()
	if !answers(start) {
		method, _, _ := strings.Cut(string(start), " ")
		e.Operate(model.VerbRead, method, model.ResultUnset, 1)
	}
	length := 0
	for {
		line, ok := c.Line()
		if !ok || len(line) == 0 {
			return length
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		s.field(e, dir, strings.ToLower(string(name)), string(bytes.TrimSpace(value)), &length)
	}
}

func (s *session) field(e dissect.Emitter, dir dissect.Direction, name, value string, length *int) {
	f := e.Flow()
	switch name {
	case "server", "user-agent":
		if s.seen[dir] != value {
			s.seen[dir] = value
			e.Observe(dissect.Claim{Subject: dissect.About(f.Sender(dir)), Kind: model.KindSoftware, Value: value, Source: "rtsp." + strings.ReplaceAll(name, "-", "_")})
		}
	case "content-length":
		for _, d := range value {
			if d < '0' || d > '9' || *length > 1<<20 {
				*length = 0
				return
			}
			*length = *length*10 + int(d-'0')
		}
	case "www-authenticate":
		scheme, _, _ := strings.Cut(value, " ")
		if (scheme == "Basic" || scheme == "Digest") && !strings.Contains(s.offered, scheme) {
			s.offered += scheme
			e.Observe(dissect.Claim{Subject: dissect.About(f.Sender(dir)), Kind: model.KindCapability, Value: "authentication " + scheme, Source: "rtsp.www_authenticate"})
		}
	case "authorization":
		if token, ok := strings.CutPrefix(value, "Basic "); ok {
			plain, err := base64.StdEncoding.DecodeString(token)
			if user, password, found := strings.Cut(string(plain), ":"); err == nil && found {
				e.Login(dissect.Credential{Service: "rtsp", User: user, Password: password, Server: f.Receiver(dir), Client: f.Sender(dir), Evidence: "rtsp.authorization"})
			}
		}
	}
}
