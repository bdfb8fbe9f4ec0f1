package wire

import (
	"hash/maphash"
	"strconv"
	"testing"
)

// Two strings of one place that come in turn are both made once.
func TestTwoStringsOfOnePlace(t *testing.T) {
	place := func(b []byte) uint64 { return maphash.Bytes(recentSeed, b) % recentStrings }
	one := []byte("monitor-0.ward.example")
	other := []byte(nil)
	for i := 1; other == nil; i++ {
		if b := []byte("monitor-" + strconv.Itoa(i) + ".ward.example"); place(b) == place(one) {
			other = b
		}
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = String(one), String(other) }); n != 0 {
		t.Errorf("%s and %s in turn cost %v allocations", one, other, n)
	}
}
