package tls

import (
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

type carried struct{}

// NewHandshake returns the protocol "tls-handshake": handshake messages without records, as QUIC
// carries them (RFC 9001, section 4). It is never probed, only reached by Emitter.Inner.
func NewHandshake() dissect.Protocol { return carried{} }

func (carried) Info() dissect.Info { return dissect.Info{Name: "tls-handshake"} }

func (carried) Probe(*dissect.Flow, dissect.Direction, []byte) dissect.Verdict {
	return dissect.NotMine
}

func (carried) New() dissect.Dissector {
	s := &messages{}
	s.Reset()
	return s
}

// Reset begins anew.
func (s *messages) Reset() { *s = messages{handshake{service: "tls", carrier: 'q'}} }

type messages struct{ handshake }

func (s *messages) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	c := wire.At(data)
	for c.Len() >= 4 {
		kind := c.U8()
		body := c.Bytes(int(c.U24()))
		if !c.OK() {
			break
		}
		s.message(e, dir, kind, body)
	}
	return len(data), dissect.Done
}

type datagrams struct{}

// NewDTLS returns DTLS over UDP.
func NewDTLS() dissect.Protocol { return datagrams{} }

func (datagrams) Info() dissect.Info {
	return dissect.Info{Name: "dtls", Transport: dissect.UDP, Ports: []uint16{443, 4433, 5684, 5246, 5349, 3391}}
}

const dtlsHeader = 13 // bytes: type, version, epoch, sequence number, length (RFC 6347, section 4.1)

func (datagrams) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	if len(data) < dtlsHeader || data[0] < recChangeCipher || data[0] > recHeartbeat {
		return dissect.NotMine
	}
	version := uint16(data[1])<<8 | uint16(data[2])
	n := int(data[11])<<8 | int(data[12])
	if version != 0xfeff && version != 0xfefd && version != 0x0100 || n == 0 || dtlsHeader+n > len(data) {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (datagrams) New() dissect.Dissector {
	return &packets{handshake: handshake{service: "dtls", carrier: 'd', dtls: true}}
}

type packets struct {
	handshake
	seen int
}

func (s *packets) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	e.Encrypted()
	c := wire.At(data)
	for c.Len() >= dtlsHeader {
		kind := c.U8()
		c.Skip(2)
		epoch := c.U16()
		c.Skip(6)
		body := c.Sub(int(c.U16()))
		if !c.OK() {
			break
		}
		if kind == recData || epoch > 0 {
			s.finished = true
		}
		if kind == recHandshake && epoch == 0 {
			s.fragment(e, dir, body)
		}
	}
	if s.seen++; s.finished && s.seen > 4 || s.seen > maxRecords {
		return len(data), dissect.Done
	}
	return len(data), dissect.More
}

// fragment reads handshake messages that came whole (RFC 6347, section 4.2.2); hellos do.
func (s *packets) fragment(e dissect.Emitter, dir dissect.Direction, c wire.Cursor) {
	for c.Len() >= 12 {
		kind, length := c.U8(), c.U24()
		c.Skip(2)
		offset, part := c.U24(), c.U24()
		body := c.Bytes(int(part))
		if c.OK() && offset == 0 && part == length {
			s.message(e, dir, kind, body)
		}
	}
}
