package lontalk

import "github.com/wardscope/wardscope/sensor/dissect/wire"

// Packet types of the CNIP header.
const (
	Data           = 0x01
	DeviceRegister = 0x03
	Acknowledge    = 0x07
)

// Parse reads the header of 20 bytes: length, version, type, extended header size, protocol
// flags, vendor code, session id, sequence number, time stamp.
func Parse(b []byte) (kind uint8, ok bool) {
	c := wire.At(b)
	length, version := int(c.U16()), c.U8()
	kind = c.U8()
	extended, flags, vendor := c.U8(), c.U8(), c.U16()
	c.Skip(12)
	if !c.OK() || length != len(b) || version != 1 || int(extended)*4 > c.Len() || flags&0x1f > 1 || vendor > 15 {
		return 0, false
	}
	switch kind {
	case Data: // at least a LonTalk packet of eight bytes, whose CRC ends it
		return kind, c.Len() >= 8
	case DeviceRegister, 0x04, 0x06, Acknowledge, 0x08, 0x60, 0x63, 0x64, 0x66, 0x67, 0x68, 0x70, 0x71, 0x7f:
		return kind, true
	}
	return 0, false
}
