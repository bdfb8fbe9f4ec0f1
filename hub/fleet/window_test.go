package fleet_test

import (
	"testing"
	"time"

	"github.com/wardscope/wardscope/hub/fleet"
)

func TestWindows(t *testing.T) {
	for _, c := range []struct {
		window, at string
		open       bool
		next       string // "" when open
	}{
		{"", "2026-11-30T12:00:00Z", true, ""},
		{"22:00-05:00", "2026-11-30T21:59:59Z", false, "2026-11-30T22:00:00Z"},
		{"22:00-05:00", "2026-11-30T22:00:00Z", true, ""},
		{"22:00-05:00", "2026-12-01T04:59:59Z", true, ""},
		{"22:00-05:00", "2026-12-01T05:00:00Z", false, "2026-12-01T22:00:00Z"},
		{"09:00-10:30", "2026-12-01T10:29:00Z", true, ""},
		{"09:00-10:30", "2026-12-01T10:30:00Z", false, "2026-12-02T09:00:00Z"},
		{"sat,sun 20:00-06:00", "2026-11-30T05:59:00Z", true, ""}, // Monday morning belongs to Sunday's
		{"sat,sun 20:00-06:00", "2026-12-05T05:59:00Z", false, "2026-12-05T20:00:00Z"},
		{"fri-mon 20:00-06:00", "2026-12-01T05:59:00Z", true, ""},
		{"fri-mon 20:00-06:00", "2026-12-01T20:00:00Z", false, "2026-12-04T20:00:00Z"},
		{"Mon-Fri 22:00-05:00 Europe/Berlin", "2026-11-30T21:00:00Z", true, ""},                     // 22:00 there
		{"02:30-03:00 Europe/Berlin", "2026-03-29T00:59:00Z", false, "2026-03-30T00:30:00Z"},        // that half hour does not exist on that day
		{"sun 10:00-11:00 America/New_York", "2026-11-30T12:00:00Z", false, "2026-12-06T15:00:00Z"}, // nearly a week
	} {
		w, err := fleet.ParseWindow(c.window)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		next := c.next
		if c.open {
			next = c.at
		}
		if got := w.Next(at).UTC().Format(time.RFC3339); w.Open(at) != c.open || got != next {
			t.Errorf("%q at %s: open %t, next %s; want %t, %s", c.window, c.at, w.Open(at), got, c.open, next)
		}
	}
	for _, bad := range []string{"night", "22-05", "22:00", "25:00-26:00", "22:00-22:00", "sam 22:00-05:00", "mon-fri", "22:00-05:00 Nowhere/City", "22:00-05:00 UTC x"} {
		if _, err := fleet.ParseWindow(bad); err == nil {
			t.Errorf("%q: got no error", bad)
		}
	}
}
