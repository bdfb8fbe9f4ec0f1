package advisory_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/cases.tsv anew")

// published is one product of one advisory whose range can be judged without the matcher: one
// bound, of plain dotted numbers.
type published struct {
	advisory, vendor, product, op, version string
}

var (
	simple = regexp.MustCompile(`^(<=|<|) ?([0-9]+(?:\.[0-9]+)+)$`)
	number = regexp.MustCompile(`[0-9]{2,}`)
)

// simpleRows reads the table and keeps the products that stand with exactly one simple range in
// their advisory: what such a range includes follows from the numbers alone.
func simpleRows(t *testing.T) []published {
	t.Helper()
	packed, err := os.ReadFile("advisories.tsv.gz")
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	ranges := map[[3]string]map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if f := strings.Split(strings.TrimSpace(line), "\t"); len(f) == 9 {
			k := [3]string{f[0], f[4], f[5]}
			if ranges[k] == nil {
				ranges[k] = map[string]bool{}
			}
			ranges[k][f[3]+" "+f[6]] = true
		}
	}
	var out []published
	for k, all := range ranges {
		for r := range all {
			m := simple.FindStringSubmatch(strings.TrimPrefix(r, "yes "))
			if len(all) == 1 && m != nil {
				out = append(out, published{k[0], k[1], k[2], m[1], m[2]})
			}
		}
	}
	slices.SortFunc(out, func(a, b published) int {
		return cmp.Or(strings.Compare(a.advisory, b.advisory), strings.Compare(a.vendor, b.vendor), strings.Compare(a.product, b.product))
	})
	return out
}

// bump changes the last number of a version; ok is false when it would fall below zero.
func bump(version string, by int) (string, bool) {
	at := strings.LastIndex(version, ".") + 1
	n, err := strconv.Atoi(version[at:])
	if err != nil || n+by < 0 {
		return "", false
	}
	return version[:at] + strconv.Itoa(n+by), true
}

// inside is a version within the range, outside the nearest one that is not.
func (p *published) inside() (string, bool) {
	if p.op == "<" {
		return bump(p.version, -1)
	}
	return p.version, true
}

func (p *published) outside() string {
	if p.op == "<" {
		return p.version
	}
	v, _ := bump(p.version, 1)
	return v
}

// misses are the ways in which a case is a near miss.
var misses = []func(p *published, others []published) (vendor, product, version, why string){
	func(p *published, _ []published) (string, string, string, string) {
		return p.vendor, p.product, p.outside(), "outside " + p.op + " " + p.version
	},
	func(p *published, others []published) (string, string, string, string) {
		v, _ := p.inside()
		for _, o := range others {
			if !strings.EqualFold(strings.Fields(o.vendor)[0], strings.Fields(p.vendor)[0]) && o.advisory != p.advisory {
				return o.vendor, p.product, v, "another maker than " + p.vendor
			}
		}
		return "", "", "", ""
	},
	func(p *published, _ []published) (string, string, string, string) {
		v, _ := p.inside()
		n := number.FindString(p.product)
		if n == "" {
			return "", "", "", ""
		}
		value, err := strconv.Atoi(n)
		if err != nil {
			return "", "", "", ""
		}
		return p.vendor, strings.Replace(p.product, n, strconv.Itoa(value+7), 1), v, "another model number than " + p.product
	},
	func(p *published, _ []published) (string, string, string, string) {
		return p.vendor, p.product, "", "no version, " + p.op + " " + p.version
	},
	func(p *published, _ []published) (string, string, string, string) {
		v, _ := p.inside()
		return p.vendor, p.product + " Nova", v, "a relative of " + p.product
	},
}

// made makes the cases: products drawn in a fixed order, 100 inside their range, then 100 near
// misses, the ways to miss in turn. What is expected follows from how a case was made, never
// from the matcher.
func made(t *testing.T) string {
	t.Helper()
	rows := simpleRows(t)
	draw := rand.New(rand.NewPCG(2026, 1124))
	draw.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	var out strings.Builder
	out.WriteString("# want, maker, model, version, advisory, why: made by cases_test.go from the published rows, half of them near misses\n")
	const half = 100
	seen, n := map[string]bool{}, 0
	put := func(want string, p *published, vendor, product, version, why string) bool {
		line := strings.Join([]string{want, vendor, product, version, p.advisory, strings.Join(strings.Fields(why), " ")}, "\t") + "\n"
		if vendor == "" || seen[line] {
			return false
		}
		seen[line] = true
		out.WriteString(line)
		return true
	}
	for i := 0; n < half; i++ {
		p := rows[i%len(rows)]
		v, ok := p.inside()
		if i >= len(rows) { // every product was drawn: take a deeper version
			v, ok = bump(v, -i/len(rows))
		}
		if ok && p.op == "" && v != p.version {
			ok = false
		}
		if ok && put("affected", &p, p.vendor, p.product, v, fmt.Sprint("inside ", p.op, " ", p.version)) {
			n++
		}
	}
	for i := 0; n < 2*half; i++ {
		p := rows[(i*7)%len(rows)]
		others := slices.Concat(rows[(i*13)%len(rows):], rows)
		vendor, product, version, why := misses[i%len(misses)](&p, others)
		if put("not", &p, vendor, product, version, why) {
			n++
		}
	}
	return out.String()
}

func TestCasesAreMadeByThisProcedure(t *testing.T) {
	text := made(t)
	if *update {
		if err := os.WriteFile("testdata/cases.tsv", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile("testdata/cases.tsv")
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != text {
		t.Error("testdata/cases.tsv is not what the procedure makes: run with -update, and review the difference")
	}
}
