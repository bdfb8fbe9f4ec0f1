package uplink

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Clock is a time of day, written "07:00"; "24:00" is the end of the day.
type Clock time.Duration

// UnmarshalText reads "07:00".
func (c *Clock) UnmarshalText(text []byte) error {
	var hour, minute int
	n, err := fmt.Sscanf(string(text), "%2d:%2d", &hour, &minute)
	if err != nil || n != 2 || len(text) != 5 || hour < 0 || minute < 0 || minute > 59 || hour*60+minute > 24*60 {
		return errors.New("a time of day such as 07:00")
	}
	*c = Clock(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (c Clock) MarshalText() ([]byte, error) {
	minutes := int(time.Duration(c) / time.Minute)
	return fmt.Appendf(nil, "%02d:%02d", minutes/60, minutes%60), nil
}

// Window is a part of each day, by the sensor's local time, and the most bytes of batches that may
// be sent in a second of it, repeats included. From after To runs over midnight; equal is all day.
type Window struct {
	From, To Clock
	Max      int64
}

func (w Window) holds(at Clock) bool {
	if w.From < w.To {
		return w.From <= at && at < w.To
	}
	return w.From == w.To || at >= w.From || at < w.To
}

// Ceiling holds what is sent under the rate of the day's windows; outside of them there is none.
// A batch goes out in one piece, so the rate is held as the mean over the time that the last one
// was worth. A nil Ceiling lets everything pass. Its methods may be called by any goroutine.
type Ceiling struct {
	windows []Window
	mu      sync.Mutex
	free    time.Time // when all that was sent has been paid for
}

// NewCeiling makes one; where windows overlap, the lowest holds.
func NewCeiling(windows []Window) *Ceiling { return &Ceiling{windows: windows} }

// Ready waits until something may be sent, so that the choice of what can be made late.
func (c *Ceiling) Ready(ctx context.Context) error {
	if c == nil {
		return ctx.Err()
	}
	c.mu.Lock()
	until := c.free
	c.mu.Unlock()
	return pause(ctx, until)
}

// Take waits for the turn of n bytes and counts them as sent.
func (c *Ceiling) Take(ctx context.Context, n int) error {
	if c == nil {
		return ctx.Err()
	}
	c.mu.Lock()
	start := time.Now()
	if c.free.After(start) {
		start = c.free
	}
	c.free = start
	if most := c.at(start); most > 0 {
		c.free = start.Add(time.Duration(float64(n) / float64(most) * float64(time.Second)))
	}
	c.mu.Unlock()
	return pause(ctx, start)
}

// at is the ceiling at a time, 0 for none.
func (c *Ceiling) at(t time.Time) (most int64) {
	clock := Clock(time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second)
	for _, w := range c.windows {
		if w.holds(clock) && (most == 0 || w.Max < most) {
			most = w.Max
		}
	}
	return most
}

func pause(ctx context.Context, until time.Time) error {
	wait := time.Until(until)
	if wait <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
