package arp_test

import (
	"encoding/hex"
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/arp"
)

func FuzzParse(f *testing.F) {
	seed, err := hex.DecodeString("000108000604000200005e005301c000021400005e005302c000020a")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, b []byte) {
		if a, ok := arp.Parse(b); ok && (a.Operation == 0 || a.Operation > 2) {
			t.Fatalf("out of bounds: %+v", a)
		}
	})
}
