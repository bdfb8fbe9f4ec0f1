package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/subject"
)

// errStopped says that a partition must not go on before an operator has looked: what the journal
// says is under way is not what the stream holds, and inserting anything would be a guess.
var errStopped = errors.New("partition stopped")

// partition is the work on one partition, in one goroutine.
type partition struct {
	*Ingest
	p      int
	log    *slog.Logger
	linger time.Duration
	rec    Record
	rev    uint64
	read   *reader
	pinned uint64 // revision of the only pinned declaration, as far as known
	key    []byte // of batches that come out of quarantine
}

// run owns the partition whenever nobody else does, until the context ends or it has to stop.
func (p *partition) run(ctx context.Context) {
	for pause := p.cfg.RetryMin; ctx.Err() == nil; {
		lease, err := p.deps.State.AcquireLease(ctx, p.p, p.cfg.Instance, p.cfg.LeaseTTL)
		if err == nil {
			pause = p.cfg.RetryMin
			err = p.hold(ctx, lease)
		}
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, errStopped):
			p.log.Error("partition stopped", slog.Any("error", err))
			p.status(func(s *Status) { s.Stopped = err.Error() })
			return
		case errors.Is(err, state.ErrHeld), errors.Is(err, state.ErrConflict):
			p.log.Debug("partition has another owner", slog.Any("error", err))
		default:
			p.log.Warn("partition interrupted", slog.Any("error", err))
		}
		p.status(func(s *Status) { s.Owned = false })
		sleep(ctx, jitter(pause))
		pause = min(2*pause, p.cfg.LeaseTTL/2)
	}
}

// hold works under a lease, which a goroutine of its own renews; losing it ends the work.
func (p *partition) hold(ctx context.Context, lease *state.Lease) error {
	ctx, cancel := context.WithCancelCause(ctx)
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		cancel(renew(ctx, lease, p.cfg.LeaseTTL))
	}()
	err := p.own(ctx)
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	cancel(err)
	<-renewed
	if !errors.Is(err, state.ErrHeld) {
		// The work is over either way; an error here only makes the next owner wait.
		free, done := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer done()
		_ = lease.Release(free)
	}
	return err
}

// renew extends the lease until the context ends, or returns why it is lost.
func renew(ctx context.Context, lease *state.Lease, ttl time.Duration) error {
	tick := time.NewTicker(ttl / 4)
	defer tick.Stop()
	for until := time.Now().Add(ttl); ; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		begin := time.Now()
		try, cancel := context.WithTimeout(ctx, ttl/4)
		err := lease.Renew(try)
		cancel()
		switch {
		case err == nil:
			until = begin.Add(ttl)
		case errors.Is(err, state.ErrHeld), time.Now().After(until.Add(-ttl / 4)):
			return err
		}
	}
}

// own is the algorithm: decide, insert, commit.
func (p *partition) own(ctx context.Context) error {
	if err := p.resume(ctx); err != nil {
		return err
	}
	var err error
	if p.read, err = openReader(ctx, p.deps.JetStream, p.p, p.rec.Committed+1); err != nil {
		return err
	}
	defer p.read.close()
	p.status(func(s *Status) { s.Owned, s.Committed = true, p.rec.Committed })
	for {
		step := p.fresh
		if p.rec.Group != nil {
			step = p.repeat
		}
		if err := step(ctx); err != nil {
			return err
		}
	}
}

// resume reads the journal and checks that its sequence numbers still mean what they meant.
func (p *partition) resume(ctx context.Context) error {
	p.rec = Record{}
	rev, err := p.deps.State.Record(ctx, p.p, &p.rec)
	if err != nil {
		return err
	}
	p.rev = rev
	stream, err := p.deps.JetStream.Stream(ctx, subject.Stream)
	if err != nil {
		return fmt.Errorf("ask stream %s: %w", subject.Stream, err)
	}
	info := stream.CachedInfo()
	if rev == 0 {
		p.rec.Created = info.Created
		return p.save(ctx, p.rec)
	}
	fault, err := p.fault(ctx, stream, info)
	if err != nil || fault == "" {
		return err
	}
	if p.rec.Group != nil {
		return fmt.Errorf("%w: %s, while messages %d to %d were being stored; see the runbook", errStopped, fault, p.rec.Group.First, p.rec.Group.Last)
	}
	p.log.Error("stream is not the one that was read before: reading it from its start", slog.String("fault", fault))
	next := p.rec
	next.Created, next.Generation, next.LastID = info.Created, next.Generation+1, ""
	next.Committed = max(info.State.FirstSeq, 1) - 1 // what is stored already is in Seen
	return p.save(ctx, next)
}

// fault says why the stream is not the one that the journal speaks of; "" when it is.
func (p *partition) fault(ctx context.Context, s jetstream.Stream, info *jetstream.StreamInfo) (string, error) {
	switch {
	case !info.Created.Equal(p.rec.Created):
		return "the stream was made anew", nil
	case p.rec.Committed > info.State.LastSeq, p.rec.Group != nil && p.rec.Group.Last > info.State.LastSeq:
		return "the stream lost its end", nil
	case p.rec.LastID == "":
		return "", nil
	}
	msg, err := s.GetMsg(ctx, p.rec.Committed)
	if errors.Is(err, jetstream.ErrMsgNotFound) { // trimmed
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read message %d: %w", p.rec.Committed, err)
	}
	m := message{subject: msg.Subject, id: msg.Header.Get(jetstream.MsgIDHeader), received: msg.Time.UTC(), data: msg.Data}
	if m.identity() != p.rec.LastID {
		return fmt.Sprintf("message %d is another one", p.rec.Committed), nil
	}
	return "", nil
}

// save changes the journal. After an error nobody knows what it holds: the caller lets go.
func (p *partition) save(ctx context.Context, next Record) error {
	next.Owner = p.cfg.Instance
	rev, err := p.deps.State.PutRecord(ctx, p.p, next, p.rev)
	if err != nil {
		return err
	}
	p.rec, p.rev = next, rev
	return nil
}

// fresh forms a group of what has come, writes it down, and stores it.
func (p *partition) fresh(ctx context.Context) error {
	messages, err := p.read.collect(ctx, p.cfg.MaxBytes, p.linger)
	if err != nil {
		return err
	}
	begin := time.Now()
	leave, err := p.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	codec, err := p.slot(ctx)
	if err != nil {
		return err
	}
	defer p.free(codec)
	sites := p.sites.Load()
	r := newReading(codec, state.NewResolver(*sites), p.key, p.rec.Seen)
	taken := 0
	for ; taken < len(messages) && r.events < p.cfg.MaxRows; taken++ {
		r.take(messages[taken])
	}
	p.read.giveBack(messages[taken:])
	g := Group{First: p.rec.Committed + 1, Last: r.last, N: r.n, Hash: r.sum(), Realms: sites.Revision}
	if r.n > 0 { // duplicates alone need no insert, so nothing can be half done
		if err := p.decide(ctx, g, *sites); err != nil {
			return err
		}
	}
	if err := p.finish(ctx, g, r); err != nil {
		return err
	}
	// Small inserts cost the store more than they are worth: the slower it is, the longer is waited.
	p.linger = max(min(2*time.Since(begin), maxLinger), p.cfg.Linger)
	return nil
}

// decide writes the group down before anything of it is stored.
func (p *partition) decide(ctx context.Context, g Group, sites state.Sites) error {
	if g.Realms != 0 {
		if err := p.deps.State.PinSites(ctx, p.p, sites); err != nil {
			return err
		}
	}
	next := p.rec
	next.Group = &g
	if err := p.save(ctx, next); err != nil {
		return err
	}
	if g.Realms == p.pinned {
		return nil
	}
	p.pinned = g.Realms
	return p.deps.State.UnpinSites(ctx, p.p, g.Realms)
}

// repeat makes the group that the journal says is under way once more, and stores it.
func (p *partition) repeat(ctx context.Context) error {
	g := *p.rec.Group
	sites, err := p.deps.State.PinnedSites(ctx, p.p, g.Realms)
	if errors.Is(err, state.ErrNotFound) {
		return fmt.Errorf("%w: revision %d of the sites declaration is gone", errStopped, g.Realms)
	}
	if err != nil {
		return err
	}
	messages, err := p.group(ctx, g)
	if err != nil {
		return err
	}
	leave, err := p.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	codec, err := p.slot(ctx)
	if err != nil {
		return err
	}
	defer p.free(codec)
	r := newReading(codec, state.NewResolver(sites), p.key, p.rec.Seen)
	for _, m := range messages {
		r.take(m)
	}
	if r.last != g.Last || r.n != g.N || r.sum() != g.Hash {
		return fmt.Errorf("%w: messages %d to %d are not those that were being stored (%d of %d left)", errStopped, g.First, g.Last, r.n, g.N)
	}
	p.log.Info("storing a group again after an interruption", slog.Uint64("first", g.First), slog.Uint64("last", g.Last))
	return p.finish(ctx, g, r)
}

// group reads the messages of a group again. All of them are there already, so a long wait means
// that the last one is gone, or only that the server is busy: the stream itself is asked which.
func (p *partition) group(ctx context.Context, g Group) ([]message, error) {
	soon, cancel := context.WithTimeout(ctx, p.cfg.LeaseTTL)
	defer cancel()
	messages, err := p.read.exactly(soon, g.Last)
	if ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
		return messages, err
	}
	stream, err := p.deps.JetStream.Stream(ctx, subject.Stream)
	if err != nil {
		return nil, fmt.Errorf("ask stream %s: %w", subject.Stream, err)
	}
	_, err = stream.GetMsg(ctx, g.Last)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, fmt.Errorf("%w: message %d is gone", errStopped, g.Last)
	}
	return nil, errors.Join(fmt.Errorf("messages %d to %d have not come within %s", g.First, g.Last, p.cfg.LeaseTTL), err)
}

// finish stores a group, however often that takes, and then moves the cursor.
func (p *partition) finish(ctx context.Context, g Group, r *reading) error {
	if r.n > 0 {
		r.rows.Token = p.rec.token(p.p, g)
		if err := p.insert(ctx, r); err != nil {
			return err
		}
	}
	if err := p.save(ctx, p.rec.after(g, r)); err != nil {
		return err
	}
	p.report(r)
	return nil
}

// insert repeats the same group until the store has it. Never another grouping, never without:
// after an error nobody knows whether some of it is there.
func (p *partition) insert(ctx context.Context, r *reading) error {
	for pause := p.cfg.RetryMin; ; pause = min(2*pause, p.cfg.RetryMax) {
		try, cancel := context.WithTimeout(ctx, p.cfg.InsertTimeout)
		err := p.deps.Store.InsertGroup(try, r.rows)
		cancel()
		if err == nil {
			p.status(func(s *Status) { s.Refused = "" })
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		p.log.Warn("store refuses a group: trying again", slog.Any("error", err), slog.Duration("pause", pause))
		p.status(func(s *Status) { s.Refused = err.Error() })
		sleep(ctx, jitter(pause))
	}
}

// report tells what was committed.
func (p *partition) report(r *reading) {
	c := Commit{
		Partition: p.p, Batches: r.n, Duplicates: r.duplicates, Quarantine: len(r.rows.Quarantine), Rows: r.events, Received: r.received,
	}
	p.status(func(s *Status) {
		s.Committed, s.Pending = p.rec.Committed, p.read.pending+uint64(len(p.read.held))
		s.Batches += uint64(c.Batches)
		s.Duplicates += uint64(c.Duplicates)
		s.Quarantine += uint64(c.Quarantine)
		s.Rows += uint64(c.Rows)
		s.Received = c.Received
	})
	if c.Quarantine > 0 {
		p.log.Warn("batches in quarantine", slog.Int("batches", c.Quarantine), slog.String("reason", r.rows.Quarantine[0].Reason))
	}
	if p.deps.Committed != nil {
		p.deps.Committed(c)
	}
}

func (p *partition) slot(ctx context.Context) (*event.Codec, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case c := <-p.slots:
		return c, nil
	}
}

func (p *partition) free(c *event.Codec) { p.slots <- c }

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// jitter keeps partitions from trying again in step.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }
