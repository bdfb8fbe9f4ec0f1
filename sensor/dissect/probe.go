package dissect

import "math/bits"

const (
	defaultProbe  = 512 // bytes a direction; see Info.ProbeBytes
	setWords      = 3
	maxCandidates = 64 * setWords
)

// set is a set of candidates of one carrier.
type set [setWords]uint64

func (s *set) remove(i int)   { s[i>>6] &^= 1 << (i & 63) }
func (s *set) has(i int) bool { return s[i>>6]&(1<<(i&63)) != 0 }
func (s *set) empty() bool    { return s[0]|s[1]|s[2] == 0 }

// carrier is what may be probed on one transport, in the order of registration.
type carrier struct {
	candidates []candidate
	byPort     map[uint16][]int // candidates that name the port
	every      set
}

type candidate struct {
	Protocol
	index      int // in Runtime.all
	probeBytes int
	ports      []uint16
}

func (r *carrier) add(p Protocol, index int, info Info) {
	r.candidates = append(r.candidates, candidate{Protocol: p, index: index, probeBytes: info.ProbeBytes, ports: info.Ports})
}

func (r *carrier) finish() {
	r.byPort = map[uint16][]int{}
	for i := range r.candidates {
		r.every[i>>6] |= 1 << (i & 63)
		for _, p := range r.candidates[i].ports {
			r.byPort[p] = append(r.byPort[p], i)
		}
	}
}

// search asks the candidates about the first bytes of a conversation: those of the ports first,
// then the others in the order of registration. The first Mine wins.
func (rt *Runtime) search(c *conversation, dir Direction, data []byte) {
	if c.packets == 0 {
		c.first = dir
	}
	c.packets++
	c.bytes += len(data)
	e := &c.ends[dir]
	prefix := data
	if !c.datagrams && len(e.held) > 0 {
		held, ok := rt.buffers.add(e.held, data)
		e.held, prefix = held, held
		if !ok {
			rt.stats.Starved++
			rt.giveUp(c)
			return
		}
	}
	if i := rt.judge(c, dir, prefix); i >= 0 {
		rt.claim(c, i, dir, data)
		return
	}
	if c.alive[0].empty() && c.alive[1].empty() || int(c.packets) >= rt.cfg.MaxPackets || c.bytes >= rt.cfg.MaxProbeBytes {
		rt.giveUp(c)
		return
	}
	if !c.datagrams && len(e.held) == 0 {
		held, ok := rt.buffers.add(nil, data)
		e.held = held
		if !ok {
			rt.stats.Starved++
			rt.giveUp(c)
		}
	}
}

func (rt *Runtime) giveUp(c *conversation) {
	rt.stats.GivenUp++
	c.ended = true
}

// judge returns the candidate that says Mine, or -1.
func (rt *Runtime) judge(c *conversation, dir Direction, data []byte) (claimed int) {
	f := rt.emit.flow
	claimed = -1
	var asked set
	defer func() {
		if rt.contain(recover()) {
			claimed = -1
			c.ended = true
		}
	}()
	for _, port := range [2]uint16{f.Responder.Port, f.Initiator.Port} {
		for _, i := range c.carrier.byPort[port] {
			if !c.alive[dir].has(i) || asked.has(i) {
				continue
			}
			asked[i>>6] |= 1 << (i & 63)
			if rt.ask(c, i, dir, data) {
				return i
			}
		}
	}
	for w := range c.alive[dir] {
		for m := c.alive[dir][w] &^ asked[w]; m != 0; m &= m - 1 {
			i := w<<6 | bits.TrailingZeros64(m)
			if rt.ask(c, i, dir, data) {
				return i
			}
		}
	}
	return -1
}

// ask puts the bytes to one candidate. What is certainly another's is out for good; what is still
// unsure after the candidate's own limit is out for this direction.
func (rt *Runtime) ask(c *conversation, i int, dir Direction, data []byte) bool {
	cand := &c.carrier.candidates[i]
	rt.running = cand.index
	switch cand.Probe(rt.emit.flow, dir, data) {
	case Mine:
		return true
	case NotMine, Done:
		c.alive[0].remove(i)
		c.alive[1].remove(i)
	case More:
		if !c.datagrams && len(data) >= cand.probeBytes {
			c.alive[dir].remove(i)
		}
	}
	return false
}

// claim installs the dissector and feeds it what was held while probing, in the order of arrival
// by direction, then the current bytes.
func (rt *Runtime) claim(c *conversation, i int, dir Direction, data []byte) {
	cand := &c.carrier.candidates[i]
	c.protocol, c.dissector = uint16(cand.index), rt.newDissector(cand.index)
	c.service = rt.numbers[rt.infos[cand.index].Name]
	rt.stats.Claimed++
	if c.datagrams {
		rt.feed(c, dir, data)
		return
	}
	order := [2]Direction{c.first, 1 - c.first}
	for _, d := range order {
		switch e := &c.ends[d]; {
		case c.ended:
			return
		case len(e.held) > 0:
			rt.keep(c, d, rt.feed(c, d, e.held))
		case d == dir:
			rt.keep(c, d, rt.feed(c, d, data))
		}
	}
}
