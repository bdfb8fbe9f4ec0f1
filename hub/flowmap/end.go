package flowmap

import (
	"cmp"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/sites"
	"github.com/wardscope/wardscope/internal/model"
)

// Names of nodes that are no device of ours.
const (
	Internet  = "internet"
	Multicast = "multicast"
)

// End is one end of an edge.
type End struct {
	Realm   model.Realm
	Addr    model.Addr
	Class   inventory.Class
	Device  *inventory.Device // nil for addresses that are no device
	Site    model.SiteID      // "" outside
	Partner string            // valid iff Class is inventory.Partner
	Group   string            // zone, else device type
}

// Resolver tells who an address was.
type Resolver struct {
	Inventory *inventory.Inventory
	Sites     *sites.Table
	// Group names the group of a device; nil groups by type.
	Group func(*inventory.Device) string
}

// ByType is the group of a device where no zones are declared.
func ByType(d *inventory.Device) string { return cmp.Or(d.Type, d.Category, "unknown") }

// End tells who had an address in a realm around a time, Unix nanoseconds.
func (r *Resolver) End(realm model.Realm, a model.Addr, at int64) End {
	e := End{Realm: realm, Addr: a, Class: r.Sites.Class(a)}
	e.Device = r.Inventory.At(realm, a, 0, at)
	group := r.Group
	if group == nil {
		group = ByType
	}
	switch {
	case e.Device != nil:
		// A device on our segments with a public address that nobody declared is ours all the same.
		e.Site, e.Group = e.Device.Site, group(e.Device)
		if e.Class == inventory.External {
			e.Class = inventory.Own
		}
		if e.Class == inventory.Partner {
			e.Partner = r.Sites.Partner(a)
			e.Site, e.Group = "", e.Partner
		}
	case a.IsMulticast():
		e.Group = Multicast
	case e.Class == inventory.Partner:
		e.Partner = r.Sites.Partner(a)
		e.Group = e.Partner
	case e.Class == inventory.External:
		e.Group = Internet
	default:
		e.Site, e.Group = r.Sites.SiteOf(realm, a), "silent addresses"
	}
	return e
}

// Node is the end's name at a level: key tells nodes apart, name is for people.
func (e *End) Node(l Level) (key, name string) {
	outside := e.Partner
	switch {
	case e.Partner != "":
	case e.Device == nil && e.Addr.IsMulticast():
		outside = Multicast
	case e.Class == inventory.External:
		outside = Internet
	}
	switch {
	case l == Device && e.Device != nil:
		return e.Device.ID, e.Device.Name
	case l == Device:
		return string(e.Realm) + "|" + e.Addr.String(), e.Addr.String()
	case l == Group:
		return e.Group, e.Group
	case outside != "":
		return outside, outside
	}
	site := cmp.Or(string(e.Site), "realm "+string(e.Realm))
	return site, site
}
