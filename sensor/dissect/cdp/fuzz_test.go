package cdp_test

import (
	"encoding/hex"
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/cdp"
)

func FuzzParse(f *testing.F) {
	seed, err := hex.DecodeString("aaaa0300000c200002b40000000100087377303100020011000000010101cc0004c0000201")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, b []byte) {
		if a, ok := cdp.Parse(b); ok && (len(a.Addresses) > 8) {
			t.Fatalf("out of bounds: %+v", a)
		}
	})
}
