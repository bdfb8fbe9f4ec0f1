package dissect

// conversation is the state of one flow between the track and its dissector.
type conversation struct {
	open      bool
	datagrams bool
	swapped   bool // the dissector exchanged the roles
	ended     bool // the dissector is done, or gave up, or was given up
	packets   uint16
	first     Direction // of the first payload, as the caller counts
	bytes     int       // payload bytes probed
	carrier   *carrier
	alive     [2]set // candidates by direction, as the caller counts
	protocol  int    // index of the dissector's protocol; valid iff dissector != nil
	dissector Dissector
	service   uint16
	ends      [2]end // by direction, as the caller counts
	detail    *detail
	handoff   string // set during Feed
}

// end is the receiving state of one direction.
type end struct {
	held   []byte // bytes not consumed yet
	skip   int    // bytes to come that nobody wants
	closed bool   // given up: held bytes reached their ceiling, or a gap could not be bridged
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
	if e.closed {
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
	rt.running = c.protocol
	if v := g.Gap(&rt.emit, dir.as(c), n); v == Done || v == NotMine {
		c.ended = true
	}
	rt.switchOver(c)
}

// closeEnd gives up a direction; a conversation without an open direction is over.
func (rt *Runtime) closeEnd(c *conversation, dir Direction) {
	e := &c.ends[dir]
	e.closed = true
	rt.buffers.put(e.held)
	e.held = nil
	if c.ends[1-dir].closed {
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
	e.c, e.depth = c, 0
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
	if e.closed {
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
	case c.ended || e.closed:
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
		rt.running = c.protocol
		n, v := c.dissector.Feed(&rt.emit, dir.as(c), data)
		if v == Done || v == NotMine {
			c.ended = c.handoff == ""
		}
		switched := c.handoff != ""
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
	if c.handoff == "" {
		return
	}
	i, ok := rt.byName[c.handoff]
	c.handoff = ""
	if !ok {
		c.ended = true
		return
	}
	rt.dropDissector(c)
	c.protocol, c.dissector = i, rt.newDissector(i)
}

// contain counts a dissector's panic; it reports whether there was one.
func (rt *Runtime) contain(cause any) bool {
	if cause == nil {
		return false
	}
	rt.stats.Panics[rt.infos[rt.running].Name]++
	return true
}
