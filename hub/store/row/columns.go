package row

import (
	"net/netip"
	"slices"
	"time"

	"github.com/wardscope/wardscope/internal/model"
)

// The columns of each table, as rows give them. Names are the schema's.

// FlowColumns are those of the table.
var FlowColumns = slices.Concat(
	stampFields(func(r *FlowRow) *Stamp { return &r.Stamp }, func(r *FlowRow) model.DomainID { return r.Domain }),
	[]Column[FlowRow]{
		col("start", func(r *FlowRow) time.Time { return eventTime(r.Start) }),
		col("end", func(r *FlowRow) time.Time { return eventTime(r.End) }),
		col("initiator", func(r *FlowRow) netip.Addr { return Address(r.Initiator.Addr) }),
		col("initiator_port", func(r *FlowRow) uint16 { return r.Initiator.Port }),
		col("initiator_mac", func(r *FlowRow) uint64 { return uint64(r.Initiator.MAC) }),
		col("responder", func(r *FlowRow) netip.Addr { return Address(r.Responder.Addr) }),
		col("responder_port", func(r *FlowRow) uint16 { return r.Responder.Port }),
		col("responder_mac", func(r *FlowRow) uint64 { return uint64(r.Responder.MAC) }),
		col("protocol", func(r *FlowRow) uint8 { return r.Protocol }),
		col("service", func(r *FlowRow) string { return r.Service }),
		col("initiator_octets", func(r *FlowRow) uint64 { return r.InitiatorOctets }),
		col("responder_octets", func(r *FlowRow) uint64 { return r.ResponderOctets }),
		col("initiator_packets", func(r *FlowRow) uint64 { return r.InitiatorPackets }),
		col("responder_packets", func(r *FlowRow) uint64 { return r.ResponderPackets }),
		col("initiator_flags", func(r *FlowRow) uint8 { return r.InitiatorFlags }),
		col("responder_flags", func(r *FlowRow) uint8 { return r.ResponderFlags }),
		col("initiator_inferred", func(r *FlowRow) bool { return r.InitiatorInferred }),
		col("vlan", func(r *FlowRow) uint16 { return r.VLAN }),
		col("inner_vlan", func(r *FlowRow) uint16 { return r.InnerVLAN }),
		col("encap", func(r *FlowRow) uint32 { return uint32(r.Encap) }),
		col("end_reason", func(r *FlowRow) string { return r.EndReason.String() }),
		col("handshake_rtt", func(r *FlowRow) int64 { return r.HandshakeRTT }),
		col("retransmitted", func(r *FlowRow) uint32 { return r.Retransmitted }),
		col("duplicated", func(r *FlowRow) uint32 { return r.Duplicated }),
		col("community_id", func(r *FlowRow) string { return r.CommunityID }),
		col("operation_verbs", func(r *FlowRow) []string {
			return Map(r.Operations, func(o model.Operation) string { return o.Verb.String() })
		}),
		col("operation_objects", func(r *FlowRow) []string {
			return Map(r.Operations, func(o model.Operation) string { return o.Object })
		}),
		col("operation_results", func(r *FlowRow) []string {
			return Map(r.Operations, func(o model.Operation) string { return o.Result.String() })
		}),
		col("operation_counts", func(r *FlowRow) []uint32 {
			return Map(r.Operations, func(o model.Operation) uint32 { return o.Count })
		}),
		col("server_name", func(r *FlowRow) string { return r.ServerName }),
		col("alpn", func(r *FlowRow) string { return r.ALPN }),
		col("version", func(r *FlowRow) string { return r.Version }),
		col("encrypted", func(r *FlowRow) bool { return r.Encrypted }),
		col("outer_initiator", func(r *FlowRow) netip.Addr { return Address(r.OuterInitiator) }),
		col("outer_responder", func(r *FlowRow) netip.Addr { return Address(r.OuterResponder) }),
		col("first_of_conversation", func(r *FlowRow) bool { return r.FirstOfConversation }),
	})

// ObservationColumns are those of the table.
var ObservationColumns = slices.Concat(
	stampFields(func(r *ObservationRow) *Stamp { return &r.Stamp }, func(r *ObservationRow) model.DomainID { return r.Domain }),
	[]Column[ObservationRow]{
		col("vlan", func(r *ObservationRow) uint16 { return r.VLAN }),
		col("first", func(r *ObservationRow) time.Time { return eventTime(r.First) }),
		col("last", func(r *ObservationRow) time.Time { return eventTime(r.Last) }),
		col("address", func(r *ObservationRow) netip.Addr { return Address(r.Subject.Addr) }),
		col("mac", func(r *ObservationRow) uint64 { return uint64(r.Subject.MAC) }),
		col("part", func(r *ObservationRow) string { return r.Subject.Part }),
		col("kind", func(r *ObservationRow) string { return r.Kind.String() }),
		col("value", func(r *ObservationRow) string { return r.Value }),
		col("source", func(r *ObservationRow) string { return r.Source }),
		col("count", func(r *ObservationRow) uint64 { return r.Count }),
	})

// FindingColumns are those of the table.
var FindingColumns = slices.Concat(
	stampFields(func(r *FindingRow) *Stamp { return &r.Stamp }, func(r *FindingRow) model.DomainID { return r.Domain }),
	[]Column[FindingRow]{
		col("vlan", func(r *FindingRow) uint16 { return r.VLAN }),
		col("first", func(r *FindingRow) time.Time { return eventTime(r.First) }),
		col("last", func(r *FindingRow) time.Time { return eventTime(r.Last) }),
		col("key", func(r *FindingRow) string { return r.Key() }),
		col("type", func(r *FindingRow) string { return r.Type.String() }),
		col("rule", func(r *FindingRow) string { return r.Rule }),
		col("rule_version", func(r *FindingRow) uint32 { return r.RuleVersion }),
		col("address", func(r *FindingRow) netip.Addr { return Address(r.Subject.Addr) }),
		col("mac", func(r *FindingRow) uint64 { return uint64(r.Subject.MAC) }),
		col("part", func(r *FindingRow) string { return r.Subject.Part }),
		col("peer", func(r *FindingRow) netip.Addr { return Address(r.Peer.Addr) }),
		col("peer_mac", func(r *FindingRow) uint64 { return uint64(r.Peer.MAC) }),
		col("peer_part", func(r *FindingRow) string { return r.Peer.Part }),
		col("port", func(r *FindingRow) uint16 { return r.Port }),
		col("protocol", func(r *FindingRow) uint8 { return r.Protocol }),
		col("service", func(r *FindingRow) string { return r.Service }),
		col("detail", func(r *FindingRow) string { return r.Detail }),
		col("evidence", func(r *FindingRow) string { return r.Evidence }),
		col("community_id", func(r *FindingRow) string { return r.CommunityID }),
		col("count", func(r *FindingRow) uint64 { return r.Count }),
	})

// StatsColumns are those of the table.
var StatsColumns = slices.Concat(
	stampFields(func(r *StatsRow) *Stamp { return &r.Stamp }, func(r *StatsRow) model.DomainID { return r.Domain }),
	[]Column[StatsRow]{
		col("vlan", func(r *StatsRow) uint16 { return r.VLAN }),
		col("minute", func(r *StatsRow) time.Time { return eventTime(r.Minute) }),
		col("packets", func(r *StatsRow) uint64 { return r.Packets }),
		col("octets", func(r *StatsRow) uint64 { return r.Octets }),
		col("hosts", func(r *StatsRow) uint64 { return r.Hosts }),
		col("tcp_conversations", func(r *StatsRow) uint64 { return r.TCPConversations }),
		col("tcp_one_way", func(r *StatsRow) uint64 { return r.TCPOneWay }),
		col("unseen_acked_octets", func(r *StatsRow) uint64 { return r.UnseenAckedOctets }),
		col("duplicates", func(r *StatsRow) uint64 { return r.Duplicates }),
		col("truncated", func(r *StatsRow) uint64 { return r.Truncated }),
		col("undecoded", func(r *StatsRow) uint64 { return r.Undecoded }),
		col("too_little", func(r *StatsRow) bool { return r.TooLittle }),
		col("drop_places", func(r *StatsRow) []string {
			return Map(r.Drops, func(d model.Drop) string { return d.Place.String() })
		}),
		col("drop_packets", func(r *StatsRow) []uint64 { return Map(r.Drops, func(d model.Drop) uint64 { return d.Packets }) }),
		col("interface_names", func(r *StatsRow) []string {
			return Map(r.Interfaces, func(i model.Interface) string { return i.Name })
		}),
		col("interface_can_send", func(r *StatsRow) []bool {
			return Map(r.Interfaces, func(i model.Interface) bool { return i.CanSend })
		}),
		col("interface_link_up", func(r *StatsRow) []bool {
			return Map(r.Interfaces, func(i model.Interface) bool { return i.LinkUp })
		}),
		col("interface_same_as_hub", func(r *StatsRow) []bool {
			return Map(r.Interfaces, func(i model.Interface) bool { return i.SameAsHub })
		}),
		col("interface_reasons", func(r *StatsRow) [][]string {
			return Map(r.Interfaces, func(i model.Interface) []string { return i.Reasons })
		}),
		col("interface_remedies", func(r *StatsRow) [][]string {
			return Map(r.Interfaces, func(i model.Interface) []string { return i.Remedies })
		}),
	})

// LossColumns are those of the table.
var LossColumns = slices.Concat(
	stampFields(func(r *LossRow) *Stamp { return &r.Stamp }, func(r *LossRow) model.DomainID { return r.Domain }),
	[]Column[LossRow]{
		col("first", func(r *LossRow) time.Time { return eventTime(r.First) }),
		col("last", func(r *LossRow) time.Time { return eventTime(r.Last) }),
		col("place", func(r *LossRow) string { return r.Place.String() }),
		col("reason", func(r *LossRow) string { return r.Reason }),
		col("packets", func(r *LossRow) uint64 { return r.Packets }),
		col("events", func(r *LossRow) uint64 { return r.Events }),
		col("batches", func(r *LossRow) uint64 { return r.Batches }),
		col("first_sequence", func(r *LossRow) uint64 { return r.FirstSequence }),
		col("last_sequence", func(r *LossRow) uint64 { return r.LastSequence }),
	})

// batchStamp are the columns by which a batch as a whole is named.
func batchStamp[T any](stamp func(*T) *Stamp) []Column[T] {
	return []Column[T]{
		col("site", func(r *T) string { return string(stamp(r).Site) }),
		col("realm", func(r *T) string { return string(stamp(r).Realm) }),
		col("sensor", func(r *T) string { return string(stamp(r).Sensor) }),
		col("epoch", func(r *T) uint64 { return stamp(r).Epoch }),
		col("sequence", func(r *T) uint64 { return stamp(r).Sequence }),
		col("received", func(r *T) time.Time { return stamp(r).Receive }),
	}
}

// BatchColumns are those of the table.
var BatchColumns = slices.Concat(
	batchStamp(func(r *BatchRow) *Stamp { return &r.Stamp }),
	[]Column[BatchRow]{
		col("sealed_at", func(r *BatchRow) time.Time { return eventTime(r.SealedAt) }),
		col("clock_offset", func(r *BatchRow) int64 { return offsetMicros(r.ClockOffset) }),
		col("version", func(r *BatchRow) string { return r.Version }),
		col("sealed_flows", func(r *BatchRow) uint64 { return r.Sealed.Flows }),
		col("sealed_observations", func(r *BatchRow) uint64 { return r.Sealed.Observations }),
		col("sealed_findings", func(r *BatchRow) uint64 { return r.Sealed.Findings }),
		col("sealed_losses", func(r *BatchRow) uint64 { return r.Sealed.Losses }),
		col("sealed_stats", func(r *BatchRow) uint64 { return r.Sealed.Stats }),
		col("stored_flows", func(r *BatchRow) uint64 { return r.Stored.Flows }),
		col("stored_observations", func(r *BatchRow) uint64 { return r.Stored.Observations }),
		col("stored_findings", func(r *BatchRow) uint64 { return r.Stored.Findings }),
		col("stored_losses", func(r *BatchRow) uint64 { return r.Stored.Losses }),
		col("stored_stats", func(r *BatchRow) uint64 { return r.Stored.Stats }),
		col("dropped", func(r *BatchRow) uint64 { return r.Dropped }),
		col("reason", func(r *BatchRow) string { return r.Reason }),
	})

// QuarantineColumns are those of the table.
var QuarantineColumns = slices.Concat(
	batchStamp(func(r *QuarantineRow) *Stamp { return &r.Stamp }),
	[]Column[QuarantineRow]{
		col("reason", func(r *QuarantineRow) string { return r.Reason }),
		col("payload", func(r *QuarantineRow) string { return string(r.Payload) }),
	})

// AuditColumns are those of the table.
var AuditColumns = []Column[AuditRow]{
	col("time", func(r *AuditRow) time.Time { return r.Time }),
	col("actor", func(r *AuditRow) string { return r.Actor }),
	col("role", func(r *AuditRow) string { return r.Role }),
	col("remote", func(r *AuditRow) string { return r.Remote }),
	col("method", func(r *AuditRow) string { return r.Method }),
	col("site", func(r *AuditRow) string { return string(r.Site) }),
	col("object", func(r *AuditRow) string { return r.Object }),
	col("outcome", func(r *AuditRow) string { return r.Outcome }),
	col("detail", func(r *AuditRow) string { return r.Detail }),
}

// DeviceColumns are those of the table.
var DeviceColumns = []Column[Device]{
	col("id", func(d *Device) string { return d.ID }),
	col("version", func(d *Device) uint64 { return d.Version }),
	col("removed", func(d *Device) uint8 { return bit(d.Removed) }),
	col("site", func(d *Device) string { return string(d.Site) }),
	col("realm", func(d *Device) string { return string(d.Realm) }),
	col("name", func(d *Device) string { return d.Name }),
	col("category", func(d *Device) string { return d.Category }),
	col("type", func(d *Device) string { return d.Type }),
	col("vendor", func(d *Device) string { return d.Vendor }),
	col("model", func(d *Device) string { return d.Model }),
	col("os", func(d *Device) string { return d.OS }),
	col("os_support", func(d *Device) string { return d.OSSupport }),
	col("serial", func(d *Device) string { return d.Serial }),
	col("role", func(d *Device) string { return d.Role }),
	col("department", func(d *Device) string { return d.Department }),
	col("confidence", func(d *Device) float32 { return d.Confidence }),
	col("addresses", func(d *Device) []netip.Addr { return addresses(d.Addrs) }),
	col("macs", func(d *Device) []uint64 { return MACs(d.MACs) }),
	col("vlans", func(d *Device) []uint16 { return d.VLANs }),
	col("first", func(d *Device) time.Time { return known(d.First) }),
	col("last", func(d *Device) time.Time { return known(d.Last) }),
	col("behind", func(d *Device) string { return d.Behind }),
	col("document", func(d *Device) string { return d.Document }),
	col("register_only", func(d *Device) bool { return d.RegisterOnly }),
}

// BindingColumns are those of the table.
var BindingColumns = []Column[Binding]{
	col("realm", func(b *Binding) string { return string(b.Realm) }),
	col("address", func(b *Binding) netip.Addr { return Address(b.Subject.Addr) }),
	col("mac", func(b *Binding) uint64 { return uint64(b.Subject.MAC) }),
	col("part", func(b *Binding) string { return b.Subject.Part }),
	col("from", func(b *Binding) time.Time { return known(b.From) }),
	col("to", func(b *Binding) time.Time { return known(b.To) }),
	col("site", func(b *Binding) string { return string(b.Site) }),
	col("device", func(b *Binding) string { return b.Device }),
	col("reason", func(b *Binding) string { return b.Reason }),
	col("version", func(b *Binding) uint64 { return b.Version }),
	col("removed", func(b *Binding) uint8 { return bit(b.Removed) }),
}
