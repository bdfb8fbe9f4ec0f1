package dnp3

import "github.com/wardscope/wardscope/sensor/dissect/wire"

const (
	header  = 10  // bytes of link header with its CRC: clause 9.2
	maxData = 250 // user bytes of a frame
)

// Frame is a link frame. Data is the user data without CRCs.
type Frame struct {
	FromMaster          bool
	Control             uint8
	Destination, Source uint16
	Data                []byte
}

// Next cuts a frame off b: its size, 0 when more bytes are needed, -1 when b is none.
func Next(b []byte) (f Frame, size int) {
	if len(b) >= 2 && (b[0] != 0x05 || b[1] != 0x64) {
		return f, -1
	}
	if len(b) < header {
		return f, 0
	}
	c := wire.At(b[2:])
	n := int(c.U8()) - 5
	f.Control = c.U8()
	f.Destination, f.Source = c.L16(), c.L16()
	if n < 0 || n > maxData || crc(b[:8]) != c.L16() {
		return f, -1
	}
	f.FromMaster = f.Control&0x80 != 0
	for n > 0 {
		block := c.Bytes(min(n, 16))
		sum := c.L16()
		if !c.OK() {
			return f, 0
		}
		if crc(block) != sum {
			return f, -1
		}
		f.Data = append(f.Data, block...)
		n -= len(block)
	}
	return f, len(b) - c.Len()
}

// crc is CRC-16/DNP: clause 9.2.4.
func crc(b []byte) uint16 {
	var v uint16
	for _, x := range b {
		v ^= uint16(x)
		for range 8 {
			if v&1 != 0 {
				v = v>>1 ^ 0xa6bc
			} else {
				v >>= 1
			}
		}
	}
	return ^v
}

// Fragment is an application fragment's head. Objects is valid iff it is complete.
type Fragment struct {
	First, Final bool
	Function     uint8
	Objects      []byte
}

// Parse reads transport and application headers of a frame's data. Only first segments have an
// application header.
func Parse(data []byte) (x Fragment, ok bool) {
	c := wire.At(data)
	transport := c.U8()
	x.Final, x.First = transport&0x80 != 0, transport&0x40 != 0
	if !x.First {
		return x, false
	}
	c.Skip(1)
	x.Function = c.U8()
	if x.Function == 129 || x.Function == 130 {
		c.Skip(2)
	}
	x.Objects = c.Rest()
	return x, c.OK()
}

// Attribute is a device attribute: a variation of group 0 with a text.
type Attribute struct {
	Variation uint8
	Text      string
}

// Attributes reads group 0 objects at the front of a response: group, variation, qualifier 00
// (one-byte start and stop), type 1 (visible string), length, text.
func Attributes(b []byte) (out []Attribute) {
	const most = 16
	for c := wire.At(b); c.Len() >= 7 && len(out) < most; {
		group, variation, qualifier := c.U8(), c.U8(), c.U8()
		c.Skip(2)
		kind := c.U8()
		v := c.Bytes(int(c.U8()))
		if !c.OK() || group != 0 || qualifier != 0 {
			return out
		}
		if kind == 1 {
			out = append(out, Attribute{variation, string(v)})
		}
	}
	return out
}
