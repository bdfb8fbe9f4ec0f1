package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/track"
)

// All batches of two lanes fit a processor's second-level cache: with larger ones every byte went through memory.
const (
	batchPackets  = 128
	batchBytes    = 64 << 10 // payload of a batch; a packet with more than is left goes into the next
	queuedBatches = 3        // a shard may be behind by so many
)

// batch carries decoded packets to a shard. The packets' slices alias bytes.
type batch struct {
	packets []decode.Packet
	bytes   []byte
}

// put copies a packet with all that it aliases; false when there is no room.
func (b *batch) put(p *decode.Packet) bool {
	need := len(p.Payload) + len(p.TCPOptions)
	if len(b.packets) == cap(b.packets) || len(b.packets) > 0 && len(b.bytes)+need > cap(b.bytes) {
		return false
	}
	b.packets = append(b.packets, *p)
	at := &b.packets[len(b.packets)-1]
	b.bytes, at.Payload = keepBytes(b.bytes, p.Payload)
	b.bytes, at.TCPOptions = keepBytes(b.bytes, p.TCPOptions)
	return true
}

func keepBytes(into, data []byte) (all, kept []byte) {
	if len(data) == 0 {
		return into, nil
	}
	from := len(into)
	into = append(into, data...)
	return into, into[from:len(into):len(into)]
}

func (b *batch) reset() { b.packets, b.bytes = b.packets[:0], b.bytes[:0] }

// lane is the way from the reader to one shard.
type lane struct {
	open *batch
	full chan *batch
	free chan *batch
}

func newLane() *lane {
	l := &lane{full: make(chan *batch, queuedBatches), free: make(chan *batch, queuedBatches+1)}
	for range queuedBatches + 1 {
		l.free <- &batch{packets: make([]decode.Packet, 0, batchPackets), bytes: make([]byte, 0, batchBytes)}
	}
	l.open = <-l.free
	return l
}

func (l *lane) put(p *decode.Packet) {
	if !l.open.put(p) {
		l.hand()
		l.open.put(p)
	}
}

func (l *lane) hand() {
	l.full <- l.open
	l.open = <-l.free
}

// work takes what comes until the lane is closed.
func (l *lane) work(s *shard) {
	out, _ := s.sink.(*chunks)
	next := int64(0)
	for b := range l.full {
		for group := range slices.Chunk(b.packets, track.Group) {
			s.takeAll(group)
		}
		b.reset()
		l.free <- b
		if out != nil && s.now >= next {
			next = s.now + 1e9
			out.hand()
		}
	}
}

// spread reads and decodes src to its end and shares the packets out by flow: both directions of
// a conversation go to one shard, in the order of the source. On return all shards have taken
// everything; finishing them is the caller's.
func spread(ctx context.Context, cfg Config, seed track.Seed, shards []*shard, src capture.Source) error {
	lanes := make([]*lane, len(shards))
	var workers sync.WaitGroup
	for i, s := range shards {
		lanes[i] = newLane()
		workers.Go(func() { lanes[i].work(s) })
	}
	defer workers.Wait()
	defer func() {
		for _, l := range lanes {
			l.hand()
			close(l.full)
		}
	}()
	decoder := decode.New(cfg.Decode)
	var (
		f capture.Frame
		p decode.Packet
	)
	for n := 0; ; n++ {
		if n&1023 == 0 && ctx.Err() != nil {
			return fmt.Errorf("read capture: %w", ctx.Err())
		}
		switch err := src.Next(&f); {
		case err == nil:
			decoder.Decode(&f, &p)
			lanes[seed.Shard(&p, len(lanes))].put(&p)
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, capture.ErrTimeout):
		default:
			return err
		}
	}
}
