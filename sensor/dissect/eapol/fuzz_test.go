package eapol_test

import (
	"encoding/hex"
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/eapol"
)

func FuzzParse(f *testing.F) {
	seed, err := hex.DecodeString("02000006020200061900")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, b []byte) {
		if a, ok := eapol.Parse(b); ok && (a.Type > 8) {
			t.Fatalf("out of bounds: %+v", a)
		}
	})
}
