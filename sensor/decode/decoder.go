package decode

import (
	"encoding/binary"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/capture"
)

// maxDepth is how many encapsulations are taken off one packet. Real ones nest three or four
// deep; more is an attack on the decoder.
const maxDepth = 8

// Stats counts what the decoder saw since it was made.
type Stats struct {
	Packets      uint64
	Undecoded    uint64 // a header could not be read
	Truncated    uint64 // captured bytes ended before the packet did
	Fragments    uint64
	Reassembled  uint64 // datagrams put together
	LostFragment uint64 // fragments given up: incomplete in time, ceiling reached, cut short
	Overlaps     uint64 // datagrams dropped because fragments overlapped (RFC 5722)
	TooDeep      uint64 // packets with more than maxDepth encapsulations
}

// Decoder reads frames. It belongs to one goroutine.
type Decoder struct {
	stats     Stats
	fragments fragments
	depth     int
}

// Config bounds the decoder.
type Config struct {
	FragmentBytes     int   // ceiling for fragments under reassembly, bytes; 0 = 4 MiB
	FragmentDatagrams int   // ceiling for datagrams under reassembly; 0 = 1024
	FragmentTimeout   int64 // nanoseconds of capture time; 0 = 30 s (RFC 8200, section 4.5, allows 60)
}

// New makes a Decoder.
func New(cfg Config) *Decoder {
	d := &Decoder{}
	d.fragments.init(cfg)
	return d
}

// Stats returns the counters.
func (d *Decoder) Stats() Stats { return d.stats }

// Decode fills p from f without allocating. p aliases f.Data, or a buffer of the Decoder when
// fragments were put together, and is valid until the next Decode. 0 allocs/op: TestDecodeAllocs.
func (d *Decoder) Decode(f *capture.Frame, p *Packet) {
	*p = Packet{} // field by field below: a literal would be built elsewhere and copied here
	p.Time, p.Domain, p.WireLen, p.CapLen, p.Interface = f.Time, f.Domain, f.WireLen, len(f.Data), f.Interface
	d.depth = 0
	d.fragments.release()
	d.stats.Packets++
	if !d.link(p, f) {
		p.Undecoded = true
		d.stats.Undecoded++
	}
	if p.Truncated {
		d.stats.Truncated++
	}
}

const tagBytes = 4 // an 802.1Q tag (IEEE 802.1Q, section 9.3)

// span is what remains to be read: the captured bytes, and how many there are by the headers so
// far. len(data) <= wire always; data shorter than wire was cut by the snap length.
type span struct {
	data []byte
	wire int
}

// skip drops n bytes from the front; the caller has checked that data has them.
func (s span) skip(n int) span { return span{data: s.data[n:], wire: s.wire - n} }

// limit cuts the span to n bytes by the headers.
func (s span) limit(n int) span {
	if n < s.wire {
		s.wire = n
		if n < len(s.data) {
			s.data = s.data[:n]
		}
	}
	return s
}

func (s span) cut() bool { return len(s.data) < s.wire }

func be16(b []byte) uint16 { return binary.BigEndian.Uint16(b) }
func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }

// link reads the outermost header. False means that a header could not be read.
func (d *Decoder) link(p *Packet, f *capture.Frame) bool {
	s := span{data: f.Data, wire: max(f.WireLen, len(f.Data))}
	if f.LinkType == capture.LinkEthernet {
		if f.Tagged {
			d.tag(p, f.VLANTag)
			// The card took the tag off the bytes, not off the length; that cut nothing short.
			s.wire = max(s.wire-tagBytes, len(s.data))
		}
		return d.ethernet(p, s)
	}
	return d.otherLink(p, f.LinkType, s)
}

func (d *Decoder) otherLink(p *Packet, t capture.LinkType, s span) bool {
	switch t {
	case capture.LinkRaw, capture.LinkRawBSD, capture.LinkRawOpen, capture.LinkIPv4, capture.LinkIPv6:
		return d.anyIP(p, s)
	case capture.LinkNull, capture.LinkLoop:
		return d.loopback(p, s)
	case capture.LinkSLL:
		return d.cooked(p, s)
	case capture.LinkSLL2:
		return d.cooked2(p, s)
	case capture.LinkNFLOG:
		return d.nflog(p, s)
	case capture.LinkPPP, capture.LinkPPPHDLC:
		return d.ppp(p, s)
	case capture.LinkPPPoE:
		return d.pppoe(p, s)
	case capture.LinkCiscoHDLC:
		if len(s.data) < 4 {
			return d.short(p, s)
		}
		return d.payload(p, be16(s.data[2:]), s.skip(4))
	case capture.LinkWiFi:
		return d.wifi(p, s, false)
	case capture.LinkRadiotap:
		return d.radiotap(p, s)
	}
	return false
}

// short is the answer to a header that does not fit: cut by the snap length it is truncated, else malformed.
func (d *Decoder) short(p *Packet, s span) bool {
	if s.cut() {
		p.Truncated = true
	}
	return false
}

// rest leaves the span as the packet's payload.
func (d *Decoder) rest(p *Packet, s span) {
	p.Payload, p.PayloadLen = s.data, s.wire
	if s.cut() {
		p.Truncated = true
	}
}

// tag notes an 802.1Q tag. Priority tags (id 0) name no VLAN.
func (d *Decoder) tag(p *Packet, tci uint16) {
	if p.Encap&model.EncapVLAN != 0 {
		p.Encap |= model.EncapQinQ
	}
	p.Encap |= model.EncapVLAN
	if id := tci & 0xfff; id != 0 && int(p.VLANCount) < len(p.VLANs) {
		p.VLANs[p.VLANCount] = id
		p.VLANCount++
	}
}

// anyIP reads an IP packet of either version.
func (d *Decoder) anyIP(p *Packet, s span) bool {
	if len(s.data) == 0 {
		return d.short(p, s)
	}
	switch s.data[0] >> 4 {
	case 4:
		p.EtherType = etherIPv4
		return d.ipv4(p, s)
	case 6:
		p.EtherType = etherIPv6
		return d.ipv6(p, s)
	}
	return false
}

// tunnel enters an encapsulation: what is inside wins when it can be read, else the packet stays
// what it was outside. The outermost tunnel's ends are noted.
func (d *Decoder) tunnel(p *Packet, kind model.Encap, s span, inside func(*Decoder, *Packet, span) bool) bool {
	if d.depth >= maxDepth {
		d.stats.TooDeep++
		return false
	}
	outer := *p
	if p.OuterSrc.IsZero() {
		p.OuterSrc, p.OuterDst = p.Src, p.Dst
	}
	p.Encap |= kind
	p.IP, p.HasPorts, p.Fragment, p.FirstFrag, p.Reassembled, p.IPOptions = false, false, false, false, false, false
	p.Src, p.Dst, p.SrcPort, p.DstPort, p.Checksum = model.Addr{}, model.Addr{}, 0, 0, 0
	p.Payload, p.PayloadLen = nil, 0
	d.depth++
	ok := inside(d, p, s)
	d.depth--
	if !ok {
		truncated := p.Truncated
		*p = outer
		p.Truncated = truncated
	}
	return ok
}

// innerFrame reads an Ethernet frame inside a tunnel; its VLAN tags replace those of the outer frame.
func (d *Decoder) innerFrame(p *Packet, s span) bool {
	if !plausibleFrame(s) {
		return d.short(p, s)
	}
	p.VLANs, p.VLANCount = [4]uint16{}, 0
	return d.ethernet(p, s)
}
