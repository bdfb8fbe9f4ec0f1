package decode

import "github.com/wardscope/wardscope/internal/model"

// transport reads the header behind IP, and enters the tunnels that IP protocols name.
func (d *Decoder) transport(p *Packet, proto uint8, s span) bool {
	p.Protocol = proto
	switch proto {
	case protoTCP:
		return d.tcp(p, s)
	case protoUDP, protoUDPLite:
		return d.udp(p, s)
	case protoICMP, protoICMPv6:
		return d.icmp(p, s)
	case protoSCTP:
		return d.ports(p, s, 12)
	case protoDCCP:
		return d.ports(p, s, 12)
	case protoAH:
		return d.authentication(p, s)
	}
	d.rest(p, s)
	switch proto {
	case protoIPv4, protoIPv6:
		d.tunnel(p, model.EncapIPIP, s, (*Decoder).strictIP)
	case protoGRE:
		d.gre(p, s)
	case protoEtherIP:
		if len(s.data) >= 2 && s.data[0]>>4 == 3 {
			d.tunnel(p, model.EncapIPIP, s.skip(2), (*Decoder).innerFrame)
		}
	case protoMPLS:
		d.tunnel(p, model.EncapMPLS, s, (*Decoder).mpls)
	}
	return true
}

func (d *Decoder) tcp(p *Packet, s span) bool {
	b := s.data
	if len(b) >= 4 {
		p.SrcPort, p.DstPort = be16(b), be16(b[2:])
	}
	if len(b) < 20 {
		return d.short(p, s)
	}
	size := int(b[12]>>4) * 4
	if size < 20 || size > s.wire {
		return false
	}
	p.HasPorts = true
	p.Seq, p.Ack = be32(b[4:]), be32(b[8:])
	p.TCPFlags, p.Window, p.Checksum = b[13], be16(b[14:]), be16(b[16:])
	p.TCPOptions = b[20:min(size, len(b))]
	if len(b) < size { // the capture cut the options off; what flows are made of is there
		p.PayloadLen, p.Truncated = s.wire-size, true
		return true
	}
	d.rest(p, s.skip(size))
	return true
}

func (d *Decoder) udp(p *Packet, s span) bool {
	b := s.data
	if len(b) < 8 {
		return d.short(p, s)
	}
	p.SrcPort, p.DstPort, p.HasPorts = be16(b), be16(b[2:]), true
	p.Checksum = be16(b[6:])
	length := int(be16(b[4:]))
	if p.Protocol == protoUDPLite || length == 0 {
		length = s.wire // UDP-Lite says checksum coverage; 0 is a jumbogram (RFC 2675)
	}
	if length < 8 {
		return false
	}
	body := s.limit(length).skip(8)
	d.rest(p, body)
	d.udpTunnel(p, body)
	return true
}

// icmp notes type and code as ports; the payload begins behind them and the checksum.
func (d *Decoder) icmp(p *Packet, s span) bool {
	if len(s.data) < 4 {
		return d.short(p, s)
	}
	p.SrcPort, p.DstPort, p.HasPorts = uint16(s.data[0]), uint16(s.data[1]), true
	p.Checksum = be16(s.data[2:])
	d.rest(p, s.skip(4))
	return true
}

// ports reads protocols that begin with two ports and have a header of a fixed size.
func (d *Decoder) ports(p *Packet, s span, size int) bool {
	if len(s.data) < size {
		return d.short(p, s)
	}
	p.SrcPort, p.DstPort, p.HasPorts = be16(s.data), be16(s.data[2:]), true
	p.Checksum = be16(s.data[8:]) // SCTP: upper half of its CRC
	d.rest(p, s.skip(size))
	return true
}

// authentication skips an AH header (RFC 4302): what it protects is in clear.
func (d *Decoder) authentication(p *Packet, s span) bool {
	if len(s.data) < 12 {
		return d.short(p, s)
	}
	size := (int(s.data[1]) + 2) * 4
	if size < 12 || size > len(s.data) {
		return d.short(p, s)
	}
	if d.depth >= maxDepth {
		d.stats.TooDeep++
		return false
	}
	d.depth++
	ok := d.extensions(p, s.data[0], s.skip(size))
	d.depth--
	return ok
}
