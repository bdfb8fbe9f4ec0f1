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
	c := &eventv1.FlowColumns{Count: uint32(n), StartDeltaUs: make([]int64, n), DurationUs: make([]uint64, n)}
	last := int64(0)
	for i := range in {
		us := in[i].Start / 1000
		c.StartDeltaUs[i], c.DurationUs[i] = us-last, uint64(max(0, in[i].End/1000-us))
		last = us
	}
	type flow = *model.Flow
	c.Domain = column(in, func(f flow) uint32 { return uint32(f.Domain) })
	c.InitiatorAddress = column(in, func(f flow) uint32 { return w.addrs.add(f.Initiator.Addr) })
	c.ResponderAddress = column(in, func(f flow) uint32 { return w.addrs.add(f.Responder.Addr) })
	c.InitiatorPort = column(in, func(f flow) uint32 { return uint32(f.Initiator.Port) })
	c.ResponderPort = column(in, func(f flow) uint32 { return uint32(f.Responder.Port) })
	c.InitiatorMac = column(in, func(f flow) uint32 { return w.macs.add(f.Initiator.MAC) })
	c.ResponderMac = column(in, func(f flow) uint32 { return w.macs.add(f.Responder.MAC) })
	c.Protocol = column(in, func(f flow) uint32 { return uint32(f.Protocol) })
	c.Service = column(in, func(f flow) uint32 { return w.text(f.Service) })
	c.InitiatorOctets = column(in, func(f flow) uint64 { return f.InitiatorOctets })
	c.ResponderOctets = column(in, func(f flow) uint64 { return f.ResponderOctets })
	c.InitiatorPackets = column(in, func(f flow) uint64 { return f.InitiatorPackets })
	c.ResponderPackets = column(in, func(f flow) uint64 { return f.ResponderPackets })
	c.TcpFlags = column(in, func(f flow) uint32 { return uint32(f.InitiatorFlags) | uint32(f.ResponderFlags)<<8 })
	c.Bits = column(in, flowBits)
	c.Vlans = column(in, func(f flow) uint32 { return uint32(f.VLAN) | uint32(f.InnerVLAN)<<16 })
	c.Encapsulation = column(in, func(f flow) uint32 { return uint32(f.Encap) })
	c.HandshakeRttUs = column(in, func(f flow) uint64 { return uint64(max(0, f.HandshakeRTT) / 1000) })
	c.Retransmitted = column(in, func(f flow) uint32 { return f.Retransmitted })
	c.Duplicated = column(in, func(f flow) uint32 { return f.Duplicated })
	c.ServerName = column(in, func(f flow) uint32 { return w.text(f.ServerName) })
	c.Alpn = column(in, func(f flow) uint32 { return w.text(f.ALPN) })
	c.Version = column(in, func(f flow) uint32 { return w.text(f.Version) })
	c.OuterInitiator = column(in, func(f flow) uint32 { return w.addrs.add(f.OuterInitiator) })
	c.OuterResponder = column(in, func(f flow) uint32 { return w.addrs.add(f.OuterResponder) })
	c.OperationCount = column(in, func(f flow) uint32 { return uint32(len(f.Operations)) })
	for i := range in {
		for _, o := range in[i].Operations {
			c.OperationVerb = append(c.OperationVerb, uint32(o.Verb)|uint32(o.Result)<<8)
			c.OperationObject = append(c.OperationObject, w.text(o.Object))
			c.OperationTimes = append(c.OperationTimes, o.Count)
		}
	}
	return c
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

func column[T uint32 | uint64](in []model.Flow, get func(*model.Flow) T) []T {
	out := make([]T, len(in))
	var bits T
	for i := range in {
		out[i] = get(&in[i])
		bits |= out[i]
	}
	if bits == 0 {
		return nil
	}
	return out
}
