package observe

import (
	"hash/maphash"
	"math/bits"
)

const (
	pageBits = 8
	pageSize = 1 << pageBits
	minSlots = 64
)

// book holds distinct claims. Entries lie in pages that are never moved, found by open addressing
// in slots of 32 bits of hash and the entry's number from 1, so that a million claims are few
// objects to the garbage collector.
type book[T any] struct {
	slots []uint64
	pages []*[pageSize]T
	used  int
}

func (b *book[T]) at(i int) *T { return &b.pages[i>>pageBits][i&(pageSize-1)] }

// find returns the entry that is the same, nil when there is none.
func (b *book[T]) find(h uint64, same func(*T) bool) *T {
	if len(b.slots) == 0 {
		return nil
	}
	mask := len(b.slots) - 1
	for i := int(h>>32) & mask; ; i = (i + 1) & mask {
		slot := b.slots[i]
		if slot == 0 {
			return nil
		}
		if uint32(slot>>32) == uint32(h>>32) {
			if e := b.at(int(uint32(slot)) - 1); same(e) {
				return e
			}
		}
	}
}

// home loads the slot at which the search for an entry begins.
func (b *book[T]) home(h uint64) uint64 {
	if len(b.slots) == 0 {
		return 0
	}
	return b.slots[int(h>>32)&(len(b.slots)-1)]
}

// guess returns the entry that most likely is the one looked for, without looking at it.
func (b *book[T]) guess(h uint64) *T {
	if len(b.slots) == 0 {
		return nil
	}
	mask := len(b.slots) - 1
	for i := int(h>>32) & mask; ; i = (i + 1) & mask {
		slot := b.slots[i]
		if slot == 0 {
			return nil
		}
		if uint32(slot>>32) == uint32(h>>32) {
			return b.at(int(uint32(slot)) - 1)
		}
	}
}

// add takes an entry that is not there.
func (b *book[T]) add(h uint64, o *T) *T {
	if (b.used+1)*4 > len(b.slots)*3 {
		b.grow()
	}
	if b.used>>pageBits == len(b.pages) {
		b.pages = append(b.pages, new([pageSize]T))
	}
	e := b.at(b.used)
	*e = *o
	b.used++
	b.put(h>>32<<32 | uint64(b.used))
	return e
}

func (b *book[T]) put(slot uint64) {
	mask := len(b.slots) - 1
	i := int(slot>>32) & mask
	for b.slots[i] != 0 {
		i = (i + 1) & mask
	}
	b.slots[i] = slot
}

func (b *book[T]) grow() {
	old := b.slots
	b.slots = make([]uint64, max(minSlots, 2*len(old)))
	for _, slot := range old {
		if slot != 0 {
			b.put(slot)
		}
	}
}

// forget drops the entries that keep does not want.
func (b *book[T]) forget(hash func(*T) uint64, keep func(*T) bool) {
	kept := 0
	for i := range b.used {
		e := b.at(i)
		to := b.at(kept)
		if to != e {
			*to = *e
		}
		if keep(to) {
			kept++
		}
	}
	var none T
	for i := kept; i < b.used; i++ {
		*b.at(i) = none // frees the strings
	}
	b.used = kept
	pages := (kept + pageSize - 1) >> pageBits
	clear(b.pages[pages:])
	b.pages = b.pages[:pages]
	b.slots = nil
	if kept == 0 {
		return
	}
	b.slots = make([]uint64, max(minSlots, 1<<bits.Len(uint(kept*4/3+1))))
	for i := range kept {
		b.put(hash(b.at(i))>>32<<32 | uint64(i+1))
	}
}

// mixer hashes claims, keyed: who sends packets cannot steer collisions.
type mixer struct {
	seed maphash.Seed
	key  uint64
}

func newMixer() mixer {
	seed := maphash.MakeSeed()
	return mixer{seed: seed, key: maphash.String(seed, "key")}
}

func (m mixer) text(h uint64, s string) uint64 { return mix(h, maphash.String(m.seed, s)) }

func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0x9e3779b97f4a7c15, b|1)
	return hi ^ lo
}
