package inventory_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wardscope/wardscope/hub/inventory"
)

// whatTheyAre are the types of the year's machines, where the year gives anything to tell them by;
// several are right where the year does not tell them apart.
var whatTheyAre = map[string][]string{"pump": {"infusion-pump"}, "pump behind a gateway": {"infusion-pump"}, "workstation of an image": {"workstation"}, "laptop": {"workstation"},
	"phone": {"mobile", "tablet"}, "controller": {"bacnet-controller"}, "router": {"router"}, "NAT": {"router"}}

// bin counts answers of one range of confidence.
type bin struct {
	n, right int
	sum      float64
}

const bins = 10

// calibrate holds types and categories against what the machines are, by confidence.
func (y *year) calibrate(inv *inventory.Inventory, category func(string) string) (out [bins]bin) {
	for i := range inv.Devices {
		d := &inv.Devices[i]
		e := d.Endpoints[0]
		who, ok := y.truth[endpointKey{e.Realm, e.MAC, e.Addr, e.Part}]
		types := whatTheyAre[y.named[who]]
		if !ok || types == nil {
			continue
		}
		for _, name := range []string{inventory.AttrType, inventory.AttrCategory} {
			a := d.Attribute(name)
			if a == nil || a.Value == "" {
				continue
			}
			right := false
			for _, t := range types {
				right = right || a.Value == t || name == inventory.AttrCategory && a.Value == category(t)
			}
			b := &out[min(int(a.Confidence*bins), bins-1)]
			b.n++
			b.sum += a.Confidence
			if right {
				b.right++
			}
		}
	}
	return out
}

// TestYearIsCalibrated prints how often answers of a confidence are right in a generated year, and
// refuses answers that are surer than they are right.
func TestYearIsCalibrated(t *testing.T) {
	y, s := newYear(1, *yearDevices), set(t)
	got := y.calibrate(inventory.Resolve(&y.in, s), s.Category)
	var table strings.Builder
	judged := 0
	for i, b := range got {
		if b.n == 0 {
			continue
		}
		judged += b.n
		confidence, right := b.sum/float64(b.n), float64(b.right)/float64(b.n)
		fmt.Fprintf(&table, "  %.1f-%.1f  n=%-6d confidence %.2f  right %.2f\n", float64(i)/bins, float64(i+1)/bins, b.n, confidence, right)
		if b.n >= 30 && right < confidence-0.05 {
			t.Errorf("answers of %.2f are right in %.2f of %d cases", confidence, right, b.n)
		}
	}
	if judged < *yearDevices/10 {
		t.Errorf("only %d answers were judged", judged)
	}
	t.Logf("types and categories of %d machines of a generated year\n%s", *yearDevices, table.String())
}
