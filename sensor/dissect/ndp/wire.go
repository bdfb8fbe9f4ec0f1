package ndp

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// Message types of RFC 4861.
const (
	RouterSolicitation    = 133
	RouterAdvertisement   = 134
	NeighborSolicitation  = 135
	NeighborAdvertisement = 136
	Redirect              = 137
)

// Message is a neighbour discovery message. Target is valid for types 135 to 137.
type Message struct {
	Target               model.Addr
	Router               bool // flag R of an advertisement
	SourceMAC, TargetMAC model.MAC
	DNS                  []model.Addr
}

const maxDNS = 3

// Parse reads what stands behind type, code and checksum.
func Parse(kind uint8, b []byte) (m Message, ok bool) {
	c := wire.At(b)
	flags := c.U32()
	switch kind {
	case RouterSolicitation:
	case RouterAdvertisement:
		c.Skip(8)
	case NeighborSolicitation, NeighborAdvertisement, Redirect:
		t := c.Bytes(16)
		if t == nil {
			return m, false
		}
		m.Target, m.Router = model.AddrFrom16(t), kind == NeighborAdvertisement && flags>>31 != 0
		if kind == Redirect {
			c.Skip(16)
		}
	default:
		return m, false
	}
	if !c.OK() {
		return m, false
	}
	for c.Len() >= 8 {
		option := c.U8()
		v := c.Sub(8*int(c.U8()) - 2)
		if !c.OK() {
			return m, false
		}
		m.option(option, v)
	}
	return m, true
}

func (m *Message) option(kind uint8, v wire.Cursor) {
	switch kind {
	case 1:
		m.SourceMAC = model.MACFrom(v.Rest())
	case 2:
		m.TargetMAC = model.MACFrom(v.Rest())
	case 25: // RFC 8106, section 5.1
		for v.Skip(6); v.Len() >= 16 && len(m.DNS) < maxDNS; {
			m.DNS = append(m.DNS, model.AddrFrom16(v.Bytes(16)))
		}
	}
}
