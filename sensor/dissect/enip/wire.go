package enip

import (
	"bytes"
	"encoding/binary"

	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const header = 24 // bytes of encapsulation header: volume 2, table 2-3.1

// Encapsulation commands: volume 2, table 2-3.2.
const (
	ListServices    = 0x0004
	ListIdentity    = 0x0063
	ListInterfaces  = 0x0064
	RegisterSession = 0x0065
	Unregister      = 0x0066
	SendRRData      = 0x006f
	SendUnitData    = 0x0070
)

// Frame is an encapsulation message.
type Frame struct {
	Command uint16
	Status  uint32
	Data    []byte
}

// Next cuts a message off b: its size, 0 when more bytes are needed, -1 when b is none.
func Next(b []byte) (f Frame, size int) {
	c := wire.At(b)
	f.Command = c.L16()
	n := int(c.L16())
	c.Skip(4)
	f.Status = c.L32()
	c.Skip(8)
	options := c.L32()
	if len(b) >= 2 && !known(f.Command) {
		return f, -1
	}
	if !c.OK() {
		return f, 0
	}
	if options != 0 || n > 65511 || f.Status > 0x69 || !fits(f.Command, n) {
		return f, -1
	}
	f.Data = c.Bytes(n)
	if !c.OK() {
		return f, 0
	}
	return f, header + n
}

func known(command uint16) bool {
	switch command {
	case ListServices, ListIdentity, ListInterfaces, RegisterSession, Unregister, SendRRData, SendUnitData:
		return true
	}
	return false
}

// fits checks the length against what the command carries.
func fits(command uint16, n int) bool {
	switch command {
	case RegisterSession:
		return n == 4 || n == 0
	case Unregister:
		return n == 0
	case SendRRData, SendUnitData:
		return n >= 16 || n == 0
	}
	return n <= 4096
}

// Identity is what a device says of itself: volume 1, section 5-2.2.
type Identity struct {
	Vendor, Type, Product uint16
	Major, Minor          uint8
	Serial                uint32
	Name                  string
}

// ParseIdentity reads the attributes 1 to 7 in their order.
func ParseIdentity(b []byte) (x Identity, ok bool) {
	c := wire.At(b)
	x.Vendor, x.Type, x.Product = c.L16(), c.L16(), c.L16()
	x.Major, x.Minor = c.U8(), c.U8()
	c.Skip(2) // status
	x.Serial = c.L32()
	name := c.Bytes(int(c.U8()))
	if !c.OK() || len(name) > 0 && !wire.Printable(bytes.TrimRight(name, "\x00 ")) {
		return x, false
	}
	x.Name = string(name)
	return x, true
}

// Items splits a common packet: count, then type, length and data of each item.
func Items(b []byte) (out []Item, ok bool) {
	const most = 16
	c := wire.At(b)
	n := c.L16()
	for range min(n, most) {
		x := Item{Type: c.L16()}
		x.Data = c.Bytes(int(c.L16()))
		if !c.OK() {
			return nil, false
		}
		out = append(out, x)
	}
	return out, n > 0 && n <= most && c.OK()
}

// Item is an item of a common packet.
type Item struct {
	Type uint16
	Data []byte
}

// Item types: volume 2, table 2-6.3.
const (
	itemIdentity    = 0x000c
	itemUnconnected = 0x00b2
	itemConnected   = 0x00b1
	itemSequenced   = 0x8002
)

// identityOf reads the identity item: protocol version, socket address, then the attributes.
func identityOf(data []byte) (Identity, bool) {
	items, ok := Items(data)
	if !ok || items[0].Type != itemIdentity || len(items[0].Data) < 18 {
		return Identity{}, false
	}
	return ParseIdentity(items[0].Data[18:])
}

// CIP is a request or response of the message router. Class is valid iff it is a request
// whose path names one; Tag says that it names a symbol instead, Routed that the connection manager was asked to send it on.
type CIP struct {
	Service uint8
	Reply   bool
	Status  uint8
	Class   uint16
	Tag     bool
	Routed  bool
	Data    []byte
}

// message finds the message router's bytes in SendRRData or SendUnitData.
func message(data []byte) (m CIP, ok bool) {
	if len(data) < 6 {
		return m, false
	}
	items, fine := Items(data[6:]) // interface handle and timeout stand before
	if !fine {
		return m, false
	}
	for _, x := range items {
		switch {
		case x.Type == itemUnconnected:
			return ParseCIP(x.Data)
		case x.Type == itemConnected && len(x.Data) > 2:
			return ParseCIP(x.Data[2:])
		}
	}
	return m, false
}

// ParseCIP reads a message: volume 1, section 2-4.
func ParseCIP(b []byte) (m CIP, ok bool) {
	c := wire.At(b)
	service := c.U8()
	m.Service, m.Reply = service&0x7f, service&0x80 != 0
	if m.Reply {
		c.Skip(1)
		m.Status = c.U8()
		c.Skip(2 * int(c.U8()))
		m.Data = c.Rest()
		return m, c.OK()
	}
	path := c.Sub(2 * int(c.U8()))
	switch segment := path.U8(); segment { // a logical segment: volume 1, appendix C-1.4.2
	case 0x20:
		m.Class = uint16(path.U8())
	case 0x21:
		path.Skip(1)
		m.Class = path.L16()
	case 0x91: // a symbol's name
		m.Tag = true
	}
	m.Data = c.Rest()
	if c.OK() && m.Service == serviceSend && m.Class == classManager {
		return unwrap(m)
	}
	return m, c.OK()
}

// unwrap takes the request out of an Unconnected Send (volume 1, section 3-5.5.2): its answer comes without a wrapper.
func unwrap(m CIP) (CIP, bool) {
	c := wire.At(m.Data)
	c.Skip(2)
	inner := c.Bytes(int(c.L16()))
	if !c.OK() || len(inner) < 2 || inner[0] == serviceSend || inner[0]&0x80 != 0 {
		return m, true
	}
	x, ok := ParseCIP(inner)
	x.Routed = true
	return x, ok
}

// isIO judges a cyclic datagram: a sequenced address item of eight bytes, then connected data.
func isIO(b []byte) bool {
	return len(b) >= 18 && bytes.Equal(b[:6], []byte{2, 0, 2, 0x80, 8, 0}) && b[14] == 0xb1 && b[15] == 0 &&
		int(binary.LittleEndian.Uint16(b[16:])) == len(b)-18
}
