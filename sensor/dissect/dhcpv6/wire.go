package dhcpv6

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// Message is a DHCPv6 message. Relayed says that Peer, not the sender, is the client's address.
type Message struct {
	Type                   uint8
	Relayed                bool
	Peer                   model.Addr
	MAC                    model.MAC // of the client, said by a relay
	ClientID, ServerID     []byte
	VendorClass, UserClass []byte // first string of each
	Enterprise             uint32
	FQDN                   string
	Requested              []byte // option codes, two bytes each
	Architecture           []byte
	MUD                    []byte
	Addresses              []model.Addr
}

const (
	maxRelays    = 4
	maxAddresses = 8
)

// Parse reads a message. It is false unless the options fill the datagram to its last byte and,
// once unwrapped, name the client or the server by a DUID of a known type.
func Parse(b []byte) (m Message, ok bool) {
	for depth := 0; depth <= maxRelays; depth++ {
		c := wire.At(b)
		m.Type = c.U8()
		if m.Type != 12 && m.Type != 13 {
			c.Skip(3)
			return m, m.Type >= 1 && m.Type <= 11 && m.options(c) && (duid(m.ClientID) || duid(m.ServerID))
		}
		c.Skip(17)
		peer := c.Bytes(16)
		if peer == nil {
			return m, false
		}
		m.Relayed, m.Peer = true, model.AddrFrom16(peer)
		if b = m.inner(c); b == nil {
			return m, false
		}
	}
	return m, false
}

// inner finds the relayed message.
func (m *Message) inner(c wire.Cursor) (inner []byte) {
	for c.Len() > 0 {
		code, n := c.U16(), int(c.U16())
		v := c.Bytes(n)
		if !c.OK() {
			return nil
		}
		switch {
		case code == 9:
			inner = v
		case code == 79 && len(v) == 8 && v[0] == 0 && v[1] == 1:
			m.MAC = model.MACFrom(v[2:])
		}
	}
	return inner
}

// duid checks the type: RFC 8415, section 11; type 4: RFC 6355.
func duid(b []byte) bool { return len(b) >= 3 && len(b) <= 130 && b[0] == 0 && b[1] >= 1 && b[1] <= 4 }

func (m *Message) options(c wire.Cursor) bool {
	if c.Len() == 0 {
		return false
	}
	for c.Len() > 0 {
		code, n := c.U16(), int(c.U16())
		v := c.Sub(n)
		if !c.OK() || code == 0 || code > 200 {
			return false
		}
		m.option(code, v)
	}
	return true
}

func (m *Message) option(code uint16, v wire.Cursor) {
	switch code {
	case 1:
		m.ClientID = v.Rest()
	case 2:
		m.ServerID = v.Rest()
	case 3:
		v.Skip(12)
		m.identity(v)
	case 4:
		v.Skip(4)
		m.identity(v)
	case 6:
		m.Requested = v.Rest()
	case 15:
		m.UserClass = v.Bytes(int(v.U16()))
	case 16:
		m.Enterprise = v.U32()
		m.VendorClass = v.Bytes(int(v.U16()))
	case 39:
		v.Skip(1)
		m.FQDN = domain(v)
	case 61:
		m.Architecture = v.Rest()
	case 112:
		m.MUD = v.Rest()
	}
}

// identity reads the addresses in an identity association.
func (m *Message) identity(c wire.Cursor) {
	for c.Len() > 0 {
		code, n := c.U16(), int(c.U16())
		v := c.Sub(n)
		if a := v.Bytes(16); code == 5 && v.OK() && len(m.Addresses) < maxAddresses {
			m.Addresses = append(m.Addresses, model.AddrFrom16(a))
		}
	}
}

func domain(c wire.Cursor) string {
	var out []byte
	for c.Len() > 0 && len(out) < 255 {
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
	return string(out)
}
