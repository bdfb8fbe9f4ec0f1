package smb

import (
	"unicode/utf16"

	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// The commands that are read.
const (
	cmd1Negotiate    = 0x72 // [MS-CIFS], section 2.2.4.52
	cmd1SessionSetup = 0x73
	cmd2Negotiate    = 0 // [MS-SMB2], section 2.2.1
	cmd2SessionSetup = 1
)

const (
	header1 = 32 // bytes
	header2 = 64
)

// frame is the session header (RFC 1002, section 4.3.1).
type frame struct {
	kind byte
	size int // of what follows the four bytes
}

const (
	nbMessage   = 0x00
	nbRequest   = 0x81
	nbPositive  = 0x82
	nbNegative  = 0x83
	nbRetarget  = 0x84
	nbKeepAlive = 0x85
)

func parseFrame(data []byte) (frame, bool) {
	c := wire.At(data)
	f := frame{kind: c.U8(), size: int(c.U24())}
	return f, c.OK()
}

// message1 is an SMB 1 message: its header and the two blocks behind it.
type message1 struct {
	command  byte
	status   uint32
	response bool
	unicode  bool
	extended bool // extended security
	words    []byte
	data     []byte
	dataAt   int // offset of data in the message, for the alignment of Unicode strings
}

func parse1(b []byte) (message1, bool) {
	c := wire.At(b)
	c.Skip(4)
	m := message1{command: c.U8(), status: c.L32()}
	m.response = c.U8()&0x80 != 0
	flags2 := c.L16()
	m.unicode, m.extended = flags2&0x8000 != 0, flags2&0x0800 != 0
	c.Skip(header1 - 12)
	m.words = c.Bytes(2 * int(c.U8()))
	n := int(c.L16())
	m.dataAt = len(b) - c.Len()
	m.data = c.Bytes(min(n, c.Len()))
	return m, c.OK()
}

// dialects reads the list of a negotiate request, and tells whether SMB 2 is in it.
func (m message1) dialects() (names []string, smb2 bool) {
	c := wire.At(m.data)
	for c.Len() > 1 && len(names) < 16 {
		c.Skip(1)
		name := wire.Until(c.Rest(), 0)
		c.Skip(min(len(name)+1, c.Len()))
		names = append(names, string(name))
		smb2 = smb2 || len(name) > 5 && string(name[:5]) == "SMB 2"
	}
	return names, smb2
}

// strings reads up to n strings that end in NUL, from an offset in the data block; aligned says
// that Unicode ones begin at an even offset of the message.
func (m message1) strings(from, n int, aligned bool) []string {
	if from < 0 || from > len(m.data) {
		return nil
	}
	b := m.data[from:]
	if aligned && m.unicode && (m.dataAt+from)%2 == 1 && len(b) > 0 {
		b = b[1:]
	}
	var out []string
	for len(b) > 0 && len(out) < n {
		var s string
		s, b = m.cut(b)
		out = append(out, s)
	}
	return out
}

func (m message1) cut(b []byte) (s string, rest []byte) {
	if !m.unicode {
		t := wire.Until(b, 0)
		return string(t), b[min(len(t)+1, len(b)):]
	}
	var units []uint16
	for len(b) >= 2 {
		u := uint16(b[0]) | uint16(b[1])<<8
		b = b[2:]
		if u == 0 {
			return string(utf16.Decode(units)), b
		}
		units = append(units, u)
	}
	return string(utf16.Decode(units)), nil
}

// message2 is the header of an SMB 2 message.
type message2 struct {
	command  uint16
	status   uint32
	response bool
	next     uint32
	body     []byte
}

func parse2(b []byte) (message2, bool) {
	c := wire.At(b)
	c.Skip(8)
	m := message2{status: c.L32(), command: c.L16()}
	c.Skip(2)
	m.response = c.L32()&1 != 0
	m.next = c.L32()
	c.Skip(header2 - 24)
	m.body = c.Rest()
	return m, c.OK()
}

// negotiated is what the body of an SMB 2 negotiate response says ([MS-SMB2], section 2.2.4).
type negotiated struct {
	signing byte
	dialect uint16
	guid    []byte
}

func parseNegotiated(b []byte) (negotiated, bool) {
	c := wire.At(b)
	c.Skip(2)
	n := negotiated{signing: byte(c.L16()), dialect: c.L16()}
	c.Skip(2)
	n.guid = c.Bytes(16)
	return n, c.OK()
}

func dialectName(d uint16) string {
	switch d {
	case 0x0202:
		return "SMB 2.0.2"
	case 0x0210:
		return "SMB 2.1"
	case 0x02ff:
		return "SMB 2.?"
	case 0x0300:
		return "SMB 3.0"
	case 0x0302:
		return "SMB 3.0.2"
	case 0x0311:
		return "SMB 3.1.1"
	}
	return ""
}
