package rdp

import (
	"bytes"
	"unicode/utf16"

	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// The X.224 codes (ITU-T X.224, section 13) in the high half of the byte behind the length.
const (
	connectRequest = 0xe0
	connectConfirm = 0xd0
	dataUnit       = 0xf0
)

// The security protocols ([MS-RDPBCGR], section 2.2.1.2.1).
const (
	protoTLS     = 1
	protoNLA     = 2
	protoRDSTLS  = 4
	protoNLAEx   = 8
	negRequest   = 1
	negResponse  = 2
	negFailure   = 3
	negSize      = 8 // bytes
	maxTPKT      = 16384
	coreClient   = 0xc001 // [MS-RDPBCGR], section 2.2.1.3.1
	securityData = 0x0c02
)

// tpkt is the header of RFC 1006, section 6, with the X.224 header behind it.
func tpkt(data []byte) (size int, code byte, ok bool) {
	if len(data) < 7 || data[0] != 3 || data[1] != 0 {
		return 0, 0, false
	}
	size = int(data[2])<<8 | int(data[3])
	return size, data[5] & 0xf0, size >= 7 && size <= maxTPKT
}

// negotiation finds RDP_NEG_REQ, RDP_NEG_RSP or RDP_NEG_FAILURE at the end of a connection request
// or confirm.
func negotiation(packet []byte) (kind byte, value uint32, ok bool) {
	if len(packet) < 11+negSize {
		return 0, 0, false
	}
	c := wire.At(packet[len(packet)-negSize:])
	kind = c.U8()
	c.Skip(1)
	if n := c.L16(); n != negSize || kind < negRequest || kind > negFailure {
		return 0, 0, false
	}
	return kind, c.L32(), true
}

// client is what the core data of a client says ([MS-RDPBCGR], section 2.2.1.3.2).
type client struct {
	build uint32
	name  string
}

// parseClient finds the client's core data in a conference create request, whose key is "Duca"
// (section 2.2.1.3).
func parseClient(packet []byte) (client, bool) {
	_, after, ok := bytes.Cut(packet, []byte("Duca"))
	if !ok {
		return client{}, false
	}
	c := wire.At(after)
	if l := c.U8(); l&0x80 != 0 {
		c.Skip(1)
	}
	for c.Len() >= 4 {
		kind, n := c.L16(), int(c.L16())
		body := c.Sub(n - 4)
		if kind != coreClient || !body.OK() {
			continue
		}
		body.Skip(4 + 2 + 2 + 2 + 2 + 4)
		out := client{build: body.L32()}
		out.name = utf16z(body.Bytes(32))
		return out, body.OK()
	}
	return client{}, false
}

// standardSecurity reports whether a server's security data chooses RDP's own encryption, and its
// method ([MS-RDPBCGR], section 2.2.1.4.3).
func standardSecurity(packet []byte) (method uint32, ok bool) {
	_, after, ok := bytes.Cut(packet, []byte("McDn"))
	if !ok {
		return 0, false
	}
	c := wire.At(after)
	if l := c.U8(); l&0x80 != 0 {
		c.Skip(1)
	}
	for c.Len() >= 4 {
		kind, n := c.L16(), int(c.L16())
		body := c.Sub(n - 4)
		if kind == securityData && body.OK() {
			m := body.L32()
			return m, body.OK()
		}
	}
	return 0, false
}

func utf16z(b []byte) string {
	var units []uint16
	for i := 0; i+1 < len(b); i += 2 {
		u := uint16(b[i]) | uint16(b[i+1])<<8
		if u == 0 {
			break
		}
		units = append(units, u)
	}
	return string(utf16.Decode(units))
}
