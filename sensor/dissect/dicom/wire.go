package dicom

import (
	"bytes"
	"encoding/binary"

	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// PDU types: PS3.8, section 9.3.
const (
	pduRequest = 1
	pduAccept  = 2
	pduReject  = 3
	pduData    = 4
	pduRelease = 5
	pduAbort   = 7
)

const (
	header     = 6       // PDU type, reserved byte, length of four bytes
	maxPDU     = 1 << 16 // of association PDUs; a request with 128 contexts stays under it
	maxCommand = 4096    // of a command set; the longest of PS3.7 stays under 1 KiB
)

// Association is what A-ASSOCIATE-RQ or -AC says.
type Association struct {
	Called, Calling       string
	ImplementationUID     string
	ImplementationVersion string
	Contexts              []Context
	Identity              uint8 // type of user identity: 0 none, 1 name, 2 name and passcode, 3 Kerberos, 4 SAML, 5 JWT
	IdentityAccepted      bool  // the server answered it
}

// Context is a presentation context. Abstract is valid in requests, Result in answers.
type Context struct {
	ID       uint8
	Abstract string
	Result   uint8 // 0 accepted
}

const maxContexts = 128 // PS3.8, section 7.1.1.13: odd numbers from 1 to 255

// ParseAssociation reads the body of an associate PDU, behind the PDU's header.
func ParseAssociation(b []byte) (a Association, ok bool) {
	ok = a.parse(b)
	return a, ok
}

// parse is ParseAssociation into a, whose list of contexts is used again.
func (a *Association) parse(b []byte) bool {
	*a = Association{Contexts: a.Contexts[:0]}
	c := wire.At(b)
	version := c.U16()
	c.Skip(2)
	called, calling := c.Bytes(16), c.Bytes(16)
	c.Skip(32)
	if !c.OK() || version&1 == 0 || !isTitle(called) || !isTitle(calling) {
		return false
	}
	a.Called, a.Calling = title(called), title(calling)
	for c.Len() >= 4 {
		item, v := nextItem(&c)
		if !c.OK() {
			return false
		}
		switch item {
		case 0x20, 0x21:
			if len(a.Contexts) < maxContexts {
				if a.Contexts == nil {
					a.Contexts = make([]Context, 0, 8)
				}
				a.Contexts = append(a.Contexts, context(v))
			}
		case 0x50:
			a.user(v)
		}
	}
	return true
}

// isTitle reports whether b is, or may begin, an application entity title: sixteen characters, filled up with
// spaces (PS3.8, section 9.3.2). Some fill up with NULs, some use letters of Latin-1.
func isTitle(b []byte) bool {
	filled := false
	for _, c := range b {
		switch {
		case c == 0:
			filled = true
		case filled && c != ' ' || c < ' ' || c >= 0x7f && c < 0xa0:
			return false
		}
	}
	return true
}

func title(b []byte) string { return wire.String(wire.Latin(bytes.Trim(b, " \x00"))) }

func nextItem(c *wire.Cursor) (kind uint8, v wire.Cursor) {
	kind = c.U8()
	c.Skip(1)
	return kind, c.Sub(int(c.U16()))
}

func context(v wire.Cursor) (x Context) {
	x.ID = v.U8()
	v.Skip(1)
	x.Result = v.U8()
	v.Skip(1)
	for v.Len() >= 4 {
		if item, sub := nextItem(&v); item == 0x30 {
			x.Abstract = uid(sub.Rest())
		}
	}
	return x
}

func (a *Association) user(v wire.Cursor) {
	for v.Len() >= 4 {
		item, sub := nextItem(&v)
		switch item {
		case 0x52:
			a.ImplementationUID = uid(sub.Rest())
		case 0x55:
			a.ImplementationVersion = wire.String(bytes.Trim(sub.Rest(), " \x00"))
		case 0x58:
			a.Identity = sub.U8()
		case 0x59:
			a.IdentityAccepted = true
		}
	}
}

// uid is b without padding iff it is a UID: digits and dots, at most 64 (PS3.5, section 9.1).
func uid(b []byte) string {
	b = bytes.TrimRight(b, "\x00 ")
	if len(b) > 64 {
		return ""
	}
	for _, c := range b {
		if c != '.' && (c < '0' || c > '9') {
			return ""
		}
	}
	return wire.String(b)
}

// Command is a DIMSE command set.
type Command struct {
	Class     string // affected or requested SOP class UID
	Field     uint16
	Message   uint16 // of a request, or the one a response answers
	Status    uint16
	HasStatus bool
}

// ParseCommand reads a command set: implicit VR little endian elements of group 0000.
func ParseCommand(b []byte) (m Command, ok bool) {
	c := wire.At(b)
	for c.Len() >= 8 {
		group, element := c.L16(), c.L16()
		v := c.Bytes(int(c.L32()))
		if !c.OK() || group != 0 {
			return m, false
		}
		switch {
		case element == 0x0002 || element == 0x0003:
			m.Class = uid(v)
		case len(v) != 2:
		case element == 0x0100:
			m.Field, ok = binary.LittleEndian.Uint16(v), true
		case element == 0x0110 || element == 0x0120:
			m.Message = binary.LittleEndian.Uint16(v)
		case element == 0x0900:
			m.Status, m.HasStatus = binary.LittleEndian.Uint16(v), true
		}
	}
	return m, ok && c.Len() == 0
}

// isCommandPDU judges the start of a data PDU whose first fragment is a command: PDV length,
// odd context, control header 1 or 3, then the element (0000,0000) of four bytes.
func isCommandPDU(b []byte) bool {
	if len(b) < header+6+12 || b[0] != pduData || b[1] != 0 {
		return false
	}
	pdu, pdv := binary.BigEndian.Uint32(b[2:]), binary.BigEndian.Uint32(b[6:])
	return pdv >= 14 && pdv <= maxCommand && uint64(pdv)+4 <= uint64(pdu) && b[10]&1 == 1 && (b[11] == 1 || b[11] == 3) &&
		bytes.Equal(b[12:20], []byte{0, 0, 0, 0, 4, 0, 0, 0})
}
