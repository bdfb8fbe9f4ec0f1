package lldp

import (
	"encoding/hex"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// Frame is what an LLDP frame says.
type Frame struct {
	ChassisMAC                        model.MAC // valid iff the chassis id is one
	Chassis, Port                     string
	SystemName, SystemDescription     []byte
	Capabilities                      uint16 // enabled ones
	Management                        []model.Addr
	HardwareRev, FirmwareRev          []byte
	SoftwareRev, Serial, Maker, Model []byte
	ProfinetMAC                       model.MAC
	MUD                               []byte
}

// TLV types of IEEE 802.1AB-2016, table 8-1.
const (
	tlvEnd          = 0
	tlvChassis      = 1
	tlvPort         = 2
	tlvName         = 5
	tlvDescription  = 6
	tlvCapabilities = 7
	tlvManagement   = 8
	tlvOrganisation = 127
)

const maxManagement = 8 // addresses kept of a frame

// Parse reads a frame. It is one iff it opens with chassis id, port id and time to live, as
// clause 8.2 demands.
func Parse(b []byte) (f Frame, ok bool) {
	c := wire.At(b)
	for i := 0; c.Len() >= 2; i++ {
		head := c.U16()
		kind, v := head>>9, c.Sub(int(head&0x1ff))
		if !c.OK() || i < 3 && int(kind) != i+1 {
			return f, i > 3 // a frame cut short by the capture is still one
		}
		if kind == tlvEnd {
			return f, i >= 3
		}
		f.take(kind, v)
	}
	return f, len(f.Chassis) > 0 && len(f.Port) > 0
}

func (f *Frame) take(kind uint16, v wire.Cursor) {
	switch kind {
	case tlvChassis:
		sub := v.U8()
		if sub == 4 && v.Len() == 6 {
			f.ChassisMAC = model.MACFrom(v.Rest())
		}
		f.Chassis = identifier(sub, 4, 5, v.Rest())
	case tlvPort:
		f.Port = identifier(v.U8(), 3, 4, v.Rest())
	case tlvName:
		f.SystemName = v.Rest()
	case tlvDescription:
		f.SystemDescription = v.Rest()
	case tlvCapabilities:
		v.Skip(2)
		f.Capabilities = v.U16()
	case tlvManagement:
		a := v.Sub(int(v.U8()))
		if addr, ok := networkAddress(a.Rest()); ok && len(f.Management) < maxManagement {
			f.Management = append(f.Management, addr)
		}
	case tlvOrganisation:
		f.organisation(v)
	}
}

// organisation reads the TLVs of other bodies that say who the sender is.
func (f *Frame) organisation(v wire.Cursor) {
	switch oui, sub := v.U24(), v.U8(); {
	case oui == 0x0012bb: // TIA TR-41, LLDP-MED
		switch sub {
		case 5:
			f.HardwareRev = v.Rest()
		case 6:
			f.FirmwareRev = v.Rest()
		case 7:
			f.SoftwareRev = v.Rest()
		case 8:
			f.Serial = v.Rest()
		case 9:
			f.Maker = v.Rest()
		case 10:
			f.Model = v.Rest()
		}
	case oui == 0x000ecf && sub == 5 && v.Len() >= 6: // PROFIBUS International, chassis MAC
		f.ProfinetMAC = model.MACFrom(v.Rest())
	case oui == 0x00005e && sub == 1: // IANA, MUD URL
		f.MUD = v.Rest()
	}
}

// identifier renders a chassis or port id by its subtype; mac and net are the subtypes of a
// MAC and of a network address, which differ between the two TLVs.
func identifier(sub, mac, net uint8, b []byte) string {
	switch {
	case len(b) == 0:
		return ""
	case sub == mac && len(b) == 6:
		return model.MACFrom(b).String()
	case sub == net:
		if a, ok := networkAddress(b); ok {
			return a.String()
		}
	case wire.Printable(b):
		return string(b)
	}
	return hex.EncodeToString(b)
}

// networkAddress reads an IANA address family number and the address (clause 8.5.2.2).
func networkAddress(b []byte) (model.Addr, bool) {
	switch {
	case len(b) == 5 && b[0] == 1:
		return model.AddrFrom4(b[1:]), true
	case len(b) == 17 && b[0] == 2:
		return model.AddrFrom16(b[1:]), true
	}
	return model.Addr{}, false
}
