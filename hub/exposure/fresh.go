package exposure

import (
	"cmp"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/lifecycle"
	"github.com/wardscope/wardscope/internal/model"
)

// fresh tells devices that were first seen after their site had been watched for the learning
// period. Link addresses made at random are left out: every visitor's telephone is new each day.
func fresh(inv *inventory.Inventory) []Finding {
	patience, err := lifecycle.Builtin()
	if err != nil {
		return nil // the table is part of the program and read by its tests
	}
	clock := lifecycle.Watch(inv)
	var out []Finding
	for i := range inv.Devices {
		d := &inv.Devices[i]
		if d.Part != "" || random(d) {
			continue
		}
		life := patience.Life(d, clock, nil)
		if life.State != lifecycle.New {
			continue
		}
		a := d.Attribute(inventory.AttrHostname)
		if a == nil && len(d.Attributes) > 0 {
			a = &d.Attributes[0]
		}
		f := deviceFinding(d, model.FindingNewDevice, "hub.new-device", a)
		f.Detail = cmp.Or(d.Category, "unknown") + " " + life.Reason
		if r := d.Attribute(inventory.AttrRegister); r != nil && r.Value == inventory.ToReview {
			f.Detail += "; in no register"
		}
		out = append(out, f)
	}
	return out
}

func random(d *inventory.Device) bool {
	for _, m := range d.MACs {
		if !m.IsLocal() {
			return false
		}
	}
	return len(d.MACs) > 0
}
