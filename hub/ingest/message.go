package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/wardscope/wardscope/internal/subject"
)

// message is one of the stream, as stored.
type message struct {
	sequence uint64
	subject  string
	id       string // Nats-Msg-Id, as the sensor set it
	again    string // proof that a hub took it out of quarantine; empty for what sensors send
	received time.Time
	data     []byte
}

// identity tells messages apart that have one sequence number, in streams or generations. The
// time of storage is in it, so it holds for messages without an id too.
func (m *message) identity() string {
	return m.subject + " " + m.id + " " + strconv.FormatInt(m.received.UnixNano(), 36) + " " + strconv.Itoa(len(m.data))
}

// readAhead bounds what one partition's reader holds; 16 of them share the hub.
const readAhead = 2 << 20

// reader reads one partition in order. It is used by one goroutine.
type reader struct {
	messages jetstream.MessagesContext
	held     []message // read, and given back
	pending  uint64    // messages behind the last one read, as the server counts
}

// openReader reads from a sequence on.
func openReader(ctx context.Context, js jetstream.JetStream, p int, from uint64) (*reader, error) {
	c, err := js.OrderedConsumer(ctx, subject.Stream, jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{subject.Partition(p)},
		DeliverPolicy:  jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:    from,
	})
	if err != nil {
		return nil, fmt.Errorf("read stream: %w", err)
	}
	// By bytes, not by count: a subscription holds 64 MiB at most and drops the rest unseen.
	m, err := c.Messages(jetstream.PullMaxBytes(readAhead))
	if err != nil {
		return nil, fmt.Errorf("read stream: %w", err)
	}
	return &reader{messages: m}, nil
}

func (r *reader) close() { r.messages.Stop() }

// next waits for a message until the context ends.
func (r *reader) next(ctx context.Context) (message, error) {
	if len(r.held) > 0 {
		m := r.held[0]
		r.held = r.held[1:]
		return m, nil
	}
	msg, err := r.messages.Next(jetstream.NextContext(ctx))
	if err != nil {
		return message{}, err
	}
	meta, err := msg.Metadata()
	if err != nil {
		return message{}, fmt.Errorf("read stream: %w", err)
	}
	r.pending = meta.NumPending
	return message{
		sequence: meta.Sequence.Stream, subject: msg.Subject(), id: msg.Headers().Get(nats.MsgIdHdr), again: msg.Headers().Get(againHeader),
		received: meta.Timestamp.UTC(), data: msg.Data(),
	}, nil
}

// giveBack makes the messages the next ones.
func (r *reader) giveBack(rest []message) { r.held = append(slices.Clip(rest), r.held...) }

// collect waits for the first message, and then for more until a bound of bytes or the time for
// lingering is reached.
func (r *reader) collect(ctx context.Context, maxBytes int, linger time.Duration) ([]message, error) {
	first, err := r.next(ctx)
	if err != nil {
		return nil, err
	}
	out, size := []message{first}, len(first.data)
	soon, cancel := context.WithTimeout(ctx, linger)
	defer cancel()
	for size < maxBytes {
		m, err := r.next(soon)
		if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			break
		}
		if err != nil {
			return nil, err
		}
		out, size = append(out, m), size+len(m.data)
	}
	return out, nil
}

// exactly reads the messages up to a sequence. A message past it means that the last one is gone.
func (r *reader) exactly(ctx context.Context, last uint64) ([]message, error) {
	var out []message
	for {
		m, err := r.next(ctx)
		if err != nil {
			return nil, err
		}
		if m.sequence > last {
			r.giveBack([]message{m})
			return out, nil
		}
		if out = append(out, m); m.sequence == last {
			return out, nil
		}
	}
}
