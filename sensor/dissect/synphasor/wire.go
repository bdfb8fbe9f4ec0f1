package synphasor

import "github.com/wardscope/wardscope/sensor/dissect/wire"

const minFrame = 16 // bytes: the common words of table 2

// Kinds of frames: bits 4 to 6 of the second byte.
const (
	Data    = 0
	Header  = 1
	Config1 = 2
	Config2 = 3
	Command = 4
	Config3 = 5
)

// Frame is a frame with a fitting CRC.
type Frame struct {
	Kind uint8
	ID   uint16
	Body []byte // between the common words and the CRC
}

// Next cuts a frame off b: its size, 0 when more bytes are needed, -1 when b is none.
func Next(b []byte) (f Frame, size int) {
	c := wire.At(b)
	sync, kind := c.U8(), c.U8()
	size = int(c.U16())
	f.ID = c.U16()
	c.Skip(8)
	if len(b) >= 1 && sync != 0xaa || len(b) >= 2 && (kind&0x80 != 0 || kind>>4 > Config3 || kind&15 == 0 || kind&15 > 3) {
		return f, -1
	}
	if !c.OK() {
		return f, 0
	}
	if size < minFrame {
		return f, -1
	}
	f.Kind, f.Body = kind>>4, c.Bytes(size-minFrame)
	sum := c.U16()
	if !c.OK() {
		return f, 0
	}
	if crc(b[:size-2]) != sum {
		return f, -1
	}
	return f, size
}

// crc is CRC-CCITT from ffff: annex B.
func crc(b []byte) uint16 {
	v := uint16(0xffff)
	for _, x := range b {
		v ^= uint16(x) << 8
		for range 8 {
			if v&0x8000 != 0 {
				v = v<<1 ^ 0x1021
			} else {
				v <<= 1
			}
		}
	}
	return v
}

// Unit is a measurement unit of a configuration frame.
type Unit struct {
	Name string
	ID   uint16
}

// Units reads the stations of configuration frames 1 and 2: table 9.
func Units(body []byte) (out []Unit) {
	const most = 32
	c := wire.At(body)
	c.Skip(4)
	for range min(c.U16(), most) {
		name := c.Bytes(16)
		u := Unit{string(wire.TrimText(name)), c.U16()}
		c.Skip(2)
		phasors, analogs, digitals := int(c.U16()), int(c.U16()), int(c.U16())
		c.Skip(16 * (phasors + analogs + 16*digitals))
		c.Skip(4*(phasors+analogs+digitals) + 4)
		if !c.OK() || !wire.Printable(name) {
			return out
		}
		out = append(out, u)
	}
	return out
}
