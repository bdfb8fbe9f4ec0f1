package edp

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// Frame is what an EDP frame says.
type Frame struct {
	Machine    model.MAC
	Name       []byte
	HasInfo    bool
	Slot, Port uint16 // from 0
	Version    [4]uint8
}

// Elements.
const (
	marker  = 0x99
	display = 1
	info    = 2
)

// Parse reads a frame from its LLC header: AA AA 03, OUI 00e02b, protocol 00bb.
func Parse(b []byte) (f Frame, ok bool) {
	c := wire.At(b)
	dsap, control, oui, pid := c.U16(), c.U8(), c.U24(), c.U16()
	if !c.OK() || dsap != 0xaaaa || control != 3 || oui != 0x00e02b || pid != 0x00bb {
		return f, false
	}
	version := c.U8()
	c.Skip(7) // reserved, length, checksum, sequence number
	kind, machine := c.U16(), c.Bytes(6)
	if !c.OK() || version != 1 || kind != 0 {
		return f, false
	}
	f.Machine = model.MACFrom(machine)
	for c.Len() >= 4 && c.U8() == marker {
		kind, n := c.U8(), int(c.U16())
		v := c.Sub(n - 4)
		if !c.OK() {
			break
		}
		f.take(kind, v)
	}
	return f, true
}

func (f *Frame) take(kind uint8, v wire.Cursor) {
	switch kind {
	case display:
		f.Name = wire.Until(v.Rest(), 0)
	case info:
		slot, port := v.U16(), v.U16()
		v.Skip(8) // virtual chassis, reserved
		if version := v.Bytes(4); version != nil {
			f.HasInfo, f.Slot, f.Port, f.Version = true, slot, port, [4]uint8(version)
		}
	}
}
