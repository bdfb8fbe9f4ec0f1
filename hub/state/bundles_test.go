package state_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/state"
)

// A bundle is kept when it was asked for, and then asked for no more; others change nothing.
func TestBundles(t *testing.T) {
	s := open(t)
	b := state.Bundle{Sensor: "n1", Number: 7, Received: time.Unix(1_800_000_000, 0).UTC(), Archive: make([]byte, 192<<10)}
	if err := s.KeepBundle(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Bundle(t.Context(), "n1"); !errors.Is(err, state.ErrNotFound) {
		t.Fatalf("a bundle that nobody asked for is kept: %v", err)
	}
	if err := s.ChangeWish(t.Context(), "n1", func(w *state.Wish) { w.Bundle, w.Pause = 7, true }); err != nil {
		t.Fatal(err)
	}
	for range 2 { // a report may come twice
		if err := s.KeepBundle(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Bundle(t.Context(), "n1")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(b, got); d != "" {
		t.Error(d)
	}
	if w, err := s.Wish(t.Context(), "n1"); err != nil || w.Bundle != 0 || !w.Pause {
		t.Errorf("wish %+v, %v", w, err)
	}
	entries, err := s.Export(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if len(e.Value) > 100<<10 {
			t.Errorf("a backup holds %s of %s", e.Key, e.Bucket)
		}
	}
}
