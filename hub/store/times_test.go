package store_test

import (
	"context"
	"log/slog"
	"math"
	"testing"
	"time"

	"github.com/wardscope/wardscope/hub/ingest"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/hub/store/storetest"
	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/subject"
)

// Times of the far future, of long ago and beyond what a database knows reach the real engine, are
// kept, and block nothing that comes behind them.
func TestTimesBeyondTheCalendarAreStored(t *testing.T) {
	s := storetest.Open(t)
	rx, st := stream(t)
	in, err := ingest.New(ingest.DefaultConfig(), ingest.Deps{JetStream: rx.JetStream(), State: st, Store: s, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	codec, err := event.NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range []*model.Batch{oddTimes(), {ID: model.BatchID{Site: "north", Sensor: "n1", Epoch: 1, Sequence: 2}, Sealed: 1, Flows: []model.Flow{{Start: 1, End: 2}}}} {
		data, err := codec.Encode(b)
		if err != nil {
			t.Fatal(err)
		}
		if err := ingest.PutUnread(t.Context(), rx.JetStream(), ingest.Unread{Subject: subject.Events(b.ID.Site, b.ID.Sensor), ID: subject.MessageID(b.ID), Data: data}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- in.Run(ctx) }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for begin, batches := time.Now(), uint64(0); batches < 2; <-tick.C {
		batches = 0
		for _, p := range in.Status() {
			batches += p.Batches
		}
		if time.Since(begin) > time.Minute {
			t.Fatalf("%d of 2 batches after a minute: %+v", batches, in.Status())
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	epochs, err := s.Recount(t.Context(), store.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	if len(epochs) != 1 || epochs[0].Batches != 2 || epochs[0].Rows.Flows != 9 || epochs[0].Rows != epochs[0].Sealed {
		t.Errorf("stored %+v, want two batches with 9 flows", epochs)
	}
}

// oddTimes is a batch whose every event is of a time that no clock shows.
func oddTimes() *model.Batch {
	b := &model.Batch{ID: model.BatchID{Site: "north", Sensor: "n1", Epoch: 1, Sequence: 1}, Sealed: math.MaxInt64, ClockOffset: math.MinInt64}
	for _, at := range []int64{math.MinInt64, math.MinInt64 / 2, -1, 0, 1, 1 << 62, math.MaxInt64 - 1000, math.MaxInt64} {
		b.Flows = append(b.Flows, model.Flow{Start: at, End: at, Protocol: 6})
		b.Observations = append(b.Observations, model.Observation{Subject: model.Subject{MAC: 2}, Kind: model.KindHostname, Value: "ct-03", Source: "dhcp.option12", First: at, Last: at, Count: 1})
		b.Findings = append(b.Findings, model.Finding{Type: model.FindingCleartextProtocol, Rule: "telnet.cleartext", Subject: model.Subject{MAC: 1}, First: at, Last: at, Count: 1})
		b.Losses = append(b.Losses, model.Loss{Place: model.PlaceKernel, Packets: 3, First: at, Last: at})
		b.Stats = append(b.Stats, model.Stats{Minute: at, Packets: 10})
	}
	return b
}
