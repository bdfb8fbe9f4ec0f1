package vnc

import (
	"bytes"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const versionSize = 12 // bytes: "RFB 003.008\n" (RFC 6143, section 7.1.1)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "vnc", Transport: dissect.TCP, Ports: []uint16{5900, 5901, 5902, 5800, 5820, 5920}, MaxBuffer: 4 << 10}
}

func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	const form = "RFB 000.000\n"
	for i, b := range data[:min(len(data), versionSize)] {
		if digit := form[i] == '0'; digit && (b < '0' || b > '9') || !digit && b != form[i] {
			return dissect.NotMine
		}
	}
	if len(data) < versionSize {
		return dissect.More
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return &session{} }

// step is what a direction says next (RFC 6143, section 7.1).
type step uint8

const (
	version step = iota
	security
	challenge
	result
	opened
	silent
)

// The security types (IANA, RFB Security Types).
const (
	typeNone = 1
	typeVNC  = 2
)

type session struct {
	at     [2]step
	minor  byte // of the client's version, which counts: '3', '7', '8'
	chosen uint32
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if s.at[dir] == version {
		return s.version(e, dir, data)
	}
	if dir == dissect.FromInitiator {
		return s.client(e, data)
	}
	return s.server(e, data)
}

func (s *session) version(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if len(data) < versionSize {
		return 0, dissect.More
	}
	if !bytes.HasPrefix(data, []byte("RFB ")) {
		return 0, dissect.NotMine
	}
	text := strings.TrimSpace(string(data[:versionSize]))
	f := e.Flow()
	source := "vnc.server_version"
	if dir == dissect.FromInitiator {
		source = "vnc.client_version"
		s.minor = data[10]
		if data[6] > '3' {
			s.minor = '8' // RealVNC's versions 4 and 5 have the form of 3.8
		}
	} else {
		e.Version(text)
		dissect.Cleartext(e, "vnc", "vnc.version")
		if text == "RFB 000.000" { // UltraVNC's: it asks for the name of the end to be reached
			e.Observe(dissect.Claim{Subject: dissect.About(f.Responder), Kind: model.KindRole, Value: "VNC repeater", Source: "vnc.server_version"})
		}
	}
	e.Observe(dissect.Claim{Subject: dissect.About(f.Sender(dir)), Kind: model.KindBanner, Value: text, Source: source})
	s.at[dir] = security
	return versionSize, dissect.More
}

// server reads what the server says behind its version. It waits for the client's version, which
// decides the form.
func (s *session) server(e dissect.Emitter, data []byte) (int, dissect.Verdict) {
	if s.minor == 0 {
		return 0, dissect.More
	}
	c := wire.At(data)
	next, refused := silent, false
	var name []byte
	switch s.at[dissect.FromResponder] {
	case security:
		return s.offer(e, data)
	case challenge:
		c.Skip(16)
		next = result
	case result:
		refused = c.U32() != 0
		next = opened
	case opened:
		c.Skip(20) // size and pixel format (RFC 6143, section 7.3.2)
		name = c.Bytes(int(c.U32()))
	default:
		return len(data), dissect.Done
	}
	if !c.OK() {
		return 0, dissect.More
	}
	s.at[dissect.FromResponder] = next
	switch {
	case refused:
		e.Operate(model.VerbLogin, "desktop", model.ResultRefused, 1)
		return len(data), dissect.Done
	case next == opened:
		e.Operate(model.VerbLogin, "desktop", model.ResultOK, 1)
	case next == silent:
		desktop(e, string(name))
		return len(data), dissect.Done
	}
	return len(data) - c.Len(), dissect.More
}

// desktop tells the host's name where software made the desktop's of it: "host:1", "user@host" as
// TigerVNC calls it, "user's X desktop (host:1)" as X servers do. Other names are text typed by people.
func desktop(e dissect.Emitter, name string) {
	claim := dissect.Claim{Subject: dissect.About(e.Flow().Responder), Kind: model.KindHostname, Source: "vnc.desktop"}
	host := name
	_, after, display := strings.Cut(name, "'s X desktop (")
	if display = display && strings.HasSuffix(after, ")"); display {
		host = after[:len(after)-1]
	} else if user, end, ok := strings.Cut(name, "@"); ok && !strings.ContainsAny(user, " '") {
		host = end
	}
	host, number, numbered := strings.Cut(host, ":")
	if !hostForm(host) || numbered && !digits(number) {
		return
	}
	claim.Value = host
	e.Observe(claim)
	if display {
		claim.Kind, claim.Value = model.KindBanner, "X desktop ("+strings.TrimSuffix(after, ")")+")"
		e.Observe(claim)
	}
}

// hostForm reports whether a text has the form of a host's name.
func hostForm(s string) bool {
	for _, r := range s {
		if (r|0x20 < 'a' || r|0x20 > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' {
			return false
		}
	}
	return s != ""
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// offer reads the security types: one that the server decides on (version 3.3), or a list.
func (s *session) offer(e dissect.Emitter, data []byte) (int, dissect.Verdict) {
	c := wire.At(data)
	var types []byte
	if s.minor < '7' {
		t := c.U32()
		types = []byte{byte(min(t, 255))}
		s.chosen = t
	} else {
		types = c.Bytes(int(c.U8()))
	}
	if !c.OK() {
		return 0, dissect.More
	}
	var names []string
	for _, t := range types {
		names = append(names, typeName(t))
	}
	if len(names) > 0 {
		e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Responder), Kind: model.KindCapability, Value: "security " + strings.Join(names, ", "), Source: "vnc.security"})
	}
	s.at[dissect.FromResponder] = silent
	if s.minor < '7' {
		s.choose(e)
	}
	return len(data) - c.Len(), dissect.More
}

// choose notes the chosen type and what the server says next.
func (s *session) choose(e dissect.Emitter) {
	switch s.chosen {
	case typeNone:
		f := e.Flow()
		e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "vnc.no_authentication", Version: 1, Subject: f.Responder, Peer: f.Initiator, Evidence: "vnc.security"})
		s.at[dissect.FromResponder] = opened
		if s.minor >= '8' {
			s.at[dissect.FromResponder] = result
		}
	case typeVNC:
		s.at[dissect.FromResponder] = challenge
	}
}

func (s *session) client(e dissect.Emitter, data []byte) (int, dissect.Verdict) {
	if s.at[dissect.FromInitiator] == security && s.minor >= '7' {
		if s.at[dissect.FromResponder] != silent {
			return 0, dissect.More // the offer was not seen yet
		}
		s.chosen = uint32(data[0])
		s.at[dissect.FromInitiator] = silent
		s.choose(e)
		return 1, dissect.More
	}
	return len(data), dissect.More
}

func typeName(t byte) string {
	switch t {
	case 0:
		return "invalid"
	case typeNone:
		return "none"
	case typeVNC:
		return "VNC"
	case 5, 6, 129, 130:
		return "RA2"
	case 16:
		return "Tight"
	case 17:
		return "Ultra"
	case 18:
		return "TLS"
	case 19:
		return "VeNCrypt"
	case 20:
		return "SASL"
	case 30, 31, 32, 33, 35, 36:
		return "Apple"
	}
	return "other"
}
