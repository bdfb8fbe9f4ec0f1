package hsrp

import (
	"bytes"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// Message is an HSRP message. Secret says how it is authenticated.
type Message struct {
	Version uint8
	State   uint8
	Virtual model.Addr
	Secret  Secret
}

// Secret is a class of authentication.
type Secret uint8

// The classes.
const (
	None    Secret = iota
	Default        // the string of RFC 2281
	Clear          // another readable string
	Digest
)

// Parse reads a message of either version: 20 bytes of RFC 2281, or type-length-values.
func Parse(b []byte) (m Message, ok bool) {
	if len(b) >= 4 && b[0] == 1 && b[1] == 40 {
		return second(b)
	}
	c := wire.At(b)
	m.Version = 1
	version, op := c.U8(), c.U8()
	m.State = c.U8()
	c.Skip(5)
	auth, virtual := c.Bytes(8), c.Bytes(4)
	if !c.OK() || version != 0 || op > 3 || m.State > 16 {
		return Message{}, false
	}
	m.Virtual = model.AddrFrom4(virtual)
	m.Secret = secret(auth)
	if c.Len() > 2 && c.U8() == 4 {
		m.Secret = Digest
	}
	return m, true
}

func second(b []byte) (m Message, ok bool) {
	c := wire.At(b)
	for c.Len() >= 2 {
		kind := c.U8()
		v := c.Sub(int(c.U8()))
		if !c.OK() {
			return m, false
		}
		switch kind {
		case 1:
			m.Version = v.U8()
			op := v.U8()
			m.State = v.U8()
			family := v.U8()
			v.Skip(20)
			a := v.Bytes(16)
			if m.Version != 2 || op > 3 || a == nil || family != 4 && family != 6 {
				return m, false
			}
			if m.Virtual = model.AddrFrom4(a); family == 6 {
				m.Virtual = model.AddrFrom16(a)
			}
		case 3:
			m.Secret = secret(v.Rest())
		case 4:
			m.Secret = Digest
		}
	}
	return m, m.Version == 2
}

func secret(b []byte) Secret {
	switch s := wire.TrimText(b); {
	case len(s) == 0:
		return None
	case bytes.Equal(s, []byte("cisco")):
		return Default
	default:
		return Clear
	}
}
