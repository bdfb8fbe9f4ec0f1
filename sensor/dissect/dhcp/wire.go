package dhcp

import (
	"bytes"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// Message types: RFC 2132, section 9.6.
const (
	Discover = 1
	Offer    = 2
	Request  = 3
	Ack      = 5
	Inform   = 8
)

// Message is a DHCP message. Client and Given are zero when unset.
type Message struct {
	Reply         bool
	Hops          uint8
	MAC           model.MAC // 0 iff the hardware is not Ethernet
	Client, Given model.Addr
	Type          uint8 // 0: BOOTP
	options       [256][]byte
}

// Option returns an option's bytes, nil when it is absent.
func (m *Message) Option(code uint8) []byte { return m.options[code] }

const maxOptions = 96

// Parse reads a message: RFC 2131, section 2. Options that stand in several pieces are joined
// (RFC 3396) up to a length of 512 bytes.
func Parse(b []byte) (m Message, ok bool) {
	c := wire.At(b)
	op, hardware, size := c.U8(), c.U8(), c.U8()
	m.Hops = c.U8()
	c.Skip(8)
	client, given := c.Bytes(4), c.Bytes(4)
	c.Skip(8)
	chaddr := c.Bytes(16)
	c.Skip(64 + 128)
	cookie := c.U32()
	if !c.OK() || op == 0 || op > 2 || size > 16 || m.Hops > 16 || cookie != 0x63825363 {
		return Message{}, false
	}
	m.Reply = op == 2
	m.Client, m.Given = set(client), set(given)
	if hardware == 1 && size == 6 {
		m.MAC = model.MACFrom(chaddr)
	}
	for i := 0; c.Len() > 0 && i < maxOptions; i++ {
		code := c.U8()
		if code == 0 {
			i--
			continue
		}
		if code == 255 {
			break
		}
		v := c.Bytes(int(c.U8()))
		if !c.OK() {
			break // cut short: what was read stands
		}
		if before := m.options[code]; before != nil && len(before) < 512 {
			v = append(bytes.Clone(before), v...)
		}
		m.options[code] = v
	}
	if t := m.options[53]; len(t) == 1 {
		m.Type = t[0]
	}
	return m, true
}

func set(b []byte) model.Addr {
	if a := model.AddrFrom4(b); !a.IsUnspecified() {
		return a
	}
	return model.Addr{}
}

// FQDN reads option 81: flags, two codes, then the name, in wire form iff the flag E is set.
func (m *Message) FQDN() string {
	v := m.options[81]
	if len(v) < 4 {
		return ""
	}
	if v[0]&4 == 0 {
		return wire.String(v[3:])
	}
	var room [256]byte
	out := room[:0]
	for c := wire.At(v[3:]); c.Len() > 0; {
		n := int(c.U8())
		label := c.Bytes(n)
		if n == 0 || n > 63 || !c.OK() {
			break
		}
		if len(out) > 0 {
			out = append(out, '.')
		}
		out = append(out, label...)
	}
	return wire.String(out)
}
