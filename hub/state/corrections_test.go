package state_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/state"
)

func TestCorrections(t *testing.T) {
	s := open(t)
	ctx, stop := context.WithCancel(t.Context())
	var mu sync.Mutex
	var last []state.Correction
	enough := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- s.WatchCorrections(ctx, func(all []state.Correction) {
			mu.Lock()
			defer mu.Unlock()
			if last = all; len(all) == 8 {
				close(enough)
			}
		})
	}()
	one := state.Correction{At: time.Unix(1, 0).UTC(), Who: "admin", Why: "label read at the bedside", Kind: state.CorrectionSet, Device: "d-1",
		Subject: state.Anchor{Realm: "wan", MAC: 0x0003b1000001}, Attribute: "model", Value: "Plum 360"}
	var group sync.WaitGroup
	for range 8 { // two hubs, or two people, at once
		group.Go(func() {
			if _, err := s.AddCorrection(t.Context(), one); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	all, err := s.Corrections(t.Context())
	if err != nil || len(all) != 8 {
		t.Fatalf("got %d, %v", len(all), err)
	}
	for i, c := range all {
		want := one
		want.ID = uint64(i + 1)
		if diff := cmp.Diff(want, c); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	select {
	case <-enough:
	case <-time.After(30 * time.Second):
		t.Error("the watch did not tell all")
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if diff := cmp.Diff(all, last); diff != "" {
		t.Errorf("watched (-want +got):\n%s", diff)
	}
}

func TestCorrectionsAreChecked(t *testing.T) {
	s := open(t)
	for _, c := range []state.Correction{
		{}, {Who: "admin", Kind: "other"}, {Who: "admin", Kind: state.CorrectionSet}, {Who: "admin", Kind: state.CorrectionJoin}, {Who: "admin", Kind: state.CorrectionUndo},
	} {
		if _, err := s.AddCorrection(t.Context(), c); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
}
