package track

import (
	"crypto/rand"
	"encoding/binary"
	"math/bits"

	"github.com/wardscope/wardscope/internal/communityid"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
)

// IP protocol numbers that the table treats differently.
const (
	protoICMP    = 1
	protoTCP     = 6
	protoUDP     = 17
	protoICMPv6  = 58
	protoUDPLite = 136
)

// Seed keys the flow hash, so that nobody who sends packets can steer collisions. All tables of a
// process share one.
type Seed [6]uint64

// NewSeed draws a seed.
func NewSeed() (s Seed) {
	var raw [len(s) * 8]byte
	_, _ = rand.Read(raw[:]) // never fails: crypto/rand aborts the program instead
	for i := range s {
		s[i] = binary.LittleEndian.Uint64(raw[8*i:]) | 1
	}
	return s
}

// key is a flow's name within a process: the lower end (by address, then port) comes first, so
// that both directions have one.
type key struct {
	a, b         model.Addr
	portA, portB uint16
	domain       model.DomainID
	protocol     uint8
}

// set makes k the key of a packet and returns the side that sent it: 0 for a, 1 for b. It writes in
// place: a processor waits when it reads in wide steps what was just written in narrow ones, as a copy does.
func (k *key) set(p *decode.Packet) (side int) {
	src, dst := p.SrcPort, p.DstPort
	switch {
	case !p.HasPorts:
		src, dst = 0, 0
	case p.Protocol == protoICMP || p.Protocol == protoICMPv6:
		src, dst, _ = communityid.Ports(p.Protocol, src, dst)
	}
	k.domain, k.protocol = p.Domain, p.Protocol
	// The order is as good as random, and a branch on it is foretold wrongly half of the time.
	_, less := bits.Sub64(p.Dst.Lo, p.Src.Lo, 0)
	_, less = bits.Sub64(p.Dst.Hi, p.Src.Hi, less)
	if p.Dst == p.Src && dst < src {
		less = 1
	}
	swap := -less
	hi, lo, port := (p.Src.Hi^p.Dst.Hi)&swap, (p.Src.Lo^p.Dst.Lo)&swap, (src^dst)&uint16(swap)
	k.a.Hi, k.a.Lo = p.Src.Hi^hi, p.Src.Lo^lo
	k.b.Hi, k.b.Lo = p.Dst.Hi^hi, p.Dst.Lo^lo
	k.portA, k.portB = src^port, dst^port
	return int(less)
}

func mum(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// hash mixes a key. Two rounds of 64x64 bit multiplication, keyed.
func (s *Seed) hash(k *key) uint64 {
	h := mum(k.a.Lo^s[0], k.b.Lo^s[1])
	if k.a.Hi|k.b.Hi != 0 {
		h += mum(k.a.Hi^s[2], k.b.Hi^s[3])
	}
	rest := uint64(k.portA)<<48 | uint64(k.portB)<<32 | uint64(k.protocol)<<24 ^ uint64(k.domain)
	return mum(h^s[4], rest^s[5])
}

// Shard picks one of n tables for a packet, the same for both directions of a flow. Packets
// without IP go to the first.
func (s *Seed) Shard(p *decode.Packet, n int) int {
	if !p.IP || n < 2 {
		return 0
	}
	var k key
	k.set(p)
	hi, _ := bits.Mul64(s.hash(&k)*0x9e3779b97f4a7c15, uint64(n))
	return int(hi)
}
