package ethercat_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/ethercat"
)

func FuzzParse(f *testing.F) {
	f.Add([]byte{0x0e, 0x10, 7, 0, 0, 0, 0x30, 1, 2, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		if x, ok := ethercat.Parse(b); ok && x.Process && len(b) < 14 {
			t.Errorf("%d bytes were a frame with datagrams", len(b))
		}
	})
}
