package ntlm

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// The message types ([MS-NLMP], section 2.2.1).
const (
	typeNegotiate    = 1
	typeChallenge    = 2
	typeAuthenticate = 3
)

// The negotiate flags that matter here ([MS-NLMP], section 2.2.2.5).
const (
	flagUnicode  = 0x00000001
	flagExtended = 0x00080000 // extended session security
	flagVersion  = 0x02000000
)

// The attributes of a challenge's target info ([MS-NLMP], section 2.2.2.1).
const (
	avEnd         = 0
	avNBComputer  = 1
	avNBDomain    = 2
	avDNSComputer = 3
	avDNSDomain   = 4
	avDNSTree     = 5
)

// message is what may be told of a message. Strings are "" when not said.
type message struct {
	kind        uint32
	version     string // "6.1.7601"
	target      string
	domain      string
	workstation string
	names       [6]string // by attribute id
	v1          bool      // the response is of NTLM version 1
}

const (
	signature = "NTLMSSP\x00"
	maxField  = 512 // bytes of a name
)

func parse(data []byte) (message, bool) {
	c := wire.At(data)
	if string(c.Bytes(8)) != signature {
		return message{}, false
	}
	m := message{kind: c.L32()}
	switch m.kind {
	case typeNegotiate:
		flags := c.L32()
		m.domain, m.workstation = field(data, &c, 0), field(data, &c, 0) // always in the OEM character set
		m.readVersion(&c, flags)
	case typeChallenge:
		at := c
		c.Skip(8)
		flags := c.L32()
		m.target = field(data, &at, flags)
		c.Skip(16)
		m.attributes(slice(data, &c))
		m.readVersion(&c, flags)
	case typeAuthenticate:
		lm, nt := slice(data, &c), slice(data, &c)
		at := c
		c.Skip(24 + 8)
		flags := c.L32()
		m.domain = field(data, &at, flags)
		at.Skip(8) // the user's name
		m.workstation = field(data, &at, flags)
		m.v1 = len(nt) == 24 && flags&flagExtended == 0 && len(lm) == 24
		m.readVersion(&c, flags)
	default:
		return message{}, false
	}
	return m, true
}

func (m *message) readVersion(c *wire.Cursor, flags uint32) {
	if flags&flagVersion == 0 || c.Len() < 8 {
		return
	}
	major, minor, build := c.U8(), c.U8(), c.L16()
	if major != 0 {
		var room [16]byte
		b := append(strconv.AppendUint(room[:0], uint64(major), 10), '.')
		b = append(strconv.AppendUint(b, uint64(minor), 10), '.')
		m.version = wire.String(strconv.AppendUint(b, uint64(build), 10))
	}
}

// slice reads a length, a maximum and an offset, and returns what they point at.
func slice(data []byte, c *wire.Cursor) []byte {
	n := int(c.L16())
	c.Skip(2)
	offset := int(c.L32())
	if !c.OK() || offset < 0 || offset > len(data) || n > len(data)-offset {
		return nil
	}
	return data[offset : offset+n]
}

func field(data []byte, c *wire.Cursor, flags uint32) string {
	b := slice(data, c)
	if len(b) > maxField {
		return ""
	}
	if flags&flagUnicode == 0 {
		return wire.String(b)
	}
	return utf16le(b)
}

func utf16le(b []byte) string {
	var room [256]byte
	out := room[:0]
	unit := func(i int) rune {
		if i+1 >= len(b) {
			return 0
		}
		return rune(b[i]) | rune(b[i+1])<<8
	}
	for i := 0; i+1 < len(b); i += 2 {
		r := unit(i)
		if pair := utf16.DecodeRune(r, unit(i+2)); pair != utf8.RuneError {
			r = pair
			i += 2
		}
		out = utf8.AppendRune(out, r)
	}
	return wire.String(out)
}

func (m *message) attributes(list []byte) {
	c := wire.At(list)
	for c.Len() >= 4 {
		id := c.L16()
		value := c.Bytes(int(c.L16()))
		if !c.OK() || id == avEnd {
			return
		}
		if int(id) < len(m.names) && len(value) <= maxField {
			m.names[id] = utf16le(value)
		}
	}
}
