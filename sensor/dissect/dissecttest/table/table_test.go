package table_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest/table"
)

var update = flag.Bool("update", false, "write the table into the README")

const (
	readme = "../../../README.md"
	begin  = "<!-- protocols: begin (make protocols) -->\n"
	end    = "<!-- protocols: end -->"
)

// The README holds the table that the folders give.
func TestFresh(t *testing.T) {
	want, err := table.Generate("../..")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(page), begin)
	got, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no %s … %s", readme, strings.TrimSpace(begin), end)
	}
	if *update {
		if err := os.WriteFile(readme, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("the table of protocols is stale, run `make protocols` (-README +folders):\n%s", diff)
	}
}

// A table of the size: fewer proven protocols than this is a regression.
func TestProven(t *testing.T) {
	text, err := table.Generate("../..")
	if err != nil {
		t.Fatal(err)
	}
	const least = 60
	facts, _, _ := strings.Cut(text, "\nRecognised only:\n")
	if n := strings.Count(facts, "\n| ") - 2; n < least {
		t.Errorf("%d protocols with facts or weaknesses, want at least %d", n, least)
	}
}
