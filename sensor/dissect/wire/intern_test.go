package wire_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

func TestStringIsMadeOnce(t *testing.T) {
	name := []byte("monitor-3.ward.example")
	if got := wire.String(name); got != string(name) {
		t.Fatalf("got %q", got)
	}
	if n := testing.AllocsPerRun(100, func() { _ = wire.String(name) }); n != 0 {
		t.Errorf("the same bytes again cost %v allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() { _ = wire.Join("tls", ".", "sni") }); n != 0 {
		t.Errorf("the same parts again cost %v allocations", n)
	}
	kept := wire.String(name)
	name[0] = 'M'
	if kept[0] != 'm' || wire.String(name)[0] != 'M' {
		t.Error("a string changes with the bytes that it was made of")
	}
}

// Whatever is asked for in turn, everybody gets what he asked for.
func TestStringAmongMany(t *testing.T) {
	var b []byte
	for i := range 100_000 {
		b = append(b[:0], byte(i), byte(i>>8), byte(i>>16))
		if got := wire.String(b); got != string(b) {
			t.Fatalf("got %x for %x", got, b)
		}
	}
	long := bytes.Repeat([]byte{'x'}, 1000)
	if wire.String(long) != string(long) || wire.String(nil) != "" || wire.Join(string(long), "y") != string(long)+"y" {
		t.Error("a long or an empty string is not itself")
	}
}

func TestIsAddr(t *testing.T) {
	for s, want := range map[string]bool{
		"192.0.2.1": true, "2001:db8::1": true, "fe80::1%eth0": true, "::ffff:192.0.2.1": true,
		"": false, "host.example": false, "192.0.2": false, "192.0.2.1.example": false, "3com.example": false, "a:b": false,
		strings.Repeat("1", 300): false,
	} {
		if wire.IsAddr(s) != want {
			t.Errorf("IsAddr(%q) = %v", s, !want)
		}
	}
}
