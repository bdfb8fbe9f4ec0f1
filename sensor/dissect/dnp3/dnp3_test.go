package dnp3_test

import (
	"encoding/binary"
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/dnp3"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, dnp3.New(), dissecttest.Cases{Reveal: blocks}) }

// blocks takes the sums out from between the blocks of one frame, and puts them back.
func blocks(m dissecttest.Message) ([]byte, func([]byte) []byte) {
	f, n := dnp3.Next(m.Data)
	if n != len(m.Data) {
		return nil, nil
	}
	return f.Data, func(b []byte) []byte {
		out := append([]byte(nil), m.Data[:10]...)
		for len(b) > 0 {
			n := min(16, len(b))
			out = append(out, b[:n]...)
			out = binary.LittleEndian.AppendUint16(out, sum(b[:n]))
			b = b[n:]
		}
		return out
	}
}

// sum is CRC-16/DNP.
func sum(b []byte) (v uint16) {
	for _, x := range b {
		v ^= uint16(x)
		for range 8 {
			v = v>>1 ^ v&1*0xa6bc
		}
	}
	return ^v
}
