package hospital

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/capture"
)

const (
	pcapMagicNano = 0xa1b23c4d // nanosecond timestamps
	snapLength    = 262144
)

// WritePcap writes all frames that are left as a pcap file with nanosecond times.
func (g *Generator) WritePcap(w io.Writer) error {
	b := bufio.NewWriterSize(w, 1<<18)
	head := binary.LittleEndian.AppendUint32(nil, pcapMagicNano)
	head = append(head, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	head = binary.LittleEndian.AppendUint32(head, snapLength)
	head = binary.LittleEndian.AppendUint32(head, uint32(capture.LinkEthernet))
	_, err := b.Write(head)
	var record [16]byte
	for err == nil {
		at, frame, e := g.Next()
		if errors.Is(e, io.EOF) {
			break
		}
		if e != nil {
			return e
		}
		binary.LittleEndian.PutUint32(record[0:], uint32(at/1e9))
		binary.LittleEndian.PutUint32(record[4:], uint32(at%1e9))
		binary.LittleEndian.PutUint32(record[8:], uint32(len(frame)))
		binary.LittleEndian.PutUint32(record[12:], uint32(len(frame)))
		if _, err = b.Write(record[:]); err == nil {
			_, err = b.Write(frame)
		}
	}
	if err == nil {
		err = b.Flush()
	}
	if err != nil {
		return fmt.Errorf("write capture: %w", err)
	}
	return nil
}

// pollInterval is how long a paced source waits before it says that nothing came.
const pollInterval = 100 * time.Millisecond

// Source makes a capture source of a generator, paced by the scenario's speed: at most speed
// virtual seconds in a real one from the first call on, and never ahead of that.
type Source struct {
	// Live holds back frames of the future: what is past comes as fast as possible, the rest at
	// its time, whatever the scenario's speed. Set it before the first Next.
	Live bool

	generator *Generator
	domain    model.DomainID
	stats     capture.Stats

	held    []byte // a frame that is not due yet
	heldAt  int64
	holding bool
	began   time.Time
	first   int64
	closed  bool
}

// NewSource makes a capture source.
func NewSource(g *Generator, domain model.DomainID) *Source {
	return &Source{generator: g, domain: domain}
}

// Next fills f; io.EOF at the end, capture.ErrTimeout when the next frame is not due yet.
func (s *Source) Next(f *capture.Frame) error {
	if s.closed {
		return io.EOF
	}
	if !s.holding {
		at, frame, err := s.generator.Next()
		if err != nil {
			return err
		}
		s.held, s.heldAt, s.holding = frame, at, true
	}
	if !s.due() {
		return capture.ErrTimeout
	}
	s.holding = false
	*f = capture.Frame{Time: s.heldAt, Data: s.held, WireLen: len(s.held), LinkType: capture.LinkEthernet, Domain: s.domain}
	s.stats.Frames++
	s.stats.Octets += uint64(len(s.held))
	return nil
}

// due waits for the held frame's turn, at most pollInterval.
func (s *Source) due() bool {
	var wait time.Duration
	switch {
	case s.Live:
		wait = time.Until(time.Unix(0, s.heldAt))
	case s.generator.speed > 0:
		if s.began.IsZero() {
			s.began, s.first = time.Now(), s.heldAt
		}
		wait = time.Until(s.began.Add(time.Duration(float64(s.heldAt-s.first) / s.generator.speed)))
	}
	if wait <= 0 {
		return true
	}
	timer := time.NewTimer(min(wait, pollInterval))
	defer timer.Stop()
	<-timer.C
	return wait <= pollInterval
}

// Stats returns the counters; a generated source drops nothing.
func (s *Source) Stats() capture.Stats { return s.stats }

// Close ends the source.
func (s *Source) Close() error {
	s.closed = true
	return nil
}
