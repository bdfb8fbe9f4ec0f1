package c1222

import "github.com/wardscope/wardscope/sensor/dissect/wire"

// Message is an ACSE message. Titles are object identifiers, absolute or (with a leading dot)
// relative to C12.22's root 2.16.124.113620.1.22.0.
type Message struct {
	Called, Calling string
	Mechanism       bool // a security mechanism is named
	Protected       bool // the user information is authenticated or encrypted
}

// Next reads a message at the front of b: its size, 0 when more bytes are needed, -1 when b is
// none. A message names its elements in the order of section 5.3.2.2 and carries user information.
func Next(b []byte) (m Message, size int) {
	if len(b) > 0 && b[0] != 0x60 {
		return m, -1
	}
	if len(b) < 6 {
		return m, 0
	}
	c := wire.At(b)
	_, body := c.TLV()
	if !c.OK() {
		if b[1] > 0x82 {
			return m, -1
		}
		return m, 0
	}
	titles, information := 0, false
	for body.Len() > 0 {
		tag, v := body.TLV()
		if !body.OK() {
			return m, -1
		}
		switch tag {
		case 0xa2:
			m.Called = title(v)
			titles++
		case 0xa6:
			m.Calling = title(v)
			titles++
		case 0xac:
			m.Protected = true
		case 0x8b, 0xab:
			m.Mechanism = true
		case 0xbe:
			information = user(v)
		case 0xa1, 0xa3, 0xa4, 0xa7, 0xa8:
		default:
			return m, -1
		}
	}
	if titles == 0 || !information || m.Called == "" && m.Calling == "" {
		return m, -1
	}
	return m, len(b) - c.Len()
}

// title reads an AP title: tag 06 absolute, 80 or 0d relative.
func title(v wire.Cursor) string {
	tag, id := v.TLV()
	if !v.OK() || id.Len() == 0 || id.Len() > 32 {
		return ""
	}
	if tag == 0x06 {
		return id.OID()
	}
	return relative(id.Rest())
}

func relative(b []byte) string {
	// a relative identifier has no first two arcs: put 0.0 before it and take it off again
	c := wire.At(append([]byte{0}, b...))
	full := c.OID()
	if len(full) < 4 {
		return ""
	}
	return full[3:]
}

// user checks the user information: external, single ASN.1 type or octets (28, 81 or a0).
func user(v wire.Cursor) bool {
	tag, inner := v.TLV()
	if !v.OK() || tag != 0x28 {
		return false
	}
	tag, _ = inner.TLV()
	return inner.OK() && (tag == 0x81 || tag == 0xa0 || tag == 0x80)
}
