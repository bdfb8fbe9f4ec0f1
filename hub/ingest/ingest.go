package ingest

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/subject"
)

// Ingest moves batches into the store. Make it by New; Run does the work.
type Ingest struct {
	cfg   Config
	deps  Deps
	slots chan *event.Codec // full: all free; taking one is the right to decode and insert a group
	gate  chan struct{}     // one token a group under way; Pause takes them all
	pause sync.Mutex        // held by the one Pause
	sites atomic.Pointer[state.Sites]

	mu     sync.Mutex
	states [subject.Partitions]Status // guarded by mu
}

// Status is how a partition stands.
type Status struct {
	Partition  int
	Owned      bool      // by this hub
	Committed  uint64    // stream sequence up to which all is stored
	Pending    uint64    // batches behind it, when the last group was stored
	Received   time.Time // when the stream got the last batch that was stored; zero: none since start
	Batches    uint64    // stored since start
	Duplicates uint64    // left out since start, because they were stored before
	Quarantine uint64    // unreadable since start
	Rows       uint64    // events stored since start
	Refused    string    // why the store refuses the group under way; "" when it does not
	Stopped    string    // why an operator has to look; "" when all is well
}

// New checks the configuration; nothing runs before Run.
func New(cfg Config, deps Deps) (*Ingest, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	in := &Ingest{cfg: cfg, deps: deps, slots: make(chan *event.Codec, cfg.Slots), gate: make(chan struct{}, subject.Partitions)}
	for range cfg.Slots {
		c, err := event.NewCodec()
		if err != nil {
			return nil, fmt.Errorf("make decoder: %w", err)
		}
		in.slots <- c
	}
	for p := range in.states {
		in.states[p].Partition = p
	}
	return in, nil
}

// Run works until the context ends, and then returns nil. A group under way is left to the next
// start, which makes it again.
func (in *Ingest) Run(ctx context.Context) error {
	known := make(chan struct{}) // the declaration has been read
	var once sync.Once
	again := in.knowAgain(ctx)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		return in.deps.State.WatchSites(ctx, func(s state.Sites) {
			in.sites.Store(&s)
			once.Do(func() { close(known) })
		})
	})
	for p := range subject.Partitions {
		g.Go(func() error {
			select {
			case <-ctx.Done():
				return nil
			case <-known:
			}
			part := &partition{Ingest: in, p: p, log: in.deps.Log.With(slog.Int("partition", p)), linger: in.cfg.Linger, key: again}
			part.run(ctx)
			return nil
		})
	}
	g.Go(func() error {
		in.trimmer(ctx)
		return nil
	})
	return g.Wait()
}

// Status tells how all partitions stand.
func (in *Ingest) Status() []Status {
	in.mu.Lock()
	defer in.mu.Unlock()
	return append([]Status(nil), in.states[:]...)
}

// status changes the status of the partition.
func (p *partition) status(change func(*Status)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.states[p.p])
}
