package track

import "github.com/wardscope/wardscope/internal/model"

// record is what most packets of a flow read and write, without pointers so that a million of them
// cost the garbage collector nothing. It fills two lines of the processor's caches, which lie side by
// side; what few packets need stands in rare. Arrays of two are by side: 0 is the lower end of the key,
// 1 the higher.
type record struct {
	a, b     model.Addr
	ports    [2]uint16
	domain   model.DomainID
	protocol uint8
	state    state
	bits     uint16
	handle   Handle
	last     int64 // Unix nanoseconds of the newest packet
	start    int64 // of the first packet since the last record left

	octets  [2]uint64 // since the last record left, as are packets and flags
	packets [2]uint32
	next    [2]uint32 // TCP: sequence number behind the highest byte seen; valid iff bitSeq
	acked   [2]uint32 // TCP: highest acknowledgement of this side's bytes; valid iff bitAck
	hole    [2]uint32 // TCP: octets that were jumped over and not acknowledged yet
	stream  uint32    // reassembly state; 0 = none
	service uint16
	flags   [2]uint8

	retransmitted   uint32
	vlan, innerVLAN uint16
}

// rare is the rest of a record.
type rare struct {
	macLow       [2]uint32
	macHigh      [2]uint16
	encap        uint16
	outer        uint16 // index of the tunnel's ends; 0 = none
	older, newer uint32 // neighbours in the value list; newer links free records
	timing       uint32 // µs from start to the SYN; once bitRTT: the handshake's µs
	duplicated   uint32
}

// state is a record's TCP state; other protocols stay in stateActive.
type state uint8

const (
	stateFree    state = iota
	stateActive        // no handshake seen
	stateSYN           // SYN seen
	stateSYNACK        // SYN-ACK seen
	stateOpen          // both directions seen
	stateClosing       // one FIN seen
	stateClosed        // both FINs or a RST seen

	stateMask = 0x0f
	listShift = 4 // the value list's number stands in the upper half
)

// Bits of a record.
const (
	bitInitiator uint16 = 1 << iota // side 1 opened the conversation
	bitInferred                     // that is a guess
	bitExported                     // a record left already
	bitFIN0
	bitFIN1
	bitSeq0 // next is valid
	bitSeq1
	bitAck0 // acked is valid
	bitAck1
	bitAsked     // the Reader was asked
	bitWants     // the Reader wants bytes
	bitHandshake // SYN or SYN-ACK seen
	bitRTT       // timing holds the handshake's round trip
	bitSYNTime   // timing holds the SYN's time
	bitSeen0     // side 0 sent a packet
	bitSeen1

	bitsSeen = bitSeen0 | bitSeen1
)

// mutual reports that both directions have been seen.
func (r *record) mutual() bool { return r.bits&bitsSeen == bitsSeen }

func (r *record) initiator() int { return int(r.bits & bitInitiator) }

func (r *record) is(k *key) bool {
	return r.a == k.a && r.b == k.b && r.ports == [2]uint16{k.portA, k.portB} && r.protocol == k.protocol && r.domain == k.domain
}

func (r *record) key() key {
	return key{a: r.a, b: r.b, portA: r.ports[0], portB: r.ports[1], domain: r.domain, protocol: r.protocol}
}

func (r *record) tcp() state     { return r.state & stateMask }
func (r *record) setTCP(s state) { r.state = r.state&^stateMask | s }
func (r *record) list() int      { return int(r.state >> listShift) }
func (r *record) setList(n int)  { r.state = r.state&stateMask | state(n)<<listShift }
func (r *record) addr(side int) model.Addr {
	if side == 0 {
		return r.a
	}
	return r.b
}

func (r *rare) mac(side int) model.MAC {
	return model.MAC(r.macHigh[side])<<32 | model.MAC(r.macLow[side])
}

// setMAC notes a side's link address. Group addresses belong to no device.
func (r *rare) setMAC(side int, m model.MAC) {
	if !m.IsGroup() {
		r.macHigh[side], r.macLow[side] = uint16(m>>32), uint32(m)
	}
}

func (r *record) endpoint(side int, more *rare) model.Endpoint {
	return model.Endpoint{Addr: r.addr(side), Port: r.ports[side], MAC: more.mac(side)}
}
