package intellivue_test

import (
	"testing"
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/clinical"
	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/intellivue"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, intellivue.New(), dissecttest.Cases{}) }

// TestParseRefuses holds that one wrong length is enough to be somebody else's datagram.
func TestParseRefuses(t *testing.T) {
	poll := []byte{0xe1, 0, 0, 2, 0, 1, 0, 14, 0, 1, 0, 7, 0, 8, 0, 0x21, 0, 0, 0, 0, 0, 0}
	if _, ok := intellivue.Parse(poll); !ok {
		t.Fatal("a poll was refused")
	}
	for i := range 14 {
		b := append([]byte{}, poll...)
		switch i {
		case 8, 9: // the invoke id is free
			continue
		}
		b[i] ^= 0x40
		if _, ok := intellivue.Parse(b); ok {
			t.Errorf("accepted with byte %d changed", i)
		}
	}
	for n := range poll {
		if _, ok := intellivue.Parse(poll[:n]); ok {
			t.Errorf("accepted with %d bytes", n)
		}
	}
}

// TestParseGenerated holds that the hospital that the demonstration plays speaks the same protocol.
func TestParseGenerated(t *testing.T) {
	r := wire.NewRand(3)
	s := wire.Script{Rand: &r}
	m := clinical.Monitor{Maker: "Philips", Model: "MX450", Serial: "DE12345678", Software: "M.04.03", Label: "ICU 3", MAC: wire.MAC{0, 0, 0x5e, 0, 0x53, 1}}
	clinical.DataExport(&s, m, time.Second, 70)
	clinical.ConnectIndication(&s, m, time.Minute, 3)
	described, polls := 0, 0
	for i, step := range s.Steps {
		got, ok := intellivue.Parse(step.Data)
		if !ok {
			t.Fatalf("step %d was refused: %x", i, step.Data)
		}
		if got.Attributes.Len() > 0 {
			described++
		}
		if got.Poll == 6 {
			polls++
		}
	}
	if described != 2 || polls == 0 {
		t.Errorf("%d descriptions and %d polls of numerics, want 2 and some", described, polls)
	}
}
