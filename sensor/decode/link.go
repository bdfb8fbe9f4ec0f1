package decode

import (
	"encoding/binary"

	"github.com/wardscope/wardscope/internal/model"
)

// EtherTypes (IEEE registration authority).
const (
	etherIPv4    = 0x0800
	etherARP     = 0x0806
	etherVLAN    = 0x8100
	etherIPv6    = 0x86dd
	etherMPLS    = 0x8847
	etherMPLSUp  = 0x8848
	etherPPPoE   = 0x8864
	etherSTag    = 0x88a8
	etherITag    = 0x88e7 // 802.1ah
	etherCMD     = 0x8909 // Cisco metadata (TrustSec inline tag)
	etherVNTag   = 0x8926
	etherETag    = 0x893f // 802.1BR
	etherTEB     = 0x6558 // transparent Ethernet bridging
	etherOldTag1 = 0x9100
	etherOldTag2 = 0x9200
	etherOldTag3 = 0x9300

	minEtherType = 0x0600 // smaller values are lengths of LLC frames (IEEE 802.3, 3.2.6)
)

const etherHeader = 14 // octets

func (d *Decoder) ethernet(p *Packet, s span) bool {
	if len(s.data) < etherHeader {
		return d.short(p, s)
	}
	p.DstMAC = model.MACFrom(s.data)
	p.SrcMAC = model.MACFrom(s.data[6:])
	kind := be16(s.data[12:])
	if kind < minEtherType {
		return d.llc(p, s.skip(etherHeader).limit(int(kind)))
	}
	return d.payload(p, kind, s.skip(etherHeader))
}

// payload dispatches on an EtherType; tags are taken off in a loop.
func (d *Decoder) payload(p *Packet, kind uint16, s span) bool {
	for range 2 * maxDepth {
		p.EtherType = kind
		size := 4
		switch kind {
		case etherIPv4:
			return d.ipv4(p, s)
		case etherIPv6:
			return d.ipv6(p, s)
		case etherVLAN, etherSTag, etherOldTag1, etherOldTag2, etherOldTag3:
			if len(s.data) >= 4 {
				d.tag(p, be16(s.data))
			}
		case etherVNTag:
			size = 6
			p.Encap |= model.EncapVNTag
		case etherETag:
			size = 8
			p.Encap |= model.EncapVNTag
		case etherCMD:
			if len(s.data) < 8 || s.data[0] != 1 || s.data[1] != 1 {
				d.rest(p, s)
				return true
			}
			size = 8
		case etherMPLS, etherMPLSUp:
			return d.mpls(p, s)
		case etherPPPoE:
			return d.pppoe(p, s)
		case etherITag:
			if len(s.data) < 4 {
				return d.short(p, s)
			}
			p.Encap |= model.EncapQinQ
			return d.nested(p, s.skip(4))
		default:
			d.rest(p, s)
			return true
		}
		if len(s.data) < size {
			return d.short(p, s)
		}
		kind = be16(s.data[size-2:])
		s = s.skip(size)
		if kind < minEtherType {
			return d.llc(p, s.limit(int(kind)))
		}
	}
	d.stats.TooDeep++
	return false
}

// nested reads an Ethernet frame inside another without a tunnel's IP header.
func (d *Decoder) nested(p *Packet, s span) bool {
	if d.depth >= maxDepth {
		d.stats.TooDeep++
		return false
	}
	d.depth++
	ok := d.ethernet(p, s)
	d.depth--
	return ok
}

// llc reads an IEEE 802.2 header. IP inside (SNAP, or SAP 6) is decoded; all else stays an LLC frame.
func (d *Decoder) llc(p *Packet, s span) bool {
	if kind, size := llcType(s.data); size > 0 {
		p.Encap |= model.EncapLLC
		return d.payload(p, kind, s.skip(size))
	}
	p.EtherType = 0
	d.rest(p, s)
	if len(s.data) < 3 {
		return d.short(p, s)
	}
	return true
}

// llcType finds the EtherType that an LLC header stands for; size is 0 when there is none.
func llcType(b []byte) (kind uint16, size int) {
	if len(b) >= 8 && b[0] == 0xaa && b[1] == 0xaa && b[2] == 3 {
		oui := be32(b[2:]) & 0xffffff
		// 00-00-00 is RFC 1042, 00-00-f8 IEEE 802.1H.
		if kind := be16(b[6:]); (oui == 0 || oui == 0xf8) && kind >= minEtherType {
			return kind, 8
		}
		return 0, 0
	}
	if len(b) >= 3 && b[0] == 6 && b[1] == 6 && b[2] == 3 {
		return etherIPv4, 3
	}
	return 0, 0
}

// plausibleFrame judges bytes that should be an Ethernet frame, where nothing says for sure that
// they are: a known type, or a length that fits.
func plausibleFrame(s span) bool {
	if len(s.data) < etherHeader {
		return false
	}
	kind := be16(s.data[12:])
	if kind < minEtherType {
		return kind >= 3 && int(kind) <= s.wire-etherHeader
	}
	switch kind {
	case etherIPv4:
		return len(s.data) == etherHeader || s.data[etherHeader]>>4 == 4
	case etherIPv6:
		return len(s.data) == etherHeader || s.data[etherHeader]>>4 == 6
	}
	// EtherTypes in use begin at 0x0800; the first bytes must not be an all-zero pair of addresses.
	return kind >= 0x0800 && binary.BigEndian.Uint64(s.data[4:]) != 0
}

// mpls takes a label stack off (RFC 3032). What follows is not named: IP by its version, else a
// pseudowire with or without control word (RFC 4448).
func (d *Decoder) mpls(p *Packet, s span) bool {
	kind := p.EtherType
	p.Encap |= model.EncapMPLS
	for range 2 * maxDepth {
		if len(s.data) < 4 {
			return d.short(p, s)
		}
		bottom := s.data[2]&1 != 0
		s = s.skip(4)
		if bottom {
			return d.labelled(p, kind, s)
		}
	}
	d.stats.TooDeep++
	return false
}

func (d *Decoder) labelled(p *Packet, kind uint16, s span) bool {
	if len(s.data) == 0 {
		return d.short(p, s)
	}
	if d.depth >= maxDepth {
		d.stats.TooDeep++
		return false
	}
	d.depth++
	defer func() { d.depth-- }()
	if plausibleIP(s) {
		return d.anyIP(p, s)
	}
	if s.data[0]>>4 == 0 && len(s.data) >= 4 && plausibleFrame(s.skip(4)) {
		return d.ethernet(p, s.skip(4))
	}
	if plausibleFrame(s) {
		return d.ethernet(p, s)
	}
	p.EtherType = kind
	d.rest(p, s)
	return true
}

// plausibleIP judges bytes that may be an IP packet, where nothing says for sure that they are.
func plausibleIP(s span) bool {
	switch {
	case len(s.data) >= 20 && s.data[0]>>4 == 4:
		total := int(be16(s.data[2:]))
		return s.data[0]&15 >= 5 && total >= 20 && total <= s.wire
	case len(s.data) >= 40 && s.data[0]>>4 == 6:
		return int(be16(s.data[4:]))+40 <= s.wire
	}
	return false
}

// pppoe reads a PPPoE session header (RFC 2516).
func (d *Decoder) pppoe(p *Packet, s span) bool {
	if len(s.data) < 6 {
		return d.short(p, s)
	}
	if s.data[0] != 0x11 || s.data[1] != 0 {
		d.rest(p, s)
		return s.data[0] == 0x11
	}
	p.Encap |= model.EncapPPPoE
	return d.ppp(p, s.skip(6).limit(int(be16(s.data[4:]))))
}

// ppp reads a PPP header, with or without address and control field and field compression (RFC 1661).
func (d *Decoder) ppp(p *Packet, s span) bool {
	if len(s.data) >= 2 && s.data[0] == 0xff && s.data[1] == 3 {
		s = s.skip(2)
	}
	if len(s.data) < 2 {
		return d.short(p, s)
	}
	proto, size := be16(s.data), 2
	if s.data[0]&1 != 0 {
		proto, size = uint16(s.data[0]), 1
	}
	s = s.skip(size)
	switch proto {
	case 0x0021:
		p.EtherType = etherIPv4
		return d.ipv4(p, s)
	case 0x0057:
		p.EtherType = etherIPv6
		return d.ipv6(p, s)
	case 0x0281:
		p.EtherType = etherMPLS
		return d.mpls(p, s)
	}
	d.rest(p, s)
	return true
}

// loopback reads the address family word of LINKTYPE_NULL and LOOP, in either byte order.
func (d *Decoder) loopback(p *Packet, s span) bool {
	if len(s.data) < 4 {
		return d.short(p, s)
	}
	family := binary.LittleEndian.Uint32(s.data)
	if family > 0xffff {
		family = be32(s.data)
	}
	s = s.skip(4)
	switch family {
	case 2, 10, 24, 28, 30: // AF_INET; AF_INET6 of Linux, NetBSD, FreeBSD, macOS
		return d.anyIP(p, s)
	}
	d.rest(p, s)
	return true
}

// cooked reads Linux SLL: 16 octets, the protocol last.
func (d *Decoder) cooked(p *Packet, s span) bool {
	if len(s.data) < 16 {
		return d.short(p, s)
	}
	if be16(s.data[4:]) == 6 {
		p.SrcMAC = model.MACFrom(s.data[6:])
	}
	return d.cookedType(p, be16(s.data[14:]), s.skip(16))
}

// cooked2 reads Linux SLL2: 20 octets, the protocol first.
func (d *Decoder) cooked2(p *Packet, s span) bool {
	if len(s.data) < 20 {
		return d.short(p, s)
	}
	if s.data[11] == 6 {
		p.SrcMAC = model.MACFrom(s.data[12:])
	}
	return d.cookedType(p, be16(s.data), s.skip(20))
}

func (d *Decoder) cookedType(p *Packet, kind uint16, s span) bool {
	if kind == 4 { // LINUX_SLL_P_802_2
		return d.llc(p, s)
	}
	if kind < minEtherType {
		d.rest(p, s)
		return true
	}
	return d.payload(p, kind, s)
}

// nflog walks the attributes of a Linux netfilter log message until the packet.
func (d *Decoder) nflog(p *Packet, s span) bool {
	if len(s.data) < 4 {
		return d.short(p, s)
	}
	s = s.skip(4)
	for len(s.data) >= 4 {
		// Attributes stand in the byte order of the capturing machine.
		n, kind := binary.LittleEndian.Uint16(s.data), binary.LittleEndian.Uint16(s.data[2:])&0x7fff
		if kind > 0xff {
			n, kind = be16(s.data), be16(s.data[2:])&0x7fff
		}
		size := int(n)
		if size < 4 {
			return false
		}
		body := s.skip(4).limit(size - 4)
		switch kind {
		case 8: // hardware address: length, padding, address
			if len(body.data) >= 10 && body.data[1]+body.data[0] == 6 {
				p.SrcMAC = model.MACFrom(body.data[4:])
			}
		case 9: // payload
			return d.anyIP(p, body)
		}
		size = (size + 3) &^ 3
		if size > len(s.data) {
			return d.short(p, s)
		}
		s = s.skip(size)
	}
	return d.short(p, s)
}
