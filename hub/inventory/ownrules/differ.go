package ownrules

import (
	"cmp"
	"slices"
	"strings"

	"github.com/wardscope/wardscope/hub/inventory"
)

// Change is what other rules make of one attribute of one device.
type Change struct {
	Device         *inventory.Device // as it would be; as it was when it would be gone
	Attribute      string            // empty: the device itself comes or goes
	From, To       string
	FromConfidence float64
	ToConfidence   float64
	Rules          []string // behind what it would be
}

// Differ compares two resolutions of the same observations: what changes besides confidence comes
// first, then by device.
func Differ(before, after *inventory.Inventory) []Change {
	var out []Change
	for i := range after.Devices {
		d := &after.Devices[i]
		old := before.Device(d.ID)
		if old == nil {
			out = append(out, Change{Device: d, To: d.Name})
			continue
		}
		out = append(out, attributes(old, d)...)
	}
	for i := range before.Devices {
		if d := &before.Devices[i]; after.Device(d.ID) == nil {
			out = append(out, Change{Device: d, From: d.Name})
		}
	}
	slices.SortStableFunc(out, func(a, b Change) int {
		return cmp.Or(cmp.Compare(rank(&a), rank(&b)), strings.Compare(a.Device.Name, b.Device.Name), strings.Compare(a.Device.ID, b.Device.ID), strings.Compare(a.Attribute, b.Attribute))
	})
	return out
}

func rank(c *Change) int {
	if c.From == c.To {
		return 1
	}
	return 0
}

func attributes(old, d *inventory.Device) []Change {
	var out []Change
	names := map[string]bool{}
	for i := range old.Attributes {
		names[old.Attributes[i].Name] = true
	}
	for i := range d.Attributes {
		names[d.Attributes[i].Name] = true
	}
	for name := range names {
		var c Change
		if a := old.Attribute(name); a != nil {
			c.From, c.FromConfidence = a.Value, a.Confidence
		}
		if a := d.Attribute(name); a != nil {
			c.To, c.ToConfidence = a.Value, a.Confidence
			for _, e := range a.Evidence {
				if e.Rule != "" && !slices.Contains(c.Rules, e.Rule) {
					c.Rules = append(c.Rules, e.Rule)
				}
			}
		}
		if c.From != c.To || c.FromConfidence != c.ToConfidence {
			c.Device, c.Attribute = d, name
			out = append(out, c)
		}
	}
	return out
}
