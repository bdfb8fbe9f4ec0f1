package trial

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/sensor/uplink"
)

// Way is one way to the hub.
type Way struct {
	Name string // as the configuration calls it
	New  func(uplink.Outbox) (uplink.Link, error)
}

// Config says how long a way is given.
type Config struct {
	Patience time.Duration // without a connection, at the begin of a way
	Hold     time.Duration // without a connection, on a way that has worked
	Look     time.Duration // how often the link is looked at
	File     string        // remembers what worked; "": nothing does
}

// DefaultConfig has the times.
func DefaultConfig() Config {
	return Config{Patience: 8 * time.Second, Hold: time.Minute, Look: 200 * time.Millisecond}
}

// Validate says what is wrong.
func (c Config) Validate() error {
	if c.Patience <= 0 || c.Hold <= 0 || c.Look <= 0 {
		return errors.New("trial: times must be positive")
	}
	return nil
}

// Deps is what a Link works with.
type Deps struct {
	Ways   []Way // at least one, the most wished first
	Outbox uplink.Outbox
	Log    *slog.Logger
}

// Link is the way that works. Make it by New; Run does the work.
type Link struct {
	cfg   Config
	deps  Deps
	relay *relay

	mu      sync.Mutex
	now     uplink.Link // guarded by mu, as all below; nil before Run
	before  uplink.Status
	present string // Name of now
}

// New checks the configuration and every way; nothing is opened before Run.
func New(cfg Config, deps Deps) (*Link, error) {
	errs := []error{cfg.Validate()}
	if len(deps.Ways) == 0 {
		errs = append(errs, errors.New("trial: no way to the hub"))
	}
	l := &Link{cfg: cfg, deps: deps, relay: newRelay(deps.Outbox)}
	for _, w := range deps.Ways {
		_, err := w.New(l.relay)
		errs = append(errs, err)
	}
	return l, errors.Join(errs...)
}

// Run implements uplink.Link.
func (l *Link) Run(ctx context.Context) error {
	ways := l.order()
	for {
		var errs []error
		for _, w := range ways {
			err := l.try(ctx, w)
			if err == nil || ctx.Err() != nil {
				return err
			}
			if !errors.Is(err, errGivenUp) {
				errs = append(errs, fmt.Errorf("%s: %w", w.Name, err))
			}
		}
		if len(errs) == len(ways) { // none can even begin: no certificate, say
			return errors.Join(errs...)
		}
		ways = slices.Clone(l.deps.Ways)
	}
}

// order begins with what worked the last time.
func (l *Link) order() []Way {
	ways := slices.Clone(l.deps.Ways)
	if l.cfg.File == "" {
		return ways
	}
	raw, err := os.ReadFile(l.cfg.File)
	if err != nil { // the first time, or the trial has to be made again
		return ways
	}
	slices.SortStableFunc(ways, func(a, b Way) int {
		worked := func(w Way) int {
			if w.Name == strings.TrimSpace(string(raw)) {
				return 0
			}
			return 1
		}
		return worked(a) - worked(b)
	})
	return ways
}

var errGivenUp = errors.New("no connection for too long")

// try goes one way for as long as it works.
func (l *Link) try(ctx context.Context, w Way) error {
	link, err := w.New(l.relay)
	if err != nil {
		return err
	}
	l.set(link, w.Name)
	if len(l.deps.Ways) == 1 {
		return link.Run(ctx)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ended := make(chan error, 1)
	go func() { ended <- link.Run(ctx) }()
	tick := time.NewTicker(l.cfg.Look)
	defer tick.Stop()
	patience, seen := l.cfg.Patience, time.Now()
	for {
		select {
		case err := <-ended:
			if errors.Is(context.Cause(ctx), errGivenUp) {
				l.relay.takeBack()
				return errGivenUp
			}
			return err
		case <-tick.C:
		}
		switch status := link.Status(); {
		case status.Connected:
			if patience != l.cfg.Hold {
				l.remember(w.Name)
			}
			patience, seen = l.cfg.Hold, time.Now()
		case time.Since(seen) > patience && context.Cause(ctx) == nil:
			l.deps.Log.Warn("way to the hub given up: trying the next", slog.String("way", w.Name), slog.String("fault", status.Fault))
			cancel(errGivenUp)
		}
	}
}

func (l *Link) set(link uplink.Link, name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now != nil {
		s := l.now.Status()
		l.before.Acked += s.Acked
		l.before.Refused += s.Refused
	}
	l.now, l.present = link, name
}

// remember writes down what works. That it cannot only costs time after the next start.
func (l *Link) remember(name string) {
	l.deps.Log.Info("way to the hub found", slog.String("way", name))
	if l.cfg.File == "" {
		return
	}
	if err := mtls.WriteFile(l.cfg.File, []byte(name+"\n"), 0o600); err != nil {
		l.deps.Log.Info("what works is not remembered", slog.Any("error", err))
	}
}

// Ask implements uplink.Link.
func (l *Link) Ask(ctx context.Context, report []byte) ([]byte, error) {
	l.mu.Lock()
	link := l.now
	l.mu.Unlock()
	if link == nil {
		return nil, uplink.ErrAway
	}
	return link.Ask(ctx, report)
}

// Status implements uplink.Link.
func (l *Link) Status() uplink.Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now == nil {
		return l.before
	}
	s := l.now.Status()
	s.Over = l.present
	s.Acked += l.before.Acked
	s.Refused += l.before.Refused
	return s
}
