package astm_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/astm"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, astm.New(), dissecttest.Cases{Reveal: sum}) }

// sum mends the check sum of each frame.
func sum(m dissecttest.Message) ([]byte, func([]byte) []byte) {
	return m.Data, func(b []byte) []byte {
		for at := 0; at < len(b); at++ {
			end := bytes.IndexAny(b[at:], "\x03\x17")
			if b[at] != 2 || end < 0 || at+end+3 > len(b) {
				continue
			}
			v := byte(0)
			for _, c := range b[at+1 : at+end+1] {
				v += c
			}
			copy(b[at+end+1:], fmt.Sprintf("%02X", v))
			at += end
		}
		return b
	}
}
