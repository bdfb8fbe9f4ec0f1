package snmp

import (
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// PDU types: RFC 3416, section 3; 4 is the trap of RFC 1157.
const (
	Get      = 0xa0
	GetNext  = 0xa1
	Response = 0xa2
	Set      = 0xa3
	TrapV1   = 0xa4
	GetBulk  = 0xa5
	Inform   = 0xa6
	TrapV2   = 0xa7
	Report   = 0xa8
)

const reportable = 1 << 2 // RFC 3412, section 6.4

// Message is an SNMP message. Community is valid iff Version is 0 or 1, Flags and Engine iff 3.
type Message struct {
	Version   int64
	Community []byte
	Flags     uint8 // bit 0 authenticated, bit 1 encrypted, bit 2 reportable
	Engine    []byte
	User      bool // a user name was given
	Type      uint8
	Status    int64
	Bindings  []Binding
}

// Room is memory for the bindings of a message of the usual size.
type Room [16]Binding

// Binding is a variable and its value: Text of octet strings, OID of object identifiers.
type Binding struct {
	Name string
	Text []byte
	OID  string
}

const maxBindings = 64

// Parse reads a message; its bindings lie in room, which may be nil, as far as that holds them. It
// is false unless the outer sequence, the version and the PDU fit.
func Parse(b []byte, room *Room) (m Message, ok bool) {
	var list []Binding
	if room != nil {
		list = room[:0]
	}
	c := wire.At(b)
	seq := c.Expect(0x30)
	version := seq.Expect(0x02)
	m.Version = version.Int()
	if !c.OK() || !seq.OK() {
		return m, false
	}
	switch m.Version {
	case 0, 1:
		community := seq.Expect(0x04)
		m.Community = community.Rest()
		if !seq.OK() || len(m.Community) > 255 {
			return m, false
		}
		m.Bindings, ok = m.pdu(&seq, list)
	case 3:
		m.Bindings, ok = m.third(&seq, list)
	}
	return m, ok
}

// pdu reads the rest of a message and appends its bindings to out.
func (m *Message) pdu(c *wire.Cursor, out []Binding) ([]Binding, bool) {
	kind, body := c.TLV()
	m.Type = kind
	if !c.OK() || kind < Get || kind > Report {
		return out, false
	}
	if kind == TrapV1 {
		enterprise := body.Expect(0x06)
		out = append(out, Binding{Name: sysObjectID, OID: enterprise.OID()})
		body.TLV()     // agent address
		body.Expect(2) // generic
		body.Expect(2) // specific
		body.TLV()     // time
	} else {
		body.Expect(0x02)
		status := body.Expect(0x02)
		m.Status = status.Int()
		body.Expect(0x02)
	}
	list := body.Expect(0x30)
	if !body.OK() {
		return out, false
	}
	for list.Len() > 0 && len(out) < maxBindings {
		one := list.Expect(0x30)
		name := one.Expect(0x06)
		tag, v := one.TLV()
		if !one.OK() || !list.OK() {
			return out, false
		}
		x := Binding{Name: name.OID()}
		switch tag {
		case 0x04:
			x.Text = v.Rest()
		case 0x06:
			x.OID = v.OID()
		}
		out = append(out, x)
	}
	return out, true
}

// third reads the header of version 3 and, when it is not encrypted, the PDU.
func (m *Message) third(c *wire.Cursor, out []Binding) ([]Binding, bool) {
	global := c.Expect(0x30)
	global.Expect(0x02)
	global.Expect(0x02)
	flags := global.Expect(0x04)
	security := global.Expect(0x02)
	m.Flags = flags.U8()
	params := c.Expect(0x04)
	if !c.OK() || !global.OK() || !flags.OK() || security.Int() != 3 { // 3: user-based security model
		return out, false
	}
	usm := params.Expect(0x30)
	engine := usm.Expect(0x04)
	usm.Expect(0x02)
	usm.Expect(0x02)
	user := usm.Expect(0x04)
	if !usm.OK() || !params.OK() {
		return out, false
	}
	m.Engine, m.User = engine.Rest(), user.Len() > 0
	if m.Flags&2 != 0 {
		return out, true
	}
	scoped := c.Expect(0x30)
	scoped.Expect(0x04)
	scoped.Expect(0x04)
	if !c.OK() || !scoped.OK() {
		return out, false
	}
	return m.pdu(&scoped, out)
}
