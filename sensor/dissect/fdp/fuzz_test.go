package fdp_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/fdp"
)

func FuzzParse(f *testing.F) {
	f.Add([]byte{0xaa, 0xaa, 3, 0, 0xe0, 0x2b, 0, 0xbb, 1, 0, 0, 0x20, 0, 0, 0, 1, 0, 0, 0, 0, 0x5e, 0, 0x53, 1, 0x99, 1, 0, 6, 's', 0})
	f.Add([]byte{0xaa, 0xaa, 3, 0, 0xe0, 0x52, 0x20, 0, 1, 180, 0, 0, 0, 1, 0, 6, 's', '1', 0, 4, 0, 8, 0, 0, 0, 9})
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, ok := fdp.Parse(b); ok && len(b) < 12 {
			t.Errorf("%d bytes were a frame", len(b))
		}
	})
}
