package netbeui_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/netbeui"
)

func FuzzParse(f *testing.F) {
	f.Add([]byte("\xf0\xf0\x03\x2c\x00\xff\xef\x01\x00\x00\x00\x00\x00\x21\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00CART2          \x20"))
	f.Add([]byte("\xf0\xf0\x02\x02\x0e\x00\xff\xef\x16\x00\x00\x00\x01\x00\x02\x00\x01\x02\xffSMBr"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, ok := netbeui.Parse(b)
		if ok && len(b) < 17 {
			t.Errorf("%d bytes were a frame", len(b))
		}
		if !ok && (m.SMB || m.Sender != nil) {
			t.Errorf("%+v of what is no frame", m)
		}
	})
}
