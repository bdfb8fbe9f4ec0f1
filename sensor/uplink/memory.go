package uplink

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/observe"
	"github.com/wardscope/wardscope/sensor/spool"
)

const shedReason = "the hub was out of reach for longer than limits.uplink_queue holds"

// Memory is a queue of batches within a ceiling of bytes. Full: the oldest batch that was never
// handed out goes, is counted, and becomes a loss record. A batch that was handed out may be at
// the hub already, so it stays until it is acknowledged: shedding it could count it as both.
type Memory struct {
	maxBytes int

	mu      sync.Mutex
	waiting []observe.Sealed // oldest first; never handed out
	away    map[model.BatchID]observe.Sealed
	bytes   int // of both
	shed    *spool.Account
	total   spool.Totals
	closed  bool
	ready   chan struct{} // capacity 1: there may be something to take
}

// NewMemory makes a queue of at most maxBytes of encoded batches.
func NewMemory(maxBytes int) (*Memory, error) {
	shed, err := spool.NewAccount()
	if err != nil {
		return nil, fmt.Errorf("make uplink queue: %w", err)
	}
	return &Memory{maxBytes: maxBytes, away: map[model.BatchID]observe.Sealed{}, shed: shed, ready: make(chan struct{}, 1)}, nil
}

// Put takes a batch; it never blocks. The batch's data must not change any more.
func (m *Memory) Put(b observe.Sealed) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.total.Batches++
	m.total.Events += uint64(b.Events)
	m.waiting = append(m.waiting, b)
	m.bytes += len(b.Data)
	for m.bytes > m.maxBytes && len(m.waiting) > 0 {
		oldest := m.waiting[0]
		m.waiting[0] = observe.Sealed{} // let go of the data
		m.waiting = m.waiting[1:]
		m.bytes -= len(oldest.Data)
		m.total.ShedBatches++
		m.total.ShedEvents += uint64(oldest.Events)
		m.shed.Shed(oldest, model.PlaceUplink, shedReason)
	}
	m.wake()
}

// Next waits for a batch and hands it out. It returns io.EOF when the queue was closed and holds
// nothing that was not handed out, or the context's error.
func (m *Memory) Next(ctx context.Context) (observe.Sealed, error) {
	for {
		b, ok, end := m.take()
		if ok {
			return b, nil
		}
		if end {
			return observe.Sealed{}, io.EOF
		}
		select {
		case <-ctx.Done():
			return observe.Sealed{}, ctx.Err()
		case <-m.ready:
		}
	}
}

func (m *Memory) take() (b observe.Sealed, ok, end bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.waiting) == 0 {
		if m.closed {
			m.wake() // for the next one who waits
		}
		return b, false, m.closed
	}
	b, m.waiting[0] = m.waiting[0], observe.Sealed{}
	m.waiting = m.waiting[1:]
	m.away[b.ID] = b
	if len(m.waiting) > 0 {
		m.wake()
	}
	return b, true, false
}

// Ack lets go of a batch that the hub has. Unknown ids are ignored.
func (m *Memory) Ack(id model.BatchID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.away[id]
	if !ok {
		return nil
	}
	delete(m.away, id)
	m.bytes -= len(b.Data)
	m.total.SentBatches++
	m.total.SentEvents += uint64(b.Events)
	return nil
}

// Losses returns what was shed since the last call, for the next batch.
func (m *Memory) Losses() []model.Loss {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.shed.Drain()
}

// Close says that no more batches come.
func (m *Memory) Close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	m.wake()
}

// Held tells what the queue holds.
func (m *Memory) Held() spool.Held {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := spool.Held{Batches: len(m.waiting) + len(m.away), InFlight: len(m.away), Bytes: m.bytes}
	for _, b := range m.waiting {
		h.Events += b.Events
	}
	for _, b := range m.away {
		h.Events += b.Events
	}
	return h
}

// Totals tells what went through the queue.
func (m *Memory) Totals() spool.Totals {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.total
}

// wake lets one Next look again.
func (m *Memory) wake() {
	select {
	case m.ready <- struct{}{}:
	default: // somebody is about to look
	}
}
