package inventory

import (
	"cmp"
	"iter"
	"maps"

	"github.com/wardscope/wardscope/hub/inventory/identity"
	"github.com/wardscope/wardscope/internal/model"
)

// home is where a device was: a realm, or behind a gateway. Addresses mean nothing elsewhere.
type home struct {
	end   identity.Endpoint
	addrs addrSpans
	vlans vlanSet
	sites siteCounts
	all   span
}

// unite joins the drafts of one machine: its adapters, its addresses behind routers, its places.
func (r *resolver) unite() {
	r.seg.twins(func(l, h *link) {
		r.join.AddPort(identity.Endpoint{Realm: l.key.realm, MAC: l.key.mac}, h.key.mac, l.key.mac.String()+" and "+h.key.mac.String()+" of one block send from one address")
	})
	r.selves()
	into, why := r.join.Unions(r)
	r.in.Decisions.Unite(into, why, r.Seen)
	for _, e := range sortedKeys(into, identity.Compare) {
		target := r.draft(into[e])
		if into[e] == e {
			target.reasons = append(target.reasons, why[e])
			continue
		}
		target.absorb(r.draft(e))
		delete(r.drafts, e)
	}
}

// elsewhere reports endpoints whose addresses mean nothing to each other.
func elsewhere(a, b identity.Endpoint) bool {
	return a.Realm != b.Realm || a.Part != "" && a.Host() != b.Host()
}

func (d *draft) absorb(o *draft) {
	maps.Copy(d.macs, o.macs)
	for offer := range o.offers {
		d.offers[offer] = true
	}
	d.merged = append(d.merged, o.end)
	d.facts = append(d.facts, o.facts...)
	if d.here.count == 0 {
		d.here = d.all
	}
	d.all = d.all.merge(o.all)
	d.foreign += o.foreign
	d.router = d.router || o.router
	if elsewhere(d.end, o.end) {
		for i := range d.homes {
			if !elsewhere(d.homes[i].end, o.end) {
				d.homes[i].add(o)
				return
			}
		}
		d.homes = append(d.homes, home{o.end, o.addrs, o.vlans, o.sites, o.all})
		return
	}
	h := home{d.end, d.addrs, d.vlans, d.sites, d.here}
	h.add(o)
	d.here, d.vlans, d.sites = h.all, h.vlans, h.sites
}

func (h *home) add(o *draft) {
	for a, sp := range o.addrs {
		h.addrs[a] = h.addrs[a].merge(sp)
	}
	for _, v := range o.vlans {
		h.vlans.add(v)
	}
	for _, s := range o.sites {
		h.sites.add(s.site, s.n)
	}
	h.all = h.all.merge(o.all)
}

// newest lists the addresses at a place, the one seen last first.
func (h *home) newest() []model.Addr {
	return sortedKeys(h.addrs, func(a, b model.Addr) int {
		return cmp.Or(cmp.Compare(h.addrs[b].last, h.addrs[a].last), compareAddr(a, b))
	})
}

// bind notes which addresses a device had, and when; what lies behind a gateway has none.
func (r *resolver) bind(inv *Inventory, d *draft) {
	if d.end.Part != "" {
		return
	}
	for _, h := range d.places() {
		b := Binding{Device: d.end.ID(), Realm: h.end.Realm, Site: r.site(&h)}
		for a, sp := range h.addrs {
			b.Addr, b.MAC, b.First, b.Last = a, h.end.MAC, sp.first, sp.last
			inv.Bindings = append(inv.Bindings, b)
		}
		b.Addr = model.Addr{}
		for m := range d.macs {
			b.MAC, b.First, b.Last = m, h.all.first, h.all.last
			inv.Bindings = append(inv.Bindings, b)
		}
	}
}

// places lists where the device was.
func (d *draft) places() []home {
	here := d.here
	if here.count == 0 {
		here = d.all
	}
	return append([]home{{d.end, d.addrs, d.vlans, d.sites, here}}, d.homes...)
}

// latest is where the device was seen last.
func (d *draft) latest() home {
	all := d.places()
	best := all[0]
	for _, h := range all[1:] {
		if cmp.Or(cmp.Compare(h.all.last, best.all.last), identity.Compare(best.end, h.end)) > 0 {
			best = h
		}
	}
	return best
}

// Seen reports an endpoint that is a device.
func (r *resolver) Seen(e identity.Endpoint) bool { return r.drafts[e] != nil }

// Endpoints lists every endpoint that is a device.
func (r *resolver) Endpoints() iter.Seq[identity.Endpoint] { return maps.Keys(r.drafts) }

// Life is when an endpoint was seen at all.
func (r *resolver) Life(e identity.Endpoint) identity.Span {
	sp := r.drafts[e].all
	return identity.Span{First: sp.first, Last: sp.last}
}

// Busy is when an endpoint had which addresses.
func (r *resolver) Busy(e identity.Endpoint) []identity.Span {
	var out []identity.Span
	for a, sp := range r.drafts[e].addrs {
		if sp.count > 0 && !a.IsLinkLocal() {
			out = append(out, identity.Span{First: sp.first, Last: sp.last})
		}
	}
	return out
}

// Roams reports a link address that is the same machine wherever it turns up.
func (r *resolver) Roams(e identity.Endpoint) bool {
	by := registrants{r.in.Vendor, r.set}.of(e.MAC)
	return !r.drafts[e].router && !e.MAC.IsLocal() && by != "" && !r.set.Virtual(by)
}
