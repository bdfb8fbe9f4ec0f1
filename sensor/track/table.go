package track

import (
	"errors"
	"time"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
)

// Deps are what a Table works with.
type Deps struct {
	Seed   Seed
	Reader Reader // nil: nobody wants bytes
	Sink   Sink
}

// Counters count what a Table did since it was made.
type Counters struct {
	Flows          uint64 // records begun
	Records        uint64 // records that left, deltas included
	Evicted        uint64 // flows that left early because of MaxFlows
	Gaps           uint64 // stream gaps told to the Reader
	ReorderDropped uint64 // out-of-order segments let go because a ceiling was reached
	StreamsRefused uint64 // conversations that could not be read because of MaxStreams
	Live           int    // flows held now
	Streams        int    // of which read as TCP streams
	StreamBytes    int    // out-of-order bytes held now
	Bytes          int    // memory of records and index
}

// Table holds the flows of one shard.
type Table struct {
	cfg      Config
	seed     Seed
	reader   Reader
	sink     Sink
	arena    arena
	index    index
	lists    [valueLists]list
	recent   recent
	streams  streams
	outer    outerEnds
	buckets  buckets
	counters Counters
	ahead    ahead
	toucher  Toucher // the Reader, if it is one

	now, hourStart, nextTick int64
	offset                   int64 // sensor clock minus true time, for hour borders
	hand                     uint32
	idle                     [stateClosed + 3]int64 // timeouts by state, then UDP, then other
	active                   int64

	out  model.Flow
	view View
}

// New makes a Table.
func New(cfg Config, deps Deps) (*Table, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.Sink == nil {
		return nil, errors.New("track: no sink for flow records")
	}
	t := &Table{cfg: cfg, seed: deps.Seed, reader: deps.Reader, sink: deps.Sink, active: int64(cfg.ActiveTimeout)}
	t.toucher, _ = deps.Reader.(Toucher)
	t.streams.init(cfg)
	t.outer.init()
	t.buckets.init()
	t.view.t = t
	for s := range t.idle {
		t.idle[s] = int64(cfg.TCPOpening)
	}
	t.idle[stateActive] = int64(cfg.TCPEstablished)
	t.idle[stateOpen] = int64(cfg.TCPEstablished)
	t.idle[stateClosed] = int64(cfg.TCPClosed)
	t.idle[idleUDP] = int64(cfg.UDPIdle)
	t.idle[idleOther] = int64(cfg.OtherIdle)
	return t, nil
}

// SetClockOffset says how far the sensor's clock is ahead of true time, so that hour borders are
// those of true time.
func (t *Table) SetClockOffset(d time.Duration) { t.offset, t.hourStart, t.nextTick = int64(d), 0, 0 }

// Counters returns the counters.
func (t *Table) Counters() Counters {
	c := t.counters
	c.Live, c.Streams, c.StreamBytes = t.arena.live, t.streams.live, t.streams.bytes
	c.Bytes = t.arena.bytes()
	for i := range t.index.segments {
		c.Bytes += 8 * len(t.index.segments[i].slots)
	}
	return c
}

// Packet counts a packet for its flow and hands its payload on. Packets without IP are counted in
// the statistics only. 0 allocs/op on a known flow: TestKnownFlowAllocs.
func (t *Table) Packet(p *decode.Packet) {
	t.tick(p.Time)
	b := t.buckets.of(p.Domain, p.VLAN(), p.Time)
	b.packet(p)
	if !p.IP {
		return
	}
	n, i := t.lookUp(p)
	k, h, side := &t.ahead.key[n], t.ahead.hash[n], t.ahead.side[n]
	if t.recent.twice(t.ahead.mark[n], p) {
		if i != 0 {
			b.stats.Duplicates++
			t.arena.rare(i).duplicated++
			return
		}
	}
	if i != 0 && t.outlived(t.arena.at(i), p, side) {
		t.end(i, model.EndIdle)
		i = 0
	}
	if i == 0 {
		i = t.begin(h, k, p, side)
	}
	t.count(i, b, p, side)
}

// outlived reports that a packet belongs to a new conversation with an old one's key: the old one
// was idle for too long, or this is the SYN of a reused port.
func (t *Table) outlived(r *record, p *decode.Packet, side int) bool {
	if p.Time-r.last > t.timeout(r) {
		return true
	}
	return r.protocol == protoTCP && p.TCPFlags&(decode.SYN|decode.RST) == decode.SYN && reopens(r, p, side)
}

// begin makes a record for the first packet of a flow.
func (t *Table) begin(h uint64, k *key, p *decode.Packet, side int) uint32 {
	if t.arena.live >= t.cfg.MaxFlows {
		t.evict()
	}
	i := t.arena.take()
	r, more := t.arena.at(i), t.arena.rare(i)
	r.a, r.b, r.ports = k.a, k.b, [2]uint16{k.portA, k.portB}
	r.domain, r.protocol, r.state = k.domain, k.protocol, stateActive
	r.start, r.last = p.Time, p.Time
	r.vlan, more.encap = p.VLAN(), uint16(p.Encap)
	if p.VLANCount > 1 {
		r.innerVLAN = p.VLANs[1]
	}
	more.setMAC(side, p.SrcMAC)
	more.setMAC(1-side, p.DstMAC)
	if !p.OuterSrc.IsZero() {
		more.outer = t.outer.number(p, side)
	}
	guess(r, p, side)
	t.index.insert(h, i)
	t.link(i, listDoubtful)
	t.counters.Flows++
	return i
}

// count adds a packet to its record.
func (t *Table) count(i uint32, b *Bucket, p *decode.Packet, side int) {
	r := t.arena.at(i)
	if r.packets[0]|r.packets[1] == 0 {
		r.start = max(r.start, p.Time)
	} else if p.Time-r.start >= t.active || r.start < t.hourStart && p.Time >= t.hourStart || r.packets[side] == 1<<32-1 {
		t.export(i, model.EndActive)
		r.start = p.Time
	}
	if r.last < b.stats.Minute || r.packets[side] == 0 {
		b.host(&t.seed, r.addr(side))
		if r.mutual() {
			b.host(&t.seed, r.addr(1-side))
		}
	}
	r.packets[side]++
	r.octets[side] += uint64(p.IPOctets)
	r.last = max(r.last, p.Time)
	if r.bits&(bitSeen0<<side) == 0 {
		t.firstOf(i, r, p, side)
	}
	if r.protocol == protoTCP {
		t.tcp(i, r, b, p, side)
	} else {
		t.datagram(i, r, p, side)
	}
	if r.list() == listDoubtful && r.packets[side] >= manyPackets && !r.mutual() && r.tcp() != stateSYN && r.tcp() != stateClosed {
		t.move(i, listOneWay)
	}
}

// manyPackets is when a flow seen one way is worth more than a scanner's probe.
const manyPackets = 4

// firstOf notes what the first packet of a side tells.
func (t *Table) firstOf(i uint32, r *record, p *decode.Packet, side int) {
	t.arena.rare(i).setMAC(side, p.SrcMAC) // surer than the destination of the other side's packets
	r.bits |= bitSeen0 << side
	if r.mutual() && r.protocol != protoTCP {
		t.move(i, listMutual)
	}
}

// datagram offers the payload of a packet that is not TCP.
func (t *Table) datagram(i uint32, r *record, p *decode.Packet, side int) {
	if t.reader == nil || len(p.Payload) == 0 || r.bits&(bitWants|bitAsked) == bitAsked {
		return
	}
	if r.protocol != protoUDP && r.protocol != protoUDPLite || p.Fragment && !p.Reassembled || !p.HasPorts {
		return
	}
	t.view.r, t.view.i, t.view.p = r, i, p
	if r.bits&bitAsked == 0 && !t.ask(r) {
		return
	}
	s, service := t.reader.Data(r.handle, &t.view, t.view.direction(side), p.Payload)
	t.answer(r, s, service)
}

// ask offers a conversation to the Reader, once.
func (t *Table) ask(r *record) bool {
	r.bits |= bitAsked
	r.handle = t.reader.Open(&t.view)
	if r.handle == 0 {
		return false
	}
	r.bits |= bitWants
	return true
}

// answer takes a Reader's answer to bytes; false when it wants no more.
func (t *Table) answer(r *record, s State, service uint16) bool {
	if service != 0 {
		r.service = service
	}
	switch s {
	case Idle:
		r.bits &^= bitWants
	case Forget:
		r.bits &^= bitWants
		r.handle = 0
	}
	return s == Want
}

// Flush ends all flows for the given reason, as at the end of a file.
func (t *Table) Flush(reason model.EndReason) {
	for i := uint32(1); i < t.arena.used; i++ {
		if r := t.arena.at(i); r.state != stateFree {
			t.report(i, reason)
		}
	}
	t.index, t.arena, t.lists, t.hand = index{}, arena{}, [valueLists]list{}, 0
}
