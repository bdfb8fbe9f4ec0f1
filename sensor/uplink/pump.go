package uplink

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/wardscope/wardscope/sensor/observe"
	"github.com/wardscope/wardscope/sensor/spool"
)

// Pump brings what an outbox hands out to the hub, each batch in a goroutine of its own, and
// repeats each until the hub has it. How many are under way at a time follows the line: the number
// grows by one with each quick answer and is halved by a slow one or none, so that a thin line is
// not filled with batches that are sent again before their answers can come.
type Pump struct {
	Outbox   Outbox
	Ceiling  *Ceiling // nil: as fast as it goes
	Retry    Retry
	Timeout  time.Duration // for one attempt, answer included
	Standing *Standing
	Log      *slog.Logger
	// Ready waits until the hub is connected, or returns the context's error.
	Ready func(ctx context.Context) error
	// Try makes one attempt. An error says nothing about whether the hub has the batch; its number
	// keeps it from being counted twice.
	Try func(ctx context.Context, b observe.Sealed) error
}

// Run implements that of Link.
func (p *Pump) Run(ctx context.Context) error {
	var sending sync.WaitGroup
	defer sending.Wait()
	flight := newFlight(p.Timeout)
	slots := make(chan struct{}, spool.MaxInFlight)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case slots <- struct{}{}:
		}
		if err := flight.room(ctx); err != nil {
			return err
		}
		if err := p.Ceiling.Ready(ctx); err != nil {
			return err
		}
		b, err := p.Outbox.Next(ctx)
		if errors.Is(err, io.EOF) {
			sending.Wait()
			return ctx.Err()
		}
		if err != nil {
			return err
		}
		flight.announce()
		sending.Go(func() {
			p.send(ctx, flight, b)
			<-slots
		})
	}
}

// send repeats one announced batch until the hub has it or the context ends.
func (p *Pump) send(ctx context.Context, flight *flight, b observe.Sealed) {
	timeout := p.Timeout
	for attempt := 1; flight.enter(ctx) == nil; attempt++ {
		took, err := p.attempt(ctx, b, timeout)
		flight.leave(took, err)
		if err == nil {
			p.Standing.stored()
			if err := p.Outbox.Ack(b.ID); err != nil {
				p.Log.Warn("outbox keeps an acknowledged batch", slog.Any("error", err))
			}
			return
		}
		if ctx.Err() != nil {
			return
		}
		p.Standing.refuse(b, err)
		if errors.Is(err, context.DeadlineExceeded) { // what is under way still fills the line
			timeout = min(2*timeout, maxPatience*p.Timeout)
		}
		Sleep(ctx, p.Retry.Pause(attempt))
		flight.announce()
	}
}

// maxPatience bounds how much longer than at first the answer for one batch is waited for.
const maxPatience = 16

func (p *Pump) attempt(ctx context.Context, b observe.Sealed, timeout time.Duration) (took time.Duration, err error) {
	if err := p.Ready(ctx); err != nil {
		return 0, err
	}
	if err := p.Ceiling.Take(ctx, len(b.Data)); err != nil {
		return 0, err
	}
	begin := time.Now()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err = p.Try(ctx, b)
	return time.Since(begin), err
}

// flight bounds how many batches are under way.
type flight struct {
	quick, slow time.Duration // answers within quick are the line's own time; past slow it is full

	mu      sync.Mutex
	most    int // guarded by mu, as all below
	inside  int
	waiting int
	calm    time.Time     // no halving before: one jam is felt by all that are under way
	left    chan struct{} // closed when it is worth looking again
}

func newFlight(timeout time.Duration) *flight {
	return &flight{quick: timeout / 30, slow: timeout / 6, most: 8, left: make(chan struct{})}
}

// room waits until another batch would not have to wait, and takes no place: the choice of the
// next batch is made late, and whoever waits for it must not keep others out.
func (f *flight) room(ctx context.Context) error {
	return f.await(ctx, func() bool { return f.inside+f.waiting < f.most })
}

// announce says that a batch will enter.
func (f *flight) announce() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting++
}

// enter waits for a place for an announced batch, and takes it.
func (f *flight) enter(ctx context.Context) error {
	return f.await(ctx, func() bool {
		if f.inside >= f.most {
			return false
		}
		f.inside++
		f.waiting--
		return true
	})
}

// await asks under mu, now and after each change.
func (f *flight) await(ctx context.Context, ok func() bool) error {
	for {
		f.mu.Lock()
		done, left := ok(), f.left
		f.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-left:
		}
	}
}

// leave gives the place back and learns from how long the answer took.
func (f *flight) leave(took time.Duration, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.inside--
	now := time.Now()
	switch {
	case (err != nil && errors.Is(err, context.DeadlineExceeded) || took > f.slow) && now.After(f.calm):
		f.most = max(f.most/2, 1)
		f.calm = now.Add(f.slow)
	case err == nil && took < f.quick:
		f.most = min(f.most+1, spool.MaxInFlight)
	}
	close(f.left)
	f.left = make(chan struct{})
}
