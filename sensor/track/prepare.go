package track

import "github.com/wardscope/wardscope/sensor/decode"

// Group is how many packets Prepare takes at once: about as many loads as a processor has under way.
const Group = 32

// Toucher is a Reader that can load what it will need of a conversation, before it is called.
type Toucher interface{ Touch(h Handle) uint64 }

// ahead is what is known of the packets that come next.
type ahead struct {
	packets []decode.Packet // that Packet has not been called for yet
	first   int             // number of packets[0] in the arrays
	key     [Group]key
	side    [Group]int
	hash    [Group]uint64
	mark    [Group]uint64 // see markOf
	record  [Group]uint32
	touched uint64 // what was loaded, so that the loads are not optimized away
}

// Prepare loads what Packet will need for the next packets into the processor's caches: with many
// flows each look-up misses them, and misses that do not wait for one another cost one. It changes
// nothing, and calling it is not necessary; but once it was called, the packets stay as they are until
// Packet was called for them or Prepare for others. At most Group packets are looked at.
func (t *Table) Prepare(packets []decode.Packet) {
	n := min(len(packets), Group)
	a := &t.ahead
	a.packets, a.first = packets[:n], 0
	sum := uint64(0)
	for i := range n {
		if packets[i].IP {
			t.ahead.know(&t.seed, i, &packets[i])
			sum ^= uint64(t.recent.slots[a.mark[i]&(recentSize-1)].mark)
		}
	}
	for i := range n {
		sum ^= t.index.touch(a.hash[i])
	}
	for i := range n {
		a.record[i] = 0
		if packets[i].IP {
			a.record[i] = t.index.guess(a.hash[i])
		}
	}
	for i := range n {
		if a.record[i] != 0 {
			r := t.arena.at(a.record[i])
			sum ^= r.a.Lo ^ r.octets[0] // the cache lines of what Packet reads and writes
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
		sum ^= uint64(t.arena.rare(a.record[i]).macLow[0])
		if r.stream != 0 {
			sum ^= uint64(t.streams.at(r.stream).halves[0].next)
		}
		if t.toucher != nil {
			sum ^= t.toucher.Touch(r.handle)
		}
	}
	a.touched ^= sum
}

// know notes what follows from an IP packet alone.
func (a *ahead) know(s *Seed, i int, p *decode.Packet) {
	a.side[i] = a.key[i].set(p)
	a.hash[i] = s.hash(&a.key[i])
	a.mark[i] = markOf(a.hash[i], p, a.side[i])
}

// prepared is the number that Prepare gave a packet, and forgets those before it; -1 when it gave none.
func (a *ahead) prepared(p *decode.Packet) int {
	for len(a.packets) > 0 {
		here := &a.packets[0] == p
		i := a.first
		a.packets, a.first = a.packets[1:], i+1
		if here {
			return i
		}
	}
	return -1
}

// lookUp is what ahead says of an IP packet, and the number in it; found out now when Prepare was
// not called. The record is the true one, 0 when there is none.
func (t *Table) lookUp(p *decode.Packet) (i int, record uint32) {
	a := &t.ahead
	if i = a.prepared(p); i < 0 {
		i = 0
		a.know(&t.seed, 0, p)
		a.record[0] = 0
	}
	// The record of an earlier packet of the group may have left since, and its number been given anew.
	if n := a.record[i]; n != 0 {
		if r := t.arena.at(n); r.state != stateFree && r.is(&a.key[i]) {
			return i, n
		}
	}
	return i, t.index.find(&t.arena, a.hash[i], &a.key[i])
}
