package dnsmsg_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect/dnsmsg"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// answer is "ns1.lan" asked and answered with 192.0.2.7, the name compressed (RFC 1035, 4.1.4).
const answer = "1234 8180 0001 0001 0000 0000 03 6e7331 03 6c616e 00 0001 0001 c00c 0001 0001 0000003c 0004 c0000207"

func TestParse(t *testing.T) {
	m, ok := dnsmsg.Parse(unhex(t, answer), nil)
	if !ok {
		t.Fatal("a good message was refused")
	}
	want := dnsmsg.Message{ID: 0x1234, Response: true, Recursion: true,
		Questions: []dnsmsg.Question{{Name: "ns1.lan", Type: 1, Class: 1}},
		Answers:   []dnsmsg.Record{{Name: "ns1.lan", Type: 1, Class: 1, TTL: 60, Addr: model.AddrFrom4([]byte{192, 0, 2, 7}), Data: []byte{192, 0, 2, 7}}}}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseRefuses(t *testing.T) {
	for name, in := range map[string]string{
		"short header":        "1234 8180 0001",
		"nothing":             "1234 8180 0000 0000 0000 0000",
		"count past the end":  "1234 8180 0001 0002 0000 0000 00 0001 0001",
		"pointer forwards":    "1234 0100 0001 0000 0000 0000 c020 0001 0001",
		"pointer to itself":   "1234 0100 0001 0000 0000 0000 c00c 0001 0001",
		"unknown class":       "1234 0100 0001 0000 0000 0000 00 0001 1234",
		"reserved label type": "1234 0100 0001 0000 0000 0000 41 61 00 0001 0001",
		"reserved flag":       "1234 0140 0001 0000 0000 0000 00 0001 0001",
	} {
		if m, ok := dnsmsg.Parse(unhex(t, in), nil); ok {
			t.Errorf("%s: accepted as %+v", name, m)
		}
	}
}

func TestReverse(t *testing.T) {
	for in, want := range map[string]string{
		"7.2.0.192.in-addr.arpa": "192.0.2.7",
		"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.IP6.ARPA": "2001:db8::1",
		"2.0.192.in-addr.arpa": "",
		"host.lan":             "",
	} {
		a, ok := dnsmsg.Reverse(in)
		if a.String() != want || ok != (want != "") {
			t.Errorf("Reverse(%s) = %s, %v; want %q", in, a, ok, want)
		}
	}
}

func TestPrivate(t *testing.T) {
	for in, want := range map[string]bool{"10.1.2.3": true, "172.16.0.1": true, "172.32.0.1": false, "192.168.1.1": true, "100.64.0.1": true,
		"169.254.1.1": true, "fe80::1": true, "fd00::1": true, "8.8.8.8": false, "2001:db8::1": false} {
		a, err := model.ParseAddr(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := dnsmsg.Private(a); got != want {
			t.Errorf("Private(%s) = %v", in, got)
		}
	}
}

func TestTexts(t *testing.T) {
	r := dnsmsg.Record{Data: []byte("\x03a=1\x00\x02bb\x09cut")}
	if diff := cmp.Diff([][]byte{[]byte("a=1"), {}, []byte("bb")}, r.Texts(nil)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(unhex(f, answer))
	f.Add(unhex(f, "0000 8400 0000 0001 0000 0000 01 61 00 0021 8001 00000078 0009 0000 0000 0050 01 62 00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, ok := dnsmsg.Parse(b, nil)
		var room dnsmsg.Room
		if other, same := dnsmsg.Parse(b, &room); same != ok || ok && !cmp.Equal(m, other, cmpopts.EquateEmpty()) {
			t.Fatalf("with room %+v, %v; without %+v, %v", other, same, m, ok)
		}
		if !ok {
			return
		}
		for _, list := range [][]dnsmsg.Record{m.Answers, m.Authority, m.Extra} {
			for _, r := range list {
				if len(r.Name) > 255 || len(r.Target) > 255 {
					t.Fatal("a name is longer than RFC 1035 allows")
				}
				r.Texts(nil)
				dnsmsg.Reverse(r.Name)
			}
		}
	})
}
