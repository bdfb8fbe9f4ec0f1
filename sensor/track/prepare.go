package track

import "github.com/wardscope/wardscope/sensor/decode"

// Group is how many packets Prepare takes at once: about as many loads as a processor has under way.
const Group = 16

// Toucher is a Reader that can load what it will need of a conversation, before it is called.
type Toucher interface{ Touch(h Handle) uint64 }

// ahead is what is known of the packets that come next.
type ahead struct {
	hash    [Group]uint64
	record  [Group]uint32
	touched uint64 // what was loaded, so that the loads are not optimized away
}

// Prepare loads what Packet will need for the next packets into the processor's caches: with many
// flows each look-up misses them, and misses that do not wait for one another cost one. It changes
// nothing, and calling it is not necessary. At most Group packets are looked at.
func (t *Table) Prepare(packets []decode.Packet) {
	n := min(len(packets), Group)
	if n < 2 {
		return
	}
	a := &t.ahead
	sum := uint64(0)
	for i := range n {
		if !packets[i].IP {
			a.hash[i] = 0
			continue
		}
		k, _ := keyOf(&packets[i])
		a.hash[i] = t.seed.hash(&k)
		sum ^= t.index.home(a.hash[i])
	}
	for i := range n {
		a.record[i] = 0
		if a.hash[i] == 0 {
			continue
		}
		if a.record[i] = t.index.guess(a.hash[i]); a.record[i] != 0 {
			r := t.arena.at(a.record[i])
			sum ^= r.a.Lo ^ r.octets[0] ^ uint64(r.hole[1]) // the cache lines of what Packet reads and writes
		}
	}
	for i := range n {
		if a.record[i] == 0 {
			continue
		}
		r := t.arena.at(a.record[i])
		if r.bits&bitWants == 0 {
			continue
		}
		if r.stream != 0 {
			sum ^= uint64(t.streams.at(r.stream).halves[0].next)
		}
		if t.toucher != nil {
			sum ^= t.toucher.Touch(r.handle)
		}
	}
	a.touched ^= sum
}
