package store_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/wardscope/wardscope/hub/ingest"
	"github.com/wardscope/wardscope/hub/receive"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/hub/store/storetest"
	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/internal/subject"
)

// TestIngestRate measures how many rows a second come from the stream into durable tables and
// views, through the journal, against how fast the engine alone inserts the same rows from a table
// into the same tables and views, in the same run.
func TestIngestRate(t *testing.T) {
	if testing.Short() {
		t.Skip("measures time: -short leaves it out")
	}
	s := storetest.Open(t)
	sensors, batches := 16, 4
	long := os.Getenv("WARDSCOPE_RATE") != ""
	if long {
		batches = 40
	}
	const perBatch = 2000
	rx, st := stream(t)
	rows := fill(t, rx, sensors, batches, perBatch)

	cfg := ingest.DefaultConfig()
	in, err := ingest.New(cfg, ingest.Deps{JetStream: rx.JetStream(), State: st, Store: s, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	begin, worked := time.Now(), cpu(t)
	go func() { done <- in.Run(ctx) }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	stored := func() (n int) {
		for _, p := range in.Status() {
			n += int(p.Rows)
		}
		return n
	}
	for stored() < rows {
		<-tick.C
		if time.Since(begin) > 5*time.Minute {
			t.Fatalf("%d of %d rows after five minutes", stored(), rows)
		}
	}
	took := time.Since(begin)
	worked = cpu(t) - worked
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}

	// The engine alone: the same rows, in blocks as large as ingest's groups.
	for _, sql := range []string{"CREATE TABLE copied ENGINE = Memory AS SELECT * FROM flows LIMIT 0", "INSERT INTO copied SELECT * REPLACE('raw' AS site) FROM flows"} {
		if err := store.Exec(t.Context(), s, sql); err != nil {
			t.Fatal(err)
		}
	}
	group := min(batches*perBatch, 40_000) // rows of one group: a MiB on the wire
	equal := fmt.Sprintf(" SETTINGS max_insert_threads=1, max_block_size=%d, min_insert_block_size_rows=%d, min_insert_block_size_bytes=0", group, group)
	alone := func(settings string) (took, work time.Duration) {
		var all, works []time.Duration
		for range 3 { // the middle one: other programs disturb all of this
			begin, c := time.Now(), cpu(t)
			if err := store.Exec(t.Context(), s, "INSERT INTO flows SELECT * FROM copied"+settings); err != nil {
				t.Fatal(err)
			}
			all, works = append(all, time.Since(begin)), append(works, cpu(t)-c)
		}
		slices.Sort(all)
		slices.Sort(works)
		t.Logf("the engine alone%s: %v, processor time %v", settings, all[1].Round(time.Millisecond), works[1].Round(time.Millisecond))
		return all[1], works[1]
	}
	if long {
		alone("") // how much larger blocks would save
	}
	raw, rawWork := alone(equal)
	rate := func(d time.Duration) float64 { return float64(rows) / d.Seconds() }
	ratio, work := raw.Seconds()/took.Seconds(), rawWork.Seconds()/worked.Seconds()
	t.Logf("%d rows: stream to queryable %.0f rows/s, the engine alone in blocks of that size %.0f rows/s, ratio %.2f; processor time %v, ratio %.2f",
		rows, rate(took), rate(raw), ratio, worked.Round(time.Millisecond), work)
	if long && ratio < 0.7 {
		t.Errorf("ratio %.2f, want at least 0.70", ratio)
	}
	// In short, other tests take turns on the processors: what is held is the work.
	if !long && work < 0.4 {
		t.Errorf("ratio of processor time %.2f, want at least 0.40", work)
	}
}

// stream is an embedded server with its control state.
func stream(t *testing.T) (*receive.Receiver, *state.State) {
	t.Helper()
	authority, err := mtls.NewAuthority("test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	cfg := receive.DefaultConfig()
	cfg.Dir, cfg.Listen = filepath.Join(t.TempDir(), "stream"), "127.0.0.1:0"
	rx, err := receive.New(cfg, receive.Deps{Authority: authority, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if err := rx.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(rx.Close)
	st, err := state.Open(t.Context(), rx.JetStream(), state.Config{Replicas: 1})
	if err != nil {
		t.Fatal(err)
	}
	return rx, st
}

// fill puts batches of flows of many sensors into the stream, and returns how many flows.
func fill(t *testing.T, rx *receive.Receiver, sensors, batches, each int) int {
	t.Helper()
	var group errgroup.Group
	for i := range sensors {
		group.Go(func() error {
			codec, err := event.NewCodec()
			if err != nil {
				return err
			}
			for n := range batches {
				b := &model.Batch{ID: model.BatchID{Site: "north", Sensor: model.SensorID(fmt.Sprint("s", i)), Epoch: 1, Sequence: uint64(n + 1)}, Sealed: 1}
				for _, f := range flows("north", uint64(i*batches+n+1), each, day, captured, time.Hour) {
					b.Flows = append(b.Flows, f.Flow)
				}
				data, err := codec.Encode(b)
				if err != nil {
					return err
				}
				unread := ingest.Unread{Subject: subject.Events(b.ID.Site, b.ID.Sensor), ID: subject.MessageID(b.ID), Data: data}
				if err := ingest.PutUnread(t.Context(), rx.JetStream(), unread); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	return sensors * batches * each
}
