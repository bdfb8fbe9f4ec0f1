package knx

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// Service types: 03_08_01, section 5.
const (
	SearchResponse         = 0x0202
	DescriptionResponse    = 0x0204
	ConnectResponse        = 0x0206
	SearchResponseExtended = 0x020c
)

// Frame is a KNXnet/IP frame.
type Frame struct {
	Service uint16
	Body    []byte
}

// Next cuts a frame off b: its size, 0 when more bytes are needed, -1 when b is none.
func Next(b []byte) (f Frame, size int) {
	c := wire.At(b)
	head, version := c.U8(), c.U8()
	f.Service = c.U16()
	size = int(c.U16())
	if len(b) >= 1 && head != 6 || len(b) >= 2 && version != 0x10 {
		return f, -1
	}
	if !c.OK() {
		return f, 0
	}
	if size < 8 || size > 2048 || !service(f.Service) {
		return f, -1
	}
	f.Body = c.Bytes(size - 6)
	if !c.OK() {
		return f, 0
	}
	return f, size
}

func service(s uint16) bool {
	switch s >> 8 {
	case 0x02: // core
		return s&0xff >= 1 && s&0xff <= 0x0c
	case 0x03, 0x04: // device management, tunnelling
		return s&0xff >= 0x10 && s&0xff <= 0x25
	case 0x05: // routing
		return s&0xff >= 0x30 && s&0xff <= 0x33
	case 0x09: // secure
		return s&0xff >= 0x50 && s&0xff <= 0x55
	}
	return false
}

// Device is a device information block: 03_08_02, section 7.5.4.2.
type Device struct {
	Medium  uint8
	Address uint16 // area 4 bits, line 4 bits, device 8 bits
	Serial  []byte
	MAC     model.MAC
}

// ParseDevice finds the device information among the blocks of an answer.
func ParseDevice(f *Frame) (d Device, ok bool) {
	c := wire.At(f.Body)
	if f.Service == SearchResponse || f.Service == SearchResponseExtended {
		c.Skip(8) // control endpoint
	}
	for c.Len() >= 2 {
		n := int(c.U8())
		kind := c.U8()
		v := c.Sub(n - 2)
		if !c.OK() {
			return d, false
		}
		if kind != 1 {
			continue
		}
		d.Medium = v.U8()
		v.Skip(1)
		d.Address = v.U16()
		v.Skip(2)
		d.Serial = v.Bytes(6)
		v.Skip(4)
		if mac := v.Bytes(6); mac != nil {
			d.MAC = model.MACFrom(mac)
		}
		return d, v.OK()
	}
	return d, false
}
