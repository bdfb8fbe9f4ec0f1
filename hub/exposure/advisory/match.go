package advisory

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// Certainty is what an answer rests on.
type Certainty uint8

// The certainties, weakest first.
const (
	Possible  Certainty = iota // a related product, or the software inside, of which no version is known
	Likely                     // the product, but no version to hold against the range
	Confirmed                  // the product, and its version or explicitly all versions
)

var certaintyNames = [...]string{"possible", "likely", "confirmed"}

// String is the lower-case name.
func (c Certainty) String() string {
	if int(c) < len(certaintyNames) {
		return certaintyNames[c]
	}
	return "possible"
}

// Product is what is known of a device. What is unknown is empty.
type Product struct {
	Vendor   string
	Model    string
	Firmware string
	OS       string
	Serial   string
}

// Hit is an advisory that concerns a product.
type Hit struct {
	Advisory  string
	CVEs      []string // ascending
	CVSS      float64  // highest of them
	Certainty Certainty
	Exploited bool // one of them is known to be exploited
	Fixed     bool // the maker has a fix
	Product   string
	Versions  string // as published
	Reason    string
	AsOf      string // ISO date of the pack that it is from
}

// Affected reports an answer that names the product and its version.
func (h *Hit) Affected() bool { return h.Certainty == Confirmed }

// makers are the names under which one maker appears in devices and advisories.
var makers = []struct {
	name string
	expr *regexp.Regexp
}{
	{"ge", regexp.MustCompile(`(?i)^(?:ge\b|general electric|datex|marquette)`)},
	{"bd", regexp.MustCompile(`(?i)^(?:bd\b|becton|carefusion|alaris)`)},
	{"baxter", regexp.MustCompile(`(?i)^(?:baxter|hill-?rom|welch)`)},
	{"philips", regexp.MustCompile(`(?i)^(?:phill?ips|respironics|koninklijke philips|capsule)`)},
	{"braun", regexp.MustCompile(`(?i)^b\.? ?braun`)},
	{"icu", regexp.MustCompile(`(?i)^(?:icu medical|hospira|smiths)`)},
	{"draeger", regexp.MustCompile(`(?i)^dr(?:ä|ae?)ger`)},
	{"siemens", regexp.MustCompile(`(?i)^siemens`)},
	{"abbott", regexp.MustCompile(`(?i)^(?:abbott|st\. jude)`)},
	{"wind river", regexp.MustCompile(`(?i)wind river`)},
	{"ptc", regexp.MustCompile(`(?i)^(?:ptc|axeda)`)},
}

// Maker is one form for all names of a maker.
func Maker(name string) string {
	name = strings.TrimSpace(name)
	for _, m := range makers {
		if m.expr.MatchString(name) {
			return m.name
		}
	}
	first, _, _ := strings.Cut(strings.ToLower(name), " ")
	return strings.Trim(first, ",.")
}

// Match lists the advisories that concern a product, surest and worst first. None is no proof of
// health: the answer is as of the pack's date.
func (p *Pack) Match(d Product) []Hit {
	hits := map[string]*Hit{}
	cleared := map[string]bool{}
	outside := map[string]bool{} // advisories that name the product itself, and other versions of it
	k := known{d, Maker(d.Vendor), tokens(d.Model)}
	for i := range p.rows {
		r := &p.rows[i]
		c, reason, ok := r.holds(&k)
		if !ok {
			outside[r.advisory] = outside[r.advisory] || c == Confirmed
			continue
		}
		if !r.affected {
			if c == Confirmed {
				cleared[r.advisory+" "+r.cve] = true
			}
			continue
		}
		h := hits[r.advisory]
		if h == nil || c > h.Certainty {
			h = &Hit{Advisory: r.advisory, Certainty: c, Product: r.product, Versions: r.versions, Reason: reason, AsOf: r.asOf}
			hits[r.advisory] = h
		}
		if c == h.Certainty {
			h.CVEs, h.CVSS = append(h.CVEs, r.cve), max(h.CVSS, r.cvss)
			h.Exploited, h.Fixed = h.Exploited || r.known, h.Fixed || r.fixed
		}
	}
	var out []Hit
	for _, h := range hits {
		slices.Sort(h.CVEs)
		h.CVEs = slices.DeleteFunc(slices.Compact(h.CVEs), func(cve string) bool { return cleared[h.Advisory+" "+cve] })
		if len(h.CVEs) > 0 && !(outside[h.Advisory] && h.Certainty == Possible) {
			out = append(out, *h)
		}
	}
	slices.SortFunc(out, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Certainty, a.Certainty), cmp.Compare(b.CVSS, a.CVSS), strings.Compare(a.Advisory, b.Advisory))
	})
	return out
}

// known is a product with what is computed of it once.
type known struct {
	Product
	maker  string
	tokens []string
}

// holds judges one row; ok is false when it does not concern the product, surely so (Confirmed)
// when it names the product and its version is outside.
func (r *row) holds(d *known) (c Certainty, reason string, ok bool) {
	if name, version, told := r.runs(d.OS); d.OS != "" && told {
		switch {
		case version == "":
			return Possible, "it runs " + name + ", whose release is not known", true
		case !All(r.versions) && Within(version, r.versions) == Inside:
			return Confirmed, "it runs " + name + " " + version + ", inside " + r.versions, true
		case Within(version, r.versions) == Unclear:
			return Possible, "it runs " + name + " " + version + "; the published range (" + r.versions + ") cannot be held against it", true
		}
		return 0, "", false
	}
	if d.maker == "" || r.maker != d.maker {
		return 0, "", false
	}
	switch compareTokens(d.tokens, r.tokens, r.product) {
	case Different:
		return 0, "", false
	case Related:
		return Possible, "its model (" + d.Model + ") is related to " + r.product, r.affected
	}
	switch Within(d.Firmware, r.versions) {
	case Outside:
		return Confirmed, "", false
	case Inside:
		if All(r.versions) {
			return Confirmed, "the advisory names all versions of " + r.product, true
		}
		return Confirmed, r.product + " " + d.Firmware + " is inside " + r.versions, true
	}
	if d.Firmware == "" {
		return Likely, "it is a " + r.product + " whose version is not known; affected: " + r.versions, r.affected
	}
	return Likely, "its version " + d.Firmware + " cannot be held against the published range (" + r.versions + ")", r.affected
}

// stacks are operating systems that advisories name as products.
var stacks = regexp.MustCompile(`(?i)^(vxworks|qnx|nucleus rtos|integrity rtos)(?:\s+(?:neutrino\s+)?v?([0-9][\w.]*))?`)

// runs reports that the row is about the operating system, and its version when known.
func (r *row) runs(os string) (name, version string, ok bool) {
	m := stacks.FindStringSubmatch(os)
	if m == nil || !slices.Equal(r.tokens, tokens(m[1])) {
		return "", "", false
	}
	return m[1], m[2], true
}
