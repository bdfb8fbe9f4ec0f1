package sites

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/gaissmai/bart"
	"go4.org/netipx"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
)

// private are prefixes that never leave a network: RFC 1918, 4193, 3927, 4291. Undeclared, they
// count as own: a private address on the internet does not exist.
var private = prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10")

// special are addresses that are no host's on the internet: this network, loopback, multicast,
// reserved and broadcast (RFC 6890, 5771, 4291).
var special = prefixes("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3", "::/127", "ff00::/8")

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		out[i] = netip.MustParsePrefix(t)
	}
	return out
}

type whose struct {
	class   inventory.Class
	partner string
}

// Table is a declaration prepared for look-ups. Nothing changes it after New: any number may look up
// at once.
type Table struct {
	doc     state.Sites
	class   bart.Table[whose]
	known   []store.AddrRange
	located map[model.Realm]*bart.Table[model.SiteID]
	depts   map[model.SiteID]*departments
}

// New prepares a declaration that has been validated.
func New(doc state.Sites) *Table {
	t := &Table{doc: doc, located: map[model.Realm]*bart.Table[model.SiteID]{}, depts: map[model.SiteID]*departments{}}
	for _, p := range append(slices.Clone(private), special...) {
		t.claim(p, whose{class: inventory.Own})
	}
	for _, partner := range doc.Partners {
		for _, p := range partner.Prefixes {
			t.claim(p, whose{class: inventory.Partner, partner: partner.Name})
		}
	}
	for i := range doc.Sites {
		t.addSite(&doc.Sites[i])
	}
	t.known = t.ranges()
	return t
}

func (t *Table) claim(p netip.Prefix, w whose) { t.class.Insert(p.Masked(), w) }

// ranges are the claimed prefixes, as few ranges as possible. A set builder changes while it is
// asked, so it lives no longer than this.
func (t *Table) ranges() []store.AddrRange {
	var all netipx.IPSetBuilder
	for p := range t.class.All() {
		all.AddPrefix(p)
	}
	set, err := all.IPSet()
	if err != nil {
		return nil // a table holds valid prefixes only
	}
	var out []store.AddrRange
	for _, r := range set.Ranges() {
		out = append(out, store.AddrRange{From: model.AddrFromNetip(r.From()), To: model.AddrFromNetip(r.To())})
	}
	return out
}

func (t *Table) addSite(s *state.Site) {
	realm := RealmOf(s)
	for _, p := range s.Prefixes {
		t.locate(realm, p, s.ID)
	}
	for _, r := range s.Realms {
		if r.Prefix.IsValid() {
			t.locate(r.Realm, r.Prefix, s.ID)
		}
	}
	d := &departments{byVLAN: map[uint16]*part{}}
	for _, dep := range s.Departments {
		p := &part{name: dep.Name, building: dep.Building, networks: globs(dep.Networks), ports: globs(dep.Ports)}
		for _, v := range dep.Prefixes {
			if old, ok := d.byPrefix.Get(v.Masked()); ok {
				p.under(old)
			}
			d.byPrefix.Insert(v.Masked(), p)
		}
		for _, v := range dep.VLANs {
			if _, taken := d.byVLAN[v]; !taken {
				d.byVLAN[v] = p
			}
		}
		d.parts = append(d.parts, p)
	}
	t.depts[s.ID] = d
}

func (t *Table) locate(r model.Realm, p netip.Prefix, s model.SiteID) {
	t.claim(p, whose{class: inventory.Own})
	if t.located[r] == nil {
		t.located[r] = new(bart.Table[model.SiteID])
	}
	t.located[r].Insert(p.Masked(), s)
}

// RealmOf is the realm of a site where no rule says otherwise.
func RealmOf(s *state.Site) model.Realm {
	return model.Realm(cmp.Or(string(s.Realm), string(s.ID)))
}

// Document is the declaration that the table was made of.
func (t *Table) Document() state.Sites { return t.doc }

// Class tells whose an address is. Of two declarations the longer prefix counts; an address that
// none names is own when it is private, else external.
func (t *Table) Class(a model.Addr) inventory.Class {
	if w, ok := t.class.Lookup(a.Netip()); ok {
		return w.class
	}
	return inventory.External
}

// Partner names the partner that declared the address; "" when it is nobody's.
func (t *Table) Partner(a model.Addr) string {
	w, _ := t.class.Lookup(a.Netip())
	return w.partner
}

// SiteOf is the site that declared the address in the realm; "" when none did.
func (t *Table) SiteOf(r model.Realm, a model.Addr) model.SiteID {
	if table := t.located[r]; table != nil {
		s, _ := table.Lookup(a.Netip())
		return s
	}
	return ""
}

// Known lists, as few ranges as possible, every address that is not external; the caller must not change it.
func (t *Table) Known() []store.AddrRange { return t.known }

// Undeclared is a prefix that behaves like an own one and that no declaration names.
type Undeclared struct {
	Prefix netip.Prefix
	Site   model.SiteID
	Hosts  int
	Reason string
}

// fewHosts is how many hosts a public prefix must have on the segment before it is called own.
const fewHosts = 2

// Undeclared lists /24 (IPv4) and /64 (IPv6) prefixes of a site in which devices live, by their
// own link address, although nobody declared them.
func (t *Table) Undeclared(inv *inventory.Inventory, site model.SiteID) []Undeclared {
	type group struct{ hosts, public int }
	groups := map[netip.Prefix]*group{}
	for i := range inv.Bindings {
		b := &inv.Bindings[i]
		if b.Site != site || b.MAC == 0 || b.Addr.IsZero() || b.Addr.IsLinkLocal() || t.SiteOf(b.Realm, b.Addr) != "" || t.Partner(b.Addr) != "" {
			continue
		}
		p := around(b.Addr)
		if groups[p] == nil {
			groups[p] = &group{}
		}
		groups[p].hosts++
		if t.Class(b.Addr) == inventory.External {
			groups[p].public++
		}
	}
	var out []Undeclared
	for p, g := range groups {
		u := Undeclared{Prefix: p, Site: site, Hosts: g.hosts, Reason: "private addresses of devices on the site's segments"}
		if g.public > 0 {
			if g.hosts < fewHosts {
				continue
			}
			u.Reason = "public addresses that devices on the site's segments hold by ARP, NDP or DHCP"
		}
		out = append(out, u)
	}
	slices.SortFunc(out, func(a, b Undeclared) int {
		return cmp.Or(cmp.Compare(b.Hosts, a.Hosts), a.Prefix.Addr().Compare(b.Prefix.Addr()))
	})
	return out
}

func around(a model.Addr) netip.Prefix {
	bits := 64
	if a.Is4() {
		bits = 24
	}
	return netip.PrefixFrom(a.Netip(), bits).Masked()
}
