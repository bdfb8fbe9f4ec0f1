package track

import (
	"encoding/binary"
	"math/bits"

	"github.com/wardscope/wardscope/sensor/decode"
)

// How long after a packet its copy by the mirror may come, in nanoseconds of capture time. A TCP
// sender repeats after 200 ms at the earliest by its timer (RFC 6298 says 1 s), and under a new
// IPv4 identification; where nothing tells a copy from a repeat but the time, only what no sender
// can do counts.
const (
	copyElsewhere = 100e6 // on another VLAN or port, or a router's hop later
	copySame      = 50e6  // at the same place, by its IPv4 identification
	copyBlind     = 50e3  // at the same place, without identification: devices repeat datagrams after 200 µs
)

const (
	recentSize = 1 << 13 // packets remembered: 32 ms at 250,000 packets a second
	timeUnit   = 1 << 14 // nanoseconds
)

// fingerprint is a packet remembered.
type fingerprint struct {
	mark  uint32
	when  uint32 // timeUnit
	place uint16 // VLAN and port
	ttl   uint8
}

// recent remembers the last packets, to tell what the mirror shows twice.
type recent struct {
	slots [recentSize]fingerprint
}

// markOf mixes what a packet and its copy have in common: flow, direction, identification, sequence,
// length and checksum.
func markOf(h uint64, p *decode.Packet, side int) uint64 {
	sum := mum(h^uint64(p.Seq)<<32^uint64(p.Ack), uint64(p.IPID)<<48|uint64(p.Checksum)<<32|uint64(p.PayloadLen)<<8|uint64(p.TCPFlags)<<1|uint64(side)|1<<31)
	if n := len(p.Payload); p.IPID == 0 && n >= 8 {
		// The checksum may be an unfinished one, which the network card was to complete.
		// Keyed, because mum makes the same of everything when a factor has all bits set, as eight octets may.
		sum = mum(sum^binary.LittleEndian.Uint64(p.Payload), binary.LittleEndian.Uint64(p.Payload[n-8:])^bits.RotateLeft64(h, 32))
	}
	return sum
}

// twice reports that a packet was seen before: its mark equal within a short time, and its hop limit
// equal or one off, or another VLAN or port.
func (x *recent) twice(sum uint64, p *decode.Packet) bool {
	if p.Fragment || p.Undecoded {
		return false
	}
	f := fingerprint{
		mark: uint32(sum >> 32), when: uint32(uint64(p.Time) / timeUnit),
		place: p.VLAN() ^ uint16(p.Interface)<<12, ttl: p.TTL,
	}
	slot := &x.slots[sum&(recentSize-1)]
	old := *slot
	*slot = f
	if old.mark != f.mark {
		return false
	}
	age := int64(f.when-old.when) * timeUnit
	if int32(f.when-old.when) < 0 {
		age = int64(old.when-f.when) * timeUnit
	}
	hops := int(old.ttl) - int(f.ttl)
	switch {
	case old.place != f.place:
		return age <= copyElsewhere
	case hops == 1 || hops == -1:
		return age <= copyElsewhere
	case hops != 0:
		return false
	case p.IPID != 0:
		return age <= copySame
	}
	return age <= copyBlind && p.PayloadLen > 0
}
