package ledger_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/store/ledger"
	"github.com/wardscope/wardscope/internal/model"
)

func TestEveryNumberHasOnePlace(t *testing.T) {
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	boot := ledger.Boot{Site: "north", Sensor: "n1", Epoch: 7}
	span := func(first, last uint64) ledger.Span { return ledger.Span{First: first, Last: last} }
	for _, tc := range []struct {
		name    string
		shed    []ledger.Span
		arrived []ledger.Span
		dropped uint64
		missing []ledger.Span
	}{
		{name: "all came", arrived: []ledger.Span{span(1, 9)}},
		{name: "begins late", arrived: []ledger.Span{span(4, 9)}, missing: []ledger.Span{span(1, 3)}},
		{name: "shed covers the gap", shed: []ledger.Span{span(1, 3)}, arrived: []ledger.Span{span(4, 9)}, dropped: 3},
		{name: "shed in the middle", shed: []ledger.Span{span(3, 4)}, arrived: []ledger.Span{span(1, 1), span(7, 9)}, dropped: 2, missing: []ledger.Span{span(2, 2), span(5, 6)}},
		{name: "shed over what came", shed: []ledger.Span{span(1, 8)}, arrived: []ledger.Span{span(3, 4), span(9, 9)}, dropped: 6},
		{name: "two that overlap", shed: []ledger.Span{span(1, 4), span(3, 6)}, arrived: []ledger.Span{span(9, 9)}, dropped: 6, missing: []ledger.Span{span(7, 8)}},
		{name: "one within another", shed: []ledger.Span{span(1, 6), span(2, 3)}, arrived: []ledger.Span{span(9, 9)}, dropped: 6, missing: []ledger.Span{span(7, 8)}},
		{name: "the same twice", shed: []ledger.Span{span(2, 3), span(2, 3)}, arrived: []ledger.Span{span(1, 1), span(4, 9)}, dropped: 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			k := ledger.NewBook()
			for _, s := range tc.shed {
				k.Lose(&ledger.Loss{Boot: boot, Span: s, Day: day, Dropped: ledger.Dropped{Place: model.PlaceSpool, Reason: "full", Batches: s.Len(), Events: 5}})
			}
			for _, s := range tc.arrived {
				k.Arrive(&ledger.Arrived{Boot: boot, Span: s, Day: day})
			}
			all := k.Sorted()
			if len(all) != 1 {
				t.Fatalf("got %+v", all)
			}
			a := all[0]
			if a.Sealed != 9 || a.Shed() != tc.dropped || a.Stored+a.Shed()+a.Lost() != 9 {
				t.Errorf("sealed %d, stored %d, dropped %d, missing %d; want 9 with %d dropped", a.Sealed, a.Stored, a.Shed(), a.Lost(), tc.dropped)
			}
			if diff := cmp.Diff(tc.missing, a.Missing); diff != "" {
				t.Errorf("missing (-want +got):\n%s", diff)
			}
		})
	}
}
