package ads

import (
	"fmt"

	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	header     = 6 + 32 // bytes of AMS/TCP and AMS header
	maxPayload = 16 << 20
)

// NetID is an AMS net id.
type NetID [6]byte

// String is the usual dotted form.
func (n NetID) String() string {
	return fmt.Sprintf("%d.%d.%d.%d.%d.%d", n[0], n[1], n[2], n[3], n[4], n[5])
}

// Head is the header of an AMS packet. Length is that of its data.
type Head struct {
	Target, Source NetID
	Command        uint16
	Response       bool
	Length         int
	Error          uint32
}

// Parse reads a header: 0 when more bytes are needed, -1 when b begins with none, else 1.
func Parse(b []byte) (h Head, verdict int) {
	c := wire.At(b)
	reserved := c.U16()
	n := int(c.L32())
	if len(b) >= 2 && reserved != 0 || len(b) >= 6 && (n < 32 || n > maxPayload) {
		return h, -1
	}
	copy(h.Target[:], c.Bytes(6))
	c.Skip(2)
	copy(h.Source[:], c.Bytes(6))
	c.Skip(2)
	h.Command = c.L16()
	flags := c.L16()
	h.Length, h.Error = int(c.L32()), c.L32()
	c.Skip(4)
	if !c.OK() {
		return h, 0
	}
	h.Response = flags&1 != 0
	if h.Command == 0 || h.Command > 9 || flags&^0x45 != 0 || flags&4 == 0 || h.Length != n-32 || h.Target == (NetID{}) || h.Source == (NetID{}) {
		return h, -1
	}
	return h, 1
}

// Info is the answer to ReadDeviceInfo.
type Info struct {
	Major, Minor uint8
	Build        uint16
	Name         string
}

// ParseInfo reads result, version and name.
func ParseInfo(b []byte) (x Info, ok bool) {
	c := wire.At(b)
	result := c.L32()
	x.Major, x.Minor, x.Build = c.U8(), c.U8(), c.L16()
	x.Name = string(wire.TrimText(wire.Until(c.Bytes(16), 0)))
	return x, c.OK() && result == 0
}
