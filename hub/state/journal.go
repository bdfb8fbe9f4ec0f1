package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/wardscope/wardscope/internal/subject"
)

// Record reads the journal record of a partition into v and returns its revision; revision 0,
// and v untouched, when there is none yet.
func (s *State) Record(ctx context.Context, p int, v any) (uint64, error) {
	e, err := s.ingest.Get(ctx, subject.CursorKey(p))
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read journal of partition %d: %w", p, err)
	}
	if err := json.Unmarshal(e.Value(), v); err != nil {
		return 0, fmt.Errorf("read journal of partition %d: %w", p, err)
	}
	return e.Revision(), nil
}

// PutRecord replaces the record of a revision, or returns ErrConflict: another owner is at work.
func (s *State) PutRecord(ctx context.Context, p int, v any, revision uint64) (uint64, error) {
	return put(ctx, s.ingest, subject.CursorKey(p), v, revision)
}

// PinSites keeps a copy of a declaration beside the partition's record, because the group that
// is decided with it must be enriched with the same one after a crash, however often people have
// changed the declaration since.
func (s *State) PinSites(ctx context.Context, p int, v Sites) error {
	_, err := put(ctx, s.ingest, subject.PinKey(p, v.Revision), v, 0)
	if errors.Is(err, ErrConflict) { // a revision names one content for ever
		return nil
	}
	return err
}

// PinnedSites reads a copy back.
func (s *State) PinnedSites(ctx context.Context, p int, revision uint64) (Sites, error) {
	if revision == 0 { // nothing had been declared
		return Sites{}, nil
	}
	v, _, err := get[Sites](ctx, s.ingest, subject.PinKey(p, revision))
	v.Revision = revision
	return v, err
}

// UnpinSites drops the partition's copies but one. It may be called only after a record that
// names that one has been written: whoever still counts on another copy has lost ownership.
func (s *State) UnpinSites(ctx context.Context, p int, keep uint64) error {
	w, err := s.ingest.Watch(ctx, subject.Pins(p), jetstream.IgnoreDeletes(), jetstream.MetaOnly())
	if err != nil {
		return fmt.Errorf("list pinned declarations: %w", err)
	}
	defer func() { _ = w.Stop() }()
	for e := range w.Updates() {
		if e == nil {
			break
		}
		if e.Key() == subject.PinKey(p, keep) {
			continue
		}
		if err := s.ingest.Purge(ctx, e.Key()); err != nil {
			return fmt.Errorf("drop pinned declaration %s: %w", e.Key(), err)
		}
	}
	return nil
}

// ErrHeld says that a partition has another owner now.
var ErrHeld = errors.New("held by another owner")

// Lease is the right to work on a partition. It only saves double work: what keeps the result
// right is the compare-and-set of the record and the tokens of the inserts.
type Lease struct {
	state    *State
	p        int
	owner    string
	ttl      time.Duration
	revision uint64
}

// AcquireLease takes a partition for ttl (at least a second). An owner of the same name takes its
// own lease over at once, so a restarted hub does not wait for its former self to expire.
func (s *State) AcquireLease(ctx context.Context, p int, owner string, ttl time.Duration) (*Lease, error) {
	l := &Lease{state: s, p: p, owner: owner, ttl: ttl}
	revision, err := s.lease.Create(ctx, subject.LeaseKey(p), []byte(owner), jetstream.KeyTTL(ttl))
	if err == nil {
		l.revision = revision
		return l, nil
	}
	if !errors.Is(err, jetstream.ErrKeyExists) {
		return nil, fmt.Errorf("take partition %d: %w", p, err)
	}
	e, err := s.lease.Get(ctx, subject.LeaseKey(p))
	if err != nil {
		return nil, fmt.Errorf("take partition %d: %w", p, plain(err))
	}
	if string(e.Value()) != owner {
		return nil, fmt.Errorf("take partition %d: %w, %q", p, ErrHeld, e.Value())
	}
	l.revision = e.Revision()
	return l, l.Renew(ctx)
}

// Renew extends the lease by its full time, or returns ErrHeld when it has been lost.
func (l *Lease) Renew(ctx context.Context) error {
	msg := &nats.Msg{Subject: subject.LeaseSubject(l.p), Data: []byte(l.owner)}
	ack, err := l.state.js.PublishMsg(ctx, msg, jetstream.WithExpectLastSequencePerSubject(l.revision), jetstream.WithMsgTTL(l.ttl))
	switch {
	case outdated(err):
		return fmt.Errorf("renew partition %d: %w", l.p, ErrHeld)
	case err != nil:
		return fmt.Errorf("renew partition %d: %w", l.p, err)
	}
	l.revision = ack.Sequence
	return nil
}

// outdated reports the server's two codes, single and replicated, for a changed revision.
func outdated(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence ||
		api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// Release gives the partition back, when it is still ours.
func (l *Lease) Release(ctx context.Context) error {
	err := l.state.lease.Delete(ctx, subject.LeaseKey(l.p), jetstream.LastRevision(l.revision))
	if err != nil && !errors.Is(err, jetstream.ErrKeyRevisionMismatch) {
		return fmt.Errorf("release partition %d: %w", l.p, err)
	}
	return nil
}
