package inventory

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/wardscope/wardscope/hub/inventory/correction"
)

// Decided is the source of evidence that is a person's decision; the rule names the decision.
const Decided = "decision"

// decide puts what people decided in the place of what evidence says, which stays as a conflict.
// A type that was set brings its category along.
func (r *resolver) decide(d *Device) {
	values := r.in.Decisions.Values(d.Endpoints)
	byName := func(name string) func(correction.Value) bool {
		return func(v correction.Value) bool { return v.Attribute == name }
	}
	if i := slices.IndexFunc(values, byName(AttrType)); i >= 0 && !slices.ContainsFunc(values, byName(AttrCategory)) {
		category := values[i]
		category.Attribute, category.Value = AttrCategory, cmp.Or(r.set.Category(category.Value), d.Category)
		values = append(values, category)
	}
	for _, v := range values {
		if v.Attribute == AttrDepartment {
			d.Department = v.Value
		}
		d.replace(v)
	}
	slices.SortFunc(d.Attributes, func(a, b Attribute) int { return strings.Compare(a.Name, b.Name) })
}

// critical says of a type that keeps patients alive what hangs on it, with the type's own grounds.
func (r *resolver) critical(d *Device) {
	if a := d.Attribute(AttrType); a != nil && r.set.LifeCritical(a.Value) {
		d.Attributes = append(d.Attributes, Attribute{Name: AttrLifeCritical, Value: "yes", Confidence: a.Confidence, Evidence: a.Evidence})
		slices.SortFunc(d.Attributes, func(a, b Attribute) int { return strings.Compare(a.Name, b.Name) })
	}
}

func (d *Device) replace(v correction.Value) {
	at := v.By.At.UnixNano()
	by := Evidence{Source: Decided, Rule: "decision-" + strconv.FormatUint(v.By.ID, 10), Value: v.Value, Weight: 1, Site: d.Site, Realm: d.Realm,
		First: at, Last: at, Count: 1}
	a := d.Attribute(v.Attribute)
	if a == nil {
		d.Attributes = append(d.Attributes, Attribute{Name: v.Attribute, Value: v.Value, Confidence: 1, Evidence: []Evidence{by}})
		return
	}
	if a.Value != "" && a.Value != v.Value {
		a.Conflicts = append([]string{a.Value}, a.Conflicts...)
	}
	a.Conflicts = slices.DeleteFunc(slices.Clone(a.Conflicts), func(c string) bool { return c == v.Value })
	a.Value, a.Confidence, a.Evidence = v.Value, 1, append([]Evidence{by}, a.Evidence...)
}
