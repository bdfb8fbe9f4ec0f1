package mms

import "github.com/wardscope/wardscope/sensor/dissect/wire"

const maxTPKT = 65535

// Next cuts an RFC 1006 packet off b: its size, 0 when more bytes are needed, -1 when b is none.
func Next(b []byte) (tpdu []byte, size int) {
	if len(b) >= 2 && (b[0] != 3 || b[1] != 0) {
		return nil, -1
	}
	if len(b) < 5 {
		return nil, 0
	}
	size = int(b[2])<<8 | int(b[3])
	if size < 7 || int(b[4]) < 2 || int(b[4]) > size-5 {
		return nil, -1
	}
	if len(b) < size {
		return nil, 0
	}
	return b[4:size], size
}

// Session is what a data TPDU carries of ISO session and presentation.
type Session struct {
	Kind uint8 // 13 connect, 14 accept, 1 data transfer
	User []byte
}

// ParseSession reads the session header and finds the presentation data.
func ParseSession(b []byte) (s Session, ok bool) {
	c := wire.At(b)
	if c.U8() == 1 && c.U8() == 0 && c.U8() == 1 && c.U8() == 0 { // give tokens, data transfer
		s.Kind, s.User = 1, c.Rest()
		return s, c.OK() && len(s.User) > 2 && s.User[0] == 0x61
	}
	c = wire.At(b)
	s.Kind = c.U8()
	n := int(c.U8())
	if n == 0xff {
		n = int(c.U16())
	}
	body := c.Sub(min(n, c.Len()))
	if !c.OK() || s.Kind != 13 && s.Kind != 14 {
		return s, false
	}
	for body.Len() >= 2 {
		code, size := body.U8(), int(body.U8())
		if size == 0xff {
			size = int(body.U16())
		}
		v := body.Bytes(min(size, body.Len()))
		if code == 0xc1 || code == 0xc2 { // user data
			s.User = v
		}
	}
	return s, body.OK() && len(s.User) > 2 && s.User[0] == 0x31
}

// PDU kinds: ISO 9506-2, section 7.1 (context tags of the choice).
const (
	ConfirmedRequest  = 0xa0
	ConfirmedResponse = 0xa1
	ConfirmedError    = 0xa2
	Unconfirmed       = 0xa3
	InitiateRequest   = 0xa8
	InitiateResponse  = 0xa9
)

// PDU is an MMS message. Service is valid iff it is confirmed: the choice's tag number.
type PDU struct {
	Kind    uint8
	Service uint8
	Body    wire.Cursor
}

// Parse reads a PDU.
func Parse(b []byte) (p PDU, ok bool) {
	c := wire.At(b)
	kind, body := c.TLV()
	p.Kind = kind
	if !c.OK() {
		return p, false
	}
	switch kind {
	case ConfirmedRequest, ConfirmedResponse:
		invoke := body.Expect(0x02)
		invoke.Int()
		first := wire.At(body.Rest())
		tag := first.U8()
		p.Service = tag & 0x1f
		if p.Service == 0x1f { // two octets: services from 31 on
			p.Service = first.U8()
			p.Body = first
			return p, body.OK() && first.OK()
		}
		_, p.Body = body.TLV()
		return p, body.OK()
	case ConfirmedError, Unconfirmed, InitiateRequest, InitiateResponse:
		p.Body = body
		return p, true
	}
	return p, false
}

// find returns the contents of the first element with one of the MMS tags inside nested
// presentation and association elements, at most twelve deep.
func find(b []byte, depth int, want func(PDU) bool) (PDU, bool) {
	if depth > 12 {
		return PDU{}, false
	}
	for c := wire.At(b); c.Len() > 2; {
		before := c.Rest()
		tag, body := c.TLV()
		if !c.OK() {
			return PDU{}, false
		}
		if p, ok := Parse(before); ok && want(p) {
			return p, true
		}
		if tag&0x20 != 0 {
			if p, ok := find(body.Rest(), depth+1, want); ok {
				return p, true
			}
		}
	}
	return PDU{}, false
}

// Initiate finds the initiate request or response of an association.
func Initiate(user []byte) (PDU, bool) {
	return find(user, 0, func(p PDU) bool {
		if p.Kind != InitiateRequest && p.Kind != InitiateResponse {
			return false
		}
		// both hold [1] and [2] (services outstanding) as one-octet integers, then [4] the detail
		c := p.Body
		seen := uint8(0)
		for c.Len() > 0 {
			tag, v := c.TLV()
			switch {
			case tag == 0x81 && v.Len() <= 2:
				seen |= 1
			case tag == 0x82 && v.Len() <= 2:
				seen |= 2
			case tag == 0xa4:
				seen |= 4
			}
		}
		return c.OK() && seen == 7
	})
}

// Transfer returns the PDU of a data transfer: fully encoded data, one PDV of context 3.
func Transfer(user []byte) (PDU, bool) {
	c := wire.At(user)
	full := c.Expect(0x61)
	list := full.Expect(0x30)
	list.Expect(0x02)
	data := list.Expect(0xa0)
	if !list.OK() || !data.OK() {
		return PDU{}, false
	}
	return Parse(data.Rest())
}

// Identity is the answer to Identify.
type Identity struct{ Vendor, Model, Revision string }

// ParseIdentity reads vendor name, model name and revision: context tags 0 to 2.
func ParseIdentity(c wire.Cursor) (x Identity, ok bool) {
	vendor, model, revision := c.Expect(0x80), c.Expect(0x81), c.Expect(0x82)
	x.Vendor, x.Model, x.Revision = string(vendor.Rest()), string(model.Rest()), string(revision.Rest())
	return x, c.OK()
}
