package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	uplinkv1 "github.com/wardscope/wardscope/proto/wardscope/uplink/v1"
)

// Config says how often the sensor reports.
type Config struct {
	Every   time.Duration
	Timeout time.Duration // of one report
}

// DefaultConfig reports every five seconds: a paused or restarted sensor follows within that.
func DefaultConfig() Config { return Config{Every: 5 * time.Second, Timeout: 4 * time.Second} }

// Deps is what an Agent works with.
type Deps struct {
	Fill  func(*uplinkv1.Report)                                         // all but times and clock
	Ask   func(ctx context.Context, report []byte) (_ []byte, err error) // the hub
	Apply func(*uplinkv1.Answer)                                         // called after each answer
	Now   func() time.Time
	Log   *slog.Logger
}

// Agent reports. Make it by New; Run does the work.
type Agent struct {
	cfg  Config
	deps Deps

	mu    sync.Mutex
	clock clock // guarded by mu
}

// New checks the configuration; nothing runs before Run.
func New(cfg Config, deps Deps) (*Agent, error) {
	if cfg.Every <= 0 || cfg.Timeout <= 0 || cfg.Timeout > cfg.Every {
		return nil, errors.New("control: times must be positive, and the timeout not over the interval")
	}
	return &Agent{cfg: cfg, deps: deps}, nil
}

// Run reports at once and then at intervals, until the context ends, and then returns nil.
func (a *Agent) Run(ctx context.Context) error {
	tick := time.NewTicker(a.cfg.Every)
	defer tick.Stop()
	for failed := false; ; {
		err := a.report(ctx)
		if err != nil && !failed && ctx.Err() == nil {
			a.deps.Log.Info("hub does not answer reports", slog.Any("error", err))
		}
		failed = err != nil
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (a *Agent) report(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, a.cfg.Timeout)
	defer cancel()
	r := &uplinkv1.Report{}
	a.deps.Fill(r)
	offset, bound := a.Offset()
	r.ClockOffsetNs, r.ClockErrorNs = int64(offset), uint64(bound)
	sent := a.deps.Now()
	r.SentNs = uint64(sent.UnixNano())
	raw, err := proto.Marshal(r)
	if err != nil {
		return fmt.Errorf("report to hub: %w", err)
	}
	raw, err = a.deps.Ask(ctx, raw)
	back := a.deps.Now()
	if err != nil {
		return fmt.Errorf("report to hub: %w", err)
	}
	var answer uplinkv1.Answer
	if err := proto.Unmarshal(raw, &answer); err != nil {
		return fmt.Errorf("read answer of hub: %w", err)
	}
	a.mu.Lock()
	a.clock.add(sent, time.Unix(0, int64(answer.GetReceivedNs())), time.Unix(0, int64(answer.GetSentNs())), back)
	a.mu.Unlock()
	a.deps.Apply(&answer)
	return nil
}

// Offset is the sensor's clock minus the hub's, and how wrong that can be; both 0 while unknown.
func (a *Agent) Offset() (offset, bound time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.clock.best()
}

// samples is over how many exchanges the quickest is chosen: its bound is the tightest, and eight
// are short enough to follow a clock that is being set.
const samples = 8

type sample struct{ offset, bound time.Duration }

// clock compares two clocks as NTP does (RFC 5905, section 8): half of what the exchange took
// outside of the hub is the most by which the offset can be wrong.
type clock struct{ last []sample }

func (c *clock) add(sent, received, answered, back time.Time) {
	// Wall times on both sides: the monotonic reading of one machine says nothing of the other.
	out, home := sent.Round(0).Sub(received), back.Round(0).Sub(answered)
	bound := max((home-out)/2, 1)
	c.last = append(c.last, sample{offset: (out + home) / 2, bound: bound})
	if len(c.last) > samples {
		c.last = c.last[1:]
	}
	// A clock that was set makes the older samples wrong: they lie further off than they can be.
	newest := c.last[len(c.last)-1]
	kept := c.last[:0]
	for _, s := range c.last {
		if (s.offset - newest.offset).Abs() <= s.bound+newest.bound {
			kept = append(kept, s)
		}
	}
	c.last = kept
}

func (c *clock) best() (offset, bound time.Duration) {
	for i, s := range c.last {
		if i == 0 || s.bound <= bound {
			offset, bound = s.offset, s.bound
		}
	}
	return offset, bound
}
