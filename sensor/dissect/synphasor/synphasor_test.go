package synphasor_test

import (
	"encoding/binary"
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/synphasor"
)

func TestSuite(t *testing.T) {
	dissecttest.Run(t, synphasor.New(), dissecttest.Cases{Reveal: sum})
}

// sum mends the CRC-CCITT that ends a frame.
func sum(m dissecttest.Message) ([]byte, func([]byte) []byte) {
	return m.Data, func(b []byte) []byte {
		if len(b) < 4 || int(binary.BigEndian.Uint16(b[2:])) != len(b) {
			return b
		}
		v := uint16(0xffff)
		for _, x := range b[:len(b)-2] {
			v ^= uint16(x) << 8
			for range 8 {
				v = v<<1 ^ v>>15*0x1021
			}
		}
		binary.BigEndian.PutUint16(b[len(b)-2:], v)
		return b
	}
}
