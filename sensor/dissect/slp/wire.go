package slp

import (
	"strings"

	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// Functions of RFC 2608, section 8.
const (
	ServiceReply    = 2
	Registration    = 3
	DirectoryAdvert = 8
	lastFunction    = 11
)

// Message is an SLP message. URLs is valid for replies and registrations of version 2.
type Message struct {
	Version, Function uint8
	URLs              []string
}

const maxURLs = 16

// Parse reads a message; its length field must be that of b.
func Parse(b []byte) (m Message, ok bool) {
	c := wire.At(b)
	m.Version, m.Function = c.U8(), c.U8()
	if m.Function == 0 || m.Function > lastFunction {
		return m, false
	}
	switch m.Version {
	case 1:
		length := int(c.U16())
		flags, dialect := c.U8(), c.U8()
		language := c.Bytes(2)
		return m, c.OK() && c.Len() >= 4 && length == len(b) && flags&7 == 0 && dialect == 0 && wire.Printable(language)
	case 2:
		return m, m.second(&c, len(b))
	}
	return m, false
}

func (m *Message) second(c *wire.Cursor, size int) bool {
	length, flags := int(c.U24()), c.U16()
	c.Skip(5)
	tag := c.Bytes(int(c.U16()))
	if !c.OK() || length != size || flags&0x1fff != 0 || !wire.Printable(tag) || len(tag) > 16 {
		return false
	}
	switch m.Function {
	case ServiceReply:
		if c.U16() == 0 {
			for range min(c.U16(), maxURLs) {
				m.url(c)
			}
		}
	case Registration:
		m.url(c)
	}
	return c.OK()
}

// url reads a URL entry: section 4.3.
func (m *Message) url(c *wire.Cursor) {
	c.Skip(3)
	u := c.Bytes(int(c.U16()))
	c.Skip(int(c.U8())) // authentication blocks: none in practice
	if c.OK() {
		m.URLs = append(m.URLs, string(u))
	}
}

// Type is the service type of a URL: what stands before "://" (RFC 2609, section 2.1).
func Type(u string) string {
	kind, _, found := strings.Cut(u, "://")
	if !found || len(kind) > 64 {
		return ""
	}
	return kind
}
