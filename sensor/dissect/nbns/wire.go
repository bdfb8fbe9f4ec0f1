package nbns

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// Name is a NetBIOS name. Addr is valid iff the record carries one.
type Name struct {
	Text   string
	Suffix uint8
	Group  bool
	Addr   model.Addr
}

// Message is a name service message.
type Message struct {
	Response bool
	Opcode   uint8 // 0 query, 5 registration, 6 release, 7 wait, 8 and 9 refresh, 15 multi-homed
	Code     uint8
	Asked    Name
	Names    []Name    // of the answer or the additional record; of a node status, all names
	MAC      model.MAC // of a node status
}

const (
	typeNB     = 0x20
	typeNBSTAT = 0x21
	maxNames   = 32
)

// Parse reads a message of at most one question and one record.
func Parse(b []byte) (m Message, ok bool) {
	c := wire.At(b)
	c.Skip(2)
	flags := c.U16()
	qd, an, ns, ar := c.U16(), c.U16(), c.U16(), c.U16()
	m.Response, m.Opcode, m.Code = flags>>15 != 0, uint8(flags>>11&15), uint8(flags&15)
	if !c.OK() || qd > 1 || an > 1 || ns > 1 || ar > 1 || qd+an == 0 {
		return Message{}, false
	}
	if qd == 1 {
		var fine bool
		if m.Asked, fine = encoded(&c); !fine {
			return Message{}, false
		}
		kind, class := c.U16(), c.U16()
		if kind != typeNB && kind != typeNBSTAT || class != 1 {
			return Message{}, false
		}
	}
	if an+ar > 0 && ns == 0 && !m.record(&c) {
		return Message{}, false
	}
	return m, c.OK()
}

// record reads the one resource record of registrations and answers.
func (m *Message) record(c *wire.Cursor) bool {
	owner := m.Asked
	if rest := c.Rest(); len(rest) >= 2 && rest[0] == 0xc0 && rest[1] == 12 {
		c.Skip(2)
	} else {
		var fine bool
		if owner, fine = encoded(c); !fine {
			return false
		}
	}
	kind, class := c.U16(), c.U16()
	c.Skip(4)
	data := c.Sub(int(c.U16()))
	if !c.OK() || class != 1 {
		return false
	}
	switch kind {
	case typeNB:
		for data.Len() >= 6 && len(m.Names) < maxNames {
			owner.Group = data.U16()>>15 != 0
			owner.Addr = model.AddrFrom4(data.Bytes(4))
			m.Names = append(m.Names, owner)
		}
	case typeNBSTAT:
		m.status(data)
	}
	return kind == typeNB || kind == typeNBSTAT || kind == 0x0a
}

// status reads a node status answer: RFC 1002, section 4.2.18.
func (m *Message) status(c wire.Cursor) {
	for range c.U8() {
		text, suffix, flags := c.Bytes(15), c.U8(), c.U16()
		if !c.OK() {
			return
		}
		if len(m.Names) < maxNames {
			m.Names = append(m.Names, Name{Text: string(wire.TrimText(text)), Suffix: suffix, Group: flags>>15 != 0})
		}
	}
	if mac := c.Bytes(6); mac != nil {
		m.MAC = model.MACFrom(mac)
	}
}

// encoded reads a first-level encoded name: a label of 32 letters A to P, then the scope.
func encoded(c *wire.Cursor) (n Name, ok bool) {
	if c.U8() != 32 {
		return n, false
	}
	return decodeName(c.Bytes(32), func() bool {
		for {
			switch scope := c.U8(); {
			case !c.OK() || scope > 63:
				return false
			case scope == 0:
				return true
			default:
				c.Skip(int(scope))
			}
		}
	})
}

func decodeName(b []byte, scope func() bool) (n Name, ok bool) {
	var raw [16]byte
	for i := range raw {
		if len(b) != 32 || b[2*i]-'A' > 15 || b[2*i+1]-'A' > 15 {
			return n, false
		}
		raw[i] = (b[2*i]-'A')<<4 | (b[2*i+1] - 'A')
	}
	n.Text, n.Suffix = string(wire.TrimText(raw[:15])), raw[15]
	return n, scope()
}
