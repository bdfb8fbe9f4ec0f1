package stun

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	header       = 20         // bytes (RFC 8489, section 5)
	cookie       = 0x2112a442 // absent in RFC 3489
	attrSoftware = 0x8022
	maxMessages  = 8
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "stun", Transport: dissect.TCP | dissect.UDP, Ports: []uint16{3478, 19302}}
}

// Probe wants the cookie; without it, on the usual port, attributes that fill the message.
func (protocol) Probe(f *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if data[0]&0xc0 != 0 || len(data) < header {
		return dissect.NotMine
	}
	c := wire.At(data)
	kind, n := c.U16(), int(c.U16())
	if n%4 != 0 || f.Protocol != 6 && header+n != len(data) || n > 1500 {
		return dissect.NotMine
	}
	if c.U32() == cookie {
		return dissect.Mine
	}
	if f.Protocol == 6 || kind != 0x0001 && kind != 0x0101 || f.Responder.Port != 3478 && f.Initiator.Port != 3478 {
		return dissect.NotMine
	}
	c = wire.At(data[header:])
	for c.Len() > 0 {
		if t := c.U16(); t == 0 || t > 0x000b && t < 0x8000 {
			return dissect.NotMine
		}
		c.Skip(int(c.U16()))
	}
	if !c.OK() {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return &reader{} }

type reader struct{ messages int }

func (r *reader) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if len(data) < header {
		return 0, dissect.More
	}
	n := int(data[2])<<8 | int(data[3])
	if e.Flow().Protocol == 6 && len(data) < header+n {
		return 0, dissect.More
	}
	c := wire.At(data[header:min(len(data), header+n)])
	for c.Len() >= 4 {
		kind, size := c.U16(), int(c.U16())
		value := c.Bytes(size)
		c.Skip(min((4-size%4)%4, c.Len()))
		if kind == attrSoftware && c.OK() {
			e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Sender(dir)), Kind: model.KindSoftware, Value: string(value), Source: "stun.software"})
		}
	}
	if r.messages++; r.messages > maxMessages {
		return header + n, dissect.Done
	}
	return header + n, dissect.More
}
