package decode

import (
	"encoding/binary"

	"github.com/wardscope/wardscope/internal/model"
)

// radiotap skips a radiotap header (radiotap.org): its length is little-endian.
func (d *Decoder) radiotap(p *Packet, s span) bool {
	if len(s.data) < 8 {
		return d.short(p, s)
	}
	size := int(binary.LittleEndian.Uint16(s.data[2:]))
	if s.data[0] != 0 || size < 8 {
		return false
	}
	if size > len(s.data) {
		return d.short(p, s)
	}
	return d.wifi(p, s.skip(size), false)
}

// wifi reads an IEEE 802.11 data frame in clear (IEEE 802.11-2020, clause 9.3.2). Management,
// control and protected frames have nothing for us: outside a tunnel they are left without
// payload, inside one they are refused so that the tunnel stays the flow. Controllers swap the
// two octets of the frame control field.
func (d *Decoder) wifi(p *Packet, s span, inTunnel bool) bool {
	if len(s.data) < 10 {
		return d.short(p, s)
	}
	control, flags := s.data[0], s.data[1]
	if inTunnel && control&0x0f != 8 && flags&0x0f == 8 {
		control, flags = flags, control
	}
	protected := flags&0x40 != 0
	if control&0x0f != 8 || control&0x40 != 0 || protected { // not data, no data, protected
		return !inTunnel
	}
	size := 24
	toDS, fromDS := flags&1 != 0, flags&2 != 0
	if toDS && fromDS {
		size = 30
	}
	qos := control&0x80 != 0
	if qos {
		size += 2
	}
	if len(s.data) < size+8 {
		return d.short(p, s) || !inTunnel
	}
	p.DstMAC, p.SrcMAC = model.MACFrom(s.data[4:]), model.MACFrom(s.data[10:])
	if toDS {
		p.DstMAC = model.MACFrom(s.data[16:])
	}
	switch {
	case toDS && fromDS:
		p.SrcMAC = model.MACFrom(s.data[24:])
	case fromDS:
		p.SrcMAC = model.MACFrom(s.data[16:])
	}
	if qos && s.data[size-2]&0x80 != 0 { // aggregated: subframes, each with a length of its own
		return d.aggregated(p, s.skip(size), inTunnel)
	}
	kind, header := llcType(s.skip(size).data)
	if header == 0 && inTunnel {
		return false
	}
	if header == 0 {
		return d.llc(p, s.skip(size))
	}
	return d.payload(p, kind, s.skip(size+header))
}

// aggregated reads the first subframe of an A-MSDU, which names the whole's ends.
func (d *Decoder) aggregated(p *Packet, s span, inTunnel bool) bool {
	if len(s.data) < etherHeader {
		return !inTunnel
	}
	p.DstMAC, p.SrcMAC = model.MACFrom(s.data), model.MACFrom(s.data[6:])
	return d.llc(p, s.skip(etherHeader).limit(int(be16(s.data[12:]))))
}
