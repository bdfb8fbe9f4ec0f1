package archtest_test

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var drawer = regexp.MustCompile(`^(util.*|common|helpers?.*|misc|base|shared|lib)$`)

func TestNoDrawers(t *testing.T) {
	for _, p := range packages(t) {
		for part := range strings.SplitSeq(p.Path, "/") {
			if drawer.MatchString(part) {
				t.Errorf("%s: %q names a drawer, not a thing; name the package for what it provides", p.Path, part)
			}
		}
		for _, name := range p.GoFiles {
			if drawer.MatchString(strings.TrimSuffix(name, ".go")) {
				t.Errorf("%s/%s: the file's name says nothing about its content", p.Path, name)
			}
		}
	}
}

// Every package but generated ones and commands explains itself in doc.go, in at least four paragraphs: what, input to
// output, who owns memory and goroutines, what it does not do.
func TestPackageDocs(t *testing.T) {
	for _, p := range packages(t) {
		if below(p.Path, "proto") {
			continue
		}
		var text, where string
		for _, s := range sources(t, p) {
			if s.file.Doc == nil {
				continue
			}
			if text != "" {
				t.Errorf("%s: both %s and %s have a package comment", p.Path, path.Base(where), path.Base(s.name))
			}
			text, where = s.file.Doc.Text(), s.name
		}
		switch {
		case text == "":
			t.Errorf("%s: no package comment", p.Path)
		case p.Name == "main":
			if !strings.HasPrefix(text, "Command "+path.Base(p.Path)+" ") {
				t.Errorf("%s: the comment must begin with \"Command %s \"", where, path.Base(p.Path))
			}
		case path.Base(where) != "doc.go":
			t.Errorf("%s: the package comment belongs into doc.go", where)
		case !strings.HasPrefix(text, "Package "+p.Name+" "):
			t.Errorf("%s: the comment must begin with \"Package %s \"", where, p.Name)
		default:
			if got := len(strings.Split(strings.TrimSpace(text), "\n\n")); got < 4 {
				t.Errorf("%s: %d paragraphs, want 4: what, input to output, who owns memory and goroutines, what it does not do", where, got)
			}
		}
	}
}

func TestDissectorsAreFuzzed(t *testing.T) {
	for _, p := range packages(t) {
		folder, inside := strings.CutPrefix(p.Path, "sensor/dissect/")
		if !inside || strings.Contains(folder, "/") || folder == "dissecttest" {
			continue
		}
		found := false
		for _, name := range append(append([]string(nil), p.TestGoFiles...), p.XTestGoFiles...) {
			found = found || bytes.Contains(parse(t, p, name).bytes, []byte("\nfunc Fuzz"))
		}
		if !found {
			t.Errorf("%s: no fuzz target; every parser of the wire has one", p.Path)
		}
	}
}

var (
	makeTarget  = regexp.MustCompile(`(?m)^([a-z0-9-]+):`)
	makeMention = regexp.MustCompile("(?m)(?:`|^\\s*(?:\\$ )?|&& )make ([a-z][a-z0-9-]*)")
)

// A page that tells a reader to run a make target must tell the truth.
func TestDocumentedTargetsExist(t *testing.T) {
	top := root(t)
	text, err := os.ReadFile(filepath.Join(top, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	targets := map[string]bool{}
	for _, m := range makeTarget.FindAllStringSubmatch(string(text), -1) {
		targets[m[1]] = true
	}
	for _, page := range pages(t, top) {
		text, err := os.ReadFile(filepath.Join(top, page))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range makeMention.FindAllStringSubmatch(string(text), -1) {
			if !targets[m[1]] {
				t.Errorf("%s says \"make %s\", which the Makefile does not have", page, m[1])
			}
		}
	}
}

// pages lists the Markdown files of the checkout.
func pages(t *testing.T, top string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(top, func(name string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if !d.IsDir() && filepath.Ext(name) == ".md" {
			relative, err := filepath.Rel(top, name)
			found = append(found, relative)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
