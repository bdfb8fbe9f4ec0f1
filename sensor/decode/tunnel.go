package decode

import "github.com/wardscope/wardscope/internal/model"

// UDP ports of tunnels (IANA, and what vendors use in their place).
const (
	portGTPU        = 2152
	portTeredo      = 3544
	portVXLAN       = 4789
	portVXLANGPE    = 4790
	portCAPWAP      = 5247
	portGENEVE      = 6081
	portMPLS        = 6635
	portVXLANLinux  = 8472
	portVXLANFabric = 48879
)

// udpTunnel enters the tunnels that UDP ports name; bytes that do not fit stay an outer flow.
func (d *Decoder) udpTunnel(p *Packet, s span) {
	switch p.DstPort {
	case portVXLAN, portVXLANGPE, portVXLANLinux, portVXLANFabric:
		d.vxlan(p, s)
		return
	case portGENEVE:
		d.geneve(p, s)
		return
	case portGTPU:
		d.gtp(p, s)
		return
	case portMPLS:
		if len(s.data) >= 4 {
			d.tunnel(p, model.EncapMPLS, s, (*Decoder).mpls)
		}
		return
	case portCAPWAP:
		d.capwap(p, s)
		return
	case portTeredo:
		d.teredo(p, s)
		return
	}
	switch p.SrcPort {
	case portCAPWAP:
		d.capwap(p, s)
	case portTeredo:
		d.teredo(p, s)
	default:
		if looksTeredo(s) {
			d.teredo(p, s)
		}
	}
}

// looksTeredo finds Teredo between peers and relays, which use any port: a whole IPv6 packet of
// exactly this length with an end in Teredo's prefix, 2001::/32 (RFC 4380, section 2.6).
func looksTeredo(s span) bool {
	const prefix = 0x20010000
	b := s.data
	return len(b) >= ipv6Header && b[0]>>4 == 6 && int(be16(b[4:]))+ipv6Header == s.wire && (be32(b[8:]) == prefix || be32(b[24:]) == prefix)
}

// strictIP reads an inner IP packet only if its lengths fit.
func (d *Decoder) strictIP(p *Packet, s span) bool {
	if !plausibleIP(s) {
		return d.short(p, s)
	}
	return d.anyIP(p, s)
}

// vxlan reads RFC 7348 and the generic protocol extension (draft-ietf-nvo3-vxlan-gpe).
func (d *Decoder) vxlan(p *Packet, s span) {
	if len(s.data) < 8 || s.data[0]&8 == 0 {
		return
	}
	next := byte(3)
	if p.DstPort == portVXLANGPE && s.data[0]&4 != 0 {
		next = s.data[3]
	}
	switch next {
	case 1, 2:
		d.tunnel(p, model.EncapVXLAN, s.skip(8), (*Decoder).strictIP)
	case 3:
		d.tunnel(p, model.EncapVXLAN, s.skip(8), (*Decoder).innerFrame)
	}
}

// geneve reads RFC 8926.
func (d *Decoder) geneve(p *Packet, s span) {
	if len(s.data) < 8 || s.data[0]>>6 != 0 || s.data[1]&0x80 != 0 {
		return
	}
	size := 8 + int(s.data[0]&0x3f)*4
	if size > len(s.data) {
		return
	}
	switch be16(s.data[2:]) {
	case etherTEB:
		d.tunnel(p, model.EncapGENEVE, s.skip(size), (*Decoder).innerFrame)
	case etherIPv4, etherIPv6:
		d.tunnel(p, model.EncapGENEVE, s.skip(size), (*Decoder).strictIP)
	}
}

// gtp reads the user plane of GTP version 1 (3GPP TS 29.281, section 5).
func (d *Decoder) gtp(p *Packet, s span) {
	b := s.data
	if len(b) < 8 || b[0]>>4 != 3 || b[1] != 255 || int(be16(b[2:]))+8 > s.wire {
		return
	}
	size := 8
	if b[0]&7 != 0 {
		if len(b) < 12 {
			return
		}
		next := b[11]
		size = 12
		for range maxExtensions {
			if b[0]&4 == 0 || next == 0 {
				break
			}
			if len(b) <= size || b[size] == 0 || size+int(b[size])*4 > len(b) {
				return
			}
			size += int(b[size]) * 4
			next = b[size-1]
		}
	}
	d.tunnel(p, model.EncapGTP, s.skip(size), (*Decoder).strictIP)
}

// teredo reads RFC 4380, section 5.1.1: optional authentication and origin, then IPv6.
func (d *Decoder) teredo(p *Packet, s span) {
	if len(s.data) >= 4 && be16(s.data) == 1 {
		size := 4 + int(s.data[2]) + int(s.data[3]) + 9
		if size > len(s.data) {
			return
		}
		s = s.skip(size)
	}
	if len(s.data) >= 8 && be16(s.data) == 0 {
		s = s.skip(8)
	}
	if len(s.data) < ipv6Header || s.data[0]>>4 != 6 {
		return
	}
	d.tunnel(p, model.EncapTeredo, s, (*Decoder).strictIP)
}

// capwap reads the data channel of RFC 5415, section 4: 802.3 or 802.11 frames. Encrypted and
// later fragments stay an outer flow.
func (d *Decoder) capwap(p *Packet, s span) {
	b := s.data
	if len(b) < 8 || b[0] != 0 {
		return
	}
	flags := be32(b) // preamble 8, header length 5, radio id 5, binding id 5, flags 9
	size := int(flags>>19&0x1f) * 4
	native := flags>>8&1 != 0
	fragment := flags>>7&1 != 0
	keepAlive := flags>>3&1 != 0
	if size < 8 || size > len(b) || keepAlive || fragment && be16(b[6:])>>3 != 0 {
		return
	}
	if !native {
		d.tunnel(p, model.EncapCAPWAP, s.skip(size), (*Decoder).innerFrame)
		return
	}
	if flags>>9&0x1f != 1 { // only the 802.11 binding
		return
	}
	d.tunnel(p, model.EncapCAPWAP, s.skip(size), func(d *Decoder, p *Packet, s span) bool {
		p.VLANs, p.VLANCount = [4]uint16{}, 0
		return d.wifi(p, s, true)
	})
}
