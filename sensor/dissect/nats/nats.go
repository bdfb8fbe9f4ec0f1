package nats

import (
	"bytes"
	"encoding/json"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	greeting = `INFO {`
	maxLine  = 15 << 10 // bytes of INFO and CONNECT
	maxLines = 8        // the login is over by then
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "nats", Transport: dissect.TCP, Ports: []uint16{4222}, ProbeBytes: maxLine}
}

// Probe wants the server's greeting with the id that all servers have.
func (protocol) Probe(_ *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if dir == dissect.FromInitiator {
		return dissect.More
	}
	if n := min(len(data), len(greeting)); string(data[:n]) != greeting[:n] {
		return dissect.NotMine
	}
	if bytes.Contains(data, []byte(`"server_id"`)) {
		return dissect.Mine
	}
	if bytes.ContainsRune(data, '\n') {
		return dissect.NotMine
	}
	return dissect.More
}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct {
	lines int
	asks  bool // the server asks for a login
	info  bool
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if dir == dissect.FromInitiator && data[0] == 0x16 { // TLS begins behind the greeting
		e.Handoff("tls")
		return 0, dissect.More
	}
	c := wire.At(data)
	line, ok := c.Line()
	if !ok {
		if len(data) >= maxLine {
			return 0, dissect.NotMine
		}
		return 0, dissect.More
	}
	used := len(data) - c.Len()
	if s.lines++; s.lines > maxLines {
		return used, dissect.Done
	}
	verb, rest, _ := bytes.Cut(line, []byte(" "))
	switch {
	case dir == dissect.FromResponder && bytes.EqualFold(verb, []byte("INFO")):
		s.server(e, rest)
	case dir == dissect.FromInitiator && bytes.EqualFold(verb, []byte("CONNECT")):
		s.client(e, rest)
	case dir == dissect.FromResponder && bytes.HasPrefix(line, []byte("-ERR")):
		e.Operate(model.VerbLogin, "broker", model.ResultRefused, 1)
		return used, dissect.Done
	case dir == dissect.FromResponder && (string(line) == "PONG" || string(line) == "+OK"):
		s.served(e)
		return used, dissect.Done
	}
	return used, dissect.More
}

func (s *session) server(e dissect.Emitter, text []byte) {
	var m struct {
		Version      string `json:"version"`
		Go           string `json:"go"`
		AuthRequired bool   `json:"auth_required"`
		TLSRequired  bool   `json:"tls_required"`
	}
	if s.info || json.Unmarshal(text, &m) != nil {
		return
	}
	s.info = true
	s.asks = m.AuthRequired
	server := dissect.About(e.Flow().Responder)
	e.Observe(dissect.Claim{Subject: server, Kind: model.KindSoftware, Value: "NATS " + m.Version, Source: "nats.version"})
	e.Observe(dissect.Claim{Subject: server, Kind: model.KindCapability, Value: m.Go, Source: "nats.go"})
	if m.TLSRequired {
		e.Observe(dissect.Claim{Subject: server, Kind: model.KindCapability, Value: "TLS required", Source: "nats.tls_required"})
	}
}

func (s *session) client(e dissect.Emitter, text []byte) {
	var m struct {
		Lang    string `json:"lang"`
		Version string `json:"version"`
		User    string `json:"user"`
		Pass    string `json:"pass"`
		Token   string `json:"auth_token"`
	}
	dissect.Cleartext(e, "nats", "nats.connect")
	if json.Unmarshal(text, &m) != nil {
		return
	}
	f := e.Flow()
	if m.Lang != "" {
		e.Observe(dissect.Claim{Subject: dissect.About(f.Initiator), Kind: model.KindSoftware, Value: "NATS client " + m.Lang + " " + m.Version, Source: "nats.lang"})
	}
	if m.Token != "" {
		m.User, m.Pass = "token", m.Token
	}
	if m.User != "" {
		e.Login(dissect.Credential{Service: "nats", User: m.User, Password: m.Pass, Server: f.Responder, Client: f.Initiator, Evidence: "nats.connect"})
	}
}

// served notes that the server answered behind CONNECT.
func (s *session) served(e dissect.Emitter) {
	e.Operate(model.VerbLogin, "broker", model.ResultOK, 1)
	if f := e.Flow(); s.info && !s.asks {
		e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "nats.no_authentication", Version: 1, Subject: f.Responder, Peer: f.Initiator, Evidence: "nats.auth_required"})
	}
}
