package observe

import "github.com/wardscope/wardscope/internal/model"

// waitingClaims is how many claims are looked up together.
const waitingClaims = 16

// waiting is a claim that waits to be looked up: the book is larger than the caches of the processor,
// and misses that do not wait for one another cost one.
type waiting struct {
	hash  uint64
	claim model.Observation
}

// resolve looks up the claims that wait.
func (c *Collector) resolve() {
	all := c.waiting[:c.waits]
	c.waits = 0
	sum := uint64(0)
	for i := range all {
		sum ^= c.claims.home(all[i].hash)
	}
	for i := range all {
		if e := c.claims.guess(all[i].hash); e != nil {
			sum ^= uint64(e.first) ^ uint64(e.source) // its first and last lines
		}
	}
	c.touched ^= sum
	for i := range all {
		c.lookUp(&all[i])
	}
}

// lookUp counts a claim that is held, and holds a new one.
func (c *Collector) lookUp(w *waiting) {
	n, h := &w.claim, w.hash
	c.claim = n
	near := &c.near[h&(nearClaims-1)]
	if held := c.claims.find(h, c.same); held != nil {
		if n.First < held.first {
			held.vlan = n.VLAN
		}
		held.again(n.First, n.Last, n.Count)
		near.settle()
		*near = sighting{hash: h, held: held}
		return
	}
	if c.claims.used >= c.cfg.MaxClaims {
		c.overflow++
		c.sink.Observation(n)
		return
	}
	if c.cfg.EmitFirst {
		c.sink.Observation(n)
		n.Count = 0
	}
	near.settle()
	held := c.hold(n)
	*near = sighting{hash: h, held: c.claims.add(h, &held)}
}
