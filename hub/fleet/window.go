package fleet

import (
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a container may have no time zones
)

// Window is when a change may begin: on some days of the week, from a time of day to another,
// which may be on the next day. The zero Window is open at any time.
type Window struct {
	days     [7]bool // on which it begins, from Sunday
	from, to int     // minutes of the day
	zone     *time.Location
}

var dayNames = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// windowForm is what ParseWindow understands, for people.
const windowForm = `use "22:00-05:00", "sat,sun 20:00-06:00" or "mon-fri 22:00-05:00 Europe/Berlin"; UTC when no zone is named`

// ParseWindow reads a window as people write it; "" is any time.
func ParseWindow(text string) (Window, error) {
	var w Window
	fields := strings.Fields(text)
	if len(fields) == 0 {
		return w, nil
	}
	wrong := func(part string) (Window, error) {
		return Window{}, fmt.Errorf("%q in window %q is not understood: %s", part, text, windowForm)
	}
	w.days, w.zone = [7]bool{true, true, true, true, true, true, true}, time.UTC
	if !strings.Contains(fields[0], ":") {
		days, ok := parseDays(strings.ToLower(fields[0]))
		if !ok {
			return wrong(fields[0])
		}
		w.days, fields = days, fields[1:]
	}
	if len(fields) == 0 || len(fields) > 2 {
		return wrong(strings.Join(fields, " "))
	}
	from, to, ok := strings.Cut(fields[0], "-")
	if !ok {
		return wrong(fields[0])
	}
	for into, part := range map[*int]string{&w.from: from, &w.to: to} {
		at, err := time.Parse("15:04", part)
		if err != nil {
			return wrong(fields[0])
		}
		*into = at.Hour()*60 + at.Minute()
	}
	if w.from == w.to {
		return wrong(fields[0])
	}
	if len(fields) == 2 {
		zone, err := time.LoadLocation(fields[1])
		if err != nil {
			return wrong(fields[1])
		}
		w.zone = zone
	}
	return w, nil
}

// parseDays reads "sat,sun" and "mon-fri".
func parseDays(text string) (days [7]bool, ok bool) {
	for part := range strings.SplitSeq(text, ",") {
		first, last, ranged := strings.Cut(part, "-")
		if !ranged {
			last = first
		}
		i, end := slices.Index(dayNames, first), slices.Index(dayNames, last)
		if i < 0 || end < 0 {
			return days, false
		}
		for ; ; i = (i + 1) % 7 {
			days[i] = true
			if i == end {
				break
			}
		}
	}
	return days, true
}

// Open says whether a change may begin.
func (w Window) Open(at time.Time) bool {
	if w.zone == nil {
		return true
	}
	at = at.In(w.zone)
	minute, day := at.Hour()*60+at.Minute(), int(at.Weekday())
	if w.from < w.to {
		return w.days[day] && minute >= w.from && minute < w.to
	}
	return w.days[day] && minute >= w.from || w.days[(day+6)%7] && minute < w.to
}

// Next is when it opens the next time, to the minute; at itself when it is open.
func (w Window) Next(at time.Time) time.Time {
	if w.Open(at) {
		return at
	}
	// Eight days hold every window; minutes are few enough to look at each, and right when clocks change.
	next := at.Truncate(time.Minute)
	for range 8 * 24 * 60 {
		if next = next.Add(time.Minute); w.Open(next) {
			return next
		}
	}
	return next
}
