package state_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
)

// rolling runs a roll, and a reader of withdrawals, until the test ends.
func rolling(t *testing.T, st *state.State) (*state.Roll, <-chan model.SensorID) {
	t.Helper()
	roll, lost := st.Roll(), make(chan model.SensorID, 64)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 2)
	go func() { done <- roll.Run(ctx) }()
	go func() { done <- roll.Withdrawn(ctx, func(id model.SensorID) { lost <- id }) }()
	t.Cleanup(func() {
		cancel()
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
	return roll, lost
}

func TestRollTellsWhoLostAdmission(t *testing.T) {
	st := open(t)
	at := time.Now()
	id := func(name string) mtls.Identity { return mtls.Identity{Site: "north", Sensor: model.SensorID(name)} }
	register := func(name, serial string) {
		t.Helper()
		if err := st.RegisterSensor(t.Context(), id(name), state.Certificate{Serial: serial, Issued: at, Expires: at.Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
	deny := func(name string) {
		t.Helper()
		if err := st.Deny(t.Context(), state.Denial{Sensor: model.SensorID(name), Since: at, Reason: "stolen"}); err != nil {
			t.Fatal(err)
		}
	}
	register("n0", "a0")
	deny("n0")
	for _, name := range []string{"n1", "n2", "n3"} {
		register(name, "a-"+name)
	}
	roll, lost := rolling(t, st)
	soon, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := roll.AwaitDenial(soon, "n0"); err != nil {
		t.Fatal(err)
	}
	if err := roll.Admit(t.Context(), id("n1"), "a-n1"); err != nil {
		t.Errorf("a good one: %v", err)
	}
	register("n4", "a-n4") // the watch need not have it yet
	if err := roll.Admit(t.Context(), id("n4"), "a-n4"); err != nil {
		t.Errorf("one that was added this moment: %v", err)
	}
	register("n2", "b-n2") // a renewal takes nothing away
	if err := st.RegisterSensor(t.Context(), id("n5"), state.Certificate{Serial: "a-n5", Issued: at.Add(-time.Hour), Expires: at.Add(-time.Minute)}); err != nil {
		t.Fatal(err)
	}
	register("n5", "b-n5") // forgets the one that ended, which takes nothing away either
	deny("n1")
	if err := roll.AwaitDenial(soon, "n1"); err != nil {
		t.Fatal(err)
	}
	if err := roll.Admit(t.Context(), id("n1"), "a-n1"); !errors.Is(err, state.ErrNotAdmitted) || !strings.Contains(err.Error(), "revoked") {
		t.Errorf("denied: got %v", err)
	}
	if err := st.ReplaceSensor(t.Context(), id("n3"), state.Certificate{Serial: "c-n3", Issued: at, Expires: at.Add(time.Hour)}, at); err != nil {
		t.Fatal(err)
	}
	var got []model.SensorID
	for len(got) < 3 {
		select {
		case x := <-lost:
			got = append(got, x)
		case <-soon.Done():
			t.Fatalf("told of %v only", got)
		}
	}
	if d := cmp.Diff([]model.SensorID{"n0", "n1", "n3"}, got); d != "" {
		t.Error(d)
	}
	if err := roll.Admit(t.Context(), id("n3"), "a-n3"); !errors.Is(err, state.ErrNotAdmitted) {
		t.Errorf("a replaced certificate: got %v", err)
	}
	gone, stop := context.WithCancel(t.Context())
	stop()
	if err := roll.AwaitDenial(gone, "n9"); !errors.Is(err, context.Canceled) {
		t.Errorf("waited for what does not come: %v", err)
	}
}

// A roll that does not run asks the bucket.
func TestRollWithoutWatch(t *testing.T) {
	st := open(t)
	id := mtls.Identity{Site: "north", Sensor: "n1"}
	roll := st.Roll()
	if err := roll.Admit(t.Context(), id, "a"); !errors.Is(err, state.ErrNotAdmitted) {
		t.Errorf("unknown: got %v", err)
	}
	if err := st.RegisterSensor(t.Context(), id, state.Certificate{Serial: "a"}); err != nil {
		t.Fatal(err)
	}
	if err := roll.Admit(t.Context(), id, "a"); err != nil {
		t.Error(err)
	}
}
