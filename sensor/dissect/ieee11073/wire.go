package ieee11073

import (
	"encoding/binary"

	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// Message types: annex A.8.
const (
	AssociationRequest  = 0xe200
	AssociationResponse = 0xe300
	ReleaseRequest      = 0xe400
	ReleaseResponse     = 0xe500
	Abort               = 0xe600
	Presentation        = 0xe700
)

const (
	header        = 4
	protocolID    = 20601
	choiceGet     = 0x0103
	choiceGetDone = 0x0203
	maxBody       = 63 << 10 // clause 7.4: the largest message that an agent may send
)

// Association is what a request or response says.
type Association struct {
	Result   uint16 // of a response: 0 accepted, 3 accepted with unknown configuration; else rejected
	SystemID []byte
	Manager  bool
	Agent    bool
}

// Accepted reports whether an association came to be.
func (a *Association) Accepted() bool { return a.Result == 0 || a.Result == 3 }

// ParseAssociation reads the body of a request or response.
func ParseAssociation(kind uint16, b []byte) (a Association, ok bool) {
	c := wire.At(b)
	if kind == AssociationRequest {
		if c.U32() != 0x80000000 {
			return a, false
		}
		count, list := int(c.U16()), c.Sub(int(c.U16()))
		for range min(count, 8) {
			if id, v := list.U16(), list.Sub(int(list.U16())); list.OK() && id == protocolID {
				a.information(v)
				break
			}
		}
		return a, c.OK()
	}
	a.Result = c.U16()
	if id, v := c.U16(), c.Sub(int(c.U16())); c.OK() && id == protocolID {
		a.information(v)
	}
	return a, c.OK()
}

// information reads PhdAssociationInformation.
func (a *Association) information(c wire.Cursor) {
	c.Skip(4 + 2 + 4 + 4)
	system := c.U32()
	id := c.Bytes(int(c.U16()))
	if c.OK() {
		a.SystemID, a.Manager, a.Agent = id, system&0x80000000 != 0, system&0x00800000 != 0
	}
}

// Data is a presentation message down to its object.
type Data struct {
	Invoke uint16
	Choice uint16
	Handle uint16
	Body   wire.Cursor // behind the object's handle
}

// ParseData reads the body of a presentation message. Its three lengths must agree.
func ParseData(b []byte) (d Data, ok bool) {
	c := wire.At(b)
	if int(c.U16()) != c.Len() {
		return d, false
	}
	d.Invoke, d.Choice = c.U16(), c.U16()
	if int(c.U16()) != c.Len() || !c.OK() || !choice(d.Choice) {
		return d, false
	}
	if c.Len() >= 2 {
		d.Handle = c.U16()
	}
	d.Body = c
	return d, true
}

func choice(v uint16) bool {
	switch v {
	case 0x0100, 0x0101, choiceGet, 0x0104, 0x0105, 0x0106, 0x0107, 0x0201, choiceGetDone, 0x0205, 0x0207, 0x0300, 0x0400:
		return true
	}
	return false
}

// Attribute is one of an attribute list.
type Attribute struct {
	ID    uint16
	Value wire.Cursor
}

// Attributes reads an attribute list.
func Attributes(c wire.Cursor) (out []Attribute) {
	const most = 64
	count, list := int(c.U16()), c.Sub(int(c.U16()))
	for range min(count, most) {
		a := Attribute{ID: list.U16(), Value: list.Sub(int(list.U16()))}
		if !list.OK() {
			break
		}
		out = append(out, a)
	}
	return out
}

// octets reads an OCTET STRING without its padding.
func octets(c *wire.Cursor) []byte { return wire.TrimText(c.Bytes(int(c.U16()))) }

// probe judges the start of a message: 1 it is one, 0 it may be, -1 it is none.
func probe(b []byte, whole bool) int {
	if len(b) < header {
		if len(b) > 0 && (b[0] < 0xe2 || b[0] > 0xe7) || len(b) > 1 && b[1] != 0 || whole {
			return -1
		}
		return 0
	}
	kind, n := binary.BigEndian.Uint16(b), int(binary.BigEndian.Uint16(b[2:]))
	if n > maxBody || whole && len(b) != header+n {
		return -1
	}
	need := 14
	switch kind {
	case AssociationRequest:
		if n < 50 || len(b) >= 8 && binary.BigEndian.Uint32(b[4:]) != 0x80000000 {
			return -1
		}
	case AssociationResponse:
		if n < 6 {
			return -1
		}
		need = header + 6
	case Presentation:
		if n < 8 {
			return -1
		}
		need = header + 8
	default:
		return -1
	}
	if len(b) < need {
		return 0
	}
	if agrees(kind, n, b) {
		return 1
	}
	return -1
}

// agrees checks what stands in a message of n bytes against its length.
func agrees(kind uint16, n int, b []byte) bool {
	at := func(i int) int { return int(binary.BigEndian.Uint16(b[i:])) }
	switch kind {
	case AssociationRequest: // count and length of the protocols, then the first
		return at(8) >= 1 && at(8) <= 8 && at(10) == n-8 && (at(12) == protocolID || at(12) == 0xffff)
	case AssociationResponse:
		return at(4) <= 7 && at(8) == n-6 && at(6) == protocolID
	}
	return at(4) == n-2 && at(10) == n-8 && choice(uint16(at(8)))
}
