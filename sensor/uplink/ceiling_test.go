package uplink_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wardscope/wardscope/sensor/uplink"
)

func clock(t *testing.T, text string) (c uplink.Clock) {
	t.Helper()
	if err := c.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestClock(t *testing.T) {
	for _, good := range []string{"00:00", "07:05", "23:59", "24:00"} {
		if back, err := clock(t, good).MarshalText(); err != nil || string(back) != good {
			t.Errorf("%s: written as %s, %v", good, back, err)
		}
	}
	for _, bad := range []string{"", "7:00", "24:01", "12:60", "noon", "-1:00", "07:00:00"} {
		var c uplink.Clock
		if c.UnmarshalText([]byte(bad)) == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

// The clock of the bubble begins at midnight UTC, 1 January 2000.
func TestCeilingByTimeOfDay(t *testing.T) {
	local := time.Local
	time.Local = time.UTC
	t.Cleanup(func() { time.Local = local })
	day, night := clock(t, "07:00"), clock(t, "19:00")
	for _, c := range []struct {
		name    string
		windows []uplink.Window
		start   time.Duration // after midnight
		send    int
		want    time.Duration
	}{
		{name: "none", send: 100 << 20},
		{name: "outside", windows: []uplink.Window{{From: day, To: night, Max: 1000}}, send: 100 << 20},
		{name: "inside", windows: []uplink.Window{{From: day, To: night, Max: 1000}}, start: 12 * time.Hour, send: 10_000, want: 9 * time.Second},
		{name: "over midnight", windows: []uplink.Window{{From: night, To: day, Max: 1000}}, start: 3 * time.Hour, send: 10_000, want: 9 * time.Second},
		{name: "lowest of two", windows: []uplink.Window{{Max: 500}, {From: day, To: night, Max: 1000}}, start: 12 * time.Hour, send: 10_000, want: 18 * time.Second},
		{name: "the window ends", windows: []uplink.Window{{From: day, To: night, Max: 1000}}, start: 19*time.Hour - 3*time.Second, send: 100_000, want: 3 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				timer := time.NewTimer(c.start)
				<-timer.C
				ceiling := uplink.NewCeiling(c.windows)
				begin := time.Now()
				for range c.send / 1000 {
					if err := ceiling.Ready(t.Context()); err != nil {
						t.Fatal(err)
					}
					if err := ceiling.Take(t.Context(), 1000); err != nil {
						t.Fatal(err)
					}
				}
				if got := time.Since(begin); got != c.want {
					t.Errorf("took %v, want %v", got, c.want)
				}
			})
		})
	}
}

// Many senders at once share one ceiling, and end with their context.
func TestCeilingIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ceiling := uplink.NewCeiling([]uplink.Window{{Max: 1 << 20}})
		begin := time.Now()
		done := make(chan error, 64)
		for range 64 {
			go func() { done <- ceiling.Take(t.Context(), 1<<20) }()
		}
		for range 64 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if got := time.Since(begin); got != 63*time.Second {
			t.Errorf("64 MiB at 1 MiB/s took %v", got)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := ceiling.Ready(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if err := ceiling.Take(ctx, 1); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
	var none *uplink.Ceiling
	if err := errors.Join(none.Ready(t.Context()), none.Take(t.Context(), 1<<30)); err != nil {
		t.Error(err)
	}
}
