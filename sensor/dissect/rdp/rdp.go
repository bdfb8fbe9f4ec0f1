package rdp

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

const maxPackets = 12 // the opening is over by then

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "rdp", Transport: dissect.TCP, Ports: []uint16{3389, 3390}, MaxBuffer: maxTPKT + 4}
}

// Probe wants a connection request with RDP's cookie or negotiation: S7 and others open with X.224
// too. On RDP's port a bare one will do, as clients of Windows XP and before send it.
func (protocol) Probe(f *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if data[0] != 3 || len(data) > 1 && data[1] != 0 {
		return dissect.NotMine
	}
	if len(data) < 7 {
		return dissect.More
	}
	size, code, ok := tpkt(data)
	if !ok || len(data) > 4 && code != dataUnit && int(data[4]) != size-5 {
		return dissect.NotMine
	}
	if len(data) < size {
		return dissect.More
	}
	packet := data[:size]
	kind, _, negotiated := negotiation(packet)
	switch {
	case code == connectRequest && dir == dissect.FromInitiator:
		if bytes.Contains(packet, []byte("Cookie: mst")) || negotiated && kind == negRequest || size == 11 && f.Responder.Port == 3389 {
			return dissect.Mine
		}
	case code == connectConfirm && dir == dissect.FromResponder:
		if negotiated && kind != negRequest && size == 19 {
			return dissect.Mine
		}
		if size == 11 {
			return dissect.More
		}
	}
	return dissect.NotMine
}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct {
	packets   int
	confirmed bool
	told      bool
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if data[0] != 3 { // fast path: the opening is over
		return len(data), dissect.Done
	}
	if len(data) < 7 {
		return 0, dissect.More
	}
	size, code, ok := tpkt(data)
	if !ok {
		return 0, dissect.NotMine
	}
	if len(data) < size {
		return 0, dissect.More
	}
	packet := data[:size]
	if s.packets++; s.packets > maxPackets {
		return size, dissect.Done
	}
	switch code {
	case connectRequest:
		s.request(e, dir, packet)
	case connectConfirm:
		s.confirm(e, dir, packet)
	case dataUnit:
		s.settings(e, dir, packet)
	}
	return size, dissect.More
}

func (s *session) request(e dissect.Emitter, dir dissect.Direction, packet []byte) {
	kind, asked, ok := negotiation(packet)
	value := "RDP security only"
	if ok && kind == negRequest {
		value = "offers " + securityNames(asked)
	}
	e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Sender(dir)), Kind: model.KindCapability, Value: value, Source: "rdp.requested_protocols"})
}

func securityNames(set uint32) string {
	var names strings.Builder
	names.WriteString("RDP")
	for _, p := range []struct {
		bit  uint32
		name string
	}{{protoTLS, "TLS"}, {protoNLA, "NLA"}, {protoRDSTLS, "RDSTLS"}, {protoNLAEx, "NLA-EX"}} {
		if set&p.bit != 0 {
			names.WriteString(" " + p.name)
		}
	}
	return names.String()
}

// confirm reads what the server chose ([MS-RDPBCGR], section 2.2.1.2).
func (s *session) confirm(e dissect.Emitter, dir dissect.Direction, packet []byte) {
	kind, chosen, ok := negotiation(packet)
	f := e.Flow()
	server := dissect.About(f.Sender(dir))
	if ok && kind == negFailure {
		value := "refuses"
		if chosen == 5 { // HYBRID_REQUIRED_BY_SERVER
			value = "requires NLA"
		}
		e.Observe(dissect.Claim{Subject: server, Kind: model.KindCapability, Value: value, Source: "rdp.negotiation_failure"})
		return
	}
	if !ok {
		chosen = 0
	}
	s.confirmed = true
	name := map[uint32]string{0: "RDP security", protoTLS: "TLS without NLA", protoNLA: "NLA", protoRDSTLS: "RDSTLS", protoNLAEx: "NLA-EX"}[chosen]
	e.Observe(dissect.Claim{Subject: server, Kind: model.KindCapability, Value: name, Source: "rdp.selected_protocol"})
	e.Version(name)
	if chosen == protoTLS || chosen == 0 { // anyone is shown the logon screen
		e.Report(dissect.Weakness{Type: model.FindingNoAuthentication, Rule: "rdp.no_nla", Version: 1, Subject: f.Sender(dir), Peer: f.Receiver(dir),
			Detail: "no network level authentication", Evidence: "rdp.selected_protocol"})
	}
	if chosen != 0 {
		e.Handoff("tls")
	}
}

// settings reads the conference messages that are in clear with RDP's own security.
func (s *session) settings(e dissect.Emitter, dir dissect.Direction, packet []byte) {
	f := e.Flow()
	if c, ok := parseClient(packet); ok {
		subject := dissect.About(f.Sender(dir))
		e.Observe(dissect.Claim{Subject: subject, Kind: model.KindHostname, Value: c.name, Source: "rdp.client_name"})
		e.Observe(dissect.Claim{Subject: subject, Kind: model.KindSoftware, Value: fmt.Sprintf("RDP client build %d", c.build), Source: "rdp.client_build"})
	}
	method, ok := standardSecurity(packet)
	if !ok || s.told {
		return
	}
	s.told = true
	detail := map[uint32]string{0: "no encryption", 1: "40 bit", 2: "128 bit RC4", 8: "56 bit", 16: "FIPS 140"}[method]
	if method != 0 {
		e.Encrypted()
	}
	e.Report(dissect.Weakness{Type: model.FindingWeakCrypto, Rule: "rdp.standard_security", Version: 1, Subject: f.Sender(dir), Peer: f.Receiver(dir),
		Detail: "RDP security, " + detail, Evidence: "rdp.server_security"})
}
