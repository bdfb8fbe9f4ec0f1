package state_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/state"
)

// Roll-outs are numbered, found again as they were kept, and changed by one at a time.
func TestRollouts(t *testing.T) {
	s := open(t)
	want := state.Rollout{Version: 3, Reference: "CHG-1", Author: "admin", Made: time.Unix(1_800_000_000, 0).UTC(), Observe: time.Minute, Phase: state.PhaseRunning, Stages: []state.RolloutStage{
		{Name: "pilot", Window: "22:00-05:00", Phase: state.PhaseRunning, Told: true, Sensors: []state.RolloutSensor{{Sensor: "n1", Former: 2, DropShare: 0.01, Restarts: 1}}},
	}}
	allow := func(all []state.Rollout) error {
		if len(all) > 1 {
			return errors.New("enough")
		}
		return nil
	}
	for n := range uint64(2) {
		got, err := s.AddRollout(t.Context(), want, allow)
		if err != nil || got.Number != n+1 {
			t.Fatalf("number %d, %v; want %d", got.Number, err, n+1)
		}
	}
	if _, err := s.AddRollout(t.Context(), want, allow); err == nil || err.Error() != "enough" {
		t.Errorf("a third one: %v", err)
	}
	got, revision, err := s.Rollout(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	want.Number = 2
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	got.Phase = state.PhaseHalted
	if err := s.PutRollout(t.Context(), got, revision); err != nil {
		t.Fatal(err)
	}
	if err := s.PutRollout(t.Context(), want, revision); !errors.Is(err, state.ErrConflict) {
		t.Errorf("two changed it at a time: %v", err)
	}
	all, err := s.Rollouts(t.Context())
	if err != nil || len(all) != 2 || all[0].Number != 1 || all[1].Phase != state.PhaseHalted {
		t.Errorf("list %+v, %v", all, err)
	}
	if _, _, err := s.Rollout(t.Context(), 9); !errors.Is(err, state.ErrNotFound) {
		t.Errorf("none: %v", err)
	}
}
