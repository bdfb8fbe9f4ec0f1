package track

const (
	segmentBits = 6 // 64 segments: growing one rehashes a sixty-fourth of the flows at a time
	minSlots    = 64
)

// index finds records by key: open addressing with linear probing in slots of a 32-bit tag and a
// 32-bit record number. A slot of 0 is empty.
type index struct {
	segments [1 << segmentBits]segment
}

type segment struct {
	slots []uint64
	used  int
}

func (x *index) segment(h uint64) *segment { return &x.segments[h>>(64-segmentBits)] }

// find returns the record number of a key, 0 when there is none.
func (x *index) find(a *arena, h uint64, k *key) uint32 {
	slots := x.segment(h).slots
	if len(slots) == 0 {
		return 0
	}
	tag := uint32(h)
	for i := int(tag) & (len(slots) - 1); ; i = (i + 1) & (len(slots) - 1) {
		slot := slots[i]
		if slot == 0 {
			return 0
		}
		if uint32(slot>>32) == tag && a.at(uint32(slot)).is(k) {
			return uint32(slot)
		}
	}
}

// touch loads the slot where the search for a key begins, without looking at it: a look that has to
// wait for memory would keep the next keys waiting.
func (x *index) touch(h uint64) uint64 {
	slots := x.segment(h).slots
	if len(slots) == 0 {
		return 0
	}
	return slots[int(uint32(h))&(len(slots)-1)]
}

// guess returns the number of the record that a key most likely has, without looking at the record.
func (x *index) guess(h uint64) uint32 {
	slots := x.segment(h).slots
	if len(slots) == 0 {
		return 0
	}
	tag := uint32(h)
	for i := int(tag) & (len(slots) - 1); ; i = (i + 1) & (len(slots) - 1) {
		if slot := slots[i]; slot == 0 || uint32(slot>>32) == tag {
			return uint32(slot)
		}
	}
}

// insert adds a record whose key is not there.
func (x *index) insert(h uint64, record uint32) {
	s := x.segment(h)
	if (s.used+1)*4 > len(s.slots)*3 {
		s.grow()
	}
	s.put(uint64(uint32(h))<<32 | uint64(record))
	s.used++
}

func (s *segment) put(slot uint64) {
	mask := len(s.slots) - 1
	i := int(slot>>32) & mask
	for s.slots[i] != 0 {
		i = (i + 1) & mask
	}
	s.slots[i] = slot
}

func (s *segment) grow() {
	old := s.slots
	s.slots = make([]uint64, max(minSlots, 2*len(old)))
	for _, slot := range old {
		if slot != 0 {
			s.put(slot)
		}
	}
}

// remove takes a record out and moves later slots of its run up, so that no marks stay behind.
func (x *index) remove(h uint64, record uint32) {
	s := x.segment(h)
	mask := len(s.slots) - 1
	if mask < 0 {
		return
	}
	i := int(uint32(h)) & mask
	for uint32(s.slots[i]) != record {
		if s.slots[i] == 0 {
			return
		}
		i = (i + 1) & mask
	}
	for j := (i + 1) & mask; s.slots[j] != 0; j = (j + 1) & mask {
		home := int(s.slots[j]>>32) & mask
		if (j-home)&mask >= (j-i)&mask { // its home is not between the hole and itself
			s.slots[i] = s.slots[j]
			i = j
		}
	}
	s.slots[i] = 0
	s.used--
}
