package sbus

import "github.com/wardscope/wardscope/sensor/dissect/wire"

// Kinds of telegrams.
const (
	Request     = 0
	Response    = 1
	Acknowledge = 2
)

// Parse reads a telegram: length of the whole, version, protocol type, sequence, kind, and a
// CRC over all that stands before it.
func Parse(b []byte) (kind uint8, ok bool) {
	c := wire.At(b)
	length, version, protocol := c.U32(), c.U8(), c.U8()
	c.Skip(2)
	kind = c.U8()
	if !c.OK() || c.Len() < 2 || int(length) != len(b) || version > 1 || protocol > 1 || kind > Acknowledge {
		return 0, false
	}
	sum := uint16(b[len(b)-2])<<8 | uint16(b[len(b)-1])
	return kind, crc(b[:len(b)-2]) == sum
}

// crc is CRC-16/XMODEM.
func crc(b []byte) (v uint16) {
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
