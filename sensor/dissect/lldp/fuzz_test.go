package lldp_test

import (
	"encoding/hex"
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/lldp"
)

func FuzzParse(f *testing.F) {
	seed, err := hex.DecodeString("02070400005e0053100404054769310602007810070501c00002010200000000")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, b []byte) {
		if a, ok := lldp.Parse(b); ok && (len(a.Management) > 8) {
			t.Fatalf("out of bounds: %+v", a)
		}
	})
}
