package cdp

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// Frame is what a CDP frame says.
type Frame struct {
	Version                       uint8
	DeviceID, SystemName, Port    []byte
	Software, Platform, VTPDomain []byte
	Capabilities                  uint32
	Addresses                     []model.Addr
	NativeVLAN                    uint16
}

const maxAddresses = 8 // kept of a frame

// Parse reads a frame from its LLC header: AA AA 03, OUI 00000c, protocol 2000.
func Parse(b []byte) (f Frame, ok bool) {
	c := wire.At(b)
	dsap, control, oui, pid := c.U16(), c.U8(), c.U24(), c.U16()
	if !c.OK() || dsap != 0xaaaa || control != 3 || oui != 0x00000c || pid != 0x2000 {
		return f, false
	}
	f.Version = c.U8()
	c.Skip(3) // time to live, checksum
	if f.Version == 0 || f.Version > 2 {
		return f, false
	}
	seen := 0
	for c.Len() >= 4 {
		kind, n := c.U16(), int(c.U16())
		v := c.Sub(n - 4)
		if !c.OK() {
			break
		}
		f.take(kind, v)
		seen++
	}
	return f, seen > 0
}

func (f *Frame) take(kind uint16, v wire.Cursor) {
	switch kind {
	case 0x0001:
		f.DeviceID = v.Rest()
	case 0x0002, 0x0016: // addresses, management addresses
		f.addresses(v)
	case 0x0003:
		f.Port = v.Rest()
	case 0x0004:
		f.Capabilities = v.U32()
	case 0x0005:
		f.Software = v.Rest()
	case 0x0006:
		f.Platform = v.Rest()
	case 0x0009:
		f.VTPDomain = v.Rest()
	case 0x000a:
		f.NativeVLAN = v.U16()
	case 0x0014:
		f.SystemName = v.Rest()
	}
}

// addresses reads a count, then for each: protocol type, length and id, address length and bytes.
func (f *Frame) addresses(v wire.Cursor) {
	n := v.U32()
	for range min(n, maxAddresses) {
		v.Skip(1)
		id := v.Bytes(int(v.U8()))
		a := v.Bytes(int(v.U16()))
		if !v.OK() {
			return
		}
		var addr model.Addr
		switch {
		case len(id) == 1 && id[0] == 0xcc && len(a) == 4: // NLPID of IP
			addr = model.AddrFrom4(a)
		case len(id) == 8 && id[6] == 0x86 && id[7] == 0xdd && len(a) == 16: // SNAP, IPv6
			addr = model.AddrFrom16(a)
		}
		if !addr.IsUnspecified() && len(f.Addresses) < maxAddresses {
			f.Addresses = append(f.Addresses, addr)
		}
	}
}
