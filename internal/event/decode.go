package event

import (
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/proto"

	"github.com/wardscope/wardscope/internal/communityid"
	"github.com/wardscope/wardscope/internal/model"
	eventv1 "github.com/wardscope/wardscope/proto/wardscope/event/v1"
)

// Decode unpacks a batch and checks everything that a hostile sensor could get wrong: sizes,
// column lengths, dictionary indices, string lengths. It returns ErrSchema for a batch of a
// newer sensor, with the batch's identity filled in.
func (c *Codec) Decode(data []byte) (*model.Batch, error) {
	if len(data) > MaxCompressed {
		return nil, fmt.Errorf("decode batch of %d compressed bytes: %w", len(data), ErrTooLarge)
	}
	raw, err := c.zr.DecodeAll(data, nil)
	if err != nil {
		return nil, fmt.Errorf("decompress batch: %w", err)
	}
	if len(raw) > MaxDecoded {
		return nil, fmt.Errorf("decode batch of %d bytes: %w", len(raw), ErrTooLarge)
	}
	var wire eventv1.Batch
	if err := proto.Unmarshal(raw, &wire); err != nil {
		return nil, fmt.Errorf("decode batch: %w", err)
	}
	return fromWire(&wire)
}

type reader struct {
	wire *eventv1.Batch
	errs []error
}

func (r *reader) fail(format string, args ...any) {
	if len(r.errs) < 3 {
		r.errs = append(r.errs, fmt.Errorf(format, args...))
	}
}

func (r *reader) addr(i uint32) model.Addr {
	if i == 0 {
		return model.Addr{}
	}
	if int(i) > len(r.wire.AddressHigh) {
		r.fail("address index %d of %d", i, len(r.wire.AddressHigh))
		return model.Addr{}
	}
	return model.Addr{Hi: r.wire.AddressHigh[i-1], Lo: r.wire.AddressLow[i-1]}
}

func (r *reader) mac(i uint32) model.MAC {
	if i == 0 {
		return 0
	}
	if int(i) > len(r.wire.Macs) {
		r.fail("mac index %d of %d", i, len(r.wire.Macs))
		return 0
	}
	return model.MAC(r.wire.Macs[i-1])
}

func (r *reader) text(i uint32) string {
	if i == 0 {
		return ""
	}
	if int(i) > len(r.wire.Strings) {
		r.fail("string index %d of %d", i, len(r.wire.Strings))
		return ""
	}
	return r.wire.Strings[i-1]
}

func (r *reader) subject(s *eventv1.SubjectRow) model.Subject {
	return model.Subject{Addr: r.addr(s.GetAddress()), MAC: r.mac(s.GetMac()), Part: r.text(s.GetPart())}
}

func fromWire(wire *eventv1.Batch) (*model.Batch, error) {
	b := &model.Batch{
		ID:     model.BatchID{Site: model.SiteID(wire.Site), Sensor: model.SensorID(wire.Sensor), Epoch: wire.Epoch, Sequence: wire.Sequence},
		Sealed: int64(wire.SealedNs), ClockOffset: wire.ClockOffsetNs, Version: wire.SensorVersion,
	}
	if wire.SchemaVersion > SchemaVersion {
		return b, fmt.Errorf("decode batch of schema %d: %w", wire.SchemaVersion, ErrSchema)
	}
	if err := checkHead(wire); err != nil {
		return b, fmt.Errorf("decode batch %s/%d: %w", wire.Sensor, wire.Sequence, err)
	}
	r := &reader{wire: wire}
	b.Flows = r.flows(wire.Flows)
	for _, o := range wire.Observations {
		b.Observations = append(b.Observations, model.Observation{
			Subject: r.subject(o.Subject), Kind: model.Kind(narrow(o.Kind)), Value: r.text(o.Value), Source: r.text(o.Source),
			First: b.Sealed + o.FirstNs, Last: b.Sealed + o.LastNs, Count: o.Count, Domain: model.DomainID(o.Domain), VLAN: uint16(o.Vlan),
		})
	}
	for _, f := range wire.Findings {
		b.Findings = append(b.Findings, model.Finding{
			Type: model.FindingType(narrow(f.Type)), Subject: r.subject(f.Subject), Peer: r.subject(f.Peer), Service: r.text(f.Service),
			Port: uint16(f.Port), Protocol: uint8(f.Protocol), Rule: r.text(f.Rule), RuleVersion: f.RuleVersion, Detail: r.text(f.Detail),
			Evidence: r.text(f.Evidence), CommunityID: r.text(f.CommunityId), Count: f.Count,
			First: b.Sealed + f.FirstNs, Last: b.Sealed + f.LastNs, Domain: model.DomainID(f.Domain), VLAN: uint16(f.Vlan),
		})
	}
	for _, l := range wire.Losses {
		b.Losses = append(b.Losses, model.Loss{
			Place: model.Place(narrow(l.Place)), Reason: r.text(l.Reason), First: b.Sealed + l.FirstNs, Last: b.Sealed + l.LastNs,
			Packets: l.Packets, Events: l.Events, Batches: l.Batches, FirstSequence: l.FirstSequence, LastSequence: l.LastSequence, Domain: model.DomainID(l.Domain),
		})
	}
	for _, s := range wire.Stats {
		b.Stats = append(b.Stats, stats(s))
	}
	if err := errors.Join(r.errs...); err != nil {
		return b, fmt.Errorf("decode batch %s/%d: %w", wire.Sensor, wire.Sequence, err)
	}
	return b, nil
}

// narrow keeps an enum that this build does not know from wrapping round into one that it does.
func narrow[T ~int32](v T) uint8 {
	if v < 0 || v > math.MaxUint8 {
		return 0
	}
	return uint8(v)
}

func checkHead(wire *eventv1.Batch) error {
	if len(wire.AddressHigh) != len(wire.AddressLow) {
		return fmt.Errorf("address halves differ in length: %d and %d", len(wire.AddressHigh), len(wire.AddressLow))
	}
	n := int(wire.Flows.GetCount()) + len(wire.Observations) + len(wire.Findings) + len(wire.Losses) + len(wire.Stats)
	if n > MaxEvents {
		return fmt.Errorf("%d events: %w", n, ErrTooLarge)
	}
	for i, s := range wire.Strings {
		if len(s) > model.MaxBanner {
			return fmt.Errorf("string %d has %d bytes, at most %d are allowed", i, len(s), model.MaxBanner)
		}
	}
	return errors.Join(model.CheckID("site", wire.Site), model.CheckID("sensor", wire.Sensor))
}

func stats(s *eventv1.StatsRow) model.Stats {
	out := model.Stats{
		Domain: model.DomainID(s.Domain), VLAN: uint16(s.Vlan), Minute: int64(s.MinuteNs), Packets: s.Packets, Octets: s.Octets, Hosts: s.Hosts,
		TCPConversations: s.TcpConversations, TCPOneWay: s.TcpOneWay, UnseenAckedOctets: s.UnseenAckedOctets, Duplicates: s.Duplicates,
		Truncated: s.Truncated, Undecoded: s.Undecoded, TooLittle: s.TooLittle,
	}
	for _, d := range s.Drops {
		out.Drops = append(out.Drops, model.Drop{Place: model.Place(narrow(d.Place)), Packets: d.Packets})
	}
	for _, i := range s.Interfaces {
		out.Interfaces = append(out.Interfaces, model.Interface{
			Name: i.Name, CanSend: i.CanSend, Reasons: i.Reasons, Remedies: i.Remedies, LinkUp: i.LinkUp, SameAsHub: i.SameAsUplink,
		})
	}
	return out
}

func (r *reader) flows(c *eventv1.FlowColumns) []model.Flow {
	n := int(c.GetCount())
	if n == 0 {
		return nil
	}
	if err := checkColumns(c, n); err != nil {
		r.fail("%w", err)
		return nil
	}
	out := make([]model.Flow, n)
	initiators, responders := c.InitiatorMac, c.ResponderMac
	if r.wire.SchemaVersion >= 2 {
		m := macReader{last: make([]uint32, len(r.wire.AddressHigh)+1)}
		initiators = m.column(c.InitiatorMacStep, c.InitiatorAddress)
		responders = m.column(c.ResponderMacStep, c.ResponderAddress)
	}
	us, op := int64(0), 0
	for i := range out {
		f := &out[i]
		us += c.StartDeltaUs[i]
		f.Start, f.End = us*1000, (us+int64(c.DurationUs[i]))*1000
		f.Domain = model.DomainID(at(c.Domain, i))
		f.Initiator = model.Endpoint{Addr: r.addr(at(c.InitiatorAddress, i)), Port: uint16(at(c.InitiatorPort, i)), MAC: r.mac(at(initiators, i))}
		f.Responder = model.Endpoint{Addr: r.addr(at(c.ResponderAddress, i)), Port: uint16(at(c.ResponderPort, i)), MAC: r.mac(at(responders, i))}
		f.Protocol, f.Service = uint8(at(c.Protocol, i)), r.text(at(c.Service, i))
		f.InitiatorOctets, f.ResponderOctets = at(c.InitiatorOctets, i), at(c.ResponderOctets, i)
		f.InitiatorPackets, f.ResponderPackets = at(c.InitiatorPackets, i), at(c.ResponderPackets, i)
		flags, bits, vlans := at(c.TcpFlags, i), at(c.Bits, i), at(c.Vlans, i)
		f.InitiatorFlags, f.ResponderFlags = uint8(flags), uint8(flags>>8)
		f.InitiatorInferred, f.Encrypted, f.FirstOfConversation = bits&bitInferred != 0, bits&bitEncrypted != 0, bits&bitFirst != 0
		f.EndReason = model.EndReason(bits >> endShift & 15)
		f.VLAN, f.InnerVLAN, f.Encap = uint16(vlans), uint16(vlans>>16), model.Encap(at(c.Encapsulation, i))
		f.HandshakeRTT = int64(at(c.HandshakeRttUs, i)) * 1000
		f.Retransmitted, f.Duplicated = at(c.Retransmitted, i), at(c.Duplicated, i)
		f.ServerName, f.ALPN, f.Version = r.text(at(c.ServerName, i)), r.text(at(c.Alpn, i)), r.text(at(c.Version, i))
		f.OuterInitiator, f.OuterResponder = r.addr(at(c.OuterInitiator, i)), r.addr(at(c.OuterResponder, i))
		f.CommunityID = communityid.Of(f.Protocol, f.Initiator.Addr, f.Responder.Addr, f.Initiator.Port, f.Responder.Port)
		for range at(c.OperationCount, i) {
			v := c.OperationVerb[op]
			f.Operations = append(f.Operations, model.Operation{
				Verb: model.Verb(v), Result: model.Result(v >> 8), Object: r.text(c.OperationObject[op]), Count: c.OperationTimes[op],
			})
			op++
		}
	}
	return out
}

// macReader turns steps back into indices.
type macReader struct {
	last []uint32 // by address index
	used uint32
}

// column overwrites the steps with what they lead to. An address that the dictionary lacks is told by
// whoever looks it up.
func (m *macReader) column(steps, addresses []uint32) []uint32 {
	for i, step := range steps {
		address := at(addresses, i)
		if int(address) >= len(m.last) {
			return nil
		}
		switch step {
		case stepSame:
			steps[i] = m.last[address]
		case stepNext:
			m.used++
			steps[i] = m.used
		default:
			steps[i] = step - stepIndex
		}
		m.last[address] = steps[i]
	}
	return steps
}

func at[T any](column []T, i int) (v T) {
	if len(column) > 0 {
		v = column[i]
	}
	return v
}

func checkColumns(c *eventv1.FlowColumns, n int) error {
	if len(c.StartDeltaUs) != n || len(c.DurationUs) != n {
		return fmt.Errorf("flow times: %d and %d entries for %d flows", len(c.StartDeltaUs), len(c.DurationUs), n)
	}
	lengths := []int{
		len(c.Domain), len(c.InitiatorAddress), len(c.ResponderAddress), len(c.InitiatorPort), len(c.ResponderPort), len(c.InitiatorMac),
		len(c.ResponderMac), len(c.Protocol), len(c.Service), len(c.InitiatorOctets), len(c.ResponderOctets), len(c.InitiatorPackets),
		len(c.ResponderPackets), len(c.TcpFlags), len(c.Bits), len(c.Vlans), len(c.Encapsulation), len(c.HandshakeRttUs), len(c.Retransmitted),
		len(c.Duplicated), len(c.ServerName), len(c.Alpn), len(c.Version), len(c.OuterInitiator), len(c.OuterResponder), len(c.OperationCount),
		len(c.InitiatorMacStep), len(c.ResponderMacStep),
	}
	for i, l := range lengths {
		if l != 0 && l != n {
			return fmt.Errorf("flow column %d: %d entries for %d flows", i, l, n)
		}
	}
	total := 0
	for _, k := range c.OperationCount {
		total += int(k)
		if total > MaxEvents {
			return fmt.Errorf("operations: %w", ErrTooLarge)
		}
	}
	if len(c.OperationVerb) != total || len(c.OperationObject) != total || len(c.OperationTimes) != total {
		return fmt.Errorf("operations: %d, %d, %d entries for %d", len(c.OperationVerb), len(c.OperationObject), len(c.OperationTimes), total)
	}
	return nil
}
