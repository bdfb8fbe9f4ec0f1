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
)

// leavesFile lists, for a protocol, where text of the wire leaves the sensor.
const leavesFile = "leaves.golden"

// mostFields is how many fields of a conversation are marked. The rest is counted and printed.
const mostFields = 6000

// said is one text that leaves: where, and what it is.
type said struct{ leaf, text string }

// taint is what marking every field of a protocol's conversations showed.
type taint struct {
	leaves           map[string]int // by leaf, how many fields leave there
	examples         map[string]string
	marked, out, not int
}

// checkLeaves marks each field of each conversation in turn and looks where the mark comes out. The places are
// compared with the golden file, and with what doc.go says of them.
func checkLeaves(t *testing.T, pl player, cases Cases) {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	found := taint{leaves: map[string]int{}, examples: map[string]string{}}
	for _, path := range paths {
		c, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		found.conversation(t, pl, c, cases)
	}
	t.Logf("fields tainted: %d, left: %d, in %d ways; not tried: %d", found.marked, found.out, len(found.leaves), found.not)
	for _, leaf := range slices.Sorted(maps.Keys(found.examples)) {
		t.Logf("%s: %s", leaf, found.examples[leaf])
	}
	got := strings.Join(slices.Sorted(maps.Keys(found.leaves)), "\n") + "\n"
	if *update {
		if err := os.WriteFile(filepath.Join("testdata", leavesFile), []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(filepath.Join("testdata", leavesFile))
	if err != nil {
		t.Fatalf("%v (run with -update to write it)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("text leaves in other places than %s says (-want +got):\n%s", leavesFile, diff)
	}
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(allowed(string(doc)), slices.Sorted(maps.Keys(found.leaves))); diff != "" {
		t.Errorf("text leaves in other places than doc.go says (-doc +got):\n%s", diff)
	}
}

func (f *taint) conversation(t testing.TB, pl player, c *Conversation, cases Cases) {
	t.Helper()
	base := map[said]bool{}
	for _, s := range pl.play(t, c, c.Messages).said {
		base[s] = true
	}
	plain := func(s said) bool { return base[s] }
	tried := map[string]int{}
	n := 0
	for i, m := range c.Messages {
		if m.Lost {
			continue
		}
		messages := slices.Clone(c.Messages)
		for _, fd := range cases.fields(m) {
			if tried[fd.text+fd.mark]++; tried[fd.text+fd.mark] > 3 { // the same word, again and again
				continue
			}
			if n++; n > mostFields {
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
