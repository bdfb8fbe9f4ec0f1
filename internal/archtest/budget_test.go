package archtest_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/scanner"
	"go/token"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"
)

// Budgets in lines; ARCHITECTURE.md says what counts.
const (
	packageBudget  = 1500
	fileBudget     = 400
	functionBudget = 70
	mainBudget     = 150
	tableLines     = 10 // a composite literal that spans more lines is a table
)

// exceptions reads testdata/exceptions.txt: kind, subject, limit, reason.
func exceptions(t *testing.T) map[string]int {
	t.Helper()
	text, err := os.ReadFile("testdata/exceptions.txt")
	if err != nil {
		t.Fatal(err)
	}
	limits := map[string]int{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		limit := 0
		if len(fields) >= 6 {
			limit, err = strconv.Atoi(fields[2])
		}
		if len(fields) < 6 || err != nil {
			t.Errorf("testdata/exceptions.txt: want kind, subject, limit and a reason of at least three words: %s", line)
			continue
		}
		limits[fields[0]+" "+fields[1]] = limit
	}
	return limits
}

// tables returns how many lines of a node belong to its tables.
func tables(s source, within ast.Node) int {
	lines := 0
	ast.Inspect(within, func(n ast.Node) bool {
		literal, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		holdsCode := false
		ast.Inspect(literal, func(n ast.Node) bool {
			_, isFunc := n.(*ast.FuncLit)
			holdsCode = holdsCode || isFunc
			return !holdsCode
		})
		if span := s.line(literal.End()) - s.line(literal.Pos()) + 1; span > tableLines && !holdsCode {
			lines += span
			return false
		}
		return true
	})
	return lines
}

// codeLines counts the lines of a file that hold code.
func codeLines(text []byte) int {
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(text))
	var s scanner.Scanner
	s.Init(file, text, nil, 0)
	lines := map[int]bool{}
	for {
		pos, tok, literal := s.Scan()
		if tok == token.EOF {
			return len(lines)
		}
		if tok == token.SEMICOLON && literal == "\n" {
			continue
		}
		first := fset.Position(pos).Line
		for i := range strings.Count(literal, "\n") + 1 {
			lines[first+i] = true
		}
	}
}

func TestBudgets(t *testing.T) {
	limits := exceptions(t)
	used := map[string]bool{}
	check := func(kind, subject string, got, budget int) {
		t.Helper()
		key := kind + " " + subject
		if limit, ok := limits[key]; ok && got > budget {
			used[key] = true
			budget = limit
		}
		if got > budget {
			t.Errorf("%s %s has %d lines, the budget is %d", kind, subject, got, budget)
		}
	}
	for _, p := range packages(t) {
		sum := 0
		for _, s := range sources(t, p) {
			if s.generated() {
				continue
			}
			inTables := tables(s, s.file)
			sum += max(0, codeLines(s.bytes)-inTables)
			check("file", s.name, bytes.Count(s.bytes, []byte("\n"))-inTables, fileBudget)
			if path.Base(s.name) == "main.go" {
				check("main", s.name, bytes.Count(s.bytes, []byte("\n")), mainBudget)
			}
			for _, decl := range s.file.Decls {
				if f, ok := decl.(*ast.FuncDecl); ok && f.Body != nil {
					check("function", p.Path+"."+funcName(f), s.line(f.End())-s.line(f.Pos())+1-tables(s, f), functionBudget)
				}
			}
		}
		check("package", p.Path, sum, packageBudget)
	}
	for key := range limits {
		if !used[key] {
			t.Errorf("testdata/exceptions.txt: %s is within its budget or gone: remove the line", key)
		}
	}
}

// funcName returns Type.Method or Function.
func funcName(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return f.Name.Name
	}
	receiver := f.Recv.List[0].Type
	if star, ok := receiver.(*ast.StarExpr); ok {
		receiver = star.X
	}
	if index, ok := receiver.(*ast.IndexExpr); ok {
		receiver = index.X
	}
	return fmt.Sprintf("%s.%s", receiver, f.Name.Name)
}

func TestCodeLines(t *testing.T) {
	const text = "// Package a.\npackage a\n\n/* one\ntwo */\nvar x = `1\n2\n3` // why\n"
	if got, want := codeLines([]byte(text)), 4; got != want {
		t.Errorf("got %d, want %d", got, want)
	}
}
