package legacy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/wardscope/wardscope/hub/exposure/advisory"
	"github.com/wardscope/wardscope/hub/inventory"
)

// Certainty is how sure a support state is.
type Certainty uint8

// The certainties, weakest first.
const (
	None      Certainty = iota // nothing is known of its support
	Possible                   // one of the releases that it may run is past support
	Likely                     // the release is told, not beyond doubt
	Confirmed                  // the release is told, and nothing speaks against it
)

var certaintyNames = [...]string{"none", "possible", "likely", "confirmed"}

// String is the lower-case name.
func (c Certainty) String() string { return certaintyNames[min(int(c), len(certaintyNames)-1)] }

// sure is from what confidence on an undisputed release is told without doubt.
const sure = 0.9

// Advice is what to do about a device.
type Advice uint8

// The pieces of advice.
const (
	Leave   Advice = iota // nothing is known to be wrong
	FindOut               // which release it runs
	Patch                 // its owner can
	Replace               // or upgrade; fence it until then
	Segment               // don't patch: its owner cannot, or there is nothing to install
)

var adviceNames = [...]string{"leave", "find-out", "patch", "replace", "segment"}

// String is the lower-case name.
func (a Advice) String() string { return adviceNames[min(int(a), len(adviceNames)-1)] }

// Text is the advice in words.
func (a Advice) Text() string {
	return [...]string{"", "find out which release it runs", "patch", "upgrade or replace, fence it until then", "segment, don't patch"}[min(int(a), int(Segment))]
}

// Verdict is what is known of a device's support.
type Verdict struct {
	Device    *inventory.Device
	Support   inventory.Support
	Until     string // ISO date; valid iff Support is known
	What      string // the release that the date is of
	Certainty Certainty
	Patcher   Patcher
	Why       string // of the patcher
	Unfixed   []advisory.Hit
	Advice    Advice
	Reason    string // of the advice
	Evidence  []inventory.Evidence
}

// Legacy reports a device past support, or for whose weaknesses there is no fix.
func (v *Verdict) Legacy() bool { return v.Advice != Leave }

// Systems knows operating systems and their support dates.
type Systems interface {
	Support(os string) (inventory.Support, string)
}

// Judge is the verdict on a device. Hits are the advisories that concern it; today is an ISO date.
func (t *Table) Judge(d *inventory.Device, hits []advisory.Hit, today string) Verdict {
	v := Verdict{Device: d}
	v.Patcher, v.Why = t.patcher(d)
	t.support(&v, today)
	for _, h := range hits {
		if !h.Fixed && h.Certainty >= advisory.Likely {
			v.Unfixed = append(v.Unfixed, h)
		}
	}
	v.advise()
	return v
}

// support takes the worst of what operating system and firmware say.
func (t *Table) support(v *Verdict, today string) {
	d := v.Device
	if a := d.Attribute(inventory.AttrOS); a != nil && d.Support != inventory.SupportUnknown {
		v.Support, v.Until, v.What, v.Evidence = d.Support, d.SupportUntil, d.OS, a.Evidence
		v.Certainty = certainty(a)
	}
	for _, name := range []string{inventory.AttrOS, inventory.AttrFirmware} {
		a := d.Attribute(name)
		if a == nil || a.Value == "" {
			continue
		}
		release, until, ok := t.release(d.Vendor, a.Value)
		if !ok {
			continue
		}
		state := inventory.SupportCurrent
		if today > until {
			state = inventory.SupportEnded
		}
		if state > v.Support {
			v.Support, v.Until, v.What, v.Evidence, v.Certainty = state, until, release, a.Evidence, certainty(a)
		}
	}
}

// certainty judges how sure a release is: doubt comes from low confidence, from conflicts, and from
// names that leave several releases open.
func certainty(a *inventory.Attribute) Certainty {
	switch {
	case strings.Contains(a.Value, " / "):
		return Possible
	case a.Confidence >= sure && len(a.Conflicts) == 0:
		return Confirmed
	}
	return Likely
}

func (v *Verdict) advise() {
	ended := v.Support == inventory.SupportEnded || v.Support == inventory.SupportExtended
	past := v.What + " is past support since " + v.Until
	if v.Support == inventory.SupportExtended {
		past = v.What + " is mended until " + v.Until + " for those who pay extra"
	}
	unfixed := ""
	if len(v.Unfixed) > 0 {
		unfixed = fmt.Sprintf("%d advisories without a fix from the maker", len(v.Unfixed))
		if len(v.Unfixed) == 1 {
			unfixed = v.Unfixed[0].Advisory + " has no fix from the maker"
		}
	}
	switch {
	case ended && v.Certainty == Possible && unfixed == "":
		v.Advice, v.Reason = FindOut, v.What+": of these releases some are past support"
	case !ended && unfixed == "":
		if v.Support == inventory.SupportUnknown {
			v.Reason = "no support date is known"
		}
	case v.Patcher == Maker || unfixed != "" && v.Patcher != Owner:
		v.Advice, v.Reason = Segment, joined(ended, past, unfixed)+"; "+v.Why
	case unfixed != "":
		v.Advice, v.Reason = Segment, joined(ended, past, unfixed)+": there is nothing to install"
	case v.Support == inventory.SupportExtended && v.Patcher == Owner:
		v.Advice, v.Reason = Patch, past
	default:
		v.Advice, v.Reason = Replace, past
		if v.Patcher == Release {
			v.Reason += "; " + v.Why
		}
	}
}

func joined(ended bool, past, unfixed string) string {
	switch {
	case !ended:
		return unfixed
	case unfixed == "":
		return past
	}
	return past + "; " + unfixed
}

// Compare orders verdicts: the most urgent advice first, then the surest, then the longest past.
func Compare(a, b *Verdict) int {
	return cmp.Or(cmp.Compare(b.Advice, a.Advice), cmp.Compare(b.Certainty, a.Certainty), cmp.Compare(len(b.Unfixed), len(a.Unfixed)),
		strings.Compare(a.Until, b.Until), strings.Compare(a.Device.Name, b.Device.Name), strings.Compare(a.Device.ID, b.Device.ID))
}

// Fields are what filters may ask of a verdict besides its device.
var Fields = []string{"certainty", "patchable", "advice", "unfixed"}

// Field tells the values of a field of Fields.
func (v *Verdict) Field(name string) ([]string, bool) {
	if !slices.Contains(Fields, name) {
		return nil, false
	}
	switch name {
	case "certainty":
		return []string{v.Certainty.String()}, true
	case "patchable":
		return []string{v.Patcher.String()}, true
	case "advice":
		return []string{v.Advice.String()}, true
	}
	out := make([]string, len(v.Unfixed))
	for i, h := range v.Unfixed {
		out[i] = h.Advisory
	}
	return out, true
}
