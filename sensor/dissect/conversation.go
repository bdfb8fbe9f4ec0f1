package dissect

// conversation is the state of one flow between the track and its dissector. What each packet
// needs stands first, within two lines of the processor's caches.
type conversation struct {
	open      bool
	datagrams bool
	swapped   bool      // the dissector exchanged the roles
	ended     bool      // the dissector is done, or gave up, or was given up
	closed    [2]bool   // by direction: given up, held bytes reached their ceiling, or a gap could not be bridged
	heard     [2]uint32 // by direction: see Heard
	first     Direction // of the first payload, as the caller counts
	packets   uint16    // with payload, while probing
	service   uint16
	protocol  uint16 // index of the dissector's protocol; valid iff dissector != nil
	dissector Dissector
	ends      [2]end // by direction, as the caller counts
	detail    *detail

	carrier *carrier
	bytes   int    // payload bytes probed
	alive   [2]set // candidates by direction, as the caller counts
}

// end is the receiving state of one direction.
type end struct {
	held []byte // bytes not consumed yet
	skip int    // bytes to come that nobody wants
}

const (
	togetherBits = 7
	together     = 1 << togetherBits
)

// conversations holds all of a Runtime by handle, in pieces that never move.
type conversations struct {
	pieces []*[together]conversation
	used   Handle // handles ever given out, NoHandle included
}

func (s *conversations) at(h Handle) *conversation { return &s.pieces[h>>togetherBits][h&(together-1)] }

// next is a handle that was never given out.
func (s *conversations) next() Handle {
	if s.used == 0 {
		s.used = 1 // NoHandle
	}
	h := s.used
	s.used++
	if int(h>>togetherBits) == len(s.pieces) {
		s.pieces = append(s.pieces, new([together]conversation))
	}
	return h
}

// Heard notes a mark of a direction's packet, and reports whether it is another than that of the one
// before: it saves the caller a look-up for each packet.
func (rt *Runtime) Heard(h Handle, dir Direction, mark uint32) bool {
	c := rt.get(h)
	if c == nil || c.heard[dir] == mark {
		return false
	}
	c.heard[dir] = mark
	return true
}

// Data hands over the next contiguous bytes of a TCP direction, or one UDP datagram. Data aliases
// the caller's packet and is not kept. The service number is 0 while nothing is claimed.
func (rt *Runtime) Data(h Handle, flow *Flow, dir Direction, data []byte) (State, uint16) {
	c := rt.get(h)
	if c == nil {
		return Forget, 0
	}
	if c.ended {
		return Idle, c.service
	}
	if len(data) == 0 {
		return Want, c.service
	}
	rt.begin(c, flow)
	if c.dissector == nil {
		rt.search(c, dir, data)
	} else {
		rt.deliver(c, dir, data)
	}
	return rt.verdict(h, c)
}

// Gap says that n bytes of a TCP direction will never come; the next Data begins behind them.
func (rt *Runtime) Gap(h Handle, flow *Flow, dir Direction, n int) (State, uint16) {
	c := rt.get(h)
	if c == nil {
		return Forget, 0
	}
	if c.ended {
		return Idle, c.service
	}
	e := &c.ends[dir]
	if n <= e.skip {
		e.skip -= n
		return Want, c.service
	}
	n -= e.skip
	e.skip = 0
	rt.buffers.put(e.held)
	e.held = nil
	if c.dissector == nil { // what follows is probed afresh
		return Want, 0
	}
	if c.closed[dir] {
		return Want, c.service
	}
	rt.begin(c, flow)
	rt.bridge(c, dir, n)
	return rt.verdict(h, c)
}

func (rt *Runtime) bridge(c *conversation, dir Direction, n int) {
	g, ok := c.dissector.(GapFeeder)
	if !ok {
		rt.closeEnd(c, dir)
		return
	}
	defer func() {
		if rt.contain(recover()) {
			c.ended = true
		}
	}()
	rt.running = int(c.protocol)
	if v := g.Gap(&rt.emit, dir.as(c), n); v == Done || v == NotMine {
		c.ended = true
	}
	rt.switchOver(c)
}

// closeEnd gives up a direction; a conversation without an open direction is over.
func (rt *Runtime) closeEnd(c *conversation, dir Direction) {
	e := &c.ends[dir]
	c.closed[dir] = true
	rt.buffers.put(e.held)
	e.held = nil
	if c.closed[1-dir] {
		c.ended = true
	}
}

// verdict tells the caller what became of c, and frees what is not needed any more.
func (rt *Runtime) verdict(h Handle, c *conversation) (State, uint16) {
	service := c.service
	if !c.ended {
		return Want, service
	}
	if c.detail == nil && !c.swapped {
		rt.release(h, c)
		return Forget, service
	}
	rt.dropBuffers(c)
	rt.dropDissector(c) // what it learnt is out; there are many conversations that only wait for their end
	return Idle, service
}

// as turns a direction as the caller counts it into one as the dissector counts it, or back.
func (d Direction) as(c *conversation) Direction {
	if c.swapped {
		return 1 - d
	}
	return d
}

// begin points the emitter at c. The caller's flow is read during the call only.
func (rt *Runtime) begin(c *conversation, flow *Flow) {
	e := &rt.emit
	e.c, e.depth, e.handoff = c, 0, ""
	if !c.swapped {
		e.flow = flow
		return
	}
	e.turned = *flow
	e.turned.Initiator, e.turned.Responder = flow.Responder, flow.Initiator
	e.turned.Inferred = false
	e.flow = &e.turned
}

// deliver feeds bytes to the dissector: straight from the packet when nothing is held.
func (rt *Runtime) deliver(c *conversation, dir Direction, data []byte) {
	if c.datagrams {
		rt.feed(c, dir, data)
		return
	}
	e := &c.ends[dir]
	if c.closed[dir] {
		return
	}
	if e.skip >= len(data) {
		e.skip -= len(data)
		return
	}
	data = data[e.skip:]
	e.skip = 0
	if len(e.held) > 0 {
		held, ok := rt.buffers.add(e.held, data)
		e.held = held
		if !ok {
			rt.stats.Starved++
			rt.closeEnd(c, dir)
			return
		}
		data = held
	}
	rest := rt.feed(c, dir, data)
	rt.keep(c, dir, rest)
}

// keep holds what the dissector left: rest is a tail of the held bytes or of the packet.
func (rt *Runtime) keep(c *conversation, dir Direction, rest []byte) {
	e := &c.ends[dir]
	switch {
	case c.ended || c.closed[dir]:
		rt.buffers.put(e.held)
		e.held = nil
	case len(rest) == 0:
		rt.buffers.put(e.held)
		e.held = nil
	case len(rest) >= rt.infos[c.protocol].MaxBuffer:
		rt.closeEnd(c, dir)
	case len(e.held) > 0:
		e.held = e.held[:copy(e.held, rest)]
	default:
		held, ok := rt.buffers.add(nil, rest)
		e.held = held
		if !ok {
			rt.stats.Starved++
			rt.closeEnd(c, dir)
		}
	}
}

// feed calls the dissector until it consumes no more, and returns the bytes it left. After a
// hand-over the next dissector gets the rest.
func (rt *Runtime) feed(c *conversation, dir Direction, data []byte) (rest []byte) {
	defer func() {
		if rt.contain(recover()) {
			c.ended = true
			rest = nil
		}
	}()
	for len(data) > 0 && !c.ended {
		rt.running = int(c.protocol)
		n, v := c.dissector.Feed(&rt.emit, dir.as(c), data)
		if v == Done || v == NotMine {
			c.ended = rt.emit.handoff == ""
		}
		switched := rt.emit.handoff != ""
		if switched {
			rt.switchOver(c)
		}
		if c.datagrams {
			return nil
		}
		if n >= len(data) {
			c.ends[dir].skip = n - len(data)
			return nil
		}
		if n <= 0 && !switched {
			return data
		}
		data = data[max(n, 0):]
	}
	return data
}

// switchOver installs the dissector that the last one named, if it is known. Bytes that the other
// direction holds stay there and are fed with its next packet.
func (rt *Runtime) switchOver(c *conversation) {
	if rt.emit.handoff == "" {
		return
	}
	i, ok := rt.byName[rt.emit.handoff]
	rt.emit.handoff = ""
	if !ok {
		c.ended = true
		return
	}
	rt.dropDissector(c)
	c.protocol, c.dissector = uint16(i), rt.newDissector(i)
}

// contain counts a dissector's panic; it reports whether there was one.
func (rt *Runtime) contain(cause any) bool {
	if cause == nil {
		return false
	}
	rt.fault(rt.infos[rt.running].Name)
	return true
}

func (rt *Runtime) fault(protocol string) {
	rt.stats.Faults++
	rt.stats.Panics[protocol]++
}
