package archtest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// house is the import path under which everything of ours lies.
const house = "github.com/wardscope/wardscope/"

// Package is what `go list` says of a package of ours. Its Path is relative to the house.
type Package struct {
	Path         string
	Dir          string
	Name         string
	ImportPath   string
	GoFiles      []string
	CgoFiles     []string
	TestGoFiles  []string
	XTestGoFiles []string
	Imports      []string
}

// root returns the checkout's top folder.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "go.work")); err != nil {
		t.Fatalf("go.work is not two folders up: %v", err)
	}
	return dir
}

// goCommand runs the go command at the top of the workspace and returns its output.
func goCommand(t *testing.T, env []string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = root(t)
	cmd.Env = append(append(os.Environ(), "GOWORK="), env...)
	out, err := cmd.Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, exit.Stderr)
		}
		t.Fatalf("go %s: %v", strings.Join(args, " "), err)
	}
	return out
}

var loaded struct {
	sync.Mutex
	packages []Package
}

// packages lists every package of the four modules, once for all tests.
func packages(t *testing.T) []Package {
	t.Helper()
	loaded.Lock()
	defer loaded.Unlock()
	if loaded.packages != nil {
		return loaded.packages
	}
	out := goCommand(t, nil, "list", "-e", "-json=Dir,Name,ImportPath,GoFiles,CgoFiles,TestGoFiles,XTestGoFiles,Imports", "work")
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p Package
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("read go list: %v", err)
		}
		p.Path = strings.TrimPrefix(p.ImportPath, house)
		loaded.packages = append(loaded.packages, p)
	}
	if len(loaded.packages) == 0 {
		t.Fatal("go list names no package")
	}
	return loaded.packages
}

// source is one parsed file.
type source struct {
	name  string // relative to the checkout
	bytes []byte
	fset  *token.FileSet
	file  *ast.File
}

// generated tells whether the file says of itself that a program wrote it.
func (s source) generated() bool { return ast.IsGenerated(s.file) }

// line returns the line of a position.
func (s source) line(pos token.Pos) int { return s.fset.Position(pos).Line }

// sources parses the non-test files of a package.
func sources(t *testing.T, p Package) []source {
	t.Helper()
	var all []source
	for _, name := range append(append([]string(nil), p.GoFiles...), p.CgoFiles...) {
		all = append(all, parse(t, p, name))
	}
	return all
}

// parse reads one file of a package.
func parse(t *testing.T, p Package, name string) source {
	t.Helper()
	full := filepath.Join(p.Dir, name)
	text, err := os.ReadFile(full)
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, full, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	return source{name: path.Join(p.Path, name), bytes: text, fset: fset, file: file}
}

// importName returns the name under which a file imports a path, "" when it does not.
func (s source) importName(importPath string) string {
	for _, spec := range s.file.Imports {
		if strings.Trim(spec.Path.Value, `"`) != importPath {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(importPath)
	}
	return ""
}

// below tells whether a path is the given folder or lies under it.
func below(p, folder string) bool { return p == folder || strings.HasPrefix(p, folder+"/") }
