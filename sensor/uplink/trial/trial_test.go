package trial_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/observe"
	"github.com/wardscope/wardscope/sensor/uplink"
	"github.com/wardscope/wardscope/sensor/uplink/trial"
)

// hub counts what arrives, whatever the way.
type hub struct {
	mu     sync.Mutex
	stored map[uint64]int
	by     map[string]int
}

// way is a link that works while it is told to, takes batches of an outbox one by one, and may
// lose the last answer when it breaks.
type way struct {
	name  string
	works *atomic.Bool
	hub   *hub
	box   uplink.Outbox
	acked atomic.Uint64
	err   error // of Run, at once
	after int   // stops working after so many batches; 0: never
}

func (w *way) Run(ctx context.Context) error {
	if w.err != nil {
		return w.err
	}
	for {
		for !w.works.Load() {
			uplink.Sleep(ctx, 100*time.Millisecond)
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		b, err := w.box.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		w.hub.mu.Lock()
		w.hub.stored[b.ID.Sequence]++
		w.hub.by[w.name]++
		n := w.hub.by[w.name]
		w.hub.mu.Unlock()
		if w.after > 0 && n >= w.after { // stored, and the answer is lost
			w.works.Store(false)
			continue
		}
		if err := w.box.Ack(b.ID); err != nil {
			return err
		}
		w.acked.Add(1)
	}
}

func (w *way) Ask(context.Context, []byte) ([]byte, error) { return []byte(w.name), nil }

func (w *way) Status() uplink.Status {
	return uplink.Status{Connected: w.works.Load(), Over: w.name, Acked: w.acked.Load(), Fault: "of " + w.name}
}

func outbox(t *testing.T, n int) *uplink.Memory {
	t.Helper()
	m, err := uplink.NewMemory(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		m.Put(observe.Sealed{ID: model.BatchID{Site: "north", Sensor: "n1", Epoch: 1, Sequence: uint64(i + 1)}, Data: []byte("x"), Events: 1})
	}
	m.Close()
	return m
}

// scene is ways by name; "+" before one says that it works.
func scene(h *hub, after map[string]int, names ...string) (ways []trial.Way, works map[string]*atomic.Bool) {
	works = map[string]*atomic.Bool{}
	for _, text := range names {
		name := strings.TrimPrefix(text, "+")
		on := &atomic.Bool{}
		on.Store(name != text)
		works[name] = on
		ways = append(ways, trial.Way{Name: name, New: func(box uplink.Outbox) (uplink.Link, error) {
			return &way{name: name, works: on, hub: h, box: box, after: after[name]}, nil
		}})
	}
	return ways, works
}

func run(t *testing.T, cfg trial.Config, ways []trial.Way, box uplink.Outbox) *trial.Link {
	t.Helper()
	l, err := trial.New(cfg, trial.Deps{Ways: ways, Outbox: box, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestFirstWayThatWorksIsTakenAndRemembered(t *testing.T) {
	file := filepath.Join(t.TempDir(), "transport")
	for _, c := range []struct {
		name string
		ways []string
		want string
		took time.Duration // at most
	}{
		{name: "the most wished", ways: []string{"+nats", "+websocket", "+grpc"}, want: "nats", took: time.Second},
		{name: "the last", ways: []string{"nats", "websocket", "+grpc"}, want: "grpc", took: 32 * time.Second},
		{name: "remembered", ways: []string{"+nats", "websocket", "+grpc"}, want: "grpc", took: time.Second},
		{name: "remembered, and gone", ways: []string{"+nats", "websocket", "grpc"}, want: "nats", took: 16 * time.Second},
		{name: "the only one", ways: []string{"+websocket"}, want: "websocket", took: time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := &hub{stored: map[uint64]int{}, by: map[string]int{}}
				cfg := trial.DefaultConfig()
				cfg.File = file
				ways, _ := scene(h, nil, c.ways...)
				// The last batch comes late, so that a link is looked at while it works.
				box := &late{Memory: outbox(t, 20), wait: 300 * time.Millisecond}
				begin := time.Now()
				l := run(t, cfg, ways, box)
				if took := time.Since(begin); took > c.took {
					t.Errorf("took %v", took)
				}
				if h.by[c.want] != 20 || l.Status().Over != c.want || l.Status().Acked != 20 {
					t.Errorf("arrived %v, status %+v", h.by, l.Status())
				}
				if raw, err := l.Ask(t.Context(), nil); err != nil || string(raw) != c.want {
					t.Errorf("asked %s, %v", raw, err)
				}
			})
		})
	}
	if raw, err := os.ReadFile(file); err != nil || strings.TrimSpace(string(raw)) != "nats" {
		t.Errorf("remembered %q, %v", raw, err)
	}
}

// late waits before each batch.
type late struct {
	*uplink.Memory
	wait time.Duration
}

func (l *late) Next(ctx context.Context) (observe.Sealed, error) {
	uplink.Sleep(ctx, l.wait/20)
	b, err := l.Memory.Next(ctx)
	if errors.Is(err, io.EOF) {
		uplink.Sleep(ctx, l.wait)
	}
	return b, err
}

// A way breaks while batches are under way, their answers lost: the next way gets them again, and
// nothing is left out.
func TestWhatIsUnderWayGoesTheNextWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hub{stored: map[uint64]int{}, by: map[string]int{}}
		ways, _ := scene(h, map[string]int{"nats": 7}, "+nats", "+grpc")
		box := outbox(t, 50)
		l := run(t, trial.DefaultConfig(), ways, box)
		for i := range uint64(50) {
			if h.stored[i+1] == 0 {
				t.Errorf("batch %d never arrived", i+1)
			}
		}
		if h.by["nats"] != 7 || h.by["grpc"] != 44 {
			t.Errorf("arrived %v, want 7 and 44: batch 7 twice", h.by)
		}
		if held := box.Held(); held.Batches != 0 {
			t.Errorf("held %+v", held)
		}
		if s := l.Status(); s.Acked != 50 || s.Over != "grpc" {
			t.Errorf("status %+v", s)
		}
	})
}

func TestWithoutAnyWayItGoesOnTrying(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hub{stored: map[uint64]int{}, by: map[string]int{}}
		ways, works := scene(h, nil, "nats", "websocket", "grpc")
		time.AfterFunc(10*time.Minute, func() { works["websocket"].Store(true) })
		l, err := trial.New(trial.DefaultConfig(), trial.Deps{Ways: ways, Outbox: outbox(t, 3), Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Ask(t.Context(), nil); !errors.Is(err, uplink.ErrAway) {
			t.Errorf("asked before it runs: %v", err)
		}
		begin := time.Now()
		if err := l.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took > 11*time.Minute || h.by["websocket"] != 3 {
			t.Errorf("took %v, arrived %v", took, h.by)
		}
	})
}

func TestEndsWithTheContextOrWhenNothingCanBegin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hub{stored: map[uint64]int{}, by: map[string]int{}}
		ways, _ := scene(h, nil, "nats", "grpc")
		l, err := trial.New(trial.DefaultConfig(), trial.Deps{Ways: ways, Outbox: outbox(t, 3), Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if err := l.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		broken := errors.New("no certificate")
		for i := range ways {
			ways[i].New = func(uplink.Outbox) (uplink.Link, error) { return &way{err: broken, works: &atomic.Bool{}}, nil }
		}
		if l, err = trial.New(trial.DefaultConfig(), trial.Deps{Ways: ways, Outbox: outbox(t, 3), Log: slog.New(slog.DiscardHandler)}); err != nil {
			t.Fatal(err)
		}
		if err := l.Run(t.Context()); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	})
	if _, err := trial.New(trial.Config{}, trial.Deps{}); err == nil || !strings.Contains(err.Error(), "no way") {
		t.Errorf("got %v", err)
	}
}
