package igmp

import (
	"strconv"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/dissect"
)

type protocol struct{}

// New returns the IGMP dissector.
func New() dissect.PacketProtocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "igmp", Transport: dissect.Link, IPProtocols: []uint8{2}}
}

func (protocol) Packet(e dissect.Emitter, p *decode.Packet) bool {
	m, ok := Parse(p.Payload)
	if !ok {
		return false
	}
	if p.Src.IsUnspecified() {
		return true
	}
	say := func(kind model.Kind, v, source string) {
		e.Observe(dissect.Claim{Subject: model.Subject{Addr: p.Src, MAC: p.SrcMAC}, Kind: kind, Value: v, Source: source})
	}
	if m.Query {
		say(model.KindRole, "multicast querier", "igmp.query")
	}
	if m.Report != 0 {
		say(model.KindStack, "IGMPv"+strconv.Itoa(int(m.Report)), "igmp.version")
	}
	for _, g := range m.Groups {
		if local := uint32(g.Lo)>>8 == 0xe00000; !local && g.IsMulticast() {
			say(model.KindCapability, "joins "+g.String(), "igmp.group")
		}
	}
	return true
}
