package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/hub/store/storetest"
	"github.com/wardscope/wardscope/internal/model"
)

// Numbers 1 to 20 of a boot over two days: each is stored, in quarantine, reported as dropped, or
// missing, and a number that was reported and came all the same counts as stored.
func TestAccountsExplainEveryNumber(t *testing.T) {
	s := storetest.Open(t)
	monday := time.Date(2026, 11, 23, 23, 59, 0, 0, time.UTC)
	tuesday := monday.Add(time.Hour)
	stamp := func(epoch, sequence uint64, at time.Time) store.Stamp {
		return store.Stamp{Site: "north", Realm: "north", Sensor: "n1", Receive: at, Epoch: epoch, Sequence: sequence}
	}
	counts := store.Counts{Flows: 2, Losses: 1}
	var g store.Group
	g.Token = "t"
	stored := func(epoch uint64, at time.Time, numbers ...uint64) {
		for _, n := range numbers {
			g.Batches = append(g.Batches, store.BatchRow{Stamp: stamp(epoch, n, at), Sealed: counts, Stored: counts})
		}
	}
	lost := func(epoch, by uint64, at time.Time, l model.Loss) {
		g.Losses = append(g.Losses, store.LossRow{Stamp: stamp(epoch, by, at), Loss: l})
	}
	stored(7, monday, 1, 2, 3, 6) // 4 and 5 were dropped
	stored(7, tuesday, 10, 11, 14, 20)
	g.Batches = append(g.Batches, store.BatchRow{Stamp: stamp(7, 12, tuesday), Reason: "unreadable"})
	g.Quarantine = append(g.Quarantine, store.QuarantineRow{Stamp: stamp(7, 12, tuesday), Reason: "x"}, store.QuarantineRow{Stamp: stamp(7, 13, tuesday), Reason: "y"},
		store.QuarantineRow{Stamp: stamp(0, 0, tuesday), Reason: "no number"})
	lost(7, 6, monday, model.Loss{Place: model.PlaceSpool, Reason: "spool full", Batches: 2, Events: 9, FirstSequence: 4, LastSequence: 5})
	lost(7, 6, monday, model.Loss{Place: model.PlaceKernel, Reason: "ring full", Packets: 30})
	lost(7, 10, tuesday, model.Loss{Place: model.PlaceSpool, Reason: "spool full", Batches: 2, Events: 4, FirstSequence: 8, LastSequence: 9})
	lost(7, 20, tuesday, model.Loss{Place: model.PlaceSpool, Reason: "damaged on disk", Batches: 4, Events: 1, FirstSequence: 14, LastSequence: 17}) // 14 came all the same
	lost(7, 20, tuesday, model.Loss{Place: model.PlaceSpool, Reason: "nonsense", Batches: 1 << 60, FirstSequence: 18, LastSequence: 1 << 62})        // past the batch that says it
	stored(8, tuesday, 1)
	if err := s.InsertGroup(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	got, err := s.Accounts(t.Context(), store.Scope{}, "n1")
	if err != nil {
		t.Fatal(err)
	}
	day := func(at time.Time) time.Time { return at.Truncate(24 * time.Hour) }
	want := []store.Account{
		{
			Site: "north", Sensor: "n1", Epoch: 7, Day: day(monday), Sealed: 6, Stored: 4, Events: 12, LastReceived: monday,
			Dropped: []store.Dropped{{Place: model.PlaceKernel, Packets: 30}, {Place: model.PlaceSpool, Reason: "spool full", Batches: 2, Events: 9}},
		},
		{
			Site: "north", Sensor: "n1", Epoch: 7, Day: day(tuesday), Sealed: 14, Stored: 4, Quarantined: 2, Events: 12, LastReceived: tuesday,
			Dropped: []store.Dropped{{Place: model.PlaceSpool, Reason: "spool full", Batches: 2, Events: 4}, {Place: model.PlaceSpool, Reason: "damaged on disk", Batches: 3}},
			Missing: []store.Span{{First: 7, Last: 7}, {First: 18, Last: 19}},
		},
		{Site: "north", Sensor: "n1", Epoch: 8, Day: day(tuesday), Sealed: 1, Stored: 1, Events: 3, LastReceived: tuesday},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("accounts (-want +got):\n%s", diff)
	}
	for _, a := range got {
		if a.Sealed != a.Stored+a.Quarantined+a.Shed()+a.Lost() {
			t.Errorf("boot %d on %s does not add up: %+v", a.Epoch, a.Day.Format(time.DateOnly), a)
		}
	}
	if q, err := s.Quarantined(t.Context()); err != nil || len(q) != 3 || q[0].Sensor != "n1" || q[0].Batches != 1 || !q[0].Last.Equal(tuesday) {
		t.Errorf("quarantine: got %+v %v", q, err)
	}
	if all, err := s.Accounts(t.Context(), store.Scope{Sites: []model.SiteID{"south"}}, ""); err != nil || len(all) != 0 {
		t.Errorf("another site: got %v %v", all, err)
	}
}
