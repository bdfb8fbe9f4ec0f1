package uplink_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wardscope/wardscope/sensor/observe"
	"github.com/wardscope/wardscope/sensor/spool"
	"github.com/wardscope/wardscope/sensor/uplink"
)

// line carries one batch after the other, each for as long as it takes, also those that nobody
// waits for any more.
type line struct {
	each time.Duration

	mu       sync.Mutex
	free     time.Time
	tries    map[uint64]int
	now, top int
}

func (l *line) try(ctx context.Context, b observe.Sealed) error {
	l.mu.Lock()
	l.tries[b.ID.Sequence]++
	if l.free.Before(time.Now()) {
		l.free = time.Now()
	}
	l.free = l.free.Add(l.each)
	arrives := l.free
	l.now++
	l.top = max(l.top, l.now)
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		l.now--
		l.mu.Unlock()
	}()
	uplink.Sleep(ctx, time.Until(arrives))
	return ctx.Err()
}

func pump(box uplink.Outbox, try func(context.Context, observe.Sealed) error) *uplink.Pump {
	log := slog.New(slog.DiscardHandler)
	return &uplink.Pump{
		Outbox: box, Retry: uplink.DefaultRetry(), Timeout: 10 * time.Second, Standing: uplink.NewStanding("test", log), Log: log,
		Ready: func(ctx context.Context) error { return ctx.Err() }, Try: try,
	}
}

func TestHowManyAreUnderWayFollowsTheLine(t *testing.T) {
	for _, c := range []struct {
		name    string
		each    time.Duration
		batches int
		repeats int // at most
		most    int // under way at the same time, at least and at most
		least   int
		limit   time.Duration
	}{
		{name: "fast", each: time.Millisecond, batches: 500, most: spool.MaxInFlight, least: spool.MaxInFlight, limit: time.Second},
		// 64 at once would each take a minute, and be sent again six times before that.
		{name: "thin: a second a batch", each: time.Second, batches: 300, most: 12, repeats: 5, limit: 330 * time.Second},
		{name: "hardly there: nine seconds a batch", each: 9 * time.Second, batches: 50, most: 8, repeats: 20, limit: 660 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := memory(t, 64<<20)
				for i := range c.batches {
					m.Put(sealed(t, uint64(i+1)))
				}
				m.Close()
				l := &line{each: c.each, tries: map[uint64]int{}}
				p := pump(m, l.try)
				begin := time.Now()
				if err := p.Run(t.Context()); err != nil {
					t.Fatal(err)
				}
				repeats := -c.batches
				for _, n := range l.tries {
					repeats += n
				}
				if took := time.Since(begin); took > c.limit || repeats > c.repeats {
					t.Errorf("took %v with %d repeats, want at most %v and %d", took, repeats, c.limit, c.repeats)
				}
				if l.top > c.most || l.top < c.least {
					t.Errorf("%d under way, want %d to %d", l.top, c.least, c.most)
				}
				if s := p.Standing.Status(); s.Acked != uint64(c.batches) || s.Refused != uint64(repeats) {
					t.Errorf("status %+v after %d repeats", s, repeats)
				}
			})
		})
	}
}

func TestPumpEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := memory(t, 1<<20)
		for i := range uint64(3) {
			m.Put(sealed(t, i+1))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := pump(m, func(context.Context, observe.Sealed) error { return errors.New("full") }).Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if h := m.Held(); h.Batches != 3 {
			t.Errorf("held %+v, want all three", h)
		}
	})
}

func TestRetry(t *testing.T) {
	r := uplink.DefaultRetry()
	for i := range 100 {
		if d := r.Pause(i); d < r.Min/2 || d > r.Max {
			t.Errorf("attempt %d: pause of %v", i, d)
		}
	}
	if (uplink.Retry{Min: 2, Max: 1}).Validate() == nil || r.Validate() != nil {
		t.Error("validation is wrong")
	}
}
