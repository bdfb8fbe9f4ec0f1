package reference_test

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
	"testing"
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/reference"
)

// shares of packets, from the recipe of the reference capture.
var shares = map[string]float64{"dicom": 0.28, "tls": 0.17, "monitor": 0.11, "smb": 0.08, "infrastructure": 0.075, "hl7": 0.06, "http": 0.06, "quic": 0.05, "it": 0.04, "rtp": 0.04, "ot": 0.02}

func mix(t testing.TB, packets int) *reference.Mix {
	t.Helper()
	m, err := reference.NewMix(packets, 1e18, 1)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMix(t *testing.T) {
	const packets = 600_000
	m := mix(t, packets)
	tuples := map[[13]byte]bool{}
	last, n := int64(0), 0
	for {
		at, frame, err := m.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if at < last {
			t.Fatalf("packet %d goes back in time", n)
		}
		if len(frame) < 60 || len(frame) > 1514 {
			t.Fatalf("packet %d has %d octets", n, len(frame))
		}
		last = at
		n++
		if binary.BigEndian.Uint16(frame[12:]) == 0x0800 {
			tuples[[13]byte(append(append([]byte{}, frame[26:38]...), frame[23]))] = true
		}
	}
	if n != packets {
		t.Errorf("%d packets, want %d", n, packets)
	}
	var octets uint64
	for name, a := range m.Amounts() {
		octets += a.Octets
		if got := float64(a.Packets) / packets; math.Abs(got-shares[name]) > 0.03 {
			t.Errorf("%s has %.3f of the packets, want %.3f", name, got, shares[name])
		}
	}
	span := time.Duration(last - 1e18)
	t.Logf("%d packets, mean %d octets, %d directed tuples, span %s", n, octets/packets, len(tuples), span)
	if mean := octets / packets; mean < 500 || mean > 750 {
		t.Errorf("mean frame of %d octets", mean)
	}
}

func TestFlows(t *testing.T) {
	f := reference.NewFlows(1<<14+5, 0)
	seen := map[[13]byte]int{}
	n := 0
	for {
		at, frame, err := f.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if at < 0 || time.Duration(at) > time.Minute {
			t.Fatalf("packet %d at %d", n, at)
		}
		n++
		key := append(append([]byte{}, frame[26:38]...), frame[23])
		if port := binary.BigEndian.Uint16(frame[34:]); port == 8000 { // the server's answer
			key = append(append(append(append(append([]byte{}, frame[30:34]...), frame[26:30]...), frame[36:38]...), frame[34:36]...), frame[23])
		}
		seen[[13]byte(key)]++
	}
	if n != 1<<14 || len(seen) != 1<<12 {
		t.Errorf("%d packets of %d flows", n, len(seen))
	}
	for key, c := range seen {
		if c != 4 {
			t.Fatalf("flow %x has %d packets", key, c)
		}
	}
	if a := f.Amounts()["flows"]; a.Sessions != 1<<12 || a.Packets != 1<<14 {
		t.Errorf("amounts %+v", a)
	}
}

func TestFlowsAllocs(t *testing.T) {
	f := reference.NewFlows(1<<20, 0)
	if n := testing.AllocsPerRun(1000, func() {
		if _, _, err := f.Next(); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
}

func BenchmarkMix(b *testing.B) {
	m := mix(b, 1<<30)
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
