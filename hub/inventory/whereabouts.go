package inventory

import (
	"cmp"
	"slices"
	"strings"

	"github.com/wardscope/wardscope/hub/inventory/weigh"
	"github.com/wardscope/wardscope/internal/model"
)

// worthDeclared is what a declaration of sites is worth that an address, VLAN or port fits.
const worthDeclared = 0.9

// portSources are the claims that tell to which switch port or access point a device is connected.
var portSources = []string{"radius.nas_port", "dhcp.option82"}

func tellsPort(f *weigh.Fact) bool {
	return f.Kind == model.KindLocation.String() && slices.Contains(portSources, f.Source)
}

// ports lists where a device was connected, newest first.
func (d *draft) ports() []string {
	last := map[string]int64{}
	for i := range d.facts {
		if f := &d.facts[i]; tellsPort(f) {
			last[f.Value] = max(last[f.Value], f.Last)
		}
	}
	return sortedKeys(last, func(a, b string) int { return cmp.Or(cmp.Compare(last[b], last[a]), strings.Compare(a, b)) })
}

// stands notes in which building and department a device is, with what decided it.
func (d *Device) stands(of *draft, p *Place) {
	for _, v := range []struct{ name, value, by string }{{AttrBuilding, p.Building, p.BuildingBy}, {AttrDepartment, p.Department, p.DepartmentBy}} {
		e := Evidence{Source: "sites", Rule: "declared", Value: v.by, Weight: worthDeclared, Site: d.Site, Realm: d.Realm, First: d.First, Last: d.Last, Count: 1}
		told := false
		for i := range of.facts {
			if f := &of.facts[i]; tellsPort(f) && f.Value == v.by && (!told || f.Last > e.Last) {
				e.Source, e.Addr, e.MAC, e.Site, e.Realm, e.Sensors = f.Source, f.Addr, f.MAC, f.Site, f.Realm, f.Sensors
				e.First, e.Last, e.Count, told = f.First, f.Last, f.Count, true
			}
		}
		if v.value == "" {
			continue
		}
		if a, err := model.ParseAddr(v.by); err == nil {
			e.Addr = a
		}
		d.Attributes = append(d.Attributes, Attribute{Name: v.name, Value: v.value, Confidence: worthDeclared, Evidence: []Evidence{e}})
	}
	slices.SortFunc(d.Attributes, func(a, b Attribute) int { return strings.Compare(a.Name, b.Name) })
}
