package track

import (
	"github.com/wardscope/wardscope/internal/service"
	"github.com/wardscope/wardscope/sensor/decode"
)

// Ports from which operating systems take the client's end. 32768 is Linux's first; the IANA
// range begins at 49152.
const (
	ephemeralFirst = 32768
	reservedLast   = 1023
)

// guess sets the initiator of a new flow by its first packet. A TCP opening is certain; tcp sets
// it when it is seen. Else ports are evidence; without evidence the first sender is it.
func guess(r *record, p *decode.Packet, side int) {
	opener := side
	midway := r.protocol == protoTCP && p.TCPFlags&decode.SYN == 0
	if server, known := serverSide(r); known && (r.protocol != protoTCP || midway) {
		opener = 1 - server
	}
	if opener == 1 {
		r.bits |= bitInitiator
	}
	if midway || opener != side {
		r.bits |= bitInferred
	}
}

// serverSide judges by ports which side offers a service.
func serverSide(r *record) (side int, known bool) {
	if r.protocol != protoTCP && r.protocol != protoUDP && r.protocol != protoUDPLite && r.protocol != 132 {
		return 0, false
	}
	a, b := r.ports[0], r.ports[1]
	if r.b.IsMulticast() { // nobody sends from a group address
		return 1, true
	}
	if r.a.IsMulticast() {
		return 0, true
	}
	if a == b {
		return 0, false
	}
	lower := 0
	if b < a {
		lower = 1
	}
	isA, isB := service.IsPort(r.protocol, a), service.IsPort(r.protocol, b)
	switch {
	case isA != isB && isA:
		return 0, true
	case isA != isB:
		return 1, true
	case isA && isB:
		return lower, true
	case (a <= reservedLast) != (b <= reservedLast), (a >= ephemeralFirst) != (b >= ephemeralFirst):
		return lower, true
	}
	return 0, false
}
