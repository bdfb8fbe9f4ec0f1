package wire_test

import (
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

func TestCursorStaysShort(t *testing.T) {
	c := wire.At([]byte{1, 2, 3})
	if got := c.U16(); got != 0x0102 || !c.OK() {
		t.Fatalf("U16: got %#x, ok %v", got, c.OK())
	}
	if got := c.U32(); got != 0 || c.OK() {
		t.Fatalf("U32 past the end: got %#x, ok %v; want 0, false", got, c.OK())
	}
	if got := c.U8(); got != 0 || c.OK() {
		t.Fatalf("U8 after a short read: got %d, ok %v; want 0, false", got, c.OK())
	}
}

func TestCursorReads(t *testing.T) {
	c := wire.At([]byte{0, 0, 1, 2, 1, 4, 3, 2, 1, 9, 'a', '\r', '\n', 'b'})
	if v := c.U24(); v != 1 {
		t.Errorf("U24: got %d, want 1", v)
	}
	if v := c.L16(); v != 0x0102 {
		t.Errorf("L16: got %#x, want 0x0102", v)
	}
	if v := c.L32(); v != 0x01020304 {
		t.Errorf("L32: got %#x", v)
	}
	sub := c.Sub(1)
	if v := sub.U8(); v != 9 || sub.Len() != 0 {
		t.Errorf("Sub: got %d, %d left", v, sub.Len())
	}
	if line, ok := c.Line(); !ok || string(line) != "a" {
		t.Errorf("Line: got %q, %v", line, ok)
	}
	if _, ok := c.Line(); ok || string(c.Rest()) != "b" {
		t.Errorf("Line without an end: got ok %v, rest %q", ok, c.Rest())
	}
	if c.Skip(-1); c.OK() {
		t.Error("Skip(-1) was accepted")
	}
}

func TestBER(t *testing.T) {
	c := wire.At([]byte{0x30, 0x81, 0x0b, 0x02, 0x01, 0xff, 0x06, 0x06, 0x2b, 0x06, 0x01, 0x04, 0x87, 0x67})
	seq := c.Expect(0x30)
	n := seq.Expect(0x02)
	if v := n.Int(); v != -1 {
		t.Errorf("Int: got %d, want -1", v)
	}
	oid := seq.Expect(0x06)
	if v := oid.OID(); v != "1.3.6.1.4.999" {
		t.Errorf("OID: got %q", v)
	}
	if !c.OK() || !seq.OK() || seq.Len() != 0 {
		t.Error("a good sequence was not read to its end")
	}
	for name, in := range map[string][]byte{
		"indefinite length": {0x30, 0x80, 0, 0},
		"long tag":          {0x1f, 0x81, 0x01, 0x00},
		"length past end":   {0x04, 0x05, 1},
		"five octets":       {0x04, 0x85, 0, 0, 0, 0, 1, 1},
	} {
		c := wire.At(in)
		if c.TLV(); c.OK() {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestOIDRefusesRubbish(t *testing.T) {
	for name, in := range map[string][]byte{"empty": {}, "open arc": {0x2b, 0x86}, "huge arc": {0x2b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}} {
		c := wire.At(in)
		if v := c.OID(); v != "" {
			t.Errorf("%s: got %q, want nothing", name, v)
		}
	}
}

func TestText(t *testing.T) {
	if wire.Printable(nil) || wire.Printable([]byte{'a', 7}) || !wire.Printable([]byte("a b~")) {
		t.Error("Printable is wrong")
	}
	if got := wire.TrimText([]byte("\x00 ab \x00")); string(got) != "ab" {
		t.Errorf("TrimText: got %q", got)
	}
	if got := wire.Until([]byte("ab\x00cd"), 0); string(got) != "ab" {
		t.Errorf("Until: got %q", got)
	}
}

func FuzzBER(f *testing.F) {
	f.Add([]byte{0x30, 0x03, 0x02, 0x01, 0x05})
	f.Add([]byte{0x30, 0x84, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		c := wire.At(b)
		for c.OK() && c.Len() > 0 {
			_, body := c.TLV()
			oid, num := body, body
			oid.OID()
			num.Int()
			if body.Len() > len(b) {
				t.Fatal("contents longer than the input")
			}
		}
	})
}

func TestColons(t *testing.T) {
	for want, b := range map[string][]byte{"": nil, "0a": {10}, "00:1b:ff": {0, 0x1b, 0xff}} {
		if got := wire.Colons(b); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestLatin(t *testing.T) {
	for in, want := range map[string]string{"": "", "plain": "plain", "R\xd6NTGEN": "RÖNTGEN", "RÖNTGEN": "RÖNTGEN", "\xff\x80": "ÿ\u0080"} {
		if got := string(wire.Latin([]byte(in))); got != want {
			t.Errorf("Latin(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestWord(t *testing.T) {
	for _, c := range []struct {
		text, signs string
		want        bool
	}{
		{"ups-2.ward", "-.", true}, {"ups-2.ward", "-", false}, {"", "-", false}, {"A9z", "", true}, {"[", "", false}, {"a b", " ", true}, {"ä", "-", false},
	} {
		if got := wire.Word([]byte(c.text), c.signs); got != c.want {
			t.Errorf("%q with %q: %v", c.text, c.signs, got)
		}
	}
}
