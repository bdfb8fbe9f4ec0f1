package plant

import (
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

// Controller is a BACnet device.
type Controller struct {
	Instance             uint32
	Vendor               uint16
	VendorName           string
	Model, Firmware      string
	Name, Location, Note string
}

const (
	bvlcUnicast   = 0x0a
	bvlcBroadcast = 0x0b
	objectDevice  = 8
)

// bvlc is a BACnet/IP frame (ASHRAE 135, annex J) with its network header.
func bvlc(function byte, npdu []byte, apdu ...[]byte) []byte {
	body := wire.Join(append([][]byte{npdu}, apdu...)...)
	n := len(body) + 4
	return wire.Join([]byte{0x81, function, byte(n >> 8), byte(n)}, body)
}

var (
	globalBroadcast = []byte{1, 0x20, 0xff, 0xff, 0, 255}
	local           = []byte{1, 0}
	expectingReply  = []byte{1, 4}
)

func object(typ uint16, instance uint32) []byte {
	v := uint32(typ)<<22 | instance
	return []byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}
}

// Discover writes a Who-Is broadcast.
func Discover(s *wire.Script) {
	s.Ask(bvlc(bvlcBroadcast, globalBroadcast, []byte{0x10, 8}))
}

// IAm writes a device's announcement.
func IAm(s *wire.Script, c Controller) {
	vendor := []byte{0x21, byte(c.Vendor)}
	if c.Vendor > 255 {
		vendor = []byte{0x22, byte(c.Vendor >> 8), byte(c.Vendor)}
	}
	s.Ask(bvlc(bvlcBroadcast, globalBroadcast, []byte{0x10, 0, 0xc4}, object(objectDevice, c.Instance), []byte{0x22, 5, 0xc4, 0x91, 0x03}, vendor))
}

func characters(v string) []byte {
	n := len(v) + 1
	if n < 5 {
		return wire.Join([]byte{0x70 | byte(n), 0}, []byte(v))
	}
	return wire.Join([]byte{0x75, byte(n), 0}, []byte(v))
}

// read writes a ReadProperty and its answer.
func read(s *wire.Script, invoke byte, id []byte, property byte, value []byte) {
	s.Ask(bvlc(bvlcUnicast, expectingReply, []byte{0, 5, invoke, 12, 0x0c}, id, []byte{0x19, property}))
	s.Answer(bvlc(bvlcUnicast, local, []byte{0x30, invoke, 12, 0x0c}, id, []byte{0x19, property, 0x3e}, value, []byte{0x3f}))
}

// Identify writes a supervisor's questions about a controller: vendor, model, firmware, name.
func Identify(s *wire.Script, c Controller) {
	id := object(objectDevice, c.Instance)
	for i, p := range []struct {
		property byte
		value    string
	}{{121, c.VendorName}, {70, c.Model}, {44, c.Firmware}, {77, c.Name}, {58, c.Location}, {28, c.Note}} {
		read(s, byte(i+1), id, p.property, characters(p.value))
	}
}

// Poll writes reads of present values of analog inputs.
func Poll(s *wire.Script, every time.Duration, reads int) {
	for i := range reads {
		before := len(s.Steps)
		read(s, byte(i+10), object(0, uint32(i%16)), 85, wire.Join([]byte{0x44, 0x41, 0xa8}, s.Rand.Bytes(2)))
		s.Steps[before].Wait += every
	}
}

// Command writes a WriteProperty of a binary output, as a lighting schedule does.
func Command(s *wire.Script, outputs int) {
	for i := range outputs {
		id := object(4, uint32(i))
		s.Ask(bvlc(bvlcUnicast, expectingReply, []byte{0, 5, byte(i), 15, 0x0c}, id, []byte{0x19, 85, 0x3e, 0x91, byte(i & 1), 0x3f, 0x49, 8}))
		s.Answer(bvlc(bvlcUnicast, local, []byte{0x20, byte(i), 15}))
	}
}

// KNX writes a KNXnet/IP search and description of a router (03.08.02, section 7.6).
func KNX(s *wire.Script, ip wire.IP, serial []byte, mac wire.MAC, name string) {
	hpai := wire.Join([]byte{8, 1}, ip[:], []byte{0x0e, 0x57})
	var dib wire.Buf
	dib.U8(54, 1, 2, 0, 0x11, 0x01, 0, 0).Raw(serial[:6]).U8(224, 0, 23, 12).Raw(mac[:]).Pad(name, 30, 0)
	families := []byte{10, 2, 2, 1, 3, 1, 4, 1, 5, 1}
	frame := func(service uint16, parts ...[]byte) []byte {
		body := wire.Join(parts...)
		var b wire.Buf
		b.U8(6, 0x10).U16(service, uint16(len(body)+6)).Raw(body)
		return b
	}
	s.Ask(frame(0x0203, hpai))
	s.Answer(frame(0x0204, dib, families))
}

// Identity is what a Modbus device says of itself.
type Identity struct{ Vendor, Product, Revision string }

// Modbus writes a connection of a master: device identification, then register reads of units.
func Modbus(s *wire.Script, d Identity, units int, every time.Duration, polls int) {
	transaction := uint16(0)
	frame := func(unit byte, body ...[]byte) []byte {
		pdu := wire.Join(body...)
		var b wire.Buf
		b.U16(transaction, 0, uint16(len(pdu)+1)).U8(unit).Raw(pdu)
		return b
	}
	transaction++
	s.Ask(frame(1, []byte{0x2b, 0x0e, 1, 0}))
	var objects []byte
	for i, v := range []string{d.Vendor, d.Product, d.Revision} {
		objects = append(objects, wire.Join([]byte{byte(i)}, wire.Len8([]byte(v)))...)
	}
	s.Answer(frame(1, []byte{0x2b, 0x0e, 1, 1, 0, 0, 3}, objects))
	for i := range polls {
		transaction++
		unit := byte(1 + i%max(units, 1))
		s.Say(wire.Client, every, frame(unit, []byte{3, 0, 0, 0, 10}))
		s.Answer(frame(unit, []byte{3, 20}, s.Rand.Bytes(20)))
	}
}

// WriteRegister writes a Modbus connection that sets one holding register.
func WriteRegister(s *wire.Script, unit byte, register, value uint16) {
	var b wire.Buf
	b.U16(1, 0, 6).U8(unit, 6).U16(register, value)
	s.Ask(b)
	s.Answer(b)
}
