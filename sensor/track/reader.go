package track

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
)

// Direction tells who sent the bytes. The numbers are those of dissect.Direction.
type Direction uint8

// The directions.
const (
	FromInitiator Direction = iota
	FromResponder
)

// Handle names a conversation at the Reader; 0 is none.
type Handle uint32

// State is a Reader's answer to bytes. The numbers are those of dissect.State.
type State uint8

// The states.
const (
	Want   State = iota // more bytes
	Idle                // no more bytes; the handle is kept until Close
	Forget              // no more bytes, and the handle is void: Close will not be called
)

// Reader takes the payload of conversations, TCP (6) in order and UDP (17, 136) by the datagram.
// The second result of Data and Gap is a service number, which the record keeps.
type Reader interface {
	// Open is called at a flow's first packet with payload; 0 means "not interested".
	Open(v *View) Handle
	// Data hands over the next TCP bytes of a direction, or one datagram. Data is valid during the call.
	Data(h Handle, v *View, dir Direction, data []byte) (State, uint16)
	// Gap says that n TCP bytes of a direction will never come; the next Data begins behind them.
	Gap(h Handle, v *View, dir Direction, n int) (State, uint16)
	// Describe is called before a record leaves, with all that track knows filled in: the Reader adds
	// service, typed detail and the operations since the last call. h is 0 when the Reader never had
	// or has forgotten the conversation. It is the last unless out.EndReason is model.EndActive.
	Describe(h Handle, service uint16, out *model.Flow)
	// Close ends a conversation whose handle is not void, after its last Describe.
	Close(h Handle, v *View)
}

// Sink takes flow records. The record and its slices are valid during the call.
type Sink interface {
	Flow(f *model.Flow)
}

// View is what a Reader may know of a conversation. It is valid during the call.
type View struct {
	t *Table
	r *record
	i uint32 // its number
	p *decode.Packet
}

// Initiator is the end that opened the conversation.
func (v *View) Initiator() model.Endpoint { return v.r.endpoint(v.r.initiator(), v.t.arena.rare(v.i)) }

// Responder is the other end.
func (v *View) Responder() model.Endpoint {
	return v.r.endpoint(1-v.r.initiator(), v.t.arena.rare(v.i))
}

// Protocol is the IANA protocol number.
func (v *View) Protocol() uint8 { return v.r.protocol }

// Domain is the observation domain.
func (v *View) Domain() model.DomainID { return v.r.domain }

// VLAN is the outermost VLAN id of the flow's first packet, 0 iff untagged.
func (v *View) VLAN() uint16 { return v.r.vlan }

// Inferred says that the initiator is a guess.
func (v *View) Inferred() bool { return v.r.bits&bitInferred != 0 }

// Time is the current packet's, or the flow's last when there is none; Unix nanoseconds.
func (v *View) Time() int64 {
	if v.p == nil {
		return v.r.last
	}
	return v.p.Time
}

// TTL is the current packet's; 0 when there is none.
func (v *View) TTL() uint8 {
	if v.p == nil {
		return 0
	}
	return v.p.TTL
}

// Packet is the packet under way, or nil when the call was caused by the clock.
func (v *View) Packet() *decode.Packet { return v.p }

// Swap says that the responder opened the conversation: the roles, and the directions of later
// calls, are exchanged. A seen TCP handshake is not argued with: then it returns false.
func (v *View) Swap() bool {
	if v.r.bits&bitHandshake != 0 {
		return false
	}
	v.r.bits ^= bitInitiator
	v.r.bits &^= bitInferred
	return true
}

// direction of bytes that a side of the record sent.
func (v *View) direction(side int) Direction {
	if side == v.r.initiator() {
		return FromInitiator
	}
	return FromResponder
}
