package wsdiscovery

import (
	"bytes"
	"strings"
)

var namespaces = [][]byte{[]byte("http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01"), []byte("http://schemas.xmlsoap.org/ws/2005/04/discovery")}

// Message is a discovery message.
type Message struct {
	Action  string // Hello, Bye, Probe, ProbeMatches, Resolve, ResolveMatches
	UUID    string
	Types   []string // without prefixes
	Scopes  []string
	Address []string
}

const maxDatagram = 16 << 10

// Parse reads a message: a SOAP envelope whose action is one of discovery's.
func Parse(b []byte) (m Message, ok bool) {
	b = b[:min(len(b), maxDatagram)]
	if !bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\ufeff")), " \r\n\t"), []byte("<")) || !bytes.Contains(b, []byte("Envelope")) {
		return m, false
	}
	for _, ns := range namespaces {
		at := bytes.Index(b, append(bytes.Clone(ns), '/'))
		if at < 0 {
			continue
		}
		action := b[at+len(ns)+1:]
		n := 0
		for n < len(action) && n < 16 && (action[n]|0x20 >= 'a' && action[n]|0x20 <= 'z') {
			n++
		}
		switch m.Action = string(action[:n]); m.Action {
		case "Hello", "Bye", "Probe", "ProbeMatches", "Resolve", "ResolveMatches":
			m.fields(b)
			return m, true
		}
	}
	return m, false
}

// fields reads what the first endpoint of the body says.
func (m *Message) fields(b []byte) {
	if at := bytes.Index(b, []byte("EndpointReference>")); at >= 0 {
		b = b[at:]
		m.UUID = element(b, "Address")
	}
	for t := range strings.FieldsSeq(element(b, "Types")) {
		m.Types = append(m.Types, t[strings.IndexByte(t, ':')+1:])
	}
	m.Scopes = strings.Fields(element(b, "Scopes"))
	m.Address = strings.Fields(element(b, "XAddrs"))
}

// element is the text of the first element with a local name.
func element(b []byte, name string) string {
	for from := 0; ; {
		at := bytes.Index(b[from:], []byte(name))
		if at < 0 {
			return ""
		}
		at += from
		from = at + len(name)
		if at == 0 || b[at-1] != ':' && b[at-1] != '<' || from >= len(b) || b[from] != '>' && b[from] != ' ' {
			continue
		}
		open := bytes.IndexByte(b[from:], '>')
		if open < 0 {
			return ""
		}
		text := b[from+open+1:]
		before, _, ok := bytes.Cut(text, []byte{'<'})
		if !ok {
			return ""
		}
		return string(bytes.TrimSpace(before))
	}
}
