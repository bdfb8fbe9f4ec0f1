package ingest_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/klauspost/compress/zstd"

	"github.com/wardscope/wardscope/hub/ingest"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/subject"
	eventv1 "github.com/wardscope/wardscope/proto/wardscope/event/v1"
)

func TestRowsCarryTheirStamp(t *testing.T) {
	h := newHub(t)
	_, err := h.state.PutSites(t.Context(), state.Sites{Sites: []state.Site{{
		ID: "north", Realm: "wan", Realms: []state.RealmRule{{Realm: "guest", Prefix: netip.MustParsePrefix("10.9.0.0/16")}},
	}}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	h.run(quick(), h.store)
	b := batch("north", "n1", 7, 1, 2)
	h.send(b)
	h.drained()
	groups := h.store.groups()
	if len(groups) != 1 {
		t.Fatalf("groups: got %d, want 1", len(groups))
	}
	g := groups[0]
	b.Flows[1].CommunityID = g.Flows[1].CommunityID // does not travel; package event computes it
	stamp := store.Stamp{Site: "north", Realm: "guest", Sensor: "n1", Receive: g.Flows[1].Receive, ClockOffset: 5, Epoch: 7, Sequence: 1, Row: 1}
	if d := cmp.Diff(store.FlowRow{Stamp: stamp, Flow: b.Flows[1]}, g.Flows[1]); d != "" {
		t.Error(d)
	}
	if age := time.Since(stamp.Receive); age < 0 || age > time.Minute || stamp.Receive.Location() != time.UTC {
		t.Errorf("receive time: got %s, want now in UTC", stamp.Receive)
	}
	stamp.Realm, stamp.Row = "wan", 0
	counts := store.Counts{Flows: 2, Observations: 1, Findings: 1, Losses: 1, Stats: 1}
	want := store.Group{
		Token: g.Token, Flows: g.Flows,
		Observations: []store.ObservationRow{{Stamp: stamp, Observation: b.Observations[0]}},
		Findings:     []store.FindingRow{{Stamp: stamp, Finding: b.Findings[0]}},
		Losses:       []store.LossRow{{Stamp: stamp, Loss: b.Losses[0]}},
		Stats:        []store.StatsRow{{Stamp: stamp, Stats: b.Stats[0]}},
		Batches:      []store.BatchRow{{Stamp: stamp, SealedAt: b.Sealed, Version: "test", Sealed: counts, Stored: counts}},
	}
	if d := cmp.Diff(want, g); d != "" {
		t.Error(d)
	}
}

func TestSameBatchesAgainChangeNothing(t *testing.T) {
	h := newHub(t)
	_, stop := h.run(quick(), h.store)
	var want []string
	send := func() {
		for s := range 5 {
			for i := range uint64(10) {
				h.send(batch("north", fmt.Sprint("n", s), 1, i+1, 3))
			}
		}
		h.drained()
	}
	for s := range 5 {
		want = append(want, ids(fmt.Sprint("n", s), 1, 1, 10)...)
	}
	send()
	h.once(want...)
	inserts := h.store.inserts
	<-time.After(1100 * time.Millisecond) // the server itself forgets ids after a second here
	send()
	stop()
	h.run(quick(), h.store)
	<-time.After(1100 * time.Millisecond)
	send()
	h.once(want...)
	if h.store.inserts != inserts {
		t.Errorf("inserts: got %d, want still %d", h.store.inserts, inserts)
	}
}

func TestBacklogAndFreshMixedOverRestartsOfTheSensor(t *testing.T) {
	h := newHub(t)
	h.store.fail = flaky(3)
	h.run(quick(), h.store)
	for _, seq := range []uint64{500, 1, 501, 2, 502, 3, 1, 2, 500} { // two ascending lanes, some sent again
		h.send(batch("north", "n1", 1, seq, 1))
	}
	for _, seq := range []uint64{1, 2, 500} { // a new boot counts from 1 again
		h.send(batch("north", "n1", 2, seq, 1))
	}
	h.drained()
	want := append(ids("n1", 1, 1, 3), ids("n1", 1, 500, 502)...)
	want = append(append(want, ids("n1", 2, 1, 2)...), ids("n1", 2, 500, 500)...)
	h.once(want...)
}

func TestStoreThatFailsIsAskedAgainWithTheSameGroup(t *testing.T) {
	h := newHub(t)
	h.store.fail = flaky(7)
	cfg := quick()
	cfg.MaxRows = 20
	_, stop := h.run(cfg, h.store)
	var want []string
	for round := range uint64(6) {
		for s := range 4 {
			sensor := fmt.Sprint("n", s)
			for i := range uint64(10) {
				h.send(batch("north", sensor, 1, round*10+i+1, 3))
			}
			want = append(want, ids(sensor, 1, round*10+1, round*10+10)...)
		}
		stop() // wherever it is; the next owner must go on exactly there
		_, stop = h.run(cfg, h.store)
	}
	h.drained()
	h.once(want...)
}

func TestPinnedDeclarationOutlivesChanges(t *testing.T) {
	h := newHub(t)
	put := func(realm string) {
		_, err := h.state.PutSites(t.Context(), state.Sites{Sites: []state.Site{{ID: "north", Realm: model.Realm(realm)}}}, 0)
		if err != nil {
			t.Fatal(err)
		}
	}
	put("before")
	h.store.fail = func(int) (error, error) { return errInjected, nil }
	in, stop := h.run(quick(), h.store)
	h.send(batch("north", "n1", 1, 1, 1))
	h.until("a refusal is shown", func() bool {
		for _, s := range in.Status() {
			if s.Refused != "" {
				return true
			}
		}
		return false
	})
	stop()
	for i := range 70 { // more than the bucket keeps revisions
		put(fmt.Sprint("after-", i))
	}
	h.store.fail = nil
	h.run(quick(), h.store)
	h.drained()
	h.send(batch("north", "n1", 1, 2, 1))
	h.drained()
	realms := map[uint64]model.Realm{}
	for _, g := range h.store.groups() {
		realms[g.Flows[0].Sequence] = g.Flows[0].Realm
	}
	if d := cmp.Diff(map[uint64]model.Realm{1: "before", 2: "after-69"}, realms); d != "" {
		t.Error(d)
	}
}

func TestPoisonGoesToQuarantineAndBlocksNothing(t *testing.T) {
	h := newHub(t)
	good := h.encode(batch("north", "n1", 1, 5, 1))
	newer, err := proto.Marshal(&eventv1.Batch{SchemaVersion: 99, Site: "north", Sensor: "n1", Epoch: 1, Sequence: 6})
	if err != nil {
		t.Fatal(err)
	}
	zw, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	to := subject.Events("north", "n1")
	for _, m := range []struct {
		to, id string
		data   []byte
	}{
		{to, "n1/1/1", []byte("not zstd")},
		{to, "", good},
		{to, "n1/1/2", good}, // says 5
		{to, "n2/1/5", good}, // another's name in the header
		{to, "n1/1/0", good}, // no number
		{to, "n1/1/3", good[:len(good)/2]},
		{to, "n1/1/6", zw.EncodeAll(newer, nil)},
		{subject.Events("south", "n1"), "n1/2/5", h.encode(batch("north", "n1", 2, 5, 1))}, // another site
		{to, "n1/1/5", good},
	} {
		h.sendRaw(m.to, m.id, m.data)
	}
	h.run(quick(), h.store)
	h.drained()
	h.once("n1/1/1", "n1/1/3", "n1/1/5", "n1/1/6") // in the ledger
	var reasons []string
	flows := 0
	payloads := map[string]bool{}
	for _, g := range h.store.groups() {
		for _, q := range g.Quarantine {
			reasons = append(reasons, q.Reason)
			payloads[string(q.Payload)] = true
		}
		flows += len(g.Flows)
	}
	if len(reasons) != 8 || flows != 1 {
		t.Errorf("got %d in quarantine and %d flows, want 8 and 1: %q", len(reasons), flows, reasons)
	}
	for _, part := range []string{"decompress", "sensor/epoch/sequence", "says it is", "sent by n1 as a batch of n2", "from 1", "newer schema"} {
		if !contains(reasons, part) {
			t.Errorf("no reason about %q in %q", part, reasons)
		}
	}
	if !payloads["not zstd"] || !payloads[string(good)] {
		t.Error("payloads are not kept whole")
	}
}

func TestOddTimesAreKept(t *testing.T) {
	h := newHub(t)
	h.run(quick(), h.store)
	b := batch("north", "n1", 1, 1, 3)
	b.Flows[0].Start, b.Flows[0].End = 1, 2
	b.Flows[1].Start, b.Flows[1].End = 1<<62, 1<<62
	h.send(b)
	h.drained()
	if g := h.store.groups(); len(g) != 1 || len(g[0].Flows) != 3 {
		t.Errorf("got %d groups, want one with 3 flows", len(g))
	}
}

func TestShedBatchesCloseTheirGap(t *testing.T) {
	h := newHub(t)
	h.run(quick(), h.store)
	// 130 gaps would be too many; the loss record of each closes it.
	for seq := uint64(2); seq <= 2*130; seq += 2 {
		b := batch("north", "n1", 1, seq, 0)
		b.Losses = append(b.Losses, model.Loss{Place: model.PlaceUplink, Batches: 1, FirstSequence: seq - 1, LastSequence: seq - 1})
		h.send(b)
	}
	h.drained()
	if got := len(h.store.batches()); got != 130 {
		t.Errorf("stored: got %d, want 130", got)
	}
	for _, s := range h.rec("north", "n1") {
		if d := cmp.Diff(ingest.Ranges{{1, 260}}, s); d != "" {
			t.Error(d)
		}
	}
}

func TestTooManyGapsAreRefusedNotDropped(t *testing.T) {
	h := newHub(t)
	h.run(quick(), h.store)
	for seq := uint64(1); seq <= 2*140; seq += 2 {
		h.send(batch("north", "n1", 1, seq, 0))
	}
	h.drained()
	quarantine := 0
	for _, g := range h.store.groups() {
		quarantine += len(g.Quarantine)
	}
	if got := len(h.store.batches()); got != 128 || quarantine != 12 {
		t.Errorf("got %d stored and %d in quarantine, want 128 and 12", got, quarantine)
	}
}

// rec reads the ranges that the journal has of a sensor.
func (h *hub) rec(_, sensor string) map[string]ingest.Ranges {
	h.t.Helper()
	out := map[string]ingest.Ranges{}
	for p := range subject.Partitions {
		var rec ingest.Record
		if _, err := h.state.Record(h.t.Context(), p, &rec); err != nil {
			h.t.Fatal(err)
		}
		for k, r := range rec.Seen {
			if len(k) > len(sensor) && k[:len(sensor)+1] == sensor+"/" {
				out[k] = r
			}
		}
	}
	return out
}

func TestStreamMadeAnewIsReadFromItsStart(t *testing.T) {
	h := newHub(t)
	_, stop := h.run(quick(), h.store)
	for i := range uint64(5) {
		h.send(batch("north", "n1", 1, i+1, 1))
	}
	h.drained()
	stop()
	cfg, err := h.js.Stream(t.Context(), subject.Stream)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.js.DeleteStream(t.Context(), subject.Stream); err != nil {
		t.Fatal(err)
	}
	if _, err := h.js.CreateStream(t.Context(), cfg.CachedInfo().Config); err != nil {
		t.Fatal(err)
	}
	for i := range uint64(8) { // sequence numbers come again; three batches are new
		h.send(batch("north", "n1", 1, i+1, 1))
	}
	h.run(quick(), h.store)
	h.until("the new ones are stored", func() bool { return len(h.store.batches()) == 8 })
	h.once(ids("n1", 1, 1, 8)...)
}

func TestGroupUnderWayThatIsGoneStopsThePartition(t *testing.T) {
	h := newHub(t)
	h.store.fail = func(int) (error, error) { return nil, errInjected }
	in, stop := h.run(quick(), h.store)
	h.send(batch("north", "n1", 1, 1, 1))
	h.until("a refusal", func() bool { return len(h.store.groups()) > 0 })
	stop()
	s, err := h.js.Stream(t.Context(), subject.Stream)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.store.fail = nil
	cfg := quick()
	cfg.LeaseTTL = time.Second
	in, _ = h.run(cfg, h.store)
	h.until("stopped", func() bool {
		for _, s := range in.Status() {
			if s.Stopped != "" {
				return true
			}
		}
		return false
	})
}

func TestTrimKeepsTheLastStoredMessage(t *testing.T) {
	h := newHub(t)
	cfg := quick()
	cfg.Keep, cfg.TrimEvery = 0, 5*time.Millisecond
	_, stop := h.run(cfg, h.store)
	for i := range uint64(20) {
		h.send(batch("north", "n1", 1, i+1, 1))
	}
	h.drained()
	h.until("trimmed to one message", func() bool {
		s, err := h.js.Stream(t.Context(), subject.Stream)
		return err == nil && s.CachedInfo().State.Msgs == 1
	})
	stop()
	h.run(cfg, h.store)
	h.send(batch("north", "n1", 1, 21, 1))
	h.drained()
	h.once(ids("n1", 1, 1, 21)...)
}

func TestTwoHubsShareThePartitions(t *testing.T) {
	h := newHub(t)
	a, b := quick(), quick()
	a.Instance, b.Instance = "hub-a", "hub-b"
	a.LeaseTTL, b.LeaseTTL = 2*time.Second, 2*time.Second
	h.store.fail = flaky(11)
	_, stopA := h.run(a, h.store)
	h.run(b, h.store)
	var want []string
	send := func(from, to uint64) {
		for s := range 6 {
			sensor := fmt.Sprint("n", s)
			for i := from; i <= to; i++ {
				h.send(batch("north", sensor, 1, i, 1))
			}
			want = append(want, ids(sensor, 1, from, to)...)
		}
	}
	send(1, 10)
	stopA()
	send(11, 20)
	h.drained()
	h.once(want...)
}

func TestValidate(t *testing.T) {
	if err := ingest.DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	if err := (ingest.Config{KeepShare: 2}).Validate(); err == nil {
		t.Error("got no error for an empty configuration")
	}
}
