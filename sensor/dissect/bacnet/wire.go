package bacnet

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// Virtual link functions: annex J.2.
const (
	FunctionForwarded = 0x04
	FunctionRegister  = 0x05
	functionBroadcast = 0x0b
	functionSecure    = 0x0c
)

// APDU types: clause 20.1.
const (
	Confirmed   = 0
	Unconfirmed = 1
	SimpleAck   = 2
	ComplexAck  = 3
	SegmentAck  = 4
	Error       = 5
	Reject      = 6
	Abort       = 7
)

// Packet is a BACnet/IP datagram down to its application header.
type Packet struct {
	Function uint8
	Origin   model.Addr // of a forwarded packet; zero else

	Network bool   // a network layer message, of type Message
	Message uint8  // 0 Who-Is-Router, 1 I-Am-Router, …
	Source  uint16 // network of a routed sender; 0 = the datagram's own
	Address []byte // of the sender on that network

	HasAPDU bool
	Type    uint8
	Service uint8
	Segment bool   // a later part of a segmented message
	Body    []byte // of the service, or of the network message
}

// Parse reads a datagram: its virtual link length must be the datagram's.
func Parse(b []byte) (p Packet, ok bool) {
	c := wire.At(b)
	kind := c.U8()
	p.Function = c.U8()
	length := int(c.U16())
	if !c.OK() || kind != 0x81 || length != len(b) || p.Function > functionSecure {
		return p, false
	}
	switch p.Function {
	case FunctionForwarded:
		if o := c.Bytes(6); o != nil {
			p.Origin = model.AddrFrom4(o)
		}
	case 0x09, 0x0a, functionBroadcast: // distribute broadcast, unicast and broadcast NPDU
	case 0x00, FunctionRegister: // result, register foreign device
		return p, c.Len() == 2
	case 0x02, 0x06: // read tables
		return p, c.Len() == 0
	case 0x01, 0x03, 0x07: // tables: ten bytes an entry
		return p, c.Len()%10 == 0
	case 0x08:
		return p, c.Len() == 6
	default:
		return p, false // secure BVLL was withdrawn
	}
	return p, p.network(&c)
}

// network reads the NPDU: clause 6.2.
func (p *Packet) network(c *wire.Cursor) bool {
	version, control := c.U8(), c.U8()
	if !c.OK() || version != 1 || control&0x50 != 0 {
		return false
	}
	if control&0x20 != 0 {
		c.Skip(2)
		c.Skip(int(c.U8()))
	}
	if control&0x08 != 0 {
		p.Source = c.U16()
		p.Address = c.Bytes(int(c.U8()))
	}
	if control&0x20 != 0 {
		c.Skip(1)
	}
	if control&0x80 != 0 {
		p.Network, p.Message = true, c.U8()
		p.Body = c.Rest()
		return c.OK()
	}
	return p.application(c)
}

func (p *Packet) application(c *wire.Cursor) bool {
	head := c.U8()
	p.Type, p.HasAPDU = head>>4, true
	segmented := head&8 != 0
	switch p.Type {
	case Confirmed:
		c.Skip(2)
		p.segments(c, segmented)
	case Unconfirmed:
	case SimpleAck, Error:
		c.Skip(1)
	case ComplexAck:
		c.Skip(1)
		p.segments(c, segmented)
	case SegmentAck:
		c.Skip(2)
	case Reject, Abort:
		c.Skip(1)
	default:
		return false
	}
	p.Service = c.U8()
	p.Body = c.Rest()
	return c.OK()
}

func (p *Packet) segments(c *wire.Cursor, segmented bool) {
	if segmented {
		p.Segment = c.U8() > 0
		c.Skip(1)
	}
}

// Object is an object identifier: ten bits of type, twenty-two of instance.
type Object uint32

// DeviceType is the object type of devices.
const DeviceType = 8

// Type is the object type, Instance its number.
func (o Object) Type() uint16 { return uint16(o >> 22) }

// Instance is the object's number within its type and device (22 bits).
func (o Object) Instance() uint32 { return uint32(o) & 0x3fffff }

// tag is an application or context tag: clause 20.2.1.
type tag struct {
	number        uint8
	context       bool
	opening, ends bool
	body          wire.Cursor
}

func next(c *wire.Cursor) (t tag) {
	head := c.U8()
	t.number, t.context = head>>4, head&8 != 0
	if t.number == 15 {
		t.number = c.U8()
	}
	n := int(head & 7)
	switch {
	case t.context && n == 6:
		t.opening = true
		return t
	case t.context && n == 7:
		t.ends = true
		return t
	case !t.context && t.number == 1: // boolean: the value stands in the length
		return t
	case n == 5:
		if n = int(c.U8()); n == 254 {
			n = int(c.U16())
		} else if n == 255 {
			n = int(c.U32())
		}
	}
	t.body = c.Sub(n)
	return t
}

func (t *tag) uint() uint32 {
	b := t.body.Rest()
	if len(b) == 0 || len(b) > 4 {
		return 0
	}
	var v uint32
	for _, x := range b {
		v = v<<8 | uint32(x)
	}
	return v
}

// text reads a character string that is UTF-8 or Latin (character sets 0 and 5).
func (t *tag) text() string {
	set, b := t.body.U8(), t.body.Rest()
	if set != 0 && set != 5 {
		return ""
	}
	return string(b)
}
