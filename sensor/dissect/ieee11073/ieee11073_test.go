package ieee11073_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/ieee11073"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, ieee11073.New(), dissecttest.Cases{}) }

func TestParseData(t *testing.T) {
	good := []byte{0, 8, 0x12, 0x34, 0x01, 0x03, 0, 2, 0, 0}
	d, ok := ieee11073.ParseData(good)
	if !ok || d.Invoke != 0x1234 || d.Handle != 0 {
		t.Fatalf("got %+v, %v", d, ok)
	}
	for name, b := range map[string][]byte{
		"outer length": {0, 9, 0x12, 0x34, 0x01, 0x03, 0, 2, 0, 0},
		"inner length": {0, 8, 0x12, 0x34, 0x01, 0x03, 0, 3, 0, 0},
		"choice":       {0, 8, 0x12, 0x34, 0x01, 0x02, 0, 2, 0, 0},
		"short":        {0, 4, 0x12, 0x34, 0x01, 0x03},
	} {
		if _, ok := ieee11073.ParseData(b); ok {
			t.Errorf("%s: accepted", name)
		}
	}
}
