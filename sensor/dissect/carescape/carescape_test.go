package carescape_test

import (
	"encoding/binary"
	"testing"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect/carescape"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, carescape.New(), dissecttest.Cases{}) }

func message(place string) []byte {
	b := make([]byte, 64)
	copy(b[6:], []byte{192, 0, 2, 9})
	copy(b[24:37], place)
	binary.BigEndian.PutUint32(b[60:], 3900000000)
	return b
}

// TestParseRefuses holds that every known part has to agree: the message has no magic.
func TestParseRefuses(t *testing.T) {
	sender := model.AddrFrom4([]byte{192, 0, 2, 9})
	if s, ok := carescape.Parse(message("ICU3|CENTRL"), sender); !ok || s.Unit != "ICU3" || s.Room != "CENTRL" {
		t.Fatalf("got %+v, %v", s, ok)
	}
	for name, place := range map[string]string{"no room": "ICU3", "empty room": "ICU3|", "long unit": "LONGUNIT|1", "long room": "A|LONGROM",
		"behind the end": "A|B\x00C", "control": "A\x01|B", "empty": ""} {
		if _, ok := carescape.Parse(message(place), sender); ok {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, ok := carescape.Parse(message("A|B"), model.AddrFrom4([]byte{192, 0, 2, 10})); ok {
		t.Error("another sender's address was accepted")
	}
	if _, ok := carescape.Parse(message("A|B")[:63], sender); ok {
		t.Error("63 bytes were accepted")
	}
	old := message("A|B")
	binary.BigEndian.PutUint32(old[60:], 1)
	if _, ok := carescape.Parse(old, sender); ok {
		t.Error("the year 1900 was accepted")
	}
}
