package advisory

import (
	"cmp"
	"regexp"
	"strings"
)

// Answer is what a comparison can say.
type Answer uint8

// The answers.
const (
	Unclear Answer = iota
	Inside
	Outside
)

var (
	plainVersion = regexp.MustCompile(`^(?:v(?:ersion|er)?\.? ?)?((?:[a-z]\.)?[0-9a-z]*[0-9][0-9a-z._-]*(?: ?(?:sp|sr|build|patch|rev|rel|r)[ .]?[0-9a-z]+)*)$`)
	wildcard     = regexp.MustCompile(`^(?:v\.? ?)?([0-9]+(?:\.[0-9]+)*)(?:\.[x*])+$`)
	bound        = regexp.MustCompile(`^(<=|>=|<|>)\s*(.+)$`)
	series       = regexp.MustCompile(`(?i)^[a-z]+[0-9]`)
	versionPart  = regexp.MustCompile(`[0-9]+|[a-z]+`)
)

// parts splits a version into numbers and words; nil when it is none.
func parts(v string) []string {
	m := plainVersion.FindStringSubmatch(strings.ToLower(strings.TrimSpace(v)))
	if m == nil {
		return nil
	}
	return versionPart.FindAllString(m[1], -1)
}

func isNumber(s string) bool { return s[0] >= '0' && s[0] <= '9' }

// compare orders versions; ok is false when they are of different shape, such as 4.2 and R8.
func compare(a, b string) (order int, ok bool) {
	x, y := parts(a), parts(b)
	if x == nil || y == nil {
		return 0, false
	}
	for i := range max(len(x), len(y)) {
		switch {
		case i >= len(x):
			return -tail(y[i:]), true
		case i >= len(y):
			return tail(x[i:]), true
		case isNumber(x[i]) != isNumber(y[i]):
			return 0, false
		}
		p, q := x[i], y[i]
		if isNumber(p) {
			p, q = strings.TrimLeft(p, "0"), strings.TrimLeft(q, "0")
			if c := cmp.Compare(len(p), len(q)); c != 0 {
				return c, true
			}
		}
		if c := strings.Compare(p, q); c != 0 {
			return c, i > 0 || !series.MatchString(a) && !series.MatchString(b) // U61 and L80 are two series
		}
	}
	return 0, true
}

// tail is 1 when what one version has more makes it later, 0 when it is zeros only.
func tail(more []string) int {
	for _, p := range more {
		if !isNumber(p) || strings.Trim(p, "0") != "" {
			return 1
		}
	}
	return 0
}

// All reports a range that explicitly names all versions.
func All(versions string) bool {
	v := strings.ToLower(strings.TrimSpace(versions))
	return v == "vers:all/*" || v == "*" || v == "all" || v == "all versions"
}

// Within holds a version against a published range: alternatives joined by |, of which a lower
// bound and the upper bound after it are one interval; x stands for any number.
func Within(version, versions string) Answer {
	if All(versions) {
		return Inside
	}
	if strings.TrimSpace(versions) == "" || parts(version) == nil {
		return Unclear
	}
	items := strings.Split(versions, "|")
	answer := Outside
	for i := 0; i < len(items); i++ {
		a := one(version, items[i])
		if lower(items[i]) && i+1 < len(items) && upper(items[i+1]) {
			a = both(a, one(version, items[i+1]))
			i++
		}
		switch a {
		case Inside:
			return Inside
		case Unclear:
			answer = Unclear
		}
	}
	return answer
}

func lower(item string) bool { return strings.HasPrefix(strings.TrimSpace(item), ">") }
func upper(item string) bool { return strings.HasPrefix(strings.TrimSpace(item), "<") }

func both(a, b Answer) Answer {
	switch {
	case a == Outside || b == Outside:
		return Outside
	case a == Inside && b == Inside:
		return Inside
	}
	return Unclear
}

func one(version, item string) Answer {
	item = strings.ToLower(strings.TrimSpace(item))
	op := ""
	if m := bound.FindStringSubmatch(item); m != nil {
		op, item = m[1], strings.TrimSpace(m[2])
	}
	if m := wildcard.FindStringSubmatch(item); m != nil {
		return family(version, m[1], op)
	}
	order, ok := compare(version, item)
	if !ok {
		return Unclear
	}
	inside := order == 0
	switch op {
	case "<":
		inside = order < 0
	case "<=":
		inside = order <= 0
	case ">":
		inside = order > 0
	case ">=":
		inside = order >= 0
	}
	if inside {
		return Inside
	}
	return Outside
}

// family holds a version against a stem such as 12.2 of "<= 12.2.x".
func family(version, stem, op string) Answer {
	x, y := parts(version), parts(stem)
	if x == nil || len(x) < len(y) {
		return Unclear
	}
	order, ok := compare(strings.Join(x[:len(y)], "."), strings.Join(y, "."))
	switch {
	case !ok:
		return Unclear
	case order == 0:
		if op == "<" || op == ">" {
			return Outside
		}
		return Inside
	case order < 0 && strings.HasPrefix(op, "<"), order > 0 && strings.HasPrefix(op, ">"):
		return Inside
	}
	return Outside
}
