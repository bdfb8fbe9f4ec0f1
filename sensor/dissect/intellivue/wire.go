package intellivue

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"

	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const mostContexts = 15 // an association proposes two

// Session header types: "Definition of the Association Control Protocol".
const (
	SessionConnect    = 0x0d
	SessionAccept     = 0x0e
	SessionRefuse     = 0x0c
	SessionFinish     = 0x09
	SessionDisconnect = 0x0a
	SessionAbort      = 0x19
	SessionData       = 0xe1 // not a session header: a command of the data export protocol
)

// Remote operations and commands: "Protocol Commands".
const (
	opInvoke = 1
	opResult = 2
	opError  = 3
	opLinked = 5

	cmdEvent          = 0
	cmdConfirmedEvent = 1
	cmdAction         = 7
)

// Event and action types, nomenclature partition "object-oriented modelling elements".
const (
	eventCreate     = 0x0d06 // NOM_NOTI_MDS_CREAT
	eventIndication = 0x0d17 // NOM_NOTI_CONN_INDIC
	actionPoll      = 0x0c16 // NOM_ACT_POLL_MDIB_DATA
	actionPollExt   = 0xf13b // NOM_ACT_POLL_MDIB_DATA_EXT
)

// Message is a datagram down to its attribute list.
type Message struct {
	Session    uint8 // a session header type, SessionData, or 0 for a connect indication
	Event      uint16
	Attributes wire.Cursor // of an event, behind its count and length
	Poll       uint16      // class of the objects that a poll asks for; 0 = no poll
}

// sessionData is what every association request and response has behind its header; standard names
// ISO/IEEE 11073 (1.2.840.10004.2.1), which both name as syntax.
var (
	sessionData = []byte{0x05, 0x08, 0x13, 0x01, 0x00, 0x16, 0x01, 0x02, 0x80, 0x00, 0x14, 0x02, 0x00, 0x02}
	standard    = []byte{0x2a, 0x86, 0x48, 0xce, 0x14, 0x02, 0x01}
	release     = []byte{0xc1, 0x16, 0x61, 0x80, 0x30, 0x80, 0x02, 0x01, 0x01, 0xa0, 0x80}
	abort       = []byte{0x11, 0x01, 0x03, 0xc1, 0x29, 0xa0, 0x80, 0x80, 0x80, 0x30, 0x80}
	indication  = []byte{0, 0, 1, 0} // nomenclature: magic 0, version 1.0
)

// Parse reads a datagram. What it returns is sure: every length agrees with the datagram's.
func Parse(b []byte) (m Message, ok bool) {
	if len(b) < 8 {
		return m, false
	}
	c := wire.At(b)
	switch m.Session = b[0]; m.Session {
	case 0:
		if !bytes.HasPrefix(b, indication) {
			return m, false
		}
		c.Skip(4)
		return m, m.operation(&c) && m.Event == eventIndication
	case SessionData:
		// Session id and presentation context: 2 in all examples, but the association decides.
		if session, context := c.U16(), c.U16(); session != 0xe100 || context == 0 || context > mostContexts {
			return m, false
		}
		return m, m.operation(&c)
	}
	c.Skip(1)
	n := int(c.U8())
	if n == 0xff {
		n = int(c.U16())
	}
	if !c.OK() || n != c.Len() {
		return m, false
	}
	return m, associates(m.Session, c.Rest())
}

// associates judges what stands behind a session header.
func associates(session uint8, b []byte) bool {
	switch session {
	case SessionConnect, SessionAccept:
		return bytes.HasPrefix(b, sessionData) && bytes.Contains(b, standard)
	case SessionRefuse:
		return bytes.HasPrefix(b, sessionData[:2]) && bytes.Contains(b, standard)
	case SessionFinish, SessionDisconnect:
		return bytes.HasPrefix(b, release)
	case SessionAbort:
		return bytes.HasPrefix(b, abort)
	}
	return false
}

func (m *Message) operation(c *wire.Cursor) bool {
	kind, n := c.U16(), int(c.U16())
	if n != c.Len() {
		return false
	}
	switch kind {
	case opLinked:
		c.Skip(2)
	case opInvoke, opResult:
	case opError:
		return n >= 6 && int(binary.BigEndian.Uint16(c.Rest()[4:])) == n-6
	default:
		return false
	}
	c.Skip(2)
	command, size := c.U16(), int(c.U16())
	if !c.OK() || size != c.Len() || command == 2 || command == 6 || command > cmdAction {
		return false
	}
	if kind == opInvoke {
		m.command(command, *c)
	}
	return true
}

// command reads the head of an event or action; a command that is cut short says nothing.
func (m *Message) command(command uint16, c wire.Cursor) {
	c.Skip(6) // managed object: class, context, handle
	switch command {
	case cmdEvent, cmdConfirmedEvent:
		c.Skip(4)
		event := c.U16()
		if int(c.U16()) != c.Len() || !c.OK() {
			return
		}
		if event == eventCreate {
			c.Skip(6)
		}
		m.Event = event
		c.Skip(2)
		m.Attributes = c.Sub(int(c.U16()))
	case cmdAction:
		c.Skip(4) // scope
		action := c.U16()
		c.Skip(2 + 2 + 2) // length, poll number, partition
		if class := c.U16(); c.OK() && (action == actionPoll || action == actionPollExt) {
			m.Poll = class
		}
	}
}

// next reads one attribute; it returns false at the end of the list.
func next(c *wire.Cursor) (id uint16, v wire.Cursor, ok bool) {
	if c.Len() < 4 {
		return 0, v, false
	}
	id = c.U16()
	v = c.Sub(int(c.U16()))
	return id, v, c.OK()
}

// label reads a VariableLabel: text without its padding. Labels start at even offsets.
func label(c *wire.Cursor) []byte {
	n := int(c.U16())
	b := c.Bytes(n)
	if n&1 == 1 && c.Len() > 0 {
		c.Skip(1)
	}
	return wire.TrimText(wire.Until(b, 0))
}

// wide reads a String: UTF-16, big-endian, with its length in bytes before it.
func wide(c *wire.Cursor) string {
	b := c.Bytes(int(c.U16()))
	const most = 64 // characters; longer than any label
	units := make([]uint16, 0, min(len(b)/2, most))
	for i := 0; i+1 < len(b) && len(units) < most; i += 2 {
		u := binary.BigEndian.Uint16(b[i:])
		if u == 0 {
			break
		}
		units = append(units, u)
	}
	return string(utf16.Decode(units))
}

// entry is one of a Production Specification.
type entry struct {
	kind, component uint16
	text            []byte
}

// specification reads a Production Specification.
func specification(v wire.Cursor) (out []entry) {
	const most = 16
	count := int(v.U16())
	list := v.Sub(int(v.U16()))
	for range min(count, most) {
		e := entry{kind: list.U16(), component: list.U16()}
		if e.text = label(&list); !list.OK() {
			break
		}
		out = append(out, e)
	}
	return out
}
