package openvpn

import (
	"encoding/binary"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

// The opcodes of resets, with key id 0 below them.
const (
	resetClient  = 7 << 3
	resetServer  = 8 << 3
	resetClient3 = 10 << 3
	maxDrift     = 400 * 24 * 3600 // seconds that a client's clock may be off
)

// layer is how the control channel is protected before TLS.
type layer uint8

const (
	none layer = iota
	plain
	keyed // tls-auth: a code of authentication
	crypt // tls-crypt: encrypted as well
)

func (l layer) String() string { return [...]string{"", "TLS alone", "tls-auth", "tls-crypt"}[l] }

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "openvpn", Transport: dissect.TCP | dissect.UDP, Ports: []uint16{1194}}
}

// Probe wants a reset in all its fields.
func (protocol) Probe(f *dissect.Flow, dir dissect.Direction, data []byte) dissect.Verdict {
	if f.Protocol == 6 {
		if data[0] > 1 {
			return dissect.NotMine
		}
		if len(data) < 2 {
			return dissect.More
		}
		n := int(binary.BigEndian.Uint16(data))
		if n < 14 || n > 400 || len(data) > 2 && !opcode(data[2], dir) {
			return dissect.NotMine
		}
		if len(data) < 2+n {
			return dissect.More
		}
		data = data[2 : 2+n]
	}
	if reset(data, dir, f.Time) != none {
		return dissect.Mine
	}
	return dissect.NotMine
}

func opcode(b byte, dir dissect.Direction) bool {
	if dir == dissect.FromResponder {
		return b == resetServer
	}
	return b == resetClient || b == resetClient3
}

// reset tells what protects a reset; none for bytes that are none. A client's reset ends in an empty
// list of acknowledgements and packet id 0; a server's in one acknowledgement, the client's session id,
// and 0. In between there may be an HMAC of 16 to 64 bytes, a packet id of 1 and the time.
func reset(p []byte, dir dissect.Direction, now int64) layer {
	if len(p) < 14 || !opcode(p[0], dir) || binary.BigEndian.Uint64(p[1:]) == 0 {
		return none
	}
	tail, acks := 5, byte(0)
	if dir == dissect.FromResponder {
		tail, acks = 17, 1
	}
	extra := len(p) - 9 - tail
	ended := extra >= 0 && binary.BigEndian.Uint32(p[len(p)-4:]) == 0 && p[len(p)-tail] == acks
	if dir == dissect.FromResponder && ended {
		ended = binary.BigEndian.Uint32(p[len(p)-16:]) == 0
	}
	switch extra {
	case 0:
		if ended && p[0] != resetClient3 {
			return plain
		}
		return none
	case 16 + 8, 20 + 8, 32 + 8, 48 + 8, 64 + 8:
		if hmac := extra - 8; ended && stamped(p[9+hmac:], now) {
			return keyed
		}
	}
	if stamped(p[9:], now) && (extra == 8+32 || p[0] == resetClient3 && extra > 8+32) {
		return crypt
	}
	return none
}

// stamped knows packet id 1 and a time that is not far off.
func stamped(b []byte, now int64) bool {
	if len(b) < 8 || binary.BigEndian.Uint32(b) == 0 || binary.BigEndian.Uint32(b)&0xffffff > 16 {
		return false
	}
	off := int64(binary.BigEndian.Uint32(b[4:])) - now/1e9
	return off > -maxDrift && off < maxDrift
}

func (protocol) New() dissect.Dissector { return reader{} }

type reader struct{}

func (reader) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	f := e.Flow()
	e.Encrypted()
	e.Observe(dissect.Claim{Subject: dissect.About(f.Responder), Kind: model.KindRole, Value: "VPN gateway", Source: "openvpn.reset"})
	e.Observe(dissect.Claim{Subject: dissect.About(f.Initiator), Kind: model.KindRole, Value: "VPN client", Source: "openvpn.reset"})
	p := data
	if f.Protocol == 6 && len(p) > 2 {
		p = p[2:min(len(p), 2+int(binary.BigEndian.Uint16(p)))]
	}
	if l := reset(p, dir, f.Time); l != none {
		e.Observe(dissect.Claim{Subject: dissect.About(f.Sender(dir)), Kind: model.KindCapability, Value: "control channel by " + l.String(), Source: "openvpn.reset"})
	}
	return len(data), dissect.Done
}
