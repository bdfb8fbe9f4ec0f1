package profinet_test

import (
	"encoding/hex"
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/profinet"
)

func FuzzParse(f *testing.F) {
	seed, err := hex.DecodeString("feff0501000000010000000c020200070000696f2d3700")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, b []byte) {
		if a, ok := profinet.Parse(b); ok && (len(a.Sets) > 8) {
			t.Fatalf("out of bounds: %+v", a)
		}
	})
}
