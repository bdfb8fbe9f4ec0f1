package igmp_test

import (
	"encoding/hex"
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/igmp"
)

func FuzzParse(f *testing.F) {
	seed, err := hex.DecodeString("220000000000000204000000effffffa03000000efc0ffee")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, b []byte) {
		if a, ok := igmp.Parse(b); ok && (len(a.Groups) > 16) {
			t.Fatalf("out of bounds: %+v", a)
		}
	})
}
