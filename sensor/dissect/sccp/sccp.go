package sccp

import (
	"bytes"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	port        = 2000
	maxLength   = 4096 // bytes of a message behind its first eight
	msgRegister = 0x0001
	maxMessages = 60
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "sccp", Transport: dissect.TCP, Ports: []uint16{port}}
}

// Probe wants a length, a version of the header and a message number that exist. That is sure only
// on the usual port, or for a registration.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if len(data) < 12 {
		for i, b := range data {
			if i >= 2 && i < 4 && b != 0 || i >= 5 && i < 8 && b != 0 {
				return dissect.NotMine
			}
		}
		return dissect.More
	}
	c := wire.At(data)
	n, version, id := c.L32(), c.L32(), c.L32()
	if n < 4 || n > maxLength || version > 0x20 || id > 0x0200 && id < 0x8000 || id > 0x8200 {
		return dissect.NotMine
	}
	if f.Responder.Port == port || f.Initiator.Port == port {
		return dissect.Mine
	}
	if id == msgRegister && len(data) < 15 {
		return dissect.More
	}
	if id == msgRegister && bytes.HasPrefix(data[12:], []byte("SEP")) {
		return dissect.Mine
	}
	return dissect.NotMine
}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct {
	told     bool
	messages int
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if len(data) < 12 {
		return 0, dissect.More
	}
	c := wire.At(data)
	n, version, id := c.L32(), c.L32(), c.L32()
	if n < 4 || n > maxLength || version > 0x20 {
		return 0, dissect.NotMine
	}
	size := 8 + int(n)
	if id == msgRegister && len(data) < size {
		return 0, dissect.More
	}
	if !s.told {
		s.told = true
		if f := e.Flow(); f.Inferred && f.Initiator.Port == port {
			e.Swap()
			dir = 1 - dir
		}
		dissect.Cleartext(e, "sccp", "sccp.message_id")
	}
	if id == msgRegister {
		name := wire.Until(c.Bytes(min(16, c.Len())), 0)
		if wire.Printable(name) {
			e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Sender(dir)), Kind: model.KindHostname, Value: string(name), Source: "sccp.device_name"})
		}
	}
	if s.messages++; s.messages > maxMessages {
		return size, dissect.Done
	}
	return size, dissect.More
}
