package stp

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the spanning tree dissector.
func New() dissect.PacketProtocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "stp", Transport: dissect.Link, EtherTypes: []uint16{0}}
}

func (protocol) Packet(e dissect.Emitter, p *decode.Packet) bool {
	b, ok := Parse(p.Payload)
	if !ok {
		return false
	}
	s := model.Subject{MAC: p.SrcMAC}
	e.Observe(dissect.Claim{Subject: s, Kind: model.KindRole, Value: "switch", Source: "stp.bpdu"})
	if b.Configuration {
		e.Observe(dissect.Claim{Subject: s, Kind: model.KindIdentifier, Value: "bridge " + b.Bridge, Source: "stp.bridge_id"})
		e.Observe(dissect.Claim{Subject: s, Kind: model.KindIdentifier, Value: "root " + b.Root, Source: "stp.root_id"})
	}
	return true
}
