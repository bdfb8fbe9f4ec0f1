package archtest_test

import (
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// rule is one row of the import table.
type rule struct {
	pattern string
	allowed []string
}

// matches tells whether a pattern of the table covers a package, and how long the match is: a longer one wins, and a
// package's own row wins over the row of what lies below it.
func matches(pattern, pkg string) (length int, ok bool) {
	if folder, open := strings.CutSuffix(pattern, "/…"); open {
		return 2 * len(folder), below(pkg, folder)
	}
	return 2*len(pattern) + 1, pkg == pattern
}

var (
	row  = regexp.MustCompile("^\\| `([^`]+)` \\| ([^|]*) \\|[^|]*\\|$")
	code = regexp.MustCompile("`([^`]+)`")
)

// importTable reads the table "Who may import whom".
func importTable(text string) (rules []rule, faults []string) {
	_, section, found := strings.Cut(text, "\n## Who may import whom\n")
	if !found {
		return nil, []string{"there is no section \"Who may import whom\""}
	}
	section, _, _ = strings.Cut(section, "\n## ")
	for line := range strings.Lines(section) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		m := row.FindStringSubmatch(line)
		if m == nil {
			faults = append(faults, "not a row of three cells: "+line)
			continue
		}
		r := rule{pattern: m[1]}
		for _, c := range code.FindAllStringSubmatch(m[2], -1) {
			r.allowed = append(r.allowed, c[1])
		}
		if len(r.allowed) == 0 && strings.TrimSpace(m[2]) != "nothing" {
			faults = append(faults, "the second cell is neither packages nor \"nothing\": "+line)
		}
		rules = append(rules, r)
	}
	return rules, faults
}

// ruleFor returns the row that counts for a package.
func ruleFor(rules []rule, pkg string) (best rule, found bool) {
	longest := -1
	for _, r := range rules {
		if n, ok := matches(r.pattern, pkg); ok && n > longest {
			best, longest = r, n
		}
	}
	return best, longest >= 0
}

// allows tells whether a package under this row may import another.
func (r rule) allows(imported string) bool {
	return slices.ContainsFunc(append([]string{r.pattern}, r.allowed...), func(pattern string) bool {
		_, ok := matches(pattern, imported)
		return ok
	})
}

func TestImportTable(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root(t), "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	rules, faults := importTable(string(text))
	for _, fault := range faults {
		t.Errorf("ARCHITECTURE.md: %s", fault)
	}
	for _, p := range packages(t) {
		r, found := ruleFor(rules, p.Path)
		if !found {
			t.Errorf("%s: no row of the import table in ARCHITECTURE.md covers it", p.Path)
			continue
		}
		for _, imported := range p.Imports {
			ours, inside := strings.CutPrefix(imported, house)
			if inside && !r.allows(ours) {
				t.Errorf("%s imports %s, which its row `%s` in ARCHITECTURE.md does not allow", p.Path, ours, r.pattern)
			}
		}
	}
}

// The row `sensor/dissect/…` also matches a protocol's neighbours. What does not import the contract is no dissector but a
// format (a cursor, the messages of DNS), which several may read.
func TestDissectorsKnowNoOtherDissector(t *testing.T) {
	const folder = house + "sensor/dissect"
	dissectors := map[string]bool{}
	for _, p := range packages(t) {
		dissectors[p.ImportPath] = strings.HasPrefix(p.ImportPath, folder+"/") && slices.Contains(p.Imports, folder)
	}
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			if below(p.ImportPath, folder) && dissectors[imported] && !below(p.ImportPath, imported) && !below(imported, p.ImportPath) {
				t.Errorf("%s imports the dissector %s: a protocol knows no other; a format that both read gets a package without the contract", p.Path, strings.TrimPrefix(imported, folder+"/"))
			}
		}
	}
}

func TestSensorAndHubNeverMeet(t *testing.T) {
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			if below(p.Path, "sensor") && strings.HasPrefix(imported, house+"hub/") || below(p.Path, "hub") && strings.HasPrefix(imported, house+"sensor/") {
				t.Errorf("%s imports %s: sensor and hub meet only in proto and internal", p.Path, imported)
			}
		}
	}
}

func TestModelUsesStandardLibraryOnly(t *testing.T) {
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			if p.Path == "internal/model" && strings.Contains(strings.SplitN(imported, "/", 2)[0], ".") {
				t.Errorf("%s imports %s: the vocabulary rests on the standard library alone", p.Path, imported)
			}
		}
	}
}

// impure lists what a dissector may use all the same.
var impure = map[string][]string{
	// What was read of a certificate is remembered by its SHA-256, by all shards: reading one costs
	// as much as twenty packets, and entries are never changed. The working memory of a hello goes
	// from flow to flow.
	"sensor/dissect/tls": {"sync", "sync/atomic"},
	// Strings that are said again and again are made once, for all shards; entries are never changed.
	"sensor/dissect/wire": {"sync/atomic"},
}

// Dissectors are pure: the pipeline tells them the time, owns the goroutines, counts and logs.
func TestDissectorsArePure(t *testing.T) {
	banned := []string{"log", "log/slog", "net", "net/http", "os", "os/exec", "syscall", "sync", "sync/atomic", "math/rand", "math/rand/v2", "golang.org/x/sys/unix"}
	clock := []string{"Now", "Since", "Until", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Sleep"}
	for _, p := range packages(t) {
		if !strings.HasPrefix(p.Path, "sensor/dissect/") || below(p.Path, "sensor/dissect/dissecttest") {
			continue
		}
		for _, imported := range p.Imports {
			if slices.Contains(banned, imported) && !slices.Contains(impure[p.Path], imported) {
				t.Errorf("%s imports %s: a dissector uses no clock, logger, file, network or goroutine", p.Path, imported)
			}
		}
		for _, s := range sources(t, p) {
			timeName := s.importName("time")
			ast.Inspect(s.file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.GoStmt:
					t.Errorf("%s:%d: a dissector starts no goroutine", s.name, s.line(n.Pos()))
				case *ast.SelectorExpr:
					if x, ok := n.X.(*ast.Ident); ok && timeName != "" && x.Name == timeName && slices.Contains(clock, n.Sel.Name) {
						t.Errorf("%s:%d: a dissector reads no clock: the packet carries its time", s.name, s.line(n.Pos()))
					}
				}
				return true
			})
		}
	}
}

func TestImportTableReader(t *testing.T) {
	const page = "# A\n## Who may import whom\nwords\n| package | may import | so that |\n| --- | --- | --- |\n" +
		"| `a` | nothing | |\n| `a/…` | `a` `b/…` | reason |\n| `a/b/c` | broken |\n## Next\n| `z` | nothing | |\n"
	rules, faults := importTable(page)
	if len(rules) != 2 || len(faults) != 1 {
		t.Fatalf("got %d rules and faults %q, want 2 and 1", len(rules), faults)
	}
	for _, tc := range []struct {
		pkg, imported string
		want          bool
	}{
		{"a", "a/x", false},
		{"a", "b", false},
		{"a/x", "a", true},
		{"a/x", "a/y", true},
		{"a/x", "b", true},
		{"a/x", "b/deep/er", true},
		{"a/x", "bb", false},
		{"a/x", "z", false},
	} {
		r, found := ruleFor(rules, tc.pkg)
		if !found {
			t.Fatalf("%s: no rule", tc.pkg)
		}
		if got := r.allows(tc.imported); got != tc.want {
			t.Errorf("%s importing %s: got %t, want %t", tc.pkg, tc.imported, got, tc.want)
		}
	}
	if _, found := ruleFor(rules, "ab"); found {
		t.Error("ab: got a rule, want none")
	}
}
