package event

import (
	"github.com/wardscope/wardscope/internal/model"
	eventv1 "github.com/wardscope/wardscope/proto/wardscope/event/v1"
)

// Bits of FlowColumns.bits.
const (
	bitInferred  = 1 << 0
	bitEncrypted = 1 << 1
	bitFirst     = 1 << 2
	endShift     = 4
)

// flows builds the columns. A column in which every flow has the zero value is left out.
func (w *writer) flows(in []model.Flow) *eventv1.FlowColumns {
	if len(in) == 0 {
		return nil
	}
	n := len(in)
	c := &eventv1.FlowColumns{Count: uint32(n), StartDeltaUs: take(&w.deltas, n), DurationUs: take(&w.large, n)}
	last := int64(0)
	for i := range in {
		us := in[i].Start / 1000
		c.StartDeltaUs[i], c.DurationUs[i] = us-last, uint64(max(0, in[i].End/1000-us))
		last = us
	}
	type flow = *model.Flow
	c.Domain = column(&w.small, in, func(f flow) uint32 { return uint32(f.Domain) })
	c.InitiatorAddress = column(&w.small, in, func(f flow) uint32 { return w.addrs.add(f.Initiator.Addr) })
	c.ResponderAddress = column(&w.small, in, func(f flow) uint32 { return w.addrs.add(f.Responder.Addr) })
	c.InitiatorPort = column(&w.small, in, func(f flow) uint32 { return uint32(f.Initiator.Port) })
	c.ResponderPort = column(&w.small, in, func(f flow) uint32 { return uint32(f.Responder.Port) })
	c.InitiatorMacStep = w.macSteps(in, c.InitiatorAddress, func(f flow) model.MAC { return f.Initiator.MAC })
	c.ResponderMacStep = w.macSteps(in, c.ResponderAddress, func(f flow) model.MAC { return f.Responder.MAC })
	c.Protocol = column(&w.small, in, func(f flow) uint32 { return uint32(f.Protocol) })
	c.Service = column(&w.small, in, func(f flow) uint32 { return w.text(f.Service) })
	c.InitiatorOctets = column(&w.large, in, func(f flow) uint64 { return f.InitiatorOctets })
	c.ResponderOctets = column(&w.large, in, func(f flow) uint64 { return f.ResponderOctets })
	c.InitiatorPackets = column(&w.large, in, func(f flow) uint64 { return f.InitiatorPackets })
	c.ResponderPackets = column(&w.large, in, func(f flow) uint64 { return f.ResponderPackets })
	c.TcpFlags = column(&w.small, in, func(f flow) uint32 { return uint32(f.InitiatorFlags) | uint32(f.ResponderFlags)<<8 })
	c.Bits = column(&w.small, in, flowBits)
	c.Vlans = column(&w.small, in, func(f flow) uint32 { return uint32(f.VLAN) | uint32(f.InnerVLAN)<<16 })
	c.Encapsulation = column(&w.small, in, func(f flow) uint32 { return uint32(f.Encap) })
	c.HandshakeRttUs = column(&w.large, in, func(f flow) uint64 { return uint64(max(0, f.HandshakeRTT) / 1000) })
	c.Retransmitted = column(&w.small, in, func(f flow) uint32 { return f.Retransmitted })
	c.Duplicated = column(&w.small, in, func(f flow) uint32 { return f.Duplicated })
	c.ServerName = column(&w.small, in, func(f flow) uint32 { return w.text(f.ServerName) })
	c.Alpn = column(&w.small, in, func(f flow) uint32 { return w.text(f.ALPN) })
	c.Version = column(&w.small, in, func(f flow) uint32 { return w.text(f.Version) })
	c.OuterInitiator = column(&w.small, in, func(f flow) uint32 { return w.addrs.add(f.OuterInitiator) })
	c.OuterResponder = column(&w.small, in, func(f flow) uint32 { return w.addrs.add(f.OuterResponder) })
	c.OperationCount = column(&w.small, in, func(f flow) uint32 { return uint32(len(f.Operations)) })
	verbs, objects, times := w.operations[0][:0], w.operations[1][:0], w.operations[2][:0]
	for i := range in {
		for _, o := range in[i].Operations {
			verbs = append(verbs, uint32(o.Verb)|uint32(o.Result)<<8)
			objects = append(objects, w.text(o.Object))
			times = append(times, o.Count)
		}
	}
	w.operations = [3][]uint32{verbs, objects, times}
	c.OperationVerb, c.OperationObject, c.OperationTimes = verbs, objects, times
	return c
}

// Steps of a MAC column: an address mostly has the MAC that it had before.
const (
	stepSame  = 0
	stepNext  = 1
	stepIndex = 2 // and the index
)

// macSteps is the column of the MACs of addresses, whose indices are known; nil is a column of zeros.
func (w *writer) macSteps(in []model.Flow, addresses []uint32, get func(*model.Flow) model.MAC) []uint32 {
	for len(w.lastMAC) <= len(w.addrs.list) {
		w.lastMAC = append(w.lastMAC, 0)
	}
	at := 0
	return column(&w.small, in, func(f *model.Flow) uint32 {
		address := uint32(0)
		if addresses != nil {
			address = addresses[at]
		}
		at++
		return w.macStep(address, get(f))
	})
}

func (w *writer) macStep(address uint32, m model.MAC) uint32 {
	known := len(w.macs.list)
	mac, last := w.macs.add(m), w.lastMAC[address]
	w.lastMAC[address] = mac
	switch {
	case len(w.macs.list) > known:
		return stepNext
	case mac == last:
		return stepSame
	}
	return stepIndex + mac
}

func flowBits(f *model.Flow) uint32 {
	bits := uint32(f.EndReason) << endShift
	if f.InitiatorInferred {
		bits |= bitInferred
	}
	if f.Encrypted {
		bits |= bitEncrypted
	}
	if f.FirstOfConversation {
		bits |= bitFirst
	}
	return bits
}

// column is what get says of each flow, nil when that is always 0.
func column[T uint32 | uint64](free *[]T, in []model.Flow, get func(*model.Flow) T) []T {
	out := take(free, len(in))
	var bits T
	for i := range in {
		out[i] = get(&in[i])
		bits |= out[i]
	}
	if bits == 0 {
		*free = (*free)[:len(*free)-len(in)]
		return nil
	}
	return out
}

// take is memory for n values out of free, behind what was taken before.
func take[T int64 | uint32 | uint64](free *[]T, n int) []T {
	const columns = 8 // allocated at once: most flows need so many of a width
	from := len(*free)
	if cap(*free)-from < n {
		*free, from = make([]T, 0, columns*n), 0
	}
	*free = (*free)[:from+n]
	return (*free)[from : from+n : from+n]
}
