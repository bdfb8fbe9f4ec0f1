package advisory

import (
	"regexp"
	"slices"
	"strings"
)

// Alike is how far two names of products agree.
type Alike uint8

// The degrees.
const (
	Different Alike = iota
	Related         // share a name that tells a family
	Same
)

var (
	brackets  = regexp.MustCompile(`\([^)]*\)`)
	qualified = regexp.MustCompile(`(?i)not including|excluding|running on|shipped|without|with installed|with .*module| for the |module of|, |\bunder\b`)
	limits    = regexp.MustCompile(`(?i),? (?:not including|excluding)`)
	word      = regexp.MustCompile(`[\p{L}0-9+]+`)
	joined    = regexp.MustCompile(`^(\p{L}{2,})([0-9].*)$`)
	// generic words tell nothing of the product.
	generic = wordSet("the a of and with for system systems software device devices pc pcu unit units model series version pump pumps infusion monitor monitors " +
		"patient point care pointofcare server station workstation wifi wi fi wireless module application family products product medical healthcare health inc ag gmbh co ltd " +
		"bd ge philips baxter siemens roche dräger draeger abbott medtronic braun b hillrom hill rom becton dickinson company technologies icu hospira smiths " +
		"analyzer analyser ventilator scanner ct mr x ray multi lvp")
)

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

// tokens are the words of a product's name that tell it from others, ascending.
func tokens(name string) []string {
	if at := limits.FindStringIndex(name); at != nil {
		name = name[:at[0]]
	}
	var out []string
	for _, w := range word.FindAllString(strings.ToLower(brackets.ReplaceAllString(name, " ")), -1) {
		if m := joined.FindStringSubmatch(w); m != nil {
			out = append(out, m[1], m[2])
			continue
		}
		if !generic[w] {
			out = append(out, w)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }

// Compare holds a device's model against a product's name. Same means every word that tells a
// product from its relatives is in both.
func Compare(model, product string) Alike {
	return compareTokens(tokens(model), tokens(product), product)
}

func compareTokens(d, p []string, product string) Alike {
	if len(d) == 0 || len(p) == 0 {
		return Different
	}
	shared, numbered := 0, [2]bool{}
	for _, w := range p {
		if slices.Contains(d, w) {
			if len([]rune(w)) >= 3 || hasDigit(w) && len(p) > 1 {
				shared++
			}
			continue
		}
		numbered[0] = numbered[0] || hasDigit(w)
	}
	for _, w := range d {
		numbered[1] = numbered[1] || hasDigit(w) && !slices.Contains(p, w)
	}
	switch {
	case slices.Equal(d, p):
		if qualified.MatchString(product) {
			return Related
		}
		return Same
	case shared == 0 || numbered[0] && numbered[1]:
		return Different // nothing in common, or two model numbers of one family
	case !slices.ContainsFunc(p, func(w string) bool { return slices.Contains(d, w) && !hasDigit(w) }):
		return Different // a number alone is no family
	}
	return Related
}
