package filter

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is how a field's values compare.
type Kind uint8

// The kinds.
const (
	Text    Kind = iota
	Number       // decimal
	Address      // IP address; compares with prefixes too
	Link         // MAC address; any usual spelling
	Enum         // one of Field.Values
)

// Field is something that a filter may name.
type Field struct {
	Name   string
	Kind   Kind
	Values []string // valid iff Kind is Enum
}

// Schema lists the fields of one kind of thing.
type Schema []Field

func (s Schema) field(name string) (Field, bool) {
	i := slices.IndexFunc(s, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return s[i], true
}

func (s Schema) names() []string {
	out := make([]string, len(s))
	for i, f := range s {
		out[i] = f.Name
	}
	return out
}

// Error says what is wrong with a filter, in words for the person who typed it.
type Error struct {
	Field string // the field concerned; "" when the text as a whole is wrong
	At    int    // byte position in the text, from 0
	What  string
	Meant string // what was probably meant; "" when there is no guess
}

// Error tells place, fault and guess in one line.
func (e *Error) Error() string {
	text := fmt.Sprintf("at position %d: %s", e.At+1, e.What)
	if e.Meant != "" {
		text += fmt.Sprintf(" (did you mean %q?)", e.Meant)
	}
	return text
}

// nearest guesses the candidate that was meant: at most two edits away, or begun with the word.
func nearest(word string, candidates []string) string {
	best, bestCost := "", 3
	for _, c := range candidates {
		cost := distance(strings.ToLower(word), c)
		if len(word) > 2 && strings.HasPrefix(c, strings.ToLower(word)) {
			cost = min(cost, 1)
		}
		if cost < bestCost && cost < len(c) {
			best, bestCost = c, cost
		}
	}
	return best
}

// distance is Levenshtein's, with a swap of neighbours as one edit.
func distance(a, b string) int {
	prev2, prev := []int(nil), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
		prev2, prev = prev, row
	}
	return prev[len(b)]
}
