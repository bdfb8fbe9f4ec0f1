package iec104

import "github.com/wardscope/wardscope/sensor/dissect/wire"

// Frame is an APDU. Type, Cause, Negative and Station are valid iff it is of format I.
type Frame struct {
	Format   uint8 // 'I', 'S' or 'U'
	Control  uint8 // of format U: 07 start, 0b start confirmed, 13, 23 stop, 43, 83 test
	Type     uint8
	Cause    uint8
	Negative bool
	Station  uint16
}

// Next cuts a frame off b: its size, 0 when more bytes are needed, -1 when b is none.
func Next(b []byte) (f Frame, size int) {
	c := wire.At(b)
	start, n := c.U8(), int(c.U8())
	if len(b) >= 1 && start != 0x68 || len(b) >= 2 && (n < 4 || n > 253) {
		return f, -1
	}
	if len(b) < 2 || len(b) < 2+n {
		return f, 0
	}
	first := c.U8()
	second, third, fourth := c.U8(), c.U8(), c.U8()
	switch {
	case first&1 == 0:
		f.Format = 'I'
		f.Type = c.U8()
		count := c.U8() & 0x7f
		cause := c.U8()
		c.Skip(1)
		f.Cause, f.Negative, f.Station = cause&0x3f, cause&0x40 != 0, c.L16()
		if !c.OK() || f.Type == 0 || f.Type > 127 || count == 0 || f.Cause == 0 || f.Cause > 47 || third&1 != 0 || n < 13 {
			return f, -1
		}
	case first&3 == 1:
		f.Format = 'S'
		if n != 4 || first != 1 || second != 0 || third&1 != 0 {
			return f, -1
		}
	default:
		f.Format, f.Control = 'U', first
		switch first {
		case 0x07, 0x0b, 0x13, 0x23, 0x43, 0x83:
		default:
			return f, -1
		}
		if n != 4 || second|third|fourth != 0 {
			return f, -1
		}
	}
	return f, 2 + n
}
