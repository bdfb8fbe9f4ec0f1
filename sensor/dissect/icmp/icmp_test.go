package icmp_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/icmp"
)

type sink []string

func (s *sink) Observe(o model.Observation) {
	*s = append(*s, o.Subject.String()+" "+o.Kind.String()+" "+o.Source+" = "+o.Value)
}
func (s *sink) Finding(model.Finding) {}

const (
	windows = "\x00\x01\x00\x01abcdefghijklmnopqrstuvwabcdefghi"
	unix    = "\x00\x01\x00\x01\x01\x02\x03\x04\x05\x06\x07\x08\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17"
)

func TestPacket(t *testing.T) {
	for name, c := range map[string]struct {
		protocol uint8
		kind     uint16
		payload  string
		service  string
		want     []string
	}{
		"redirect":             {1, 5, "\xc0\x00\x02\x01rest", "icmp", []string{"192.0.2.1 role icmp.type = router"}},
		"router advertisement": {1, 9, "\x01\x02\x07\x08", "icmp", []string{"192.0.2.1 role icmp.type = router"}},
		"echo of Windows":      {1, 8, windows, "icmp", []string{"192.0.2.1 stack icmp.echo = echo filled as by Windows"}},
		"echo of Unix":         {58, 128, unix, "icmpv6", []string{"192.0.2.1 stack icmpv6.echo = echo filled as by Unix"}},
		"echo reply":           {1, 0, windows, "icmp", nil},
		"other filling":        {1, 8, "\x00\x01\x00\x01CANARYCANARYCANARYCANARYCANARY", "icmp", nil},
		"short":                {1, 8, "\x00", "", nil},
	} {
		var s sink
		rt, err := dissect.NewRuntime(dissect.DefaultConfig(), nil, []dissect.PacketProtocol{icmp.New(), icmp.NewV6()}, &s)
		if err != nil {
			t.Fatal(err)
		}
		p := decode.Packet{IP: true, Protocol: c.protocol, SrcPort: c.kind, HasPorts: true, Src: model.AddrFrom4([]byte{192, 0, 2, 1}), Payload: []byte(c.payload)}
		service := rt.ServiceName(rt.Packet(&p))
		if diff := cmp.Diff(c.want, []string(s)); diff != "" || service != c.service {
			t.Errorf("%s: service %q, want %q (-want +got):\n%s", name, service, c.service, diff)
		}
	}
}

func FuzzFilling(f *testing.F) {
	f.Add([]byte(windows))
	f.Add([]byte(unix))
	f.Fuzz(func(t *testing.T, b []byte) {
		if v := icmp.Filling(b); v != "" && len(b) < 28 {
			t.Fatalf("%q of %d bytes", v, len(b))
		}
	})
}
