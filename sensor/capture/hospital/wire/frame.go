package wire

import (
	"encoding/binary"
)

const (
	flagFIN = 1
	flagSYN = 2
	flagRST = 4
	flagPSH = 8
	flagACK = 16

	protoTCP = 6
	protoUDP = 17

	minFrame = 60 // octets without FCS: IEEE 802.3, section 3.2.8
	ipHeader = 20
)

// ethernet writes the link header; typ is the EtherType or the 802.3 length.
func (s *Session) ethernet(b []byte, from From, to MAC, typ uint16) []byte {
	side := &s.cfg.Sides[from]
	if to == (MAC{}) {
		to = side.Next
	}
	b = append(b, to[:]...)
	b = append(b, side.MAC[:]...)
	if side.VLAN != 0 {
		b = append(b, 0x81, 0, byte(side.VLAN>>8), byte(side.VLAN))
	}
	return append(b, byte(typ>>8), byte(typ))
}

func pad(b []byte) []byte {
	for len(b) < minFrame {
		b = append(b, 0)
	}
	return b
}

// ip writes an IPv4 header whose length and checksum sealIP fills in.
func (s *Session) ip(b []byte, from From, proto byte) []byte {
	side, peer := &s.cfg.Sides[from], &s.cfg.Sides[from.other()]
	ttl := uint8(64)
	if side.Stack != nil {
		ttl = side.Stack.TTL
	}
	if peer.IP[0] >= 224 && peer.IP[0] < 240 {
		ttl = multicastTTL(peer.IP)
	}
	s.ipid[from]++
	frag := byte(0x40) // don't fragment
	if proto == protoUDP {
		frag = 0
	}
	return append(b, 0x45, 0, 0, 0, byte(s.ipid[from]>>8), byte(s.ipid[from]), frag, 0, ttl-side.Hops, proto, 0, 0,
		side.IP[0], side.IP[1], side.IP[2], side.IP[3], peer.IP[0], peer.IP[1], peer.IP[2], peer.IP[3])
}

// multicastTTL is 255 for mDNS (RFC 6762, section 11), else 1 or as its protocol says.
func multicastTTL(g IP) uint8 {
	if g == (IP{224, 0, 0, 251}) {
		return 255
	}
	return 4
}

func sealIP(p []byte) {
	binary.BigEndian.PutUint16(p[2:], uint16(len(p)))
	binary.BigEndian.PutUint16(p[10:], fold(sum(p[:ipHeader], 0)))
}

// segment writes one TCP segment with head and then bulk random octets.
func (s *Session) segment(b []byte, from From, flags byte, head []byte, bulk int) []byte {
	side, peer := &s.cfg.Sides[from], &s.cfg.Sides[from.other()]
	b = s.ethernet(b, from, MAC{}, 0x0800)
	start := len(b)
	b = s.ip(b, from, protoTCP)
	ack := s.seq[from.other()]
	win := side.Stack.Window
	if flags&flagSYN == 0 && side.Stack.Scaling && peer.Stack.Scaling {
		win = uint16(min(uint32(64240)>>side.Stack.Scale*8, 65535))
	}
	switch {
	case flags == flagSYN:
		ack = 0
	case s.acked > 0: // one of a series of acknowledgements
		ack = s.ends[s.acked-1]
	}
	if s.cfg.Script.Ending == Reset && flags&flagFIN != 0 {
		flags, win = flagRST|flagACK, 0
	}
	b = append(b, byte(side.Port>>8), byte(side.Port), byte(peer.Port>>8), byte(peer.Port))
	b = binary.BigEndian.AppendUint32(b, s.seq[from])
	b = binary.BigEndian.AppendUint32(b, ack)
	b = append(b, 0, flags, byte(win>>8), byte(win), 0, 0, 0, 0)
	b = s.options(b, from, flags)
	b[start+ipHeader+12] = byte((len(b) - start - ipHeader) / 4 << 4)
	b = append(b, head...)
	b = s.appendBulk(b, bulk)
	sealTransport(b[start:], protoTCP, 16)
	return pad(b)
}

func (s *Session) options(b []byte, from From, flags byte) []byte {
	side, peer := &s.cfg.Sides[from], &s.cfg.Sides[from.other()]
	stamp, echo := s.stamp(from), s.stamp(from.other())
	switch {
	case flags == flagSYN:
		return side.Stack.synOptions(b, nil, stamp, 0)
	case flags&flagSYN != 0:
		return side.Stack.synOptions(b, peer.Stack, stamp, echo)
	case s.stamped() && flags&flagRST == 0:
		return appendStamp(append(b, 1, 1), stamp, echo)
	}
	return b
}

// stamp is the RFC 7323 clock of a side: milliseconds from a random base.
func (s *Session) stamp(from From) uint32 {
	return s.tsBase[from] + uint32(s.at/1e6)
}

func (s *Session) appendBulk(b []byte, n int) []byte {
	if n <= 0 {
		return b
	}
	s.bulkAt = (s.bulkAt + 7919 + int(s.ipid[0])) & (1<<16 - 1)
	return append(b, bulkBlock[s.bulkAt:s.bulkAt+n]...)
}

func (s *Session) datagram(b []byte, step *Step) []byte {
	side, peer := &s.cfg.Sides[step.From], &s.cfg.Sides[step.From.other()]
	b = s.ethernet(b, step.From, MAC{}, 0x0800)
	start := len(b)
	b = s.ip(b, step.From, protoUDP)
	n := 8 + len(step.Data) + step.Bulk
	b = append(b, byte(side.Port>>8), byte(side.Port), byte(peer.Port>>8), byte(peer.Port), byte(n>>8), byte(n), 0, 0)
	b = append(b, step.Data...)
	b = s.appendBulk(b, step.Bulk)
	sealTransport(b[start:], protoUDP, 6)
	return pad(b)
}

func (s *Session) linkFrame(b []byte, step *Step) []byte {
	typ := step.EtherType
	if typ == 0 {
		typ = uint16(len(step.Data))
	}
	b = s.ethernet(b, step.From, step.To, typ)
	return pad(append(b, step.Data...))
}

// sealTransport fills in the IP header's length and checksum and the transport checksum at offset at.
func sealTransport(p []byte, proto byte, at int) {
	sealIP(p)
	body := p[ipHeader:]
	c := sum(p[12:20], uint64(proto)+uint64(len(body)))
	v := fold(sum(body, c))
	if v == 0 && proto == protoUDP {
		v = 0xffff // RFC 768: zero means "none"
	}
	binary.BigEndian.PutUint16(body[at:], v)
}

// sum is the Internet checksum's running sum (RFC 1071) over b, whose own field is still zero.
func sum(b []byte, acc uint64) uint64 {
	for len(b) >= 8 {
		v := binary.BigEndian.Uint64(b)
		acc += v>>48 + v>>32&0xffff + v>>16&0xffff + v&0xffff
		b = b[8:]
	}
	for len(b) >= 2 {
		acc += uint64(b[0])<<8 | uint64(b[1])
		b = b[2:]
	}
	if len(b) == 1 {
		acc += uint64(b[0]) << 8
	}
	return acc
}

func fold(acc uint64) uint16 {
	for acc > 0xffff {
		acc = acc>>16 + acc&0xffff
	}
	return ^uint16(acc)
}

// UDPPacket is a whole IPv4 packet with a datagram, for link-layer scripts whose addresses
// change on the way, as in DHCP.
func UDPPacket(src, dst IP, srcPort, dstPort uint16, ttl uint8, data []byte) []byte {
	return AppendUDP(nil, src, dst, srcPort, dstPort, ttl, data)
}

// AppendUDP appends an IPv4 packet with a datagram.
func AppendUDP(b []byte, src, dst IP, srcPort, dstPort uint16, ttl uint8, data []byte) []byte {
	start := len(b)
	n := 8 + len(data)
	b = appendIP(b, src, dst, ttl, protoUDP)
	b = append(b, byte(srcPort>>8), byte(srcPort), byte(dstPort>>8), byte(dstPort), byte(n>>8), byte(n), 0, 0)
	b = append(b, data...)
	sealTransport(b[start:], protoUDP, 6)
	return b
}

// AppendTCP appends an IPv4 packet with a segment without options.
func AppendTCP(b []byte, src, dst IP, srcPort, dstPort uint16, seq, ack uint32, flags byte, data []byte) []byte {
	start := len(b)
	b = appendIP(b, src, dst, 64, protoTCP)
	b = append(b, byte(srcPort>>8), byte(srcPort), byte(dstPort>>8), byte(dstPort))
	b = binary.BigEndian.AppendUint32(b, seq)
	b = binary.BigEndian.AppendUint32(b, ack)
	b = append(b, 5<<4, flags, 0xff, 0xff, 0, 0, 0, 0)
	b = append(b, data...)
	sealTransport(b[start:], protoTCP, 16)
	return b
}

func appendIP(b []byte, src, dst IP, ttl, proto uint8) []byte {
	b = append(b, 0x45, 0, 0, 0, 0, 0, 0, 0, ttl, proto, 0, 0)
	return append(append(b, src[:]...), dst[:]...)
}
