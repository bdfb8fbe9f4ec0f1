package track

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
)

// export writes a record or, for model.EndActive, a delta, and begins the next one.
func (t *Table) export(i uint32, reason model.EndReason) {
	r, more := t.arena.at(i), t.arena.rare(i)
	from := r.initiator()
	to := 1 - from
	operations := t.out.Operations[:0]
	t.out = model.Flow{
		Start: r.start, End: r.last, Domain: r.domain,
		Initiator: r.endpoint(from, more), Responder: r.endpoint(to, more), Protocol: r.protocol,
		InitiatorOctets: r.octets[from], ResponderOctets: r.octets[to],
		InitiatorPackets: uint64(r.packets[from]), ResponderPackets: uint64(r.packets[to]),
		InitiatorFlags: r.flags[from], ResponderFlags: r.flags[to],
		InitiatorInferred: r.bits&bitInferred != 0,
		VLAN:              r.vlan, InnerVLAN: r.innerVLAN, Encap: model.Encap(more.encap), EndReason: reason,
		Retransmitted: r.retransmitted, Duplicated: more.duplicated,
		Operations:          operations,
		FirstOfConversation: r.bits&bitExported == 0,
	}
	if r.bits&bitRTT != 0 {
		t.out.HandshakeRTT = int64(more.timing) * 1000
	}
	if more.outer != 0 {
		ends := t.outer.ends[more.outer]
		t.out.OuterInitiator, t.out.OuterResponder = ends[from], ends[to]
	}
	if t.reader != nil {
		t.reader.Describe(r.handle, r.service, &t.out)
	}
	t.sink.Flow(&t.out)
	t.counters.Records++

	r.octets, r.packets, r.flags = [2]uint64{}, [2]uint32{}, [2]uint8{}
	r.retransmitted, more.duplicated = 0, 0
	r.bits = r.bits&^(bitRTT|bitSYNTime) | bitExported
}

// outerEnds interns the ends of tunnels, of which there are few.
type outerEnds struct {
	numbers map[[2]model.Addr]uint16
	ends    [][2]model.Addr // by side of the record
}

const maxOuterEnds = 1 << 16

func (o *outerEnds) init() {
	o.numbers = map[[2]model.Addr]uint16{}
	o.ends = make([][2]model.Addr, 1)
}

// number is the index of a packet's tunnel, 0 when there are too many.
func (o *outerEnds) number(p *decode.Packet, side int) uint16 {
	ends := [2]model.Addr{p.OuterSrc, p.OuterDst}
	if side == 1 {
		ends[0], ends[1] = ends[1], ends[0]
	}
	if n, ok := o.numbers[ends]; ok {
		return n
	}
	if len(o.ends) >= maxOuterEnds {
		return 0
	}
	n := uint16(len(o.ends))
	o.ends = append(o.ends, ends)
	o.numbers[ends] = n
	return n
}
