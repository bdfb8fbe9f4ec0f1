package quic

import (
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const (
	maxID    = 20       // bytes (RFC 9000, section 17.2)
	maxHello = 16 << 10 // bytes of a direction's handshake that are put together
)

// packet is a long-header packet (RFC 9000, section 17.2).
type packet struct {
	scheme   *scheme
	version  uint32
	kind     int
	to, from []byte // connection ids
	numberAt int    // offset of the packet number; valid iff kind is typeInitial
	bytes    []byte // the packet without what follows it in the datagram
}

// parsePacket reads the header of the packet that data begins with. The fixed bit may be off (RFC 9287).
func parsePacket(data []byte) (p packet, rest []byte, ok bool) {
	c := wire.At(data)
	first := c.U8()
	p.version = c.U32()
	p.scheme = schemeOf(p.version)
	p.to = c.Bytes(int(c.U8()))
	p.from = c.Bytes(int(c.U8()))
	if !c.OK() || first&0x80 == 0 || p.scheme == nil || len(p.to) > maxID || len(p.from) > maxID {
		return p, nil, false
	}
	p.kind = int(p.scheme.types[first>>4&3])
	if p.kind == typeRetry {
		p.bytes = data
		return p, nil, true
	}
	if p.kind == typeInitial {
		c.Skip(int(varint(&c))) // token
	}
	n := varint(&c)
	p.numberAt = len(data) - c.Len()
	if !c.OK() || n < 20 || n > uint64(c.Len()) {
		return p, nil, false
	}
	end := p.numberAt + int(n)
	p.bytes = data[:end]
	return p, data[end:], true
}

// varint reads a variable-length integer (RFC 9000, section 16), at most 2^30 for our use.
func varint(c *wire.Cursor) uint64 {
	first := c.U8()
	v := uint64(first & 0x3f)
	for range 1<<(first>>6) - 1 {
		v = v<<8 | uint64(c.U8())
	}
	if v > 1<<30 {
		c.Bytes(-1)
		return 0
	}
	return v
}

// hello puts CRYPTO frames together.
type hello struct {
	data []byte
	have []span
	done bool
}

type span struct{ from, to int }

// frames reads the frames that Initial packets may hold (RFC 9000, section 12.4).
func (h *hello) frames(plain []byte) {
	c := wire.At(plain)
	for c.Len() > 0 && c.OK() {
		switch kind := varint(&c); kind {
		case 0x00, 0x01: // PADDING, PING
		case 0x02, 0x03: // ACK
			skipAck(&c, kind == 0x03)
		case 0x06: // CRYPTO
			at := int(varint(&c))
			data := c.Bytes(int(varint(&c)))
			if c.OK() {
				h.add(at, data)
			}
		default: // CONNECTION_CLOSE, or none that belongs here
			return
		}
	}
}

func skipAck(c *wire.Cursor, counts bool) {
	varint(c)
	varint(c)
	ranges := varint(c)
	varint(c)
	for i := uint64(0); i < ranges && c.OK(); i++ {
		varint(c)
		varint(c)
	}
	if counts {
		varint(c)
		varint(c)
		varint(c)
	}
}

func (h *hello) add(at int, data []byte) {
	end := at + len(data)
	if end > maxHello || len(data) == 0 || len(h.have) > 64 {
		return
	}
	if end > len(h.data) {
		h.data = append(h.data, make([]byte, end-len(h.data))...)
	}
	copy(h.data[at:], data)
	h.have = append(h.have, span{at, end})
}

// message returns the first handshake message once all of it is there.
func (h *hello) message() ([]byte, bool) {
	whole := 0
	for grown := true; grown; {
		grown = false
		for _, s := range h.have {
			if s.from <= whole && s.to > whole {
				whole, grown = s.to, true
			}
		}
	}
	if whole < 4 {
		return nil, false
	}
	n := 4 + int(h.data[1])<<16 + int(h.data[2])<<8 + int(h.data[3])
	if n > whole {
		return nil, false
	}
	return h.data[:n], true
}
