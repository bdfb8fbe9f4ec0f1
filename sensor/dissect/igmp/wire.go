package igmp

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// Message is an IGMP message. Groups is valid iff it is a report.
type Message struct {
	Query  bool
	Report uint8 // 1 to 3: the version of a report; 0 else
	Groups []model.Addr
}

const maxGroups = 16

// Parse reads a message; false when its type is none of the three versions.
func Parse(b []byte) (m Message, ok bool) {
	c := wire.At(b)
	kind := c.U8()
	c.Skip(3)
	switch kind {
	case 0x11:
		m.Query = true
	case 0x12, 0x16:
		m.Report = 1
		if kind == 0x16 {
			m.Report = 2
		}
		m.group(&c)
	case 0x17: // leave
	case 0x22:
		m.Report = 3
		c.Skip(2)
		for range min(c.U16(), maxGroups) {
			mode, aux, sources := c.U8(), int(c.U8()), int(c.U16())
			if joins := mode != 3 || sources > 0; joins { // 3: change to "include nothing", a leave
				m.group(&c)
			} else {
				c.Skip(4)
			}
			c.Skip(4*sources + 4*aux)
		}
	default:
		return m, false
	}
	return m, c.OK()
}

func (m *Message) group(c *wire.Cursor) {
	if b := c.Bytes(4); b != nil {
		m.Groups = append(m.Groups, model.AddrFrom4(b))
	}
}
