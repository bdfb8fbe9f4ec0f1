package reference_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/capture/hospital/reference"
)

func BenchmarkMix(b *testing.B) {
	m := reference.NewMix(1<<30, 0, 1)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := m.Next(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFlows(b *testing.B) {
	f := reference.NewFlows(1<<22, 0)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := f.Next(); err != nil {
			f = reference.NewFlows(1<<22, 0)
		}
	}
}
