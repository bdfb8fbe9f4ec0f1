package live

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
)

// shelf is a store of claims that remembers what it was asked for.
type shelf struct {
	Reader
	claims []store.Claim
	asked  []time.Time
	fail   error
}

func (s *shelf) Claims(_ context.Context, f store.ClaimFilter, each func(store.Claim) error) error {
	s.asked = append(s.asked, f.ReceivedSince)
	for _, c := range s.claims {
		if !c.LastReceived.Before(f.ReceivedSince) {
			if err := each(c); err != nil {
				return err
			}
		}
	}
	return s.fail
}

func TestClaimCache(t *testing.T) {
	t0 := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	claim := func(value string, received time.Time, count uint64) store.Claim {
		return store.Claim{Site: "north", Kind: model.KindHostname, Value: value, First: t0, Last: received, LastReceived: received, Count: count}
	}
	s, c := &shelf{claims: []store.Claim{claim("a", t0, 1), claim("b", t0, 1)}}, &claimCache{}
	read := func(to, now time.Time) string {
		t.Helper()
		if err := c.read(t.Context(), s, to, now); err != nil {
			t.Fatal(err)
		}
		var out string
		for _, v := range c.list {
			out += fmt.Sprintf("%s%d ", v.Value, v.Count)
		}
		return out
	}
	if got := read(t0, t0); got != "a1 b1 " || !s.asked[0].IsZero() {
		t.Errorf("first: %q, asked %v", got, s.asked)
	}
	held := c.list
	s.claims = []store.Claim{claim("a", t0.Add(-time.Hour), 1), claim("b", t0.Add(time.Minute), 5), claim("c", t0.Add(time.Minute), 1)}
	if got := read(t0.Add(time.Minute), t0.Add(time.Minute)); got != "a1 b5 c1 " {
		t.Errorf("what arrived since: %q", got)
	}
	if diff := cmp.Diff([]time.Time{{}, t0.Add(-lateness)}, s.asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	if held[1].Count != 1 || len(held) != 2 {
		t.Error("a list that somebody holds was changed")
	}
	s.fail = errors.New("gone")
	if err := c.read(t.Context(), s, t0, t0); err == nil {
		t.Error("no error")
	}
	s.fail, s.claims = nil, s.claims[2:]
	if got := read(t0, t0.Add(2*time.Minute)); got != "c1 " {
		t.Errorf("after an error all is read: %q", got)
	}
	s.claims = nil
	if got := read(t0, t0.Add(2*time.Minute+wholeEvery)); got != "" {
		t.Errorf("what retention took away: %q", got)
	}
}
