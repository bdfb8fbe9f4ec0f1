package decode

import "github.com/wardscope/wardscope/internal/model"

// GRE protocol types beside EtherTypes.
const (
	greERSPAN     = 0x88be // types I and II
	greERSPAN3    = 0x22eb
	grePPP        = 0x880b
	greWCCP       = 0x883e
	greWiFiFirst  = 0x8200 // wireless controllers that carry 802.11 frames
	greWiFiLast   = 0x82ff
	greMinHeader  = 4
	erspanHeader  = 8
	erspan3Header = 12
)

// gre reads RFC 2784 and 2890, and version 1 of RFC 2637.
func (d *Decoder) gre(p *Packet, s span) {
	if len(s.data) < greMinHeader {
		return
	}
	flags, kind := be16(s.data), be16(s.data[2:])
	size := greMinHeader
	sequence := flags&0x1000 != 0
	for _, bit := range [...]uint16{0x8000 | 0x4000, 0x2000, 0x1000} { // checksum or routing, key, sequence
		if flags&bit != 0 {
			size += 4
		}
	}
	version := flags & 7
	if version == 1 && flags&0x0080 != 0 { // acknowledgement
		size += 4
	}
	if version > 1 || flags&0x4000 != 0 || size > len(s.data) {
		return // source routing was deprecated before it was used
	}
	d.greProtocol(p, kind, sequence, s.skip(size))
}

func (d *Decoder) greProtocol(p *Packet, kind uint16, sequence bool, s span) {
	switch {
	case kind == etherIPv4 || kind == etherIPv6:
		d.tunnel(p, model.EncapGRE, s, (*Decoder).strictIP)
	case kind == etherTEB:
		d.tunnel(p, model.EncapGRE, s, (*Decoder).innerFrame)
	case kind == greERSPAN && !sequence: // type I has no header of its own
		d.tunnel(p, model.EncapGRE|model.EncapERSPAN, s, (*Decoder).innerFrame)
	case kind == greERSPAN:
		d.tunnel(p, model.EncapGRE|model.EncapERSPAN, s, (*Decoder).erspan2)
	case kind == greERSPAN3:
		d.tunnel(p, model.EncapGRE|model.EncapERSPAN, s, (*Decoder).erspan3)
	case kind == etherMPLS || kind == etherMPLSUp:
		d.tunnel(p, model.EncapGRE, s, (*Decoder).mpls)
	case kind == grePPP:
		d.tunnel(p, model.EncapGRE, s, (*Decoder).pppIP)
	case kind == greWCCP: // version 2 puts four octets in front
		if len(s.data) >= 4 && s.data[0]>>4 != 4 {
			s = s.skip(4)
		}
		d.tunnel(p, model.EncapGRE, s, (*Decoder).strictIP)
	case kind >= greWiFiFirst && kind <= greWiFiLast:
		d.tunnel(p, model.EncapGRE, s, func(d *Decoder, p *Packet, s span) bool {
			p.VLANs, p.VLANCount = [4]uint16{}, 0
			return d.wifi(p, s, true)
		})
	}
}

// pppIP reads PPP inside a tunnel, for the sake of IP only: control frames stay an outer flow.
func (d *Decoder) pppIP(p *Packet, s span) bool { return d.ppp(p, s) && p.IP }

// erspan2 reads ERSPAN type II (draft-foschiano-erspan, section 4.2).
func (d *Decoder) erspan2(p *Packet, s span) bool {
	if len(s.data) < erspanHeader || s.data[0]>>4 != 1 {
		return d.short(p, s)
	}
	vlan := be16(s.data) & 0xfff
	return d.mirrored(p, vlan, s.skip(erspanHeader))
}

// erspan3 reads ERSPAN type III (section 4.3), with or without platform subheader.
func (d *Decoder) erspan3(p *Packet, s span) bool {
	if len(s.data) < erspan3Header || s.data[0]>>4 != 2 {
		return d.short(p, s)
	}
	vlan := be16(s.data) & 0xfff
	size := erspan3Header
	if s.data[11]&1 != 0 {
		size += 8
	}
	if len(s.data) < size {
		return d.short(p, s)
	}
	if s.data[10]>>2&0x1f == 2 { // frame type: IP
		return d.strictIP(p, s.skip(size))
	}
	return d.mirrored(p, vlan, s.skip(size))
}

// mirrored reads a mirrored frame; the mirror's header names the VLAN of frames that carry no tag.
func (d *Decoder) mirrored(p *Packet, vlan uint16, s span) bool {
	if !d.innerFrame(p, s) {
		return false
	}
	if p.VLANCount == 0 && vlan != 0 {
		p.VLANs[0], p.VLANCount = vlan, 1
	}
	return true
}
