package track

import (
	"unsafe"

	"github.com/wardscope/wardscope/internal/model"
)

const (
	hour       = 3600e9 // nanoseconds
	tickLength = 100e6  // nanoseconds between two steps of the hand
	sweep      = 10e9   // nanoseconds in which the hand passes all records
	backwards  = 10e9   // nanoseconds that time may step back before the clock follows

	idleUDP   = stateClosed + 1 // indices of Table.idle
	idleOther = stateClosed + 2

	recordSize = int(unsafe.Sizeof(record{}) + unsafe.Sizeof(rare{}))
)

// The value lists, least valuable first: what leaves when the table is full.
const (
	listDoubtful = iota // half open, a packet or few, closed
	listOneWay
	listMutual // both directions talk
	valueLists
)

// list orders records by arrival in it.
type list struct{ oldest, newest uint32 }

func (t *Table) link(i uint32, n int) {
	r, l := t.arena.rare(i), &t.lists[n]
	t.arena.at(i).setList(n)
	r.older, r.newer = l.newest, 0
	if l.newest != 0 {
		t.arena.rare(l.newest).newer = i
	} else {
		l.oldest = i
	}
	l.newest = i
}

func (t *Table) unlink(i uint32) {
	r := t.arena.rare(i)
	l := &t.lists[t.arena.at(i).list()]
	if r.older != 0 {
		t.arena.rare(r.older).newer = r.newer
	} else {
		l.oldest = r.newer
	}
	if r.newer != 0 {
		t.arena.rare(r.newer).older = r.older
	} else {
		l.newest = r.older
	}
}

func (t *Table) move(i uint32, n int) {
	if t.arena.at(i).list() != n {
		t.unlink(i)
		t.link(i, n)
	}
}

// evict lets the least valuable flow leave: the oldest of the lowest list that has any. In the
// upper lists a flow that was active lately gets another turn, a bounded number of times.
func (t *Table) evict() {
	const turns = 8
	for n := range t.lists {
		i := t.lists[n].oldest
		for range turns {
			if i == 0 || n == listDoubtful || t.now-t.arena.at(i).last > tickLength*10 {
				break
			}
			t.unlink(i)
			t.link(i, n)
			i = t.lists[n].oldest
		}
		if i != 0 {
			t.counters.Evicted++
			t.end(i, model.EndLack)
			return
		}
	}
}

// Advance tells the time when no packet does, so that idle flows leave.
func (t *Table) Advance(now int64) { t.tick(now) }

// tick keeps the clock, and moves the hand by as many records as the time that passed is of a sweep.
func (t *Table) tick(now int64) {
	if now < t.nextTick {
		if now > t.nextTick-tickLength-backwards {
			t.now = max(t.now, now)
			return
		}
		t.now, t.nextTick = now, 0 // an older file, or the clock was set back
	}
	passed := now - t.now
	if t.nextTick == 0 {
		passed = tickLength
	}
	t.now = max(t.now, now)
	t.nextTick = t.now + tickLength
	if t.now < t.hourStart || t.now >= t.hourStart+hour {
		t.hourStart = t.now - (t.now-t.offset)%hour
	}
	span := int64(t.arena.used)
	step := span
	if passed < sweep {
		step = min(span, span*max(passed, tickLength)/int64(sweep)+1)
	}
	for range step {
		t.hand++
		if t.hand >= t.arena.used {
			t.hand = 1
			if t.arena.used <= 1 {
				return
			}
		}
		t.examine(t.hand)
	}
}

// examine lets one record leave if it is due.
func (t *Table) examine(i uint32) {
	r := t.arena.at(i)
	if r.state == stateFree {
		return
	}
	if t.now-r.last > t.timeout(r) {
		t.end(i, model.EndIdle)
		return
	}
	if (t.now-r.start >= t.active || r.start < t.hourStart) && r.packets[0]|r.packets[1] != 0 {
		t.export(i, model.EndActive)
	}
}

func (t *Table) timeout(r *record) int64 {
	switch r.protocol {
	case protoTCP:
		return t.idle[r.tcp()]
	case protoUDP, protoUDPLite:
		return t.idle[idleUDP]
	}
	return t.idle[idleOther]
}

// end lets a record leave for good.
func (t *Table) end(i uint32, reason model.EndReason) {
	t.report(i, reason)
	k := t.arena.at(i).key()
	t.index.remove(t.seed.hash(&k), i)
	t.unlink(i)
	t.arena.give(i)
}

// report says all that is to be said of a record that leaves. Of a conversation that was seen to
// end, that is the reason.
func (t *Table) report(i uint32, reason model.EndReason) {
	r := t.arena.at(i)
	if r.tcp() == stateClosed {
		reason = model.EndDetected
	}
	t.view.r, t.view.i, t.view.p = r, i, nil
	if r.stream != 0 {
		t.drain(r)
	}
	if r.protocol == protoTCP {
		b := t.buckets.of(r.domain, r.vlan, t.now)
		b.stats.UnseenAckedOctets += r.unseenTail()
		if counted, one := r.oneWay(); counted {
			b.stats.TCPConversations++
			if one {
				b.stats.TCPOneWay++
			}
		}
	}
	if r.packets[0]|r.packets[1] != 0 {
		t.export(i, reason)
	}
	if r.handle != 0 {
		t.view.r, t.view.i, t.view.p = r, i, nil
		t.reader.Close(r.handle, &t.view)
	}
	if r.stream != 0 {
		t.streams.release(r)
	}
}
