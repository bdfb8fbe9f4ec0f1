package stp_test

import (
	"encoding/hex"
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/stp"
)

func FuzzParse(f *testing.F) {
	seed, err := hex.DecodeString("4242030000000000800000005e00530100000004800100005e00530280030100140002000f00")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, b []byte) {
		if a, ok := stp.Parse(b); ok && (a.Version == 1) {
			t.Fatalf("out of bounds: %+v", a)
		}
	})
}
