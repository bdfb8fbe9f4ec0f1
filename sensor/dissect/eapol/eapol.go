package eapol

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the EAPOL dissector.
func New() dissect.PacketProtocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "eapol", Transport: dissect.Link, EtherTypes: []uint16{0x888e}}
}

// methods of the IANA registry "EAP Method Types" that say how a device logs in.
var methods = map[uint8]string{4: "EAP-MD5", 6: "EAP-GTC", 13: "EAP-TLS", 17: "LEAP", 18: "EAP-SIM", 21: "EAP-TTLS", 23: "EAP-AKA",
	25: "PEAP", 26: "EAP-MSCHAPv2", 43: "EAP-FAST", 50: "EAP-AKA'", 52: "EAP-PWD", 55: "TEAP", 254: "expanded type"}

func (protocol) Packet(e dissect.Emitter, p *decode.Packet) bool {
	f, ok := Parse(p.Payload)
	if !ok {
		return false
	}
	role := ""
	switch {
	case f.Type == 1 || f.Type == 0 && f.Code == 2: // Start; EAP response
		role = "802.1X supplicant"
	case f.Type == 0 && (f.Code == 1 || f.Code == 3 || f.Code == 4): // EAP request, success, failure
		role = "802.1X authenticator"
	}
	s := model.Subject{MAC: p.SrcMAC}
	if role != "" {
		e.Observe(dissect.Claim{Subject: s, Kind: model.KindRole, Value: role, Source: "eapol.packet"})
	}
	if m := methods[f.Method]; m != "" && f.Code == 2 {
		e.Observe(dissect.Claim{Subject: s, Kind: model.KindCapability, Value: m, Source: "eapol.method"})
	}
	return true
}
