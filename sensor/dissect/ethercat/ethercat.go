package ethercat

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the EtherCAT dissector.
func New() dissect.PacketProtocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "ethercat", Transport: dissect.Link, EtherTypes: []uint16{0x88a4}}
}

func (protocol) Packet(e dissect.Emitter, p *decode.Packet) bool {
	f, ok := Parse(p.Payload)
	if !ok {
		return false
	}
	if !f.Process || f.Worked {
		return true
	}
	e.Observe(dissect.Claim{Subject: model.Subject{MAC: p.SrcMAC}, Kind: model.KindRole, Value: "EtherCAT master", Source: "ethercat.datagram"})
	if f.Reads > 0 {
		e.Operate(model.VerbRead, "process-data", model.ResultUnset, f.Reads)
	}
	if f.Writes > 0 {
		e.Operate(model.VerbWrite, "process-data", model.ResultUnset, f.Writes)
	}
	return true
}
