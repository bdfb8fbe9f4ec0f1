package decode

import "github.com/wardscope/wardscope/internal/model"

// IP protocol numbers (IANA).
const (
	protoHopByHop  = 0
	protoICMP      = 1
	protoIPv4      = 4
	protoTCP       = 6
	protoUDP       = 17
	protoDCCP      = 33
	protoIPv6      = 41
	protoRouting   = 43
	protoFragment  = 44
	protoGRE       = 47
	protoAH        = 51
	protoICMPv6    = 58
	protoDstOpts   = 60
	protoEtherIP   = 97
	protoSCTP      = 132
	protoMobility  = 135
	protoUDPLite   = 136
	protoMPLS      = 137
	protoHIP       = 139
	protoShim6     = 140
	maxExtensions  = 16 // extension headers a packet; more is an attack
	ipv4MinHeader  = 20 // octets
	ipv6Header     = 40
	fragmentHeader = 8
)

func (d *Decoder) ipv4(p *Packet, s span) bool {
	if len(s.data) < ipv4MinHeader {
		return d.short(p, s)
	}
	b := s.data
	size := int(b[0]&15) * 4
	if b[0]>>4 != 4 || size < ipv4MinHeader {
		return false
	}
	total := int(be16(b[2:]))
	if total == 0 { // segmentation offload: the real length did not fit
		total = s.wire
	}
	if total < size {
		return false
	}
	p.IP = true
	p.Src, p.Dst = model.AddrFrom4(b[12:]), model.AddrFrom4(b[16:])
	p.Protocol, p.TTL, p.IPID = b[9], b[8], be16(b[4:])
	p.IPOctets = uint32(total)
	p.IPOptions = size > ipv4MinHeader
	fragment := be16(b[6:])
	p.DontFrag = fragment&0x4000 != 0
	if len(b) < size {
		return d.short(p, s)
	}
	if total > s.wire {
		p.Truncated = true // a lying header or a frame cut before it was mirrored
		s.wire = total
	}
	body := s.limit(total).skip(size)
	if fragment&0x3fff != 0 {
		f := fragmentInfo{
			key:    fragmentKey{domain: p.Domain, src: p.Src, dst: p.Dst, id: uint32(p.IPID), proto: p.Protocol},
			offset: int(fragment&0x1fff) * 8, more: fragment&0x2000 != 0, proto: p.Protocol,
		}
		return d.fragment(p, f, body)
	}
	return d.transport(p, p.Protocol, body)
}

func (d *Decoder) ipv6(p *Packet, s span) bool {
	if len(s.data) < ipv6Header {
		return d.short(p, s)
	}
	b := s.data
	if b[0]>>4 != 6 {
		return false
	}
	p.IP = true
	p.Src, p.Dst = model.AddrFrom16(b[8:]), model.AddrFrom16(b[24:])
	p.Protocol, p.TTL = b[6], b[7]
	length := int(be16(b[4:]))
	if length == 0 && (b[6] == protoHopByHop || s.wire > 0xffff) { // jumbogram or offload
		length = s.wire - ipv6Header
	}
	p.IPOctets = uint32(length + ipv6Header)
	p.IPID, p.DontFrag = 0, true
	if length+ipv6Header > s.wire {
		p.Truncated = true
		s.wire = length + ipv6Header
	}
	return d.extensions(p, b[6], s.limit(length+ipv6Header).skip(ipv6Header))
}

// extensions walks IPv6 extension headers (RFC 8200, section 4) until a transport.
func (d *Decoder) extensions(p *Packet, next uint8, s span) bool {
	for range maxExtensions {
		p.Protocol = next
		switch next {
		case protoHopByHop, protoRouting, protoDstOpts, protoMobility, protoHIP, protoShim6:
			p.IPOptions = true
			if len(s.data) < 8 {
				return d.short(p, s)
			}
			size := (int(s.data[1]) + 1) * 8
			if size > len(s.data) {
				return d.short(p, s)
			}
			if next == protoMobility && s.data[0] == 59 { // mobility is the payload itself
				d.rest(p, s)
				return true
			}
			next = s.data[0]
			s = s.skip(size)
		case protoFragment:
			if len(s.data) < fragmentHeader {
				return d.short(p, s)
			}
			word := be16(s.data[2:])
			next = s.data[0]
			p.Protocol = next
			p.IPID = uint16(be32(s.data[4:]))
			if word&0xfff9 == 0 { // an atomic fragment is a whole packet (RFC 6946)
				s = s.skip(fragmentHeader)
				continue
			}
			f := fragmentInfo{
				key:    fragmentKey{domain: p.Domain, src: p.Src, dst: p.Dst, id: be32(s.data[4:]), six: true},
				offset: int(word &^ 7), more: word&1 != 0, proto: next,
			}
			return d.fragment(p, f, s.skip(fragmentHeader))
		default:
			return d.transport(p, next, s)
		}
	}
	return false
}
