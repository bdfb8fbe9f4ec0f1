package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/subject"
)

// Pause waits until no group is under way, and keeps new ones from being decided until resume is
// called: store and journal then say the same. The stream goes on taking batches. It fails when
// the context ends first, which it does while the store refuses a group.
func (in *Ingest) Pause(ctx context.Context) (resume func(), err error) {
	in.pause.Lock()
	taken := 0
	free := func() {
		for range taken {
			<-in.gate
		}
		in.pause.Unlock()
	}
	for taken < cap(in.gate) {
		select {
		case in.gate <- struct{}{}:
			taken++
		case <-ctx.Done():
			free()
			return nil, fmt.Errorf("pause ingest: %d of %d partitions still store a group%s: %w", cap(in.gate)-taken, cap(in.gate), in.refusal(), ctx.Err())
		}
	}
	return free, nil
}

// refusal says why the store takes nothing; "" when it does.
func (in *Ingest) refusal() string {
	all := in.Status()
	if i := slices.IndexFunc(all, func(s Status) bool { return s.Refused != "" }); i >= 0 {
		return " (" + all[i].Refused + ")"
	}
	return ""
}

// enter waits while ingest is paused; the group is over when leave is called.
func (p *partition) enter(ctx context.Context) (leave func(), err error) {
	select {
	case p.gate <- struct{}{}:
		return func() { <-p.gate }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Unread is a batch that the hub has taken and not stored.
type Unread struct {
	Subject string `json:"subject"`         // where it is published
	ID      string `json:"id"`              // Nats-Msg-Id; may be empty
	Again   string `json:"again,omitempty"` // proof that it comes out of quarantine
	Data    []byte `json:"data"`
}

// EachUnread hands out what the stream holds and the journal does not call stored, by partition
// and in order. Nothing may be under way: call it while paused, or before Run. An error says
// which partition has to be finished first.
func EachUnread(ctx context.Context, js jetstream.JetStream, st *state.State, fn func(Unread) error) error {
	stream, err := js.Stream(ctx, subject.Stream)
	if err != nil {
		return fmt.Errorf("ask stream %s: %w", subject.Stream, err)
	}
	for p := range subject.Partitions {
		var rec Record
		if _, err := st.Record(ctx, p, &rec); err != nil {
			return err
		}
		if rec.Group != nil {
			return fmt.Errorf("partition %d has messages %d to %d half stored: start the hub and let it finish them", p, rec.Group.First, rec.Group.Last)
		}
		if !stream.CachedInfo().Created.Equal(rec.Created) {
			rec.Committed = 0 // of another stream
		}
		last, err := stream.GetLastMsgForSubject(ctx, subject.Partition(p))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read end of partition %d: %w", p, err)
		}
		if last.Sequence <= rec.Committed {
			continue
		}
		if err := eachOf(ctx, js, p, rec.Committed+1, last.Sequence, fn); err != nil {
			return err
		}
	}
	return nil
}

func eachOf(ctx context.Context, js jetstream.JetStream, p int, first, last uint64, fn func(Unread) error) error {
	r, err := openReader(ctx, js, p, first)
	if err != nil {
		return err
	}
	defer r.close()
	for {
		m, err := r.next(ctx)
		if err != nil {
			return fmt.Errorf("read partition %d: %w", p, err)
		}
		if m.sequence > last {
			return nil
		}
		_, site, sensor, err := subject.ParseStored(m.subject)
		if err != nil {
			return err
		}
		if err := fn(Unread{Subject: subject.Events(site, sensor), ID: m.id, Again: m.again, Data: m.data}); err != nil {
			return err
		}
		if m.sequence == last {
			return nil
		}
	}
}

// PutUnread gives a batch back to a stream, durably when it returns.
func PutUnread(ctx context.Context, js jetstream.JetStream, u Unread) error {
	var opts []jetstream.PublishOpt
	if u.ID != "" {
		opts = append(opts, jetstream.WithMsgID(u.ID))
	}
	msg := nats.NewMsg(u.Subject)
	msg.Data = u.Data
	if u.Again != "" {
		msg.Header.Set(againHeader, u.Again)
	}
	if _, err := js.PublishMsg(ctx, msg, opts...); err != nil {
		return fmt.Errorf("give batch %s back to the stream: %w", u.ID, err)
	}
	return nil
}
