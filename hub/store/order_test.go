package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/hub/store/storetest"
	"github.com/wardscope/wardscope/internal/model"
)

// Whoever reads the ledger finds every event that it speaks of, also between two inserts of a group.
func TestLedgerIsNeverAhead(t *testing.T) {
	s := storetest.Open(t)
	const groups = 15
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	done := make(chan error, 1)
	go func() {
		var err error
		for n := uint64(1); n <= groups && err == nil; n++ {
			stamp := store.Stamp{Site: "north", Realm: "north", Sensor: "n1", Receive: at, Epoch: 1, Sequence: n}
			counts := store.Counts{Flows: 1, Observations: 1, Stats: 1}
			err = s.InsertGroup(t.Context(), store.Group{
				Token: fmt.Sprint(n), Batches: []store.BatchRow{{Stamp: stamp, Sealed: counts, Stored: counts}},
				Flows: []store.FlowRow{{Stamp: stamp, Flow: model.Flow{Start: at.UnixNano(), End: at.UnixNano()}}},
				Observations: []store.ObservationRow{{Stamp: stamp, Observation: model.Observation{
					Subject: model.Subject{MAC: 1}, Kind: model.KindHostname, Value: "ct-03", Source: "x", First: at.UnixNano(), Last: at.UnixNano(), Count: 1}}},
				Stats: []store.StatsRow{{Stamp: stamp, Stats: model.Stats{Minute: at.UnixNano(), Packets: 1}}},
			})
		}
		done <- err
	}()
	looks := 0
	for over := false; !over; looks++ {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			over = true
		default:
		}
		ledger, err := s.Ledger(t.Context(), store.Scope{})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := s.IngestRows(t.Context()) // after the ledger: what it speaks of must be there
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range ledger {
			for table, said := range map[string]uint64{"flows": l.Stored.Flows, "observations": l.Stored.Observations, "sensor_stats": l.Stored.Stats} {
				if rows[table] < said {
					t.Fatalf("look %d: the ledger speaks of %d rows of %s, %d are there", looks, said, table, rows[table])
				}
			}
		}
	}
	t.Logf("%d looks while %d groups were stored", looks, groups)
}
