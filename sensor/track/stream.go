package track

import (
	"math/bits"

	"github.com/wardscope/wardscope/sensor/decode"
)

// A hole that nobody fills for so long, in nanoseconds, is given up.
const holeTimeout = 2e9

// stream is the reassembly of one TCP conversation, while its bytes are wanted. It fills one line
// of the processor's caches.
type stream struct {
	halves [2]half // of a free one, halves[0].next is the next free one
}

// half is one direction: what comes next, and what came too early.
type half struct {
	early *piece // by sequence number
	since int64  // when the hole before early was found
	bytes int32  // held by early
	next  uint32
	begun bool
}

// piece is a segment that came too early. Wire is its length by the headers, at least len(data).
type piece struct {
	seq, wire uint32
	data      []byte
	next      *piece
}

// streams is the pool of reassembly states, within ceilings.
type streams struct {
	all      []*[streamsTogether]stream // by number; 0 is none
	used     uint32                     // numbers ever given out, 0 included
	freeList uint32
	live     int
	max      int
	pieces   [pieceClasses]*piece
	bytes    int // held by all halves
	idle     int // held by free pieces
	maxBytes int
	maxHalf  int
}

const streamsTogether = 128 // allocated at once

func (s *streams) at(n uint32) *stream { return &s.all[n/streamsTogether][n%streamsTogether] }

// Pieces come in buffers of powers of two, so that they can be used again.
const (
	smallestPiece = 9 // 512 bytes
	pieceClasses  = 17 - smallestPiece
)

func pieceClass(n int) int { return max(bits.Len(uint(n-1)), smallestPiece) - smallestPiece }

func (s *streams) init(cfg Config) {
	s.used = 1
	s.max, s.maxBytes, s.maxHalf = cfg.MaxStreams, cfg.ReassemblyBytes, cfg.ReorderBytes
}

func (s *streams) take() uint32 {
	if s.live >= s.max {
		return 0
	}
	s.live++
	if n := s.freeList; n != 0 {
		st := s.at(n)
		s.freeList = st.halves[0].next
		*st = stream{}
		return n
	}
	n := s.used
	s.used++
	if int(n/streamsTogether) == len(s.all) {
		s.all = append(s.all, new([streamsTogether]stream))
	}
	return n
}

func (s *streams) release(r *record) {
	st := s.at(r.stream)
	for side := range st.halves {
		for h := &st.halves[side]; h.early != nil; {
			p := h.early
			h.early = p.next
			s.recycle(h, p)
		}
	}
	st.halves[0].next, s.freeList = s.freeList, r.stream
	r.stream = 0
	s.live--
}

// keep copies a segment into a piece of its own; nil when the ceiling is reached.
func (s *streams) keep(h *half, seq uint32, wire int, data []byte) *piece {
	class := pieceClass(max(len(data), 1))
	if class >= pieceClasses {
		return nil
	}
	size := 1 << (class + smallestPiece)
	if s.bytes+size > s.maxBytes || int(h.bytes)+size > max(s.maxHalf, size) {
		return nil
	}
	p := s.pieces[class]
	if p != nil {
		s.pieces[class] = p.next
		s.idle -= size
	} else {
		p = &piece{data: make([]byte, 0, size)}
	}
	p.seq, p.wire, p.next = seq, uint32(wire), nil
	p.data = append(p.data[:0], data...)
	s.bytes += size
	h.bytes += int32(size)
	return p
}

func (s *streams) recycle(h *half, p *piece) {
	size := cap(p.data)
	s.bytes -= size
	h.bytes -= int32(size)
	if s.bytes+s.idle+size > s.maxBytes/2 {
		return // to the garbage collector: idle buffers are worth half of the ceiling at most
	}
	class := pieceClass(size)
	p.next, s.pieces[class] = s.pieces[class], p
	s.idle += size
}

// openStream asks the Reader for a conversation and makes its state.
func (t *Table) openStream(r *record) bool {
	if t.streams.live >= t.streams.max {
		r.bits |= bitAsked
		t.counters.StreamsRefused++
		return false
	}
	if !t.ask(r) {
		return false
	}
	r.stream = t.streams.take()
	return true
}

// segment hands over a segment, keeps it for later, or drops what is old. Expected is where the
// direction stood before this packet.
func (t *Table) segment(r *record, p *decode.Packet, side int, expected uint32) {
	h := &t.streams.at(r.stream).halves[side]
	if !h.begun {
		h.begun, h.next = true, expected
	}
	seq, data, wire := payloadSeq(p), p.Payload, p.PayloadLen
	ahead := int32(seq - h.next)
	if ahead > maxJump || ahead < -maxJump { // another numbering: begin again there
		if !t.giveUpHole(r, side, true) {
			return
		}
		h.next, ahead = seq, 0
	}
	if ahead < 0 {
		past := int(-ahead)
		if past >= wire {
			return
		}
		data, wire = data[min(past, len(data)):], wire-past
	}
	if ahead > 0 && !t.early(r, h, p, side, seq) {
		return
	}
	if r.stream == 0 || int32(seq-h.next) > 0 {
		return
	}
	if ahead > 0 { // early made room by giving up the hole before it
		past := int(h.next - seq)
		if past >= wire {
			return
		}
		data, wire = data[min(past, len(data)):], wire-past
	}
	if t.deliver(r, h, side, data, wire) {
		t.contiguous(r, h, side)
	}
}

// early deals with a segment behind a hole: true when it may be handed over now, because the hole
// before it was given up.
func (t *Table) early(r *record, h *half, p *decode.Packet, side int, seq uint32) bool {
	if h.early == nil {
		h.since = p.Time
	}
	if p.Time-h.since <= holeTimeout {
		if kept := t.streams.keep(h, seq, p.PayloadLen, p.Payload); kept != nil {
			h.insert(kept)
			return false
		}
		t.counters.ReorderDropped++
	}
	for r.stream != 0 && int32(seq-h.next) > 0 {
		if h.early == nil || int32(h.early.seq-seq) >= 0 {
			return t.gap(r, h, side, int(seq-h.next))
		}
		t.giveUpHole(r, side, false)
	}
	return r.stream != 0
}

// insert puts a piece in its place.
func (h *half) insert(p *piece) {
	at := &h.early
	for *at != nil && int32((*at).seq-p.seq) <= 0 {
		at = &(*at).next
	}
	p.next, *at = *at, p
}
