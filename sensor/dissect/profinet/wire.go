package profinet

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// DCP services and types: IEC 61158-6-10, section 4.3.1.
const (
	Get      = 3
	Set      = 4
	Identify = 5
	Hello    = 6
)

// Frame is a PROFINET frame. All but FrameID is valid iff DCP.
type Frame struct {
	FrameID        uint16
	DCP            bool
	Service        uint8
	Response       bool
	Station, Type  []byte
	HasDevice      bool
	Vendor, Device uint16
	Role           uint8 // bits: 0 device, 1 controller, 2 multidevice, 3 supervisor
	Addr           model.Addr
	Sets           []uint16 // option and suboption of what a request sets
}

// Parse reads a frame behind the EtherType.
func Parse(b []byte) (f Frame, ok bool) {
	c := wire.At(b)
	f.FrameID = c.U16()
	if !c.OK() {
		return f, false
	}
	if f.FrameID < 0xfefc || f.FrameID > 0xfeff {
		return f, true
	}
	f.DCP = true
	f.Service = c.U8()
	kind := c.U8()
	c.Skip(6)
	n := int(c.U16())
	if !c.OK() || f.Service < Get || f.Service > Hello || kind > 5 {
		return f, false
	}
	f.Response = kind&1 != 0
	blocks := c.Sub(min(n, c.Len()))
	for blocks.Len() >= 4 {
		option, size := blocks.U16(), int(blocks.U16())
		v := blocks.Sub(size)
		if size%2 == 1 && blocks.Len() > 0 {
			blocks.Skip(1)
		}
		if !v.OK() || f.Service == Get && !f.Response {
			break
		}
		f.block(option, v)
	}
	return f, true
}

// block reads a block: two bytes of block information stand first in answers and settings.
func (f *Frame) block(option uint16, v wire.Cursor) {
	answers := f.Response || f.Service == Set || f.Service == Hello
	if f.Service == Set && !f.Response && len(f.Sets) < 8 {
		f.Sets = append(f.Sets, option)
	}
	if answers {
		v.Skip(2)
	}
	if !v.OK() || f.Service == Identify && !f.Response || f.Service == Set && f.Response {
		return
	}
	switch option {
	case 0x0201:
		f.Type = v.Rest()
	case 0x0202:
		f.Station = v.Rest()
	case 0x0203:
		f.Vendor, f.Device = v.U16(), v.U16()
		f.HasDevice = v.OK()
	case 0x0204:
		f.Role = v.U8()
	case 0x0102:
		if a := v.Bytes(4); a != nil {
			f.Addr = model.AddrFrom4(a)
		}
	}
}
