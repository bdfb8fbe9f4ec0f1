package filter

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Getter tells the values of a field, none when it is unknown. Enum values and MAC addresses are
// in lower case.
type Getter func(field string) []string

// Match reports whether the filter lets something through. A field with several values matches
// when one of them does; != means that none is equal.
func (f *Filter) Match(get Getter) bool {
	return f == nil || f.root == nil || f.root.match(get)
}

// Empty reports a filter that lets everything through.
func (f *Filter) Empty() bool { return f == nil || f.root == nil }

func (n and) match(get Getter) bool {
	for _, c := range n {
		if !c.match(get) {
			return false
		}
	}
	return true
}

func (n or) match(get Getter) bool {
	for _, c := range n {
		if c.match(get) {
			return true
		}
	}
	return false
}

func (n not) match(get Getter) bool { return !n.node.match(get) }

// AnyField is asked for by bare words: everything that a person would search in.
const AnyField = "*"

func (n word) match(get Getter) bool {
	for _, v := range get(AnyField) {
		if strings.Contains(strings.ToLower(v), string(n)) {
			return true
		}
	}
	return false
}

func (l leaf) match(get Getter) bool {
	vs := get(l.field.Name)
	if l.low == "" && (l.head || l.tail) {
		return slices.ContainsFunc(vs, func(v string) bool { return v != "" }) != (l.op == "!=")
	}
	if l.op == "!=" {
		return !slices.ContainsFunc(vs, l.equal)
	}
	return slices.ContainsFunc(vs, l.holds)
}

func (l leaf) holds(v string) bool {
	switch l.op {
	case "=":
		return l.equal(v)
	case ":":
		if l.field.Kind == Text {
			return strings.Contains(strings.ToLower(v), l.low)
		}
		return l.equal(v)
	}
	c := strings.Compare(strings.ToLower(v), l.low)
	if l.field.Kind == Number {
		n, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return false
		}
		switch {
		case n < l.num:
			c = -1
		case n > l.num:
			c = 1
		default:
			c = 0
		}
	}
	switch l.op {
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	}
	return c >= 0
}

func (l leaf) equal(v string) bool {
	switch l.field.Kind {
	case Number:
		n, err := strconv.ParseFloat(v, 64)
		return err == nil && n == l.num
	case Address:
		a, err := netip.ParseAddr(v)
		return err == nil && l.pfx.Contains(a.Unmap())
	}
	v = strings.ToLower(v)
	switch {
	case l.head && l.tail:
		return strings.Contains(v, l.low)
	case l.head:
		return strings.HasSuffix(v, l.low)
	case l.tail:
		return strings.HasPrefix(v, l.low)
	}
	return v == l.low
}

// Required lists what everything that matches has: field → values, of which one is equal. It
// takes the terms joined by AND that are nothing but field = value, or several of one field
// joined by OR, and leaves the others out: a database may be asked for it, and Match decides.
func (f *Filter) Required() map[string][]string {
	out := map[string][]string{}
	if f.Empty() {
		return out
	}
	terms, ok := f.root.(and)
	if !ok {
		terms = and{f.root}
	}
	for _, t := range terms {
		if name, values, ok := equality(t); ok && out[name] == nil {
			out[name] = values
		}
	}
	return out
}

func equality(n node) (name string, values []string, ok bool) {
	switch n := n.(type) {
	case leaf:
		if n.op != "=" || n.head || n.tail {
			return "", nil, false
		}
		return n.field.Name, []string{n.value}, true
	case or:
		for _, c := range n {
			field, v, good := equality(c)
			if !good || name != "" && field != name {
				return "", nil, false
			}
			name, values = field, append(values, v...)
		}
		return name, values, name != ""
	}
	return "", nil, false
}
