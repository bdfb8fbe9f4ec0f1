package uplink_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/observe"
	"github.com/wardscope/wardscope/sensor/spool"
	"github.com/wardscope/wardscope/sensor/uplink"
)

func sealed(t *testing.T, sequence uint64, losses ...model.Loss) observe.Sealed {
	t.Helper()
	codec, err := event.NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	b := &model.Batch{
		ID:     model.BatchID{Site: "north", Sensor: "n1", Epoch: 1, Sequence: sequence},
		Sealed: int64(sequence), Losses: losses, Observations: make([]model.Observation, 3),
	}
	data, err := codec.Encode(b)
	if err != nil {
		t.Fatal(err)
	}
	return observe.Sealed{ID: b.ID, Data: data, Events: b.Events()}
}

func memory(t *testing.T, maxBytes int) *uplink.Memory {
	t.Helper()
	m, err := uplink.NewMemory(maxBytes)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func next(t *testing.T, m *uplink.Memory) uint64 {
	t.Helper()
	b, err := m.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return b.ID.Sequence
}

func TestFirstInFirstOut(t *testing.T) {
	m := memory(t, 1<<20)
	for i := range uint64(3) {
		m.Put(sealed(t, i+1))
	}
	for i := range uint64(3) {
		if got := next(t, m); got != i+1 {
			t.Errorf("got %d, want %d", got, i+1)
		}
	}
	if err := m.Ack(model.BatchID{Site: "north", Sensor: "n1", Epoch: 1, Sequence: 2}); err != nil {
		t.Fatal(err)
	}
	if err := m.Ack(model.BatchID{Sequence: 99}); err != nil {
		t.Fatal(err)
	}
	h := m.Held()
	if h.Batches != 2 || h.InFlight != 2 || h.Events != 6 {
		t.Errorf("held: got %+v, want 2 batches in flight with 6 events", h)
	}
	want := spool.Totals{Batches: 3, Events: 9, SentBatches: 1, SentEvents: 3}
	if d := cmp.Diff(want, m.Totals()); d != "" {
		t.Error(d)
	}
}

func TestFullShedsTheOldestThatWasNeverHandedOut(t *testing.T) {
	size := len(sealed(t, 1).Data)
	m := memory(t, 3*size+size/2)
	m.Put(sealed(t, 1))
	if got := next(t, m); got != 1 {
		t.Fatalf("got %d, want 1", got)
	}
	for i := uint64(2); i <= 6; i++ {
		m.Put(sealed(t, i))
	}
	want := []model.Loss{{
		Place: model.PlaceUplink, First: 2, Last: 4, Batches: 3, Events: 9, FirstSequence: 2, LastSequence: 4,
	}}
	if d := cmp.Diff(want, m.Losses(), cmpopts.IgnoreFields(model.Loss{}, "Reason")); d != "" {
		t.Error(d)
	}
	if got := m.Losses(); len(got) != 0 {
		t.Errorf("losses told twice: %v", got)
	}
	if a, b := next(t, m), next(t, m); a != 5 || b != 6 {
		t.Errorf("got %d and %d, want 5 and 6", a, b)
	}
	tot := m.Totals()
	if tot.Events != tot.SentEvents+tot.ShedEvents+uint64(m.Held().Events) {
		t.Errorf("totals do not add up: %+v, held %+v", tot, m.Held())
	}
}

func TestAllHandedOutShedsTheNewest(t *testing.T) {
	m := memory(t, len(sealed(t, 1).Data))
	m.Put(sealed(t, 1))
	next(t, m)
	m.Put(sealed(t, 2))
	if got := m.Losses(); len(got) != 1 || got[0].FirstSequence != 2 {
		t.Errorf("losses: got %+v, want batch 2", got)
	}
}

func TestLossesInShedBatchesAreSaved(t *testing.T) {
	m := memory(t, 1)
	kernel := model.Loss{Place: model.PlaceKernel, Reason: "ring", First: 10, Last: 20, Packets: 5}
	m.Put(sealed(t, 5))
	earlier := m.Losses()
	m.Put(sealed(t, 6, append(earlier, kernel)...))
	kernel.First, kernel.Last = 30, 40
	m.Put(sealed(t, 7, kernel))
	want := []model.Loss{
		{Place: model.PlaceUplink, First: 5, Last: 7, Batches: 3, Events: 9, FirstSequence: 5, LastSequence: 7},
		{Place: model.PlaceKernel, First: 10, Last: 40, Packets: 10},
	}
	if d := cmp.Diff(want, m.Losses(), cmpopts.IgnoreFields(model.Loss{}, "Reason")); d != "" {
		t.Error(d)
	}
}

func TestNextWaitsAndEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := memory(t, 1<<20)
		ctx, cancel := context.WithCancel(t.Context())
		results := make(chan error, 3)
		for range 2 {
			go func() {
				_, err := m.Next(t.Context())
				results <- err
			}()
		}
		go func() {
			_, err := m.Next(ctx)
			results <- err
		}()
		synctest.Wait()
		if len(results) != 0 {
			t.Fatal("did not wait")
		}
		cancel()
		if err := <-results; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want canceled", err)
		}
		m.Put(sealed(t, 1))
		if err := <-results; err != nil {
			t.Errorf("got %v, want a batch", err)
		}
		m.Close()
		if err := <-results; !errors.Is(err, io.EOF) {
			t.Errorf("got %v, want EOF", err)
		}
		if _, err := m.Next(t.Context()); !errors.Is(err, io.EOF) {
			t.Errorf("got %v, want EOF again", err)
		}
	})
}
