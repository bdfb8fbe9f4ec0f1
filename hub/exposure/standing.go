package exposure

import (
	"cmp"
	"slices"
	"strings"

	"github.com/wardscope/wardscope/hub/exposure/advisory"
	"github.com/wardscope/wardscope/hub/inventory"
)

// Standing is what is weak about the devices of an inventory whatever they did in a period: it is
// the same in every assessment until the inventory or the advisories change.
type Standing struct {
	legacy   []*inventory.Device
	findings []Finding
}

// Stand looks at all devices of an inventory; without advisories it takes those that the program carries.
func Stand(inv *inventory.Inventory, pack *advisory.Pack) *Standing {
	s := &Standing{legacy: legacy(inv)}
	for _, d := range s.legacy {
		s.findings = append(s.findings, legacyFinding(d))
	}
	s.findings = append(s.findings, advisories(inv, pack)...)
	s.findings = append(s.findings, fresh(inv)...)
	return s
}

// legacy lists devices whose operating system nobody mends any more.
func legacy(inv *inventory.Inventory) []*inventory.Device {
	var out []*inventory.Device
	for i := range inv.Devices {
		if inv.Devices[i].Support == inventory.SupportEnded {
			out = append(out, &inv.Devices[i])
		}
	}
	slices.SortFunc(out, func(a, b *inventory.Device) int {
		return cmp.Or(strings.Compare(a.SupportUntil, b.SupportUntil), strings.Compare(a.ID, b.ID))
	})
	return out
}
