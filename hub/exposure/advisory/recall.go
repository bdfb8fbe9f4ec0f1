package advisory

import (
	"regexp"
	"strings"
)

// Verdict is what a notice means for a device.
type Verdict uint8

// The verdicts.
const (
	Unconcerned Verdict = iota // another maker or model: not listed
	NotAffected                // the product, outside the notice's ranges
	Unsure                     // may be it: something that the notice asks for is not known
	Affected                   // everything that the notice asks for is known and fits
)

var verdictNames = [...]string{"unconcerned", "not affected", "unsure", "affected"}

// String is the name that people read.
func (v Verdict) String() string {
	if int(v) < len(verdictNames) {
		return verdictNames[v]
	}
	return "unconcerned"
}

// Notice is one line of a recall or safety notice. Maker and model are required.
type Notice struct {
	Maker    string
	Model    string
	Firmware string // range in the form of Within; empty is any
	Serial   string // "from-to" or values, several joined by ";"; empty is any
}

// Judge holds a device against a notice. It says affected only when all that the notice names is
// known of the device and fits.
func (n *Notice) Judge(d Product) (Verdict, string) {
	if d.Vendor == "" || Maker(d.Vendor) != Maker(n.Maker) {
		return Unconcerned, ""
	}
	unsure := ""
	switch {
	case d.Model == "":
		unsure = "a device of this maker whose model is not known"
	case Compare(d.Model, n.Model) == Different:
		return Unconcerned, ""
	case Compare(d.Model, n.Model) == Related:
		unsure = "its model (" + d.Model + ") is related to the notice's"
	}
	for _, c := range []struct{ what, have, want string }{{"firmware", d.Firmware, n.Firmware}, {"serial number", d.Serial, n.Serial}} {
		answer := Within(c.have, c.want)
		switch {
		case c.want == "":
			continue
		case c.what == "serial number":
			answer = serialWithin(c.have, c.want)
		}
		switch {
		case c.have == "" && !All(c.want):
			unsure = strings.TrimPrefix(unsure+"; its "+c.what+" is not known", "; ")
		case answer == Outside:
			return NotAffected, "its " + c.what + " " + c.have + " is outside " + c.want
		case answer == Unclear:
			unsure = strings.TrimPrefix(unsure+"; its "+c.what+" "+c.have+" cannot be held against "+c.want, "; ")
		}
	}
	if unsure != "" {
		return Unsure, unsure
	}
	return Affected, "maker, model and all ranges of the notice fit"
}

var serial = regexp.MustCompile(`^([A-Z]*)([0-9]+)([A-Z]*)$`)

// serialWithin holds a serial number against ranges and values.
func serialWithin(have, want string) Answer {
	if All(want) {
		return Inside
	}
	have = strings.ToUpper(strings.TrimSpace(have))
	answer := Outside
	for item := range strings.SplitSeq(strings.ToUpper(want), ";") {
		item = strings.TrimSpace(item)
		if item == have {
			return Inside
		}
		from, to, ranged := strings.Cut(item, "-")
		if !ranged {
			continue
		}
		h, a, b := serial.FindStringSubmatch(have), serial.FindStringSubmatch(strings.TrimSpace(from)), serial.FindStringSubmatch(strings.TrimSpace(to))
		switch {
		case h == nil || a == nil || b == nil:
			answer = Unclear
		case h[1] != a[1] || a[1] != b[1] || h[3] != a[3] || a[3] != b[3]:
		case len(h[2]) == len(a[2]) && len(a[2]) == len(b[2]) && a[2] <= h[2] && h[2] <= b[2]:
			return Inside
		}
	}
	return answer
}
