package ssdp

import (
	"bytes"

	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// Kind of message.
type Kind uint8

// The kinds.
const (
	Unknown Kind = iota
	Notify
	Search
	Answer
)

// Message is an SSDP message.
type Message struct {
	Kind                                    Kind
	Server, UserAgent, Location, Target, ID []byte // Target: NT or ST; ID: USN
	ByeBye                                  bool
}

const maxHeaders = 32

// Parse reads a message. It is one iff it names a target (and in an answer an id): other
// protocols borrow HTTP's form and even the word M-SEARCH.
func Parse(b []byte) (m Message, ok bool) {
	switch {
	case bytes.HasPrefix(b, []byte("NOTIFY * HTTP/1.")):
		m.Kind = Notify
	case bytes.HasPrefix(b, []byte("M-SEARCH * HTTP/1.")):
		m.Kind = Search
	case bytes.HasPrefix(b, []byte("HTTP/1.1 200")), bytes.HasPrefix(b, []byte("HTTP/1.0 200")):
		m.Kind = Answer
	default:
		return m, false
	}
	c := wire.At(b)
	c.Line()
	for range maxHeaders {
		line, more := c.Line()
		if !more {
			line = c.Rest()
			c.Skip(c.Len())
		}
		name, value, fine := bytes.Cut(line, []byte{':'})
		if fine {
			m.header(name, bytes.TrimSpace(value))
		}
		if len(line) == 0 || !more {
			break
		}
	}
	switch m.Kind {
	case Answer:
		return m, len(m.Target) > 0 && len(m.ID) > 0
	case Search:
		return m, len(m.Target) > 0
	}
	return m, len(m.Target) > 0 || len(m.ID) > 0
}

func (m *Message) header(name, value []byte) {
	switch {
	case bytes.EqualFold(name, []byte("server")):
		m.Server = value
	case bytes.EqualFold(name, []byte("user-agent")):
		m.UserAgent = value
	case bytes.EqualFold(name, []byte("location")):
		m.Location = value
	case bytes.EqualFold(name, []byte("nt")), bytes.EqualFold(name, []byte("st")):
		m.Target = value
	case bytes.EqualFold(name, []byte("usn")):
		m.ID = value
	case bytes.EqualFold(name, []byte("nts")):
		m.ByeBye = bytes.EqualFold(value, []byte("ssdp:byebye"))
	}
}
