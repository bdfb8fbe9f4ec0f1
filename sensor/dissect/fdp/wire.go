package fdp

import "github.com/wardscope/wardscope/sensor/dissect/wire"

// Frame is what an FDP frame says.
type Frame struct {
	Device, Port, Version, Platform []byte
}

// Parse reads a frame from its LLC header: AA AA 03, OUI 00e052, protocol 2000.
func Parse(b []byte) (f Frame, ok bool) {
	c := wire.At(b)
	dsap, control, oui, pid := c.U16(), c.U8(), c.U24(), c.U16()
	if !c.OK() || dsap != 0xaaaa || control != 3 || oui != 0x00e052 || pid != 0x2000 {
		return f, false
	}
	version := c.U8()
	c.Skip(3) // time to live, checksum
	if !c.OK() || version != 1 {
		return f, false
	}
	for c.Len() >= 4 {
		kind, n := c.U16(), int(c.U16())
		v := c.Sub(n - 4)
		if !c.OK() {
			break
		}
		switch text := wire.Until(v.Rest(), 0); kind {
		case 1:
			f.Device = text
		case 3:
			f.Port = text
		case 5:
			f.Version = text
		case 6:
			f.Platform = text
		}
	}
	return f, len(f.Device) > 0
}
