package pipeline_test

import (
	"context"
	"log/slog"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/observe"
	"github.com/wardscope/wardscope/sensor/spool"
	"github.com/wardscope/wardscope/sensor/uplink"
)

// A busy site: 200,000 new flows a minute, sealed every five seconds, behind a line of 50 Mbit/s.
const (
	busyEvery = 5 * time.Second
	busyFlows = 200_000 / 12
	busyLine  = 50_000_000 / 8 // bytes a second
	roundTrip = 30 * time.Millisecond
)

// wan is a line of a rate: one batch after the other, and the answer half a round trip later.
type wan struct {
	mu   sync.Mutex
	free time.Time
}

func (w *wan) try(ctx context.Context, b observe.Sealed) error {
	w.mu.Lock()
	now := time.Now()
	if w.free.Before(now) {
		w.free = now
	}
	w.free = w.free.Add(time.Duration(float64(len(b.Data)) / busyLine * float64(time.Second)))
	arrives := w.free.Add(roundTrip)
	w.mu.Unlock()
	uplink.Sleep(ctx, time.Until(arrives))
	return ctx.Err()
}

// timed remembers when batches were put, and tells for how long those of the time after the outage
// were on their way.
type timed struct {
	*spool.Queue
	mu     sync.Mutex
	put    map[uint64]time.Time // fresh ones only
	delays []time.Duration
}

func (q *timed) Ack(id model.BatchID) error {
	q.mu.Lock()
	if at, ok := q.put[id.Sequence]; ok {
		q.delays = append(q.delays, time.Since(at))
		delete(q.put, id.Sequence)
	}
	q.mu.Unlock()
	return q.Queue.Ack(id)
}

// TestOutage takes the line away from a busy site for 24 hours, at a fraction of that, and measures
// on the real spool and uplink, by a clock of its own: what a flow takes on disk, how long the
// backlog takes to drain, and how late fresh data is meanwhile.
func TestOutage(t *testing.T) {
	scale := 400
	if os.Getenv("WARDSCOPE_OUTAGE") != "" {
		scale = 20
	}
	codec, err := event.NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	flows := mixFlows(t, 900_000)
	if len(flows) < busyFlows {
		t.Fatalf("%d flows, want %d", len(flows), busyFlows)
	}
	data, err := codec.Encode(&model.Batch{ID: model.BatchID{Site: "north", Sensor: "n1", Epoch: 1, Sequence: 1}, Sealed: 1, Flows: flows[:busyFlows]})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		cfg := spool.DefaultConfig()
		cfg.Dir, cfg.Site, cfg.Sensor, cfg.MaxBytes = t.TempDir(), "north", "n1", 16<<30
		log := slog.New(slog.DiscardHandler)
		q, err := spool.Open(cfg, spool.Deps{Log: log})
		if err != nil {
			t.Fatal(err)
		}
		box := &timed{Queue: q, put: map[uint64]time.Time{}}
		sequence := uint64(0)
		put := func(fresh bool) {
			uplink.Sleep(t.Context(), busyEvery)
			sequence++
			if fresh {
				box.mu.Lock()
				box.put[sequence] = time.Now()
				box.mu.Unlock()
			}
			q.Put(observe.Sealed{ID: model.BatchID{Site: "north", Sensor: "n1", Epoch: q.Epoch(), Sequence: sequence}, Data: data, Events: busyFlows})
		}
		const day = 24 * time.Hour
		outage := int(day/busyEvery) / scale
		for range outage {
			put(false)
		}
		held := q.Held()
		perFlow := float64(held.Bytes) / float64(outage*busyFlows)

		pump := &uplink.Pump{
			Outbox: box, Retry: uplink.DefaultRetry(), Timeout: 30 * time.Second, Standing: uplink.NewStanding("test", log), Log: log,
			Ready: func(ctx context.Context) error { return ctx.Err() }, Try: (&wan{}).try,
		}
		begin, done := time.Now(), make(chan error, 1)
		go func() { done <- pump.Run(t.Context()) }()
		for q.Held().Batches > 2 {
			put(true)
			if time.Since(begin) > day {
				t.Fatalf("not drained: %+v", q.Held())
			}
		}
		drain := time.Since(begin)
		q.Close()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		totals := q.Totals()
		if err := q.Shut(); err != nil {
			t.Fatal(err)
		}
		if totals.ShedBatches != 0 || totals.SentBatches != totals.Batches {
			t.Errorf("totals %+v", totals)
		}
		if perFlow > 40 {
			t.Errorf("%.1f bytes a flow in the spool, want at most 40", perFlow)
		}
		slices.Sort(box.delays)
		middle, latest := box.delays[len(box.delays)/2], box.delays[len(box.delays)-1]
		t.Logf("outage of 24 h / %d = %v: %d batches, %d flows, %.1f MiB in the spool, %.1f bytes a flow", scale, day/time.Duration(scale), outage, outage*busyFlows, float64(held.Bytes)/(1<<20), perFlow)
		t.Logf("drained in %v over 50 Mbit/s while fresh data comes; fresh data late by %v (median) to %v", drain.Round(time.Second), middle.Round(time.Millisecond), latest.Round(time.Millisecond))
		t.Logf("24 h, by %d times that: %.1f GiB in the spool, drained in %v", scale, float64(held.Bytes)*float64(scale)/(1<<30), (drain * time.Duration(scale)).Round(time.Minute))
		if latest > 10*time.Second {
			t.Errorf("fresh data is late by %v, want at most 10s", latest)
		}
	})
}
