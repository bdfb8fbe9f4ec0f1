package mysql

import (
	"bytes"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// The capabilities that decide the form of the login (Protocol::Capabilities).
const (
	capConnectWithDB = 1 << 3
	capProtocol41    = 1 << 9
	capTLS           = 1 << 11
	capSecure        = 1 << 15
	capPluginAuth    = 1 << 19
	capAttributes    = 1 << 20
	capLenenc        = 1 << 21
)

const (
	header      = 4
	maxGreeting = 512     // bytes
	maxLogin    = 8 << 10 // bytes
	maxPackets  = 12      // a login is over by then
	clearPlugin = "mysql_clear_password"
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "mysql", Transport: dissect.TCP, Ports: []uint16{3306}, ProbeBytes: maxGreeting}
}

// Probe wants the server's greeting, whole.
func (protocol) Probe(_ *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if dir == dissect.FromInitiator {
		return dissect.NotMine // the server speaks first
	}
	if len(data) > 2 && data[2] != 0 || len(data) > 3 && data[3] != 0 || len(data) > 4 && data[4] != 10 {
		return dissect.NotMine
	}
	if len(data) < header {
		return dissect.More
	}
	n := size(data)
	if n < 30 || n > maxGreeting-header {
		return dissect.NotMine
	}
	if len(data) < header+n {
		return dissect.More
	}
	if _, ok := parseGreeting(data[header : header+n]); ok {
		return dissect.Mine
	}
	return dissect.NotMine
}

func size(data []byte) int { return int(data[0]) | int(data[1])<<8 | int(data[2])<<16 }

type greeting struct {
	version string
	plugin  string
	tls     bool
}

// parseGreeting reads Protocol::HandshakeV10.
func parseGreeting(b []byte) (greeting, bool) {
	var g greeting
	c := wire.At(b)
	if c.U8() != 10 {
		return g, false
	}
	version := wire.Until(c.Rest(), 0)
	c.Skip(len(version) + 1)
	if !wire.Printable(version) || version[0] < '0' || version[0] > '9' || !bytes.ContainsRune(version, '.') {
		return g, false
	}
	c.Skip(4 + 8)
	if c.U8() != 0 {
		return g, false
	}
	caps := uint32(c.L16())
	c.Skip(3)
	caps |= uint32(c.L16()) << 16
	c.Skip(1 + 10)
	if !c.OK() {
		return g, false
	}
	g.version, g.tls = string(version), caps&capTLS != 0
	if i := bytes.LastIndexByte(bytes.TrimSuffix(b, []byte{0}), 0); caps&capPluginAuth != 0 && i > 0 {
		g.plugin = pluginName(bytes.TrimSuffix(b[i+1:], []byte{0}))
	}
	return g, true
}

// pluginName lets through only what a plugin can be called.
func pluginName(b []byte) string {
	for _, c := range b {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return ""
		}
	}
	return string(b[:min(len(b), 40)])
}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct {
	packets  int
	greeted  bool
	loggedIn bool // the client's answer was seen
	clear    bool // the next packet of the client is a password
	user     string
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if len(data) < header {
		return 0, dissect.More
	}
	n := size(data)
	if n > maxLogin {
		return header + n, dissect.Done
	}
	if len(data) < header+n {
		return 0, dissect.More
	}
	if s.packets++; s.packets > maxPackets {
		return header + n, dissect.Done
	}
	body := data[header : header+n]
	if dir == dissect.FromInitiator {
		return header + n, s.client(e, body)
	}
	return header + n, s.server(e, body)
}

func (s *session) server(e dissect.Emitter, body []byte) dissect.Verdict {
	if !s.greeted {
		s.greeted = true
		if g, ok := parseGreeting(body); ok {
			greet(e, g)
		}
		return dissect.More
	}
	if len(body) == 0 || !s.loggedIn {
		return dissect.More
	}
	switch body[0] {
	case 0x00:
		e.Operate(model.VerbLogin, "database", model.ResultOK, 1)
		return dissect.Done
	case 0xff:
		e.Operate(model.VerbLogin, "database", model.ResultRefused, 1)
		return dissect.Done
	case 0xfe: // Protocol::AuthSwitchRequest
		plugin := pluginName(wire.Until(body[1:], 0))
		s.clear = plugin == clearPlugin
		mechanism(e, plugin)
	}
	return dissect.More
}

func greet(e dissect.Emitter, g greeting) {
	server := dissect.About(e.Flow().Responder)
	product := "MySQL "
	version := strings.TrimPrefix(g.version, "5.5.5-") // what MariaDB 10 puts in front for old clients
	if strings.Contains(version, "MariaDB") {
		product = "MariaDB "
	}
	e.Observe(dissect.Claim{Subject: server, Kind: model.KindSoftware, Value: product + version, Source: "mysql.server_version"})
	if !g.tls {
		e.Observe(dissect.Claim{Subject: server, Kind: model.KindCapability, Value: "no TLS", Source: "mysql.capabilities"})
	}
	mechanism(e, g.plugin)
}

func mechanism(e dissect.Emitter, plugin string) {
	if plugin != "" {
		e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Responder), Kind: model.KindCapability, Value: "authentication " + plugin, Source: "mysql.auth_plugin"})
	}
}

func (s *session) client(e dissect.Emitter, body []byte) dissect.Verdict {
	f := e.Flow()
	if s.clear {
		s.clear = false
		e.Login(dissect.Credential{Service: "mysql", User: s.user, Password: string(wire.Until(body, 0)), Server: f.Responder, Client: f.Initiator, Evidence: "mysql.password"})
		return dissect.More
	}
	if s.loggedIn {
		return dissect.More
	}
	c := wire.At(body)
	caps := c.L32()
	if caps&capTLS != 0 && len(body) == 32 { // Protocol::SSLRequest
		e.Handoff("tls")
		return dissect.More
	}
	s.loggedIn = true
	dissect.Cleartext(e, "mysql", "mysql.login")
	if caps&capProtocol41 == 0 {
		return dissect.More
	}
	c.Skip(4 + 1 + 23)
	s.login(e, &c, caps)
	return dissect.More
}

// login reads Protocol::HandshakeResponse41 from the account name on.
func (s *session) login(e dissect.Emitter, c *wire.Cursor, caps uint32) {
	text := func() []byte {
		b := wire.Until(c.Rest(), 0)
		c.Skip(min(len(b)+1, c.Len()))
		return b
	}
	s.user = string(text())
	var secret []byte
	switch {
	case caps&capLenenc != 0:
		secret = c.Bytes(lenenc(c))
	case caps&capSecure != 0:
		secret = c.Bytes(int(c.U8()))
	default:
		secret = text()
	}
	if caps&capConnectWithDB != 0 {
		text()
	}
	f := e.Flow()
	if caps&capPluginAuth != 0 && string(text()) == clearPlugin && c.OK() && len(secret) > 0 {
		e.Login(dissect.Credential{Service: "mysql", User: s.user, Password: string(wire.Until(secret, 0)), Server: f.Responder, Client: f.Initiator, Evidence: "mysql.password"})
	}
	if caps&capAttributes != 0 && c.OK() {
		attributes(e, c)
	}
}

// attributes reads what the client's library says of itself (Performance Schema, connection attributes).
func attributes(e dissect.Emitter, c *wire.Cursor) {
	all := c.Sub(lenenc(c))
	var name, version, system string
	for all.OK() && all.Len() > 0 {
		key := all.Bytes(lenenc(&all))
		value := all.Bytes(lenenc(&all))
		switch string(key) {
		case "_client_name":
			name = string(value)
		case "_client_version":
			version = string(value)
		case "_os":
			system = string(value)
		}
	}
	client := dissect.About(e.Flow().Initiator)
	e.Observe(dissect.Claim{Subject: client, Kind: model.KindSoftware, Value: strings.TrimSpace(name + " " + version), Source: "mysql.client_name"})
	e.Observe(dissect.Claim{Subject: client, Kind: model.KindOS, Value: system, Source: "mysql.client_os"})
}

// lenenc reads a length-encoded integer of at most three bytes; -1 for others.
func lenenc(c *wire.Cursor) int {
	switch first := c.U8(); {
	case first < 0xfb:
		return int(first)
	case first == 0xfc:
		return int(c.L16())
	}
	return -1
}
