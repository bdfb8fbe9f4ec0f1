package event

import (
	"slices"
	"testing"

	"github.com/wardscope/wardscope/internal/model"
)

// The dictionary against a map, on values that its hash separates and on values that it does not.
func TestDictionary(t *testing.T) {
	w := newWriter()
	for name, hash := range map[string]func(model.Addr) uint64{
		"keyed":     w.addrs.hash,
		"colliding": func(a model.Addr) uint64 { return a.Lo & 3 },
		"last slot": func(model.Addr) uint64 { return ^uint64(0) },
	} {
		t.Run(name, func(t *testing.T) {
			d := dictionary[model.Addr]{hash: hash}
			for round := range 3 {
				want, list := map[model.Addr]uint32{{}: 0}, []model.Addr(nil)
				for i := range 3 * fewSlots {
					a := model.Addr{Hi: uint64(round), Lo: uint64(i * 7 % (2 * fewSlots))}
					n, known := want[a]
					if !known {
						list = append(list, a)
						n = uint32(len(list))
						want[a] = n
					}
					if got := d.add(a); got != n {
						t.Fatalf("round %d: %v has number %d, want %d", round, a, got, n)
					}
				}
				if !slices.Equal(d.list, list) {
					t.Fatalf("round %d: the list differs", round)
				}
				d.reset()
			}
		})
	}
}

func TestDictionariesAreKeyed(t *testing.T) {
	a, b := newWriter(), newWriter()
	x := model.Addr{Hi: 1, Lo: 2}
	if a.addrs.hash(x) == b.addrs.hash(x) && a.macs.hash(3) == b.macs.hash(3) {
		t.Error("two writers hash alike: whose traffic is seen could make values collide")
	}
	if n := testing.AllocsPerRun(100, func() {
		a.addrs.add(x)
		a.macs.add(3)
		a.text("dicom")
	}); n != 0 {
		t.Errorf("%v allocations to look up what is known", n)
	}
}
