package exposure

import (
	"cmp"
	"slices"
	"strings"

	"github.com/wardscope/wardscope/hub/exposure/advisory"
	"github.com/wardscope/wardscope/hub/inventory"
)

// Concerned is a device that a line of a recall notice may mean.
type Concerned struct {
	Line    int // index of the notice
	Verdict advisory.Verdict
	Reason  string
	Device  *inventory.Device
	Product advisory.Product
}

// Recall holds notices against an inventory: affected devices first, then unsure ones, then those
// of the product outside the ranges.
func Recall(inv *inventory.Inventory, notices []advisory.Notice) []Concerned {
	var out []Concerned
	for at := range inv.Devices {
		d := &inv.Devices[at]
		p := ProductOf(d)
		for i := range notices {
			if v, reason := notices[i].Judge(p); v != advisory.Unconcerned {
				out = append(out, Concerned{i, v, reason, d, p})
			}
		}
	}
	slices.SortFunc(out, func(a, b Concerned) int {
		return cmp.Or(cmp.Compare(b.Verdict, a.Verdict), cmp.Compare(a.Line, b.Line), strings.Compare(a.Device.ID, b.Device.ID))
	})
	return out
}
