package dissecttest_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

// leaky tells a part of each datagram: what between < and > stands in it.
type leaky struct{ decode func(string) string }

func (leaky) Info() dissect.Info { return dissect.Info{Name: "leaky", Transport: dissect.UDP} }
func (leaky) Probe(*dissect.Flow, dissect.Direction, []byte) dissect.Verdict {
	return dissect.Mine
}
func (p leaky) New() dissect.Dissector { return p }
func (p leaky) Feed(e dissect.Emitter, _ dissect.Direction, data []byte) (int, dissect.Verdict) {
	_, rest, _ := strings.Cut(string(data), "<")
	inner, _, ok := strings.Cut(rest, ">")
	if ok {
		e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Initiator), Kind: model.KindModel, Value: p.decode(inner), Source: "leaky.inner"})
	}
	return len(data), dissect.More
}

func TestLeaksAreFound(t *testing.T) {
	same := func(s string) string { return s }
	wide := func(s string) string { return strings.ReplaceAll(s, "\x00", "") }
	decoded := func(s string) string { b, _ := base64.StdEncoding.DecodeString(s); return string(b) }
	for _, c := range []struct {
		name, data string
		decode     func(string) string
		want       int
	}{
		{"a word", "who <Ana> is it", same, 1},
		{"words", "<Ana Maria Smith>", same, 1},
		{"a number", "<4711>", same, 1},
		{"a hexadecimal number", "<00a1b2>", same, 1},
		{"behind a length that is a letter", "<>\x05GAna M", func(string) string { return "" }, 0},
		{"between binary", "\x00\x01<\x01Smith\x02>\xff", same, 1},
		{"two octets a character", "\x01<A\x00n\x00a\x00 \x00S\x00>\x00", wide, 1},
		{"in base64", "Basic <" + base64.StdEncoding.EncodeToString([]byte("\x00ana\x00secret")) + ">", decoded, 1},
		{"upper case", "<ana smith>", strings.ToUpper, 1},
		{"only the syntax", "abc <> def", same, 0},
		{"what is not told", "Smith <.>", same, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			conversation := &dissecttest.Conversation{Messages: []dissecttest.Message{{Data: []byte(c.data)}}}
			conversation.Flow.Protocol = 17
			if got, marked := dissecttest.Leaves(t, conversation, leaky{c.decode}); len(got) != c.want {
				t.Errorf("leaves %q, want %d; %d fields marked", got, c.want, marked)
			}
		})
	}
}

func TestMarksKeepForm(t *testing.T) {
	for text, want := range map[string]string{"CT-03": "QX-51", "John.Smith@x": "Qxzv.Kwqvz@k", "10.1.2.3": "73.5.8.6", "a1": "", "----": ""} {
		got := ""
		if m := dissecttest.Marks(text); len(m) > 0 {
			got = m[0]
		}
		if got != want {
			t.Errorf("mark of %q is %q, want %q", text, got, want)
		}
	}
}

func TestAllowedReadsDoc(t *testing.T) {
	doc := "// Package x reads.\n//\n// Text of the wire leaves as: hostname x.name,\n// x.other; flow version.\npackage x\n"
	if diff := cmp.Diff([]string{"flow version", "hostname x.name", "hostname x.other"}, dissecttest.Allowed(doc)); diff != "" {
		t.Error(diff)
	}
	if got := dissecttest.Allowed("// No text of the wire leaves.\npackage x\n"); got != nil {
		t.Errorf("got %q of a protocol that tells no text", got)
	}
	if got := dissecttest.Allowed("// Package x.\npackage x\n"); len(got) != 1 {
		t.Errorf("got %q of a comment without the paragraph", got)
	}
}
