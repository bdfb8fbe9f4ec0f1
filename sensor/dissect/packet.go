package dissect

import "github.com/wardscope/wardscope/sensor/decode"

// links finds the link-level protocols of a packet.
type links struct {
	byEtherType map[uint16][]PacketProtocol
	byProtocol  [256][]PacketProtocol
}

func (l *links) add(p PacketProtocol) {
	if l.byEtherType == nil {
		l.byEtherType = map[uint16][]PacketProtocol{}
	}
	info := p.Info()
	for _, t := range info.EtherTypes {
		l.byEtherType[t] = append(l.byEtherType[t], p)
	}
	for _, n := range info.IPProtocols {
		l.byProtocol[n] = append(l.byProtocol[n], p)
	}
}

// Packet shows a packet without conversation to the link-level protocols that name its EtherType
// or IP protocol. It returns the service number of the one that knew it, 0 when none did.
func (rt *Runtime) Packet(p *decode.Packet) uint16 {
	var list []PacketProtocol
	if p.IP {
		list = rt.link.byProtocol[p.Protocol]
	} else {
		list = rt.link.byEtherType[p.EtherType]
	}
	if len(list) == 0 {
		return 0
	}
	rt.packetFlow = Flow{Protocol: p.Protocol, Domain: p.Domain, VLAN: p.VLAN(), Time: p.Time, TTL: p.TTL}
	rt.packetFlow.Initiator.Addr, rt.packetFlow.Initiator.MAC = p.Src, p.SrcMAC
	rt.packetFlow.Responder.Addr, rt.packetFlow.Responder.MAC = p.Dst, p.DstMAC
	kept := rt.packetConv.detail // reused: a packet has no record that would show it
	if kept != nil {
		*kept = detail{operations: kept.operations[:0]}
	}
	rt.packetConv = conversation{open: true, detail: kept}
	rt.emit.c, rt.emit.flow, rt.emit.depth = &rt.packetConv, &rt.packetFlow, 0
	for _, protocol := range list {
		if rt.packet(protocol, p) {
			if rt.packetConv.service != 0 {
				return rt.packetConv.service
			}
			return rt.numbers[protocol.Info().Name]
		}
	}
	return 0
}

func (rt *Runtime) packet(protocol PacketProtocol, p *decode.Packet) (mine bool) {
	defer func() {
		if recover() != nil {
			rt.fault(protocol.Info().Name)
			mine = true
		}
	}()
	return protocol.Packet(&rt.emit, p)
}
