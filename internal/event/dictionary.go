package event

import "math/bits"

// dictionary numbers distinct values from 1; 0 stands for the zero value. It looks values up by open
// addressing with linear probing: a batch asks for four addresses a flow, and a map takes twice the time.
type dictionary[K comparable] struct {
	hash  func(K) uint64 // keyed: whose traffic is seen must not be able to make values collide
	slots []uint32       // numbers, 0 where empty; a power of two of them
	list  []K
}

const fewSlots = 1 << 10

func (d *dictionary[K]) reset() {
	clear(d.slots)
	clear(d.list)
	d.list = d.list[:0]
}

func (d *dictionary[K]) add(k K) uint32 {
	var zero K
	if k == zero {
		return 0
	}
	if 2*len(d.list) >= len(d.slots) {
		d.grow()
	}
	i := d.hash(k) & uint64(len(d.slots)-1)
	for ; d.slots[i] != 0; i = (i + 1) & uint64(len(d.slots)-1) {
		if n := d.slots[i]; d.list[n-1] == k {
			return n
		}
	}
	d.list = append(d.list, k)
	d.slots[i] = uint32(len(d.list))
	return d.slots[i]
}

func (d *dictionary[K]) grow() {
	d.slots = make([]uint32, max(fewSlots, 2*len(d.slots)))
	for n, k := range d.list {
		i := d.hash(k) & uint64(len(d.slots)-1)
		for d.slots[i] != 0 {
			i = (i + 1) & uint64(len(d.slots)-1)
		}
		d.slots[i] = uint32(n + 1)
	}
}

// mix makes one well-mixed word of two.
func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}
