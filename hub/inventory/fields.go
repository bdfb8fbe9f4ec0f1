package inventory

import (
	"strconv"
	"strings"

	"github.com/wardscope/wardscope/hub/inventory/filter"
)

// Schema lists what filters and zone selectors may ask of a device.
var Schema = filter.Schema{
	{Name: "site"}, {Name: "realm"}, {Name: "category"}, {Name: "type"}, {Name: "vendor"}, {Name: "model"}, {Name: "os"},
	{Name: "support", Kind: filter.Enum, Values: []string{"unknown", "supported", "extended", "ended"}},
	{Name: "hostname"}, {Name: "name"}, {Name: "ip", Kind: filter.Address}, {Name: "mac", Kind: filter.Link}, {Name: "vlan", Kind: filter.Number},
	{Name: "department"}, {Name: "building"}, {Name: "service"}, {Name: "serial"}, {Name: "firmware"}, {Name: "role"}, {Name: "id"},
	{Name: "label"}, {Name: "owner"}, {Name: "criticality"}, {Name: "asset"}, {Name: "register"}, {Name: "ephi"}, {Name: "life_critical"},
}

// Field tells the values of a field of Schema; filter.AnyField gives all that a person searches by.
func (d *Device) Field(name string) []string {
	switch name {
	case "site":
		return one(string(d.Site))
	case "realm":
		return one(string(d.Realm))
	case "category":
		return one(d.Category)
	case "type":
		return one(d.Type)
	case "vendor":
		return one(d.Vendor)
	case "model":
		return one(d.Model)
	case "os":
		return one(d.OS)
	case "support":
		return one(d.Support.String())
	case "hostname":
		return one(d.Hostname)
	case "name":
		return one(d.Name)
	case "department":
		return one(d.Department)
	case "service":
		return d.Services
	case "serial", "firmware", "role", AttrOwner, AttrCriticality, AttrBuilding:
		return one(d.value(name))
	case "label":
		return d.Labels()
	case "asset":
		return one(d.value(AttrAssetTag))
	case "register":
		return one(d.value(AttrRegister))
	case "ephi":
		return one(d.value(AttrEPHI))
	case "life_critical":
		return one(d.value(AttrLifeCritical))
	case "id":
		return one(d.ID)
	}
	return d.list(name)
}

func (d *Device) list(name string) []string {
	var out []string
	switch name {
	case "ip":
		for _, a := range d.Addrs {
			out = append(out, a.String())
		}
	case "mac":
		for _, m := range d.MACs {
			out = append(out, m.String())
		}
	case "vlan":
		for _, v := range d.VLANs {
			out = append(out, strconv.Itoa(int(v)))
		}
	case filter.AnyField:
		out = append(out, d.ID, d.Name, d.Hostname, d.Vendor, d.Model, d.OS, d.Type, d.Category, string(d.Site), d.Department, d.value(AttrSerial))
		out = append(append(out, d.list("ip")...), d.list("mac")...)
	}
	return out
}

// Labels are what people called the device, ascending.
func (d *Device) Labels() []string {
	if v := d.value(AttrLabels); v != "" {
		return strings.Split(v, LabelSeparator)
	}
	return nil
}

func one(v string) []string {
	if strings.TrimSpace(v) == "" {
		return nil
	}
	return []string{v}
}
