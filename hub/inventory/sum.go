package inventory

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// sum fills the fields that lists and filters use.
func (r *resolver) sum(d *Device) {
	d.Hostname, d.Vendor, d.Model = d.value(AttrHostname), d.value(AttrVendor), d.value(AttrModel)
	d.OS, d.Type, d.Category = d.value(AttrOS), d.value(AttrType), d.value(AttrCategory)
	d.Support, d.SupportUntil = r.support(d.OS)
	d.Name = d.Hostname
	if kind := cmp.Or(d.Model, d.Type); d.Name == "" && kind != "" {
		d.Name = strings.TrimSpace(strings.TrimPrefix(d.Vendor+" "+kind, " "))
		if strings.HasPrefix(strings.ToLower(kind), strings.ToLower(d.Vendor)) {
			d.Name = kind
		}
	}
	if d.Name == "" && len(d.Addrs) > 0 {
		d.Name = d.Addrs[0].String()
	}
	if d.Name == "" && len(d.MACs) > 0 {
		d.Name = d.MACs[0].String()
	}
	d.Name = cmp.Or(d.Name, d.Part)
}

func (r *resolver) support(os string) (Support, string) {
	o := r.set.System(os)
	if os == "" || o == nil || o.Until == "" {
		return SupportUnknown, ""
	}
	today := time.Unix(0, r.in.Now).UTC().Format(time.DateOnly)
	switch {
	case today <= o.Until:
		return SupportCurrent, o.Until
	case o.Extended != "" && today <= o.Extended:
		return SupportExtended, o.Extended
	}
	return SupportEnded, slices.Max([]string{o.Until, o.Extended})
}
