package observe_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/observe"
)

type record struct {
	observations []model.Observation
	findings     []model.Finding
	flows        []model.Flow
	losses       []model.Loss
}

func (r *record) Observation(o *model.Observation) { r.observations = append(r.observations, *o) }
func (r *record) Finding(f *model.Finding)         { r.findings = append(r.findings, *f) }
func (r *record) Flow(f *model.Flow)               { r.flows = append(r.flows, *f) }
func (r *record) Loss(l *model.Loss)               { r.losses = append(r.losses, *l) }

func host(last byte) model.Subject {
	return model.Subject{Addr: model.AddrFrom4([]byte{10, 0, 0, last})}
}

func claim(s model.Subject, value string, at int64) model.Observation {
	return model.Observation{Subject: s, Kind: model.KindHostname, Value: value, Source: "dhcp.option12", First: at, Last: at}
}

func TestClaimsAreReportedOnceThenRefreshed(t *testing.T) {
	var got record
	cfg := observe.DefaultConfig()
	c := observe.NewCollector(cfg, &got)
	hour := int64(time.Hour)
	c.Advance(1)
	for i := range int64(5) {
		c.Observe(claim(host(1), "ct-03", 1+i))
	}
	c.Observe(claim(host(2), "ct-03", 2))
	c.Advance(7) // claims wait to be looked up together, for a second at most
	if len(got.observations) != 2 {
		t.Fatalf("first sight: got %d reports, want 2", len(got.observations))
	}
	c.Advance(2 + hour)
	if len(got.observations) != 3 || got.observations[2].Count != 4 || got.observations[2].First != 2 || got.observations[2].Last != 5 {
		t.Fatalf("refresh: got %+v", got.observations)
	}
	c.Advance(3 + 2*hour) // nothing new: forgotten
	c.Observe(claim(host(1), "ct-03", 4+2*hour))
	c.Advance(5 + 2*hour)
	if len(got.observations) != 4 || got.observations[3].Count != 1 {
		t.Errorf("after silence: got %+v", got.observations)
	}
}

func TestHeldUntilFlush(t *testing.T) {
	var got record
	c := observe.NewCollector(observe.Config{RefreshEvery: time.Hour, MaxClaims: 10}, &got)
	f := model.Finding{Type: model.FindingCleartextProtocol, Rule: "telnet.cleartext", Subject: host(1), Peer: host(2), Service: "telnet", First: 5, Last: 5}
	for range 3 {
		c.Observe(claim(host(1), "a", 7))
		c.Finding(f, nil)
	}
	f.First, f.Last, f.Peer = 3, 3, host(3)
	c.Finding(f, nil)
	if len(got.observations)+len(got.findings) != 0 {
		t.Fatal("reported before flush")
	}
	c.Flush()
	if len(got.observations) != 1 || got.observations[0].Count != 3 || len(got.findings) != 2 || got.findings[0].Count != 1 || got.findings[1].Count != 3 {
		t.Errorf("got %+v %+v", got.observations, got.findings)
	}
}

// The Community ID is made at first sight, and again when an earlier packet shows the weakness.
func TestCommunityOfFirstSight(t *testing.T) {
	var got record
	c := observe.NewCollector(observe.Config{RefreshEvery: time.Hour, MaxClaims: 10}, &got)
	made := 0
	finding := func(at int64) {
		c.Finding(model.Finding{Type: model.FindingCleartextProtocol, Subject: host(1), Peer: host(2), First: at, Last: at}, func(b []byte) []byte {
			made++
			return append(b, "1:"+string(rune('a'+at))...)
		})
	}
	for _, at := range []int64{7, 8, 9, 5} {
		finding(at)
	}
	c.Flush()
	if made != 2 || len(got.findings) != 1 || got.findings[0].CommunityID != "1:f" || got.findings[0].Count != 4 {
		t.Errorf("%d ids made, got %+v", made, got.findings)
	}
}

func TestCeilingPassesOn(t *testing.T) {
	var got record
	c := observe.NewCollector(observe.Config{RefreshEvery: time.Hour, MaxClaims: 2}, &got)
	for i := range 5 {
		c.Observe(claim(host(byte(i)), "x", 1))
		c.Finding(model.Finding{Subject: host(byte(i))}, nil)
	}
	if c.Overflow() != 6 || len(got.observations) != 3 || len(got.findings) != 3 {
		t.Errorf("overflow %d, %d claims, %d findings", c.Overflow(), len(got.observations), len(got.findings))
	}
}

func TestPrivateNetworksYieldCountsOnly(t *testing.T) {
	var got record
	cfg := observe.DefaultConfig()
	cfg.Privacy = []observe.Network{
		{Prefix: netip.MustParsePrefix("10.0.0.9/32"), Mode: observe.Full},
		{Prefix: netip.MustParsePrefix("10.0.0.0/28"), Mode: observe.Counts},
		{VLAN: 66, Mode: observe.None},
	}
	c := observe.NewCollector(cfg, &got)
	c.Observe(claim(host(3), "CANARY", 10))
	c.Observe(claim(host(9), "open", 10))
	c.Finding(model.Finding{Subject: host(200), Peer: host(4), Last: 12}, nil)
	c.Flow(&model.Flow{Initiator: model.Endpoint{Addr: host(200).Addr}, Responder: model.Endpoint{Addr: host(2).Addr}, InitiatorPackets: 5, ResponderPackets: 6, End: 20})
	c.Flow(&model.Flow{Initiator: model.Endpoint{Addr: host(200).Addr}, Responder: model.Endpoint{Addr: host(201).Addr}})
	if !c.Excludes(host(200).Addr, host(201).Addr, 66, 0, 30) || c.Excludes(host(1).Addr, host(2).Addr, 0, 0, 30) {
		t.Error("only networks of mode none take packets out")
	}
	c.Flush()
	if len(got.observations) != 1 || got.observations[0].Value != "open" || len(got.findings) != 0 || len(got.flows) != 1 {
		t.Errorf("left the sensor: %+v", got)
	}
	want := []model.Loss{
		{Place: model.PlacePrivacy, Reason: "personal network 10.0.0.0/28 (counts)", First: 10, Last: 20, Packets: 11, Events: 3},
		{Place: model.PlacePrivacy, Reason: "personal network vlan 66 (none)", First: 30, Last: 30, Packets: 1},
	}
	if diff := cmp.Diff(want, got.losses); diff != "" {
		t.Error(diff)
	}
	c.Flush()
	if len(got.losses) != 2 {
		t.Error("losses are counted twice")
	}
}

func TestSealNumbersAndSplits(t *testing.T) {
	s, err := observe.NewSealer("north", "north-1", 9, "v0")
	if err != nil {
		t.Fatal(err)
	}
	var sealed []observe.Sealed
	keep := func(b observe.Sealed) { sealed = append(sealed, b) }
	if err := s.Seal(1, 0, keep); err != nil || len(sealed) != 0 {
		t.Fatalf("an empty batch was sealed: %v", err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	total := 0
	for i := range 9000 { // incompressible values: far more than 1 MiB in all
		o := claim(host(byte(i)), fmt.Sprintf("%x%x%x%x%x%x%x%x%x%x%x%x", r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64()), 5)
		s.Observation(&o)
		total++
	}
	s.Flow(&model.Flow{Start: 1000, End: 2000, Operations: []model.Operation{{Verb: model.VerbRead, Object: "x", Count: 1}}})
	s.Finding(&model.Finding{Subject: host(1)})
	s.Loss(&model.Loss{Place: model.PlaceKernel})
	s.Stats(&model.Stats{Packets: 3})
	total += 4
	if !s.Full() {
		t.Error("not full")
	}
	if err := s.Seal(100, -5, keep); err != nil {
		t.Fatal(err)
	}
	codec, err := event.NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	events := 0
	for i, b := range sealed {
		got, err := codec.Decode(b.Data)
		if err != nil {
			t.Fatal(err)
		}
		if got.ID.Sequence != uint64(i+1) || got.ID != b.ID || got.ID.Epoch != 9 || got.Sealed != 100 || got.ClockOffset != -5 || got.Events() != b.Events {
			t.Errorf("batch %d: %+v", i, got.ID)
		}
		events += got.Events()
	}
	if len(sealed) < 2 || events != total || !s.Empty() {
		t.Errorf("%d events in %d batches, want %d", events, len(sealed), total)
	}
}
