package pniocm

import (
	"bytes"
	"encoding/binary"

	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const header = 80 // bytes of a connectionless DCE/RPC header: C706, section 12.5.3

// Call is a message of the context manager.
type Call struct {
	Kind           uint8 // 0 request, 2 response, 4 ping, …
	ToDevice       bool  // the object is a device
	Operation      uint16
	Vendor, Device uint16
	Body           []byte
}

// the end of all PROFINET interface and object ids: dea0xxxx-6c97-11d1-8271-…
var (
	tailBig    = []byte{0x6c, 0x97, 0x11, 0xd1, 0x82, 0x71}
	tailLittle = []byte{0x97, 0x6c, 0xd1, 0x11, 0x82, 0x71}
	interfaces = []byte{0x00, 0xa0, 0x24, 0x42, 0xdf, 0x7d}
)

// Parse reads a datagram. It is one iff interface and object are PROFINET's.
func Parse(b []byte) (x Call, ok bool) {
	if len(b) < header || b[0] != 4 || b[1] > 19 {
		return x, false
	}
	var order binary.ByteOrder = binary.BigEndian
	tail, head := tailBig, []byte{0xde, 0xa0}
	if b[4]&0x10 != 0 {
		order, tail = binary.LittleEndian, tailLittle
	}
	object, face := b[8:24], b[24:40]
	first := order.Uint32(face)
	if first>>16 != uint32(head[0])<<8|uint32(head[1]) || !bytes.Equal(face[4:10], tail) || !bytes.Equal(face[10:], interfaces) {
		return x, false
	}
	if bytes.Equal(object[4:10], tail) {
		c := wire.At(object[12:])
		x.Device, x.Vendor = c.U16(), c.U16()
	}
	x.Kind, x.ToDevice = b[1], first&0xffff == 1
	x.Operation = order.Uint16(b[68:])
	x.Body = b[header:]
	return x, true
}

// Maintenance is an I&M0 record.
type Maintenance struct {
	Vendor        uint16
	Order, Serial string
	Hardware      uint16
	Software      string // e.g. "V1.2.3"
}

// record is the head of an I&M0 block: type, length and version.
var record = []byte{0x00, 0x20, 0x00, 0x38, 0x01, 0x00}

// FindMaintenance finds the first I&M0 record in the body of a read answer.
func FindMaintenance(body []byte) (m Maintenance, ok bool) {
	_, after, ok := bytes.Cut(body, record)
	if !ok {
		return m, false
	}
	c := wire.At(after)
	m.Vendor = c.U16()
	order, serial := c.Bytes(20), c.Bytes(16)
	m.Hardware = c.U16()
	v := c.Bytes(4)
	if !c.OK() || !wire.Printable(order) || v[0] < 'A' || v[0] > 'Z' {
		return m, false
	}
	m.Order, m.Serial = string(wire.TrimText(order)), string(wire.TrimText(serial))
	m.Software = software(v)
	return m, true
}

func software(v []byte) string {
	out := []byte{v[0]}
	for i, n := range v[1:] {
		if i > 0 {
			out = append(out, '.')
		}
		if n >= 100 {
			out = append(out, '0'+n/100)
		}
		if n >= 10 {
			out = append(out, '0'+n/10%10)
		}
		out = append(out, '0'+n%10)
	}
	return string(out)
}
