package ingest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/wardscope/wardscope/hub/ingest"
)

// While paused nothing is stored, though batches come; what waits is handed out, each once.
func TestPauseHoldsGroupsAndShowsWhatWaits(t *testing.T) {
	h := newHub(t)
	in, _ := h.run(quick(), h.store)
	h.send(batch("north", "n1", 1, 1, 1))
	h.drained()
	resume, err := in.Pause(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for seq := uint64(2); seq <= 5; seq++ {
		h.send(batch("north", "n1", 1, seq, 1))
		h.send(batch("south", "s1", 1, seq, 1))
	}
	got := map[string]int{}
	if err := ingest.EachUnread(t.Context(), h.js, h.state, func(u ingest.Unread) error {
		got[u.ID]++
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, id := range append(ids("n1", 1, 2, 5), ids("s1", 1, 2, 5)...) {
		if got[id] != 1 {
			t.Errorf("batch %s waits %d times, want 1", id, got[id])
		}
	}
	if len(got) != 8 {
		t.Errorf("got %d waiting batches, want 8: %v", len(got), got)
	}
	h.once(ids("n1", 1, 1, 1)...)
	resume()
	h.drained()
	h.once(append(ids("n1", 1, 1, 5), ids("s1", 1, 2, 5)...)...)
}

// A store that refuses a group keeps it under way: there is no moment to pause at, and the fault says why.
func TestPauseGivesUpWhenTheStoreRefuses(t *testing.T) {
	h := newHub(t)
	refuse := make(chan struct{})
	h.store.fail = func(int) (before, after error) {
		select {
		case <-refuse:
			return nil, nil
		default:
			return errInjected, nil
		}
	}
	in, _ := h.run(quick(), h.store)
	h.send(batch("north", "n1", 1, 1, 1))
	h.until("the store refuses", func() bool {
		for _, s := range in.Status() {
			if s.Refused != "" {
				return true
			}
		}
		return false
	})
	soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := in.Pause(soon)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), errInjected.Error()) {
		t.Errorf("got %v", err)
	}
	if err := ingest.EachUnread(t.Context(), h.js, h.state, func(ingest.Unread) error { return nil }); err == nil || !strings.Contains(err.Error(), "half stored") {
		t.Errorf("with a group under way: got %v", err)
	}
	close(refuse)
	h.drained()
	h.once(ids("n1", 1, 1, 1)...)
}
