package answer_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/wardscope/wardscope/hub/api/answer"
	"github.com/wardscope/wardscope/hub/exposure"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/live"
	"github.com/wardscope/wardscope/hub/inventory/sites"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// held is a store with nothing but a span of events.
type held struct {
	answer.Store
	first, last time.Time
}

func (h held) Totals(context.Context) (store.Totals, error) {
	return store.Totals{First: h.first, Last: h.last}, nil
}
func (held) Findings(context.Context, store.FindingFilter) ([]store.Finding, *store.FindingCursor, error) {
	return nil, nil, nil
}
func (held) External(context.Context, store.ExternalFilter) ([]store.External, error) {
	return nil, nil
}
func (held) Edges(context.Context, store.EdgeFilter) ([]store.Edge, error) { return nil, nil }
func (held) Ledger(context.Context, store.Scope) ([]store.Ledger, error)   { return nil, nil }
func (held) Coverage(context.Context, store.Scope, store.Period) ([]store.Coverage, error) {
	return nil, nil
}

type nobody struct{}

func (nobody) List(context.Context) ([]state.Sensor, error)                  { return nil, nil }
func (nobody) Denials(context.Context) ([]state.Denial, error)               { return nil, nil }
func (nobody) Wishes(context.Context) ([]state.Wish, error)                  { return nil, nil }
func (nobody) Zones(context.Context) (state.Zones, error)                    { return state.Zones{}, nil }
func (nobody) PutZones(context.Context, state.Zones, uint64) (uint64, error) { return 1, nil }
func (nobody) Current() *live.Snapshot {
	table := sites.New(state.Sites{})
	return &live.Snapshot{Inventory: inventory.Resolve(&inventory.Input{Places: table}, nil), Sites: table}
}

func TestPeriod(t *testing.T) {
	ratings, err := exposure.LoadRatings()
	if err != nil {
		t.Fatal(err)
	}
	old, hour := now.AddDate(-20, 0, 0), time.Hour
	at := func(t time.Time) *timestamppb.Timestamp { return timestamppb.New(t) }
	for _, c := range []struct {
		name     string
		held     held
		asked    *hubv1.Period
		from, to time.Time
	}{
		{"nothing held", held{}, nil, now.Add(-24 * hour), now},
		{"live", held{first: old, last: now.Add(-hour)}, nil, now.Add(-24 * hour), now},
		{"a sensor's clock is ahead", held{first: old, last: now.Add(hour)}, nil, now.Add(-24 * hour), now.Add(hour + time.Microsecond)},
		{"a capture of long ago", held{first: old, last: old.Add(hour)}, nil, old, old.Add(hour + time.Microsecond)},
		{"from alone", held{first: old, last: now}, &hubv1.Period{From: at(now.Add(-48 * hour))}, now.Add(-48 * hour), now.Add(time.Microsecond)},
		{"to alone", held{first: old, last: now}, &hubv1.Period{To: at(now.Add(-hour))}, now.Add(-25 * hour), now.Add(-hour)},
		{"both", held{}, &hubv1.Period{From: at(old), To: at(old.Add(hour))}, old, old.Add(hour)},
	} {
		a := answer.New(answer.Deps{Store: c.held, State: nobody{}, Fleet: nobody{}, Keeper: nobody{}, Ratings: ratings, Now: func() time.Time { return now }})
		got, err := answer.ExposureOf(a).GetExposure(t.Context(), &hubv1.GetExposureRequest{Period: c.asked})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		p := got.GetCoverage().GetPeriod()
		if !p.GetFrom().AsTime().Equal(c.from) || !p.GetTo().AsTime().Equal(c.to) {
			t.Errorf("%s: got %v to %v, want %v to %v", c.name, p.GetFrom().AsTime(), p.GetTo().AsTime(), c.from, c.to)
		}
	}
}
