package decode

import (
	"github.com/wardscope/wardscope/internal/model"
)

// Defaults of Config.
const (
	defaultFragmentBytes     = 4 << 20
	defaultFragmentDatagrams = 1024
	defaultFragmentTimeout   = 30e9 // nanoseconds
)

const (
	maxDatagram   = 1 << 16
	fragmentUnit  = 8    // octets: offsets count these (RFC 791, section 3.1)
	fragmentGrain = 4096 // octets by which a buffer grows
)

// fragmentKey is what makes fragments belong together (RFC 791, section 3.2; RFC 8200, section
// 4.5), within one observation domain.
type fragmentKey struct {
	domain   model.DomainID
	id       uint32
	src, dst model.Addr
	proto    uint8
	six      bool
}

type fragmentInfo struct {
	key    fragmentKey
	offset int
	more   bool
	proto  uint8 // of the first header behind IP
}

// datagram is one packet under reassembly.
type datagram struct {
	key        fragmentKey
	first      int64 // arrival of its first fragment
	buf        []byte
	seen       [maxDatagram / fragmentUnit / 64]uint64 // one bit a unit
	units      int                                     // bits set
	total      int                                     // length; valid iff ended
	ended      bool
	dead       bool // fragments overlapped: the rest is ignored
	proto      uint8
	parts      uint64
	ports      [2]uint16 // of the transport header; valid iff hasPorts
	hasPorts   bool
	prev, next *datagram // by age
}

// fragments holds what is under reassembly, within ceilings.
type fragments struct {
	cfg   Config
	byKey map[fragmentKey]*datagram
	age   datagram  // ring: age.next is the oldest
	free  *datagram // through next
	done  *datagram // handed out by the current Decode, through next
	bytes int
}

func (f *fragments) init(cfg Config) {
	if cfg.FragmentBytes <= 0 {
		cfg.FragmentBytes = defaultFragmentBytes
	}
	if cfg.FragmentDatagrams <= 0 {
		cfg.FragmentDatagrams = defaultFragmentDatagrams
	}
	if cfg.FragmentTimeout <= 0 {
		cfg.FragmentTimeout = defaultFragmentTimeout
	}
	f.cfg = cfg
	f.byKey = make(map[fragmentKey]*datagram)
	f.age.prev, f.age.next = &f.age, &f.age
}

// release takes back the buffers that the last packet aliased.
func (f *fragments) release() {
	for f.done != nil {
		g := f.done
		f.done = g.next
		f.recycle(g)
	}
}

func (f *fragments) recycle(g *datagram) {
	f.bytes -= cap(g.buf)
	buf := g.buf
	if f.bytes+cap(buf) > f.cfg.FragmentBytes/2 {
		buf = nil // keep at most half of the ceiling in idle buffers
	}
	*g = datagram{buf: buf[:0], next: f.free}
	f.bytes += cap(buf)
	f.free = g
}

// unlink takes g out of the set; its buffer still counts.
func (f *fragments) unlink(g *datagram) {
	delete(f.byKey, g.key)
	g.prev.next, g.next.prev = g.next, g.prev
	g.prev, g.next = nil, nil
}

// fragment adds a fragment; when it is the last one missing, decoding goes on with the whole.
func (d *Decoder) fragment(p *Packet, info fragmentInfo, s span) bool {
	d.stats.Fragments++
	p.Fragment, p.FirstFrag = true, info.offset == 0
	d.rest(p, s)
	g := d.datagramOf(p, &info)
	if info.offset == 0 && len(s.data) >= 4 && hasPorts(info.proto) {
		g.ports, g.hasPorts = [2]uint16{be16(s.data), be16(s.data[2:])}, true
	}
	if g.hasPorts { // also for later fragments, so that they count for the same flow
		p.SrcPort, p.DstPort, p.HasPorts = g.ports[0], g.ports[1], true
	}
	if g.dead {
		d.stats.LostFragment++
		return true
	}
	g.parts++
	if s.cut() || !d.insert(g, &info, s.data) {
		d.giveUp(g)
		return true
	}
	if !g.ended || g.units < (g.total+fragmentUnit-1)/fragmentUnit {
		return true
	}
	d.fragments.unlink(g)
	g.next, d.fragments.done = d.fragments.done, g
	d.stats.Reassembled++
	p.Reassembled = true
	return d.whole(p, g)
}

// whole decodes a datagram that is complete.
func (d *Decoder) whole(p *Packet, g *datagram) bool {
	if d.depth >= maxDepth {
		d.stats.TooDeep++
		return false
	}
	d.depth++
	s := span{data: g.buf[:g.total], wire: g.total}
	ok := d.extensions(p, g.proto, s)
	d.depth--
	return ok
}

func hasPorts(proto uint8) bool {
	return proto == protoTCP || proto == protoUDP || proto == protoUDPLite || proto == protoSCTP || proto == protoDCCP
}

// datagramOf finds or begins the datagram of a fragment, making room within the ceilings.
func (d *Decoder) datagramOf(p *Packet, info *fragmentInfo) *datagram {
	f := &d.fragments
	for g := f.age.next; g != &f.age && p.Time-g.first > f.cfg.FragmentTimeout; g = f.age.next {
		d.drop(g)
	}
	if g := f.byKey[info.key]; g != nil {
		return g
	}
	if len(f.byKey) >= f.cfg.FragmentDatagrams {
		d.drop(f.age.next)
	}
	g := f.free
	if g == nil {
		g = &datagram{}
	} else {
		f.free = g.next
	}
	g.key, g.first, g.proto = info.key, p.Time, info.proto
	g.prev, g.next = f.age.prev, &f.age
	g.prev.next, g.next.prev = g, g
	f.byKey[g.key] = g
	return g
}

// insert copies a fragment into its datagram; false when it cannot belong.
func (d *Decoder) insert(g *datagram, info *fragmentInfo, data []byte) bool {
	end := info.offset + len(data)
	if len(data) == 0 || end > maxDatagram || info.more && len(data)%fragmentUnit != 0 {
		return false
	}
	if !info.more {
		if g.ended && g.total != end {
			return false
		}
		g.total, g.ended = end, true
	}
	if g.ended && end > g.total {
		return false
	}
	first, last := info.offset/fragmentUnit, (end-1)/fragmentUnit
	known := 0
	for u := first; u <= last; u++ {
		if g.seen[u/64]>>(u%64)&1 != 0 {
			known++
		}
	}
	if known > 0 { // the mirror may show a fragment twice; anything else is an overlap (RFC 5722)
		if known == last-first+1 && len(g.buf) >= end && string(g.buf[info.offset:end]) == string(data) {
			return true
		}
		d.stats.Overlaps++
		return false
	}
	if info.offset == 0 {
		g.proto = info.proto // RFC 8200: only the first fragment's next header counts
	}
	if !d.grow(g, end) {
		return false
	}
	copy(g.buf[info.offset:], data)
	for u := first; u <= last; u++ {
		g.seen[u/64] |= 1 << (u % 64)
	}
	g.units += last - first + 1
	// A last fragment that came early may lie before bytes that are there already.
	return !g.ended || len(g.buf) <= g.total
}

// grow makes room for end bytes in g, dropping older datagrams when the ceiling is reached.
func (d *Decoder) grow(g *datagram, end int) bool {
	f := &d.fragments
	if end > cap(g.buf) {
		size := min(max(end, 2*cap(g.buf), fragmentGrain), maxDatagram)
		for f.bytes+size-cap(g.buf) > f.cfg.FragmentBytes {
			if !f.trim() {
				oldest := f.age.next
				if oldest == g {
					oldest = g.next
				}
				if oldest == &f.age {
					return false
				}
				d.drop(oldest)
			}
		}
		buf := make([]byte, len(g.buf), size)
		copy(buf, g.buf)
		f.bytes += cap(buf) - cap(g.buf)
		g.buf = buf
	}
	if end > len(g.buf) {
		g.buf = g.buf[:end]
	}
	return true
}

// trim frees one idle buffer.
func (f *fragments) trim() bool {
	for g := f.free; g != nil; g = g.next {
		if cap(g.buf) > 0 {
			f.bytes -= cap(g.buf)
			g.buf = nil
			return true
		}
	}
	return false
}

// giveUp keeps the entry, so that later fragments of it are known as lost, but not its bytes.
func (d *Decoder) giveUp(g *datagram) {
	d.stats.LostFragment += g.parts
	g.parts, g.dead = 0, true
	d.fragments.bytes -= cap(g.buf)
	g.buf = nil
}

// drop forgets a datagram that will not be completed.
func (d *Decoder) drop(g *datagram) {
	d.stats.LostFragment += g.parts
	d.fragments.unlink(g)
	d.fragments.recycle(g)
}
