package register

import (
	"slices"
	"strconv"
	"strings"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/state"
)

func itoa(n int) string { return strconv.Itoa(n) }

// worthForm is what a maker's disclosure about a model is worth for a device of it.
const worthForm = 0.9

// attributes are the fields that become attributes of a device, by the attribute's name.
var attributes = []struct{ field, attribute string }{
	{FieldAsset, inventory.AttrAssetTag}, {FieldOwner, inventory.AttrOwner}, {FieldDepartment, inventory.AttrDepartment}, {FieldLocation, inventory.AttrLocation},
	{FieldCriticality, inventory.AttrCriticality}, {FieldEPHI, inventory.AttrEPHI}, {FieldLifeCritical, inventory.AttrLifeCritical},
	{FieldPatchable, inventory.AttrPatchable},
}

// Enrich gives devices what registers and makers' disclosures know of them, as evidence; what a
// person decided stays. inv must not have been published yet. It returns the match.
func Enrich(inv *inventory.Inventory, registers []state.Register, names Names) *Report {
	if len(registers) == 0 {
		return &Report{}
	}
	r := Hold(inv, registers, names)
	for i := range r.Matches {
		m := &r.Matches[i]
		if m.Device == nil {
			continue
		}
		source, rule := "register."+m.Register, "line "+itoa(m.Entry.Line)+", matched by "+m.By
		for _, a := range attributes {
			if v := m.Entry.Fields[a.field]; v != "" {
				give(m.Device, a.attribute, v, m.Quality, source, rule)
			}
		}
		give(m.Device, inventory.AttrRegister, m.Status.String(), m.Quality, source, rule)
		if m.Device.Department == "" {
			m.Device.Department = m.Entry.Fields[FieldDepartment]
		}
	}
	for _, d := range r.OnlyWire {
		give(d, inventory.AttrRegister, inventory.ToReview, 1, "register", "in no register")
	}
	disclose(inv, registers, names)
	return r
}

// disclose gives the answers of makers' forms to the devices of their models.
func disclose(inv *inventory.Inventory, registers []state.Register, names Names) {
	x := &index{names: names}
	products := map[[2]string][]*inventory.Device{} // by vendor and model: there are few of them
	for i := range inv.Devices {
		if d := &inv.Devices[i]; d.Vendor != "" && d.Model != "" {
			products[[2]string{d.Vendor, d.Model}] = append(products[[2]string{d.Vendor, d.Model}], d)
		}
	}
	for i := range registers {
		reg := &registers[i]
		if reg.Format != FormatMDS2 {
			continue
		}
		for _, e := range reg.Entries {
			for product, ds := range products {
				if x.sameVendor(e.Fields[FieldVendor], product[0]) && SameModel(e.Fields[FieldModel], product[1]) {
					answer(ds, &e, reg.Name)
				}
			}
		}
	}
}

// answer gives the answers of one form to the devices of its model.
func answer(ds []*inventory.Device, e *state.RegisterEntry, name string) {
	for _, d := range ds {
		for _, a := range attributes {
			if v := e.Fields[a.field]; v != "" {
				give(d, a.attribute, v, worthForm, "mds2."+name, "form about "+e.Fields[FieldVendor]+" "+e.Fields[FieldModel])
			}
		}
	}
}

// give adds evidence to an attribute: it agrees, or is worth more and wins, or is a conflict.
func give(d *inventory.Device, name, value string, weight float64, source, rule string) {
	by := inventory.Evidence{Source: source, Rule: rule, Value: value, Weight: weight, Site: d.Site, Realm: d.Realm, Count: 1}
	a := d.Attribute(name)
	switch {
	case a == nil:
		d.Attributes = append(d.Attributes, inventory.Attribute{Name: name, Value: value, Confidence: weight, Evidence: []inventory.Evidence{by}})
		slices.SortFunc(d.Attributes, func(a, b inventory.Attribute) int { return strings.Compare(a.Name, b.Name) })
	case strings.EqualFold(a.Value, value):
		a.Evidence = append(a.Evidence, by)
		a.Confidence = max(a.Confidence, weight)
	case weight > a.Confidence || a.Value == "":
		if a.Value != "" {
			a.Conflicts = append([]string{a.Value}, a.Conflicts...)
		}
		a.Value, a.Confidence = value, weight
		a.Evidence = append([]inventory.Evidence{by}, a.Evidence...)
	case !slices.Contains(a.Conflicts, value):
		a.Conflicts = append(a.Conflicts, value)
	}
}
