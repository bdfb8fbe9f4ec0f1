package ndp

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the neighbour discovery dissector.
func New() dissect.PacketProtocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "ndp", Transport: dissect.Link, IPProtocols: []uint8{58}}
}

func (protocol) Packet(e dissect.Emitter, p *decode.Packet) bool {
	if p.SrcPort < RouterSolicitation || p.SrcPort > Redirect || p.DstPort != 0 || p.TTL != 255 {
		return false
	}
	kind := uint8(p.SrcPort)
	m, ok := Parse(kind, p.Payload)
	if !ok {
		return false
	}
	bind(e, p.Src, m.SourceMAC, "ndp.source")
	role := func(a model.Addr, mac model.MAC, role, source string) {
		e.Observe(dissect.Claim{Subject: model.Subject{Addr: a, MAC: mac}, Kind: model.KindRole, Value: role, Source: source})
	}
	switch kind {
	case NeighborAdvertisement:
		bind(e, m.Target, m.TargetMAC, "ndp.target")
		if m.Router {
			role(m.Target, m.TargetMAC, "router", "ndp.router_flag")
		}
	case RouterAdvertisement:
		role(p.Src, p.SrcMAC, "router", "ndp.router_advertisement")
		for _, a := range m.DNS {
			role(a, 0, "DNS server", "ndp.rdnss")
		}
	}
	return true
}

func bind(e dissect.Emitter, a model.Addr, mac model.MAC, source string) {
	if a.IsUnspecified() || a.IsMulticast() || mac == 0 || mac.IsGroup() {
		return
	}
	e.Observe(dissect.Claim{Subject: model.Subject{Addr: a, MAC: mac}, Kind: model.KindAddressBinding, Value: a.String(), Source: source})
}
