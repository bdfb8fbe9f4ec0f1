package dissecttest

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/sensor/dissect"
)

// leavesFile lists, for a protocol, where text of the wire leaves the sensor.
const leavesFile = "leaves.golden"

// mostFields is how many fields of a conversation are marked. The rest is counted and printed.
const mostFields = 6000

// sameField is how often the same text is marked, in all conversations of a protocol.
const sameField = 12

// said is one text that leaves: where, and what it is.
type said struct{ leaf, text string }

// taint is what marking every field of a protocol's conversations showed.
type taint struct {
	leaves           map[string]int // by leaf, how many fields leave there
	examples         map[string]string
	tried            map[string]int // by word and mark: the same again and again is left out
	most             int            // fields of a conversation
	marked, out, not int
}

func (f *taint) log(t testing.TB) {
	t.Helper()
	t.Logf("fields tainted: %d, left: %d, in %d ways; not tried: %d", f.marked, f.out, len(f.leaves), f.not)
	for _, leaf := range slices.Sorted(maps.Keys(f.examples)) {
		t.Logf("%s: %s", leaf, f.examples[leaf])
	}
}

// checkLeaves marks each field of each conversation in turn and looks where the mark comes out. The places are
// compared with the golden file, and with what doc.go says of them.
func checkLeaves(t *testing.T, pl player, cases Cases) {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	found := taint{most: mostFields}
	for _, path := range paths {
		c, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		found.conversation(t, pl, c, cases)
	}
	found.log(t)
	got := slices.Sorted(maps.Keys(found.leaves))
	checkList(t, filepath.Join("testdata", leavesFile), got)
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(allowed(string(doc)), got); diff != "" {
		t.Errorf("text leaves in other places than doc.go says (-doc +got):\n%s", diff)
	}
}

// checkList compares a list with a golden file of a line each.
func checkList(t *testing.T, golden string, list []string) {
	t.Helper()
	got := strings.Join(list, "\n") + "\n"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatalf("%v (run with -update to write it)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("text leaves in other places than %s says (-want +got):\n%s", golden, diff)
	}
}

// Taint marks the fields of captured conversations, at most so many each, in front of all protocols. No text may
// leave elsewhere than in the places that the package comments below a folder list.
type Taint struct {
	Protocols []dissect.Protocol
	Packets   []dissect.PacketProtocol
	Docs      string // the folder whose folders hold the package comments
	Most      int    // fields of a conversation
	found     taint
}

// Capture marks the conversations of a capture.
func (x *Taint) Capture(t *testing.T, path string) {
	t.Helper()
	all, err := Captured(path, 16)
	if err != nil {
		t.Logf("%s: %v", path, err)
	}
	x.found.most = x.Most
	for _, c := range all {
		x.found.conversation(t, player{protocols: x.Protocols, packets: x.Packets}, c, Cases{})
	}
}

// Check says how many fields were marked, and compares the places where marks came out.
func (x *Taint) Check(t *testing.T) {
	t.Helper()
	x.found.log(t)
	docs, err := filepath.Glob(filepath.Join(x.Docs, "*", "doc.go"))
	if err != nil || len(docs) == 0 {
		t.Fatalf("no package comments below %s: %v", x.Docs, err)
	}
	listed := map[string]bool{}
	for _, path := range docs {
		doc, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, leaf := range allowed(string(doc)) {
			listed[leaf] = true
		}
	}
	for _, leaf := range slices.Sorted(maps.Keys(x.found.leaves)) {
		if !listed[leaf] {
			t.Errorf("text leaves as %s, which no doc.go says: %s", leaf, x.found.examples[leaf])
		}
	}
}

func (f *taint) conversation(t testing.TB, pl player, c *Conversation, cases Cases) {
	t.Helper()
	base := map[said]bool{}
	for _, s := range pl.play(t, c, c.Messages).said {
		base[s] = true
	}
	plain := func(s said) bool { return base[s] }
	if f.tried == nil {
		f.tried, f.leaves, f.examples = map[string]int{}, map[string]int{}, map[string]string{}
	}
	n := 0
	for i, m := range c.Messages {
		if m.Lost {
			continue
		}
		messages := slices.Clone(c.Messages)
		for _, fd := range cases.fields(m) {
			if f.tried[fd.text+fd.mark]++; f.tried[fd.text+fd.mark] > sameField {
				continue
			}
			if n++; n > f.most {
				f.not++
				continue
			}
			messages[i].Data = fd.marked
			f.marked++
			if f.look(fd, pl.play(t, c, messages).said, plain) {
				f.out++
			}
		}
	}
}

// look reports whether a mark is among what left.
func (f *taint) look(fd field, all []said, plain func(said) bool) bool {
	left := false
	for _, s := range all {
		if !plain(s) && carries(s.text, fd.mark) {
			left = true
			if f.leaves[s.leaf]++; f.leaves[s.leaf] == 1 {
				f.examples[s.leaf] = fmt.Sprintf("%q as %q", fd.text, s.text)
			}
		}
	}
	return left
}

// carries reports whether a text has a piece of a mark in it: four characters, two of them letters, in a row. A mark
// of digits has to be there as a whole, a short one too.
func carries(text, mark string) bool {
	text, mark = strings.ToLower(text), strings.ToLower(mark)
	if strings.Contains(text, strings.TrimSpace(mark)) {
		return true
	}
	const piece = 4
	for i := 0; i+piece <= len(mark); i++ {
		letters := 0
		for _, c := range []byte(mark[i : i+piece]) {
			if strings.IndexByte("qxzvjkw", c) >= 0 {
				letters++
			}
		}
		if letters >= 2 && strings.Contains(text, mark[i:i+piece]) {
			return true
		}
	}
	return false
}

var leavesParagraph = regexp.MustCompile(`(?s)// Text of the wire leaves as: (.*?)\.\n(?://\n|package)`)

// allowed reads the list in a package comment: "Text of the wire leaves as: KIND SOURCE, SOURCE; KIND SOURCE."
func allowed(doc string) []string {
	m := leavesParagraph.FindStringSubmatch(doc)
	var out []string
	switch {
	case m == nil && strings.Contains(doc, "// No text of the wire leaves.\n"):
		return nil
	case m == nil:
		return []string{"(no paragraph \"Text of the wire leaves as: KIND SOURCE, SOURCE; KIND SOURCE.\")"}
	}
	text := strings.Join(strings.Fields(strings.ReplaceAll(m[1], "//", " ")), " ")
	for group := range strings.SplitSeq(text, "; ") {
		kind, sources, _ := strings.Cut(group, " ")
		for source := range strings.SplitSeq(sources, ", ") {
			out = append(out, strings.TrimSpace(kind+" "+source))
		}
	}
	slices.Sort(out)
	return out
}
