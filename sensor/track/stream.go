package track

import (
	"math/bits"

	"github.com/wardscope/wardscope/sensor/decode"
)

// A hole that nobody fills for so long, in nanoseconds, is given up.
const holeTimeout = 2e9

// stream is the reassembly of one TCP conversation, while its bytes are wanted.
type stream struct {
	halves [2]half
	free   uint32
}

// half is one direction: what comes next, and what came too early.
type half struct {
	next  uint32
	begun bool
	early *piece // by sequence number
	bytes int    // held by early
	since int64  // when the hole before early was found
}

// piece is a segment that came too early. Wire is its length by the headers, at least len(data).
type piece struct {
	seq, wire uint32
	data      []byte
	next      *piece
}

// streams is the pool of reassembly states, within ceilings.
type streams struct {
	all      []*stream // by number; 0 is none
	fresh    []stream  // not used yet: they are allocated together
	freeList uint32
	live     int
	max      int
	pieces   [pieceClasses]*piece
	bytes    int // held by all halves
	idle     int // held by free pieces
	maxBytes int
	maxHalf  int
}

// Pieces come in buffers of powers of two, so that they can be used again.
const (
	smallestPiece = 9 // 512 bytes
	pieceClasses  = 17 - smallestPiece
)

func pieceClass(n int) int { return max(bits.Len(uint(n-1)), smallestPiece) - smallestPiece }

func (s *streams) init(cfg Config) {
	s.all = make([]*stream, 1)
	s.max, s.maxBytes, s.maxHalf = cfg.MaxStreams, cfg.ReassemblyBytes, cfg.ReorderBytes
}

func (s *streams) take() uint32 {
	if s.live >= s.max {
		return 0
	}
	s.live++
	if n := s.freeList; n != 0 {
		s.freeList = s.all[n].free
		*s.all[n] = stream{}
		return n
	}
	if len(s.fresh) == 0 {
		s.fresh = make([]stream, 64)
	}
	s.all = append(s.all, &s.fresh[0])
	s.fresh = s.fresh[1:]
	return uint32(len(s.all) - 1)
}

func (s *streams) release(r *record) {
	st := s.all[r.stream]
	for side := range st.halves {
		for h := &st.halves[side]; h.early != nil; {
			p := h.early
			h.early = p.next
			s.recycle(h, p)
		}
	}
	st.free, s.freeList = s.freeList, r.stream
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
	if s.bytes+size > s.maxBytes || h.bytes+size > max(s.maxHalf, size) {
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
	h.bytes += size
	return p
}

func (s *streams) recycle(h *half, p *piece) {
	size := cap(p.data)
	s.bytes -= size
	h.bytes -= size
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
	h := &t.streams.all[r.stream].halves[side]
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
