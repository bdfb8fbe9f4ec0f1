package ndp_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/ndp"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

type sink []string

func (s *sink) Observe(o model.Observation) {
	*s = append(*s, o.Subject.String()+" "+o.Kind.String()+" "+o.Source+" = "+o.Value)
}
func (s *sink) Finding(model.Finding) {}

func address(t testing.TB, s string) model.Addr {
	t.Helper()
	a, err := model.ParseAddr(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func play(t *testing.T, kind uint16, ttl uint8, payload []byte) (string, []string) {
	t.Helper()
	var s sink
	rt, err := dissect.NewRuntime(dissect.DefaultConfig(), nil, []dissect.PacketProtocol{ndp.New()}, &s)
	if err != nil {
		t.Fatal(err)
	}
	p := decode.Packet{IP: true, Protocol: 58, SrcPort: kind, HasPorts: true, TTL: ttl, SrcMAC: 0x00005e005301, DstMAC: 0x333300000001,
		Src: address(t, "fe80::1"), Dst: address(t, "ff02::1"), Payload: payload}
	return rt.ServiceName(rt.Packet(&p)), s
}

func TestPacket(t *testing.T) {
	const target = "20010db8000000000000000000000007"
	for name, c := range map[string]struct {
		kind    uint16
		ttl     uint8
		payload string
		service string
		want    []string
	}{
		"solicitation": {kind: 135, ttl: 255, payload: "00000000" + target + "0101 00005e005301", service: "ndp",
			want: []string{"fe80::1 00:00:5e:00:53:01 address_binding ndp.source = fe80::1"}},
		"advertisement of a router": {kind: 136, ttl: 255, payload: "a0000000" + target + "0201 00005e005307", service: "ndp",
			want: []string{"2001:db8::7 00:00:5e:00:53:07 address_binding ndp.target = 2001:db8::7", "2001:db8::7 00:00:5e:00:53:07 role ndp.router_flag = router"}},
		"router advertisement": {kind: 134, ttl: 255, payload: "40000708 00000000 00000000 0101 00005e005301 1903 0000 00000e10" + target, service: "ndp",
			want: []string{"fe80::1 00:00:5e:00:53:01 address_binding ndp.source = fe80::1", "fe80::1 00:00:5e:00:53:01 role ndp.router_advertisement = router", "2001:db8::7 role ndp.rdnss = DNS server"}},
		"redirect":              {kind: 137, ttl: 255, payload: "00000000" + target + target, service: "ndp"},
		"from another link":     {kind: 135, ttl: 64, payload: "00000000" + target + "0101 00005e005301"},
		"short":                 {kind: 135, ttl: 255, payload: "00000000"},
		"option without length": {kind: 133, ttl: 255, payload: "00000000 0100 000000000000"},
		"echo":                  {kind: 128, ttl: 255, payload: "00010001"},
	} {
		service, got := play(t, c.kind, c.ttl, unhex(t, c.payload))
		if diff := cmp.Diff(c.want, got); diff != "" || service != c.service {
			t.Errorf("%s: service %q, want %q (-want +got):\n%s", name, service, c.service, diff)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(uint8(134), unhex(f, "40000708 00000000 00000000 0101 00005e005301 1903 0000 00000e10 20010db8000000000000000000000007"))
	f.Add(uint8(136), unhex(f, "a0000000 20010db8000000000000000000000007 0201 00005e005307"))
	f.Fuzz(func(t *testing.T, kind uint8, b []byte) {
		if m, ok := ndp.Parse(kind, bytes.Clone(b)); ok && len(m.DNS) > 3 {
			t.Fatal("more name servers than kept")
		}
	})
}
