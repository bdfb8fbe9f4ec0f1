package reference

import (
	"io"
	"math/bits"
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

const (
	flowsSpan = 60 * time.Second
	rounds    = 4 // packets of each flow
)

// Flows yields packet r of every flow before packet r+1 of any, in an order that jumps.
type Flows struct {
	count uint32 // flows, a power of two
	start int64
	next  uint64
	buf   []byte
	total Amount
}

// NewFlows makes the load; packets is rounded down to 4 times a power of two.
func NewFlows(packets int, start int64) *Flows {
	n := max(packets/rounds, 1)
	return &Flows{count: 1 << (bits.Len(uint(n)) - 1), start: start, buf: make([]byte, 0, 128)}
}

// Next returns the next frame; io.EOF at the end.
func (f *Flows) Next() (at int64, frame []byte, err error) {
	total := uint64(f.count) * rounds
	if f.next >= total {
		return 0, nil, io.EOF
	}
	round, k := uint32(f.next/uint64(f.count)), uint32(f.next%uint64(f.count))
	// Multiplying by an odd number permutes the numbers below a power of two.
	i := (k*0x9e3779b1 + 12345*round) & (f.count - 1)
	at = f.start + int64(float64(f.next)/float64(total)*float64(flowsSpan))
	f.next++
	f.buf = f.frame(f.buf[:0], i, round)
	f.total.Packets++
	f.total.Octets += uint64(len(f.buf))
	return at, f.buf, nil
}

// Amounts returns what was yielded so far.
func (f *Flows) Amounts() map[string]Amount {
	out := f.total
	out.Sessions = uint64(f.count)
	return map[string]Amount{"flows": out}
}

func (f *Flows) frame(b []byte, i, round uint32) []byte {
	client := wire.IP{10, 20 + byte(i>>16)&0x0f, byte(i >> 8), byte(i)}
	server := wire.IP{10, 64, byte(i >> 13 & 0x3f), byte(i >> 5)}
	port := uint16(20000 + i>>4&0x7fff)
	src, dst := wire.MAC{0, 0x1b, 0x21, client[1], client[2], client[3]}, wire.MAC{0, 0x50, 0x56, server[1], server[2], server[3]}
	if i&1 == 1 { // UDP
		b = append(append(append(b, dst[:]...), src[:]...), 8, 0)
		return pad(wire.AppendUDP(b, client, server, port, 45000, 64, make([]byte, 18)))
	}
	isn, peer := i*2654435761, i*40503+7
	if round == 1 {
		b = append(append(append(b, src[:]...), dst[:]...), 8, 0)
		return pad(wire.AppendTCP(b, server, client, 8000, port, peer, isn+1, 0x12, nil))
	}
	b = append(append(append(b, dst[:]...), src[:]...), 8, 0)
	switch round {
	case 0:
		return pad(wire.AppendTCP(b, client, server, port, 8000, isn, 0, 0x02, nil))
	case 2:
		return pad(wire.AppendTCP(b, client, server, port, 8000, isn+1, peer+1, 0x10, nil))
	}
	return pad(wire.AppendTCP(b, client, server, port, 8000, isn+1, peer+1, 0x18, make([]byte, 16)))
}

func pad(b []byte) []byte {
	for len(b) < 60 {
		b = append(b, 0)
	}
	return b
}
