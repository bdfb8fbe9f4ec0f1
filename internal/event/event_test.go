package event_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/wardscope/wardscope/internal/communityid"
	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/model"
	eventv1 "github.com/wardscope/wardscope/proto/wardscope/event/v1"
)

// flows makes n flows that fill every field.
func flows(n int, r *rand.Rand) []model.Flow {
	services := []string{"dicom", "hl7", "tls", "http", "", "smb", "dns"}
	out := make([]model.Flow, n)
	at := int64(1_760_000_000_000_000_000)
	for i := range out {
		at += int64(r.IntN(2_000_000)) * 1000
		client, server := r.IntN(2000), r.IntN(400)
		f := model.Flow{
			Start: at, End: at + int64(r.IntN(60_000_000))*1000, Domain: 1,
			Initiator: model.Endpoint{Addr: model.AddrFrom4([]byte{10, 20, byte(client >> 8), byte(client)}), Port: uint16(32768 + r.IntN(28000)), MAC: model.MAC(0x020000000000 + client)},
			Responder: model.Endpoint{Addr: model.AddrFrom4([]byte{10, 64, byte(server >> 8), byte(server)}), Port: uint16([]int{104, 2575, 443, 80, 5000, 445, 53}[i%7]), MAC: model.MAC(0x020000010000 + server)},
			Protocol:  6, Service: services[i%7], InitiatorOctets: uint64(r.IntN(100000)), ResponderOctets: uint64(r.IntN(1000000)),
			InitiatorPackets: uint64(r.IntN(100)), ResponderPackets: uint64(r.IntN(1000)), InitiatorFlags: 0x1b, ResponderFlags: 0x12,
			InitiatorInferred: i%9 == 0, VLAN: uint16(100 + i%12), EndReason: model.EndDetected, HandshakeRTT: int64(r.IntN(9000)) * 1000,
			Retransmitted: uint32(i % 3), FirstOfConversation: true,
		}
		switch i % 7 {
		case 0:
			f.Operations = []model.Operation{{Verb: model.VerbStore, Object: "ct-image", Result: model.ResultOK, Count: 120}}
		case 2:
			f.ServerName, f.ALPN, f.Version, f.Encrypted = "pacs.example.org", "h2", "TLS 1.3", true
		case 4:
			f.Encap, f.InnerVLAN = model.EncapVXLAN|model.EncapQinQ, 7
			f.OuterInitiator, f.OuterResponder = model.AddrFrom4([]byte{10, 0, 0, 1}), model.Addr{Hi: 0x20010db8 << 32, Lo: 1}
		}
		out[i] = f
	}
	return out
}

func batch() *model.Batch {
	sealed := int64(1_760_000_100_000_000_000)
	s := model.Subject{Addr: model.AddrFrom4([]byte{10, 1, 2, 3}), MAC: 0x00005e005301, Part: "bacnet:2:1017"}
	return &model.Batch{
		ID:     model.BatchID{Site: "north", Sensor: "north-1", Epoch: 7, Sequence: 42},
		Sealed: sealed, ClockOffset: -3_000_000, Version: "v0.1.0",
		Flows:        flows(50, rand.New(rand.NewPCG(1, 2))),
		Observations: []model.Observation{{Subject: s, Domain: 1, VLAN: 9, Kind: model.KindHostname, Value: "ct-03", Source: "dhcp.option12", First: sealed - 5, Last: sealed - 1, Count: 3}},
		Findings: []model.Finding{{Type: model.FindingCleartextProtocol, Rule: "telnet.cleartext", RuleVersion: 1, Subject: s, Peer: model.Subject{MAC: 5}, Port: 23, Protocol: 6,
			Service: "telnet", Detail: "d", Evidence: "telnet.data", CommunityID: "1:abc", Domain: 1, VLAN: 9, First: sealed - 5, Last: sealed, Count: 2}},
		Losses: []model.Loss{{Place: model.PlaceUplink, Reason: "queue full", Domain: 1, First: sealed - 9, Last: sealed, Packets: 1, Events: 2, Batches: 3, FirstSequence: 4, LastSequence: 6}},
		Stats: []model.Stats{{Domain: 1, VLAN: 9, Minute: sealed, Packets: 1, Octets: 2, Hosts: 3, TCPConversations: 4, TCPOneWay: 1, UnseenAckedOctets: 5, Duplicates: 6, Truncated: 7,
			Undecoded: 8, TooLittle: true, Drops: []model.Drop{{Place: model.PlaceKernel, Packets: 9}},
			Interfaces: []model.Interface{{Name: "eth1", CanSend: true, Reasons: []string{"has address 10.1.1.1/24"}, Remedies: []string{"ip addr flush dev eth1"}, LinkUp: true}}}},
	}
}

func codec(t testing.TB) *event.Codec {
	t.Helper()
	c, err := event.NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRoundTrip(t *testing.T) {
	c, want := codec(t), batch()
	data, err := c.Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want.Flows { // does not travel: both sides compute it
		f := &want.Flows[i]
		f.CommunityID = communityid.Of(f.Protocol, f.Initiator.Addr, f.Responder.Addr, f.Initiator.Port, f.Responder.Port)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRandomBytesInEveryStringStillMarshal(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	c := codec(t)
	junk := func() string {
		b := make([]byte, r.IntN(200))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return string(b)
	}
	for range 200 {
		b := batch()
		b.Version = junk()
		for i := range b.Flows {
			f := &b.Flows[i]
			f.Service, f.ServerName, f.ALPN, f.Version = junk(), junk(), junk(), junk()
			for j := range f.Operations {
				f.Operations[j].Object = junk()
			}
		}
		b.Observations[0].Value, b.Observations[0].Source, b.Observations[0].Subject.Part = junk(), junk(), junk()
		b.Findings[0].Detail, b.Findings[0].Rule, b.Findings[0].Evidence, b.Findings[0].CommunityID = junk(), junk(), junk(), junk()
		b.Losses[0].Reason = junk()
		b.Stats[0].Interfaces[0].Name, b.Stats[0].Interfaces[0].Reasons[0] = junk(), junk()
		if _, err := c.Encode(b); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNoOpenFields(t *testing.T) {
	var walk func(m protoreflect.MessageDescriptor)
	seen := map[protoreflect.FullName]bool{}
	walk = func(m protoreflect.MessageDescriptor) {
		if seen[m.FullName()] {
			return
		}
		seen[m.FullName()] = true
		for i := range m.Fields().Len() {
			f := m.Fields().Get(i)
			if f.Kind() == protoreflect.BytesKind || f.IsMap() {
				t.Errorf("%s is bytes or a map: anything could leave by it", f.FullName())
			}
			if f.Kind() == protoreflect.MessageKind {
				if f.Message().FullName() == "google.protobuf.Any" {
					t.Errorf("%s is Any", f.FullName())
				}
				walk(f.Message())
			}
		}
	}
	walk((&eventv1.Event{}).ProtoReflect().Descriptor())
	walk((&eventv1.Batch{}).ProtoReflect().Descriptor())
	if len(seen) < 12 {
		t.Errorf("walked only %d messages", len(seen))
	}
}

func TestEnumsAgreeWithModel(t *testing.T) {
	for n, name := range eventv1.ObservationKind_name {
		if got := "OBSERVATION_KIND_" + upper(model.Kind(n).String()); n != 0 && got != name {
			t.Errorf("kind %d: model says %s, proto %s", n, got, name)
		}
	}
	for n, name := range eventv1.FindingType_name {
		if got := "FINDING_TYPE_" + upper(model.FindingType(n).String()); n != 0 && got != name {
			t.Errorf("finding type %d: model says %s, proto %s", n, got, name)
		}
	}
	for n, name := range eventv1.LossPlace_name {
		if got := "LOSS_PLACE_" + upper(model.Place(n).String()); n != 0 && got != name {
			t.Errorf("place %d: model says %s, proto %s", n, got, name)
		}
	}
}

func upper(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			b[i] = c - 32
		}
	}
	return string(b)
}

func TestDecodeRefusesHostileBatches(t *testing.T) {
	c := codec(t)
	good, err := c.Encode(batch())
	if err != nil {
		t.Fatal(err)
	}
	tamper := map[string]func(*eventv1.Batch){
		"column length":    func(b *eventv1.Batch) { b.Flows.Protocol = b.Flows.Protocol[:3] },
		"flow count":       func(b *eventv1.Batch) { b.Flows.Count = 1 << 31 },
		"address index":    func(b *eventv1.Batch) { b.Flows.InitiatorAddress[0] = 1 << 30 },
		"string index":     func(b *eventv1.Batch) { b.Observations[0].Value = 1 << 31 },
		"mac index":        func(b *eventv1.Batch) { b.Findings[0].Subject.Mac = 77777 },
		"operation count":  func(b *eventv1.Batch) { b.Flows.OperationCount[0] = 1 << 30 },
		"address halves":   func(b *eventv1.Batch) { b.AddressLow = b.AddressLow[:1] },
		"long string":      func(b *eventv1.Batch) { b.Strings[0] = string(make([]byte, 600)) },
		"sensor name":      func(b *eventv1.Batch) { b.Sensor = "../x" },
		"MAC steps":        func(b *eventv1.Batch) { b.Flows.InitiatorMacStep = b.Flows.InitiatorMacStep[:1] },
		"MAC step too far": func(b *eventv1.Batch) { b.Flows.InitiatorMacStep[0] = 1 << 31 },
		"MAC of no entry":  func(b *eventv1.Batch) { b.Macs = nil },
		"missing times":    func(b *eventv1.Batch) { b.Flows.DurationUs = nil },
		"operation object": func(b *eventv1.Batch) { b.Flows.OperationObject = nil },
	}
	for name, f := range tamper {
		t.Run(name, func(t *testing.T) {
			if _, err := c.Decode(recode(t, good, f)); err == nil {
				t.Error("got no error")
			}
		})
	}
	newer := recode(t, good, func(b *eventv1.Batch) { b.SchemaVersion = event.SchemaVersion + 1 })
	if b, err := c.Decode(newer); !errors.Is(err, event.ErrSchema) || b.ID.Sequence != 42 {
		t.Errorf("newer schema: got %v", err)
	}
	if _, err := c.Decode([]byte("not zstd")); err == nil {
		t.Error("garbage: got no error")
	}
}

// A sensor of the version before wrote indices of MACs, not steps.
func TestOlderSchemaIsRead(t *testing.T) {
	c := codec(t)
	in := batch()
	data, err := c.Encode(in)
	if err != nil {
		t.Fatal(err)
	}
	now, err := c.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	before, err := c.Decode(recode(t, data, func(b *eventv1.Batch) {
		index := func(mac model.MAC) uint32 {
			return uint32(slices.Index(b.Macs, uint64(mac)) + 1)
		}
		b.SchemaVersion, b.Flows.InitiatorMacStep, b.Flows.ResponderMacStep = 1, nil, nil
		for i := range in.Flows {
			b.Flows.InitiatorMac = append(b.Flows.InitiatorMac, index(in.Flows[i].Initiator.MAC))
			b.Flows.ResponderMac = append(b.Flows.ResponderMac, index(in.Flows[i].Responder.MAC))
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(now, before); d != "" {
		t.Error(d)
	}
}

func TestJSONForm(t *testing.T) {
	b := batch()
	f := event.FlowRow(&b.Flows[0])
	line, err := protojson.Marshal(&eventv1.Event{Event: &eventv1.Event_Flow{Flow: f}})
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Flow struct {
			Initiator       struct{ IP, Mac string }
			IPProtocol      int    `json:"ipProtocol"`
			InitiatorOctets string `json:"initiatorOctets"`
		}
	}
	if err := json.Unmarshal(line, &got); err != nil {
		t.Fatal(err)
	}
	if got.Flow.IPProtocol != 6 || got.Flow.InitiatorOctets == "" || got.Flow.Initiator.IP == "" || got.Flow.Initiator.Mac == "" {
		t.Errorf("got %s", line)
	}
	for _, m := range []proto.Message{event.ObservationRow(&b.Observations[0]), event.FindingRow(&b.Findings[0]), event.LossRow(&b.Losses[0]), event.StatsRow(&b.Stats[0])} {
		if line, err := protojson.Marshal(m); err != nil || len(line) < 20 {
			t.Errorf("%T: %s, %v", m, line, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	c := codec(f)
	good, err := c.Encode(batch())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := c.Decode(data)
		if err != nil {
			return
		}
		if _, err := c.Encode(b); err != nil && !errors.Is(err, event.ErrTooLarge) {
			t.Errorf("decoded batch does not encode: %v", err)
		}
	})
}

// BenchmarkEncode prints bytes a flow for the sizes that the delivery targets name.
func BenchmarkEncode(b *testing.B) {
	for _, n := range []int{2000, 20000} {
		b.Run(map[int]string{2000: "2000", 20000: "20000"}[n], func(b *testing.B) {
			c := codec(b)
			in := &model.Batch{ID: model.BatchID{Site: "s", Sensor: "s", Epoch: 1, Sequence: 1}, Sealed: 1, Flows: flows(n, rand.New(rand.NewPCG(5, 6)))}
			size := 0
			for b.Loop() {
				data, err := c.Encode(in)
				if err != nil {
					b.Fatal(err)
				}
				size = len(data)
			}
			b.ReportMetric(float64(size)/float64(n), "B/flow")
		})
	}
}
