package state

import (
	"net/netip"
	"slices"

	"github.com/wardscope/wardscope/internal/model"
)

// Resolver tells the realm of what a sensor saw, by one revision of the declaration. It is
// immutable; goroutines may share it.
type Resolver struct {
	revision uint64
	sites    map[model.SiteID]siteRealms
}

type siteRealms struct {
	realm model.Realm
	rules []RealmRule
}

// NewResolver prepares a declaration for look-ups.
func NewResolver(s Sites) *Resolver {
	r := &Resolver{revision: s.Revision, sites: make(map[model.SiteID]siteRealms, len(s.Sites))}
	for _, site := range s.Sites {
		realm := site.Realm
		if realm == "" {
			realm = model.Realm(site.ID)
		}
		r.sites[site.ID] = siteRealms{realm: realm, rules: site.Realms}
	}
	return r
}

// Revision is the declaration's.
func (r *Resolver) Revision() uint64 { return r.revision }

// Realm tells in which address space the addresses lie that a sensor of the site saw together in
// a domain and VLAN: both ends of a flow are in one. Of several rules the one with the longest
// prefix around any of them counts, then one that names the VLAN, then one that names the domain,
// then the first. A site that nobody declared is a realm of its
// own: joining two sites' private addresses by accident cannot be undone in what people read,
// while parting them can.
func (r *Resolver) Realm(site model.SiteID, domain model.DomainID, vlan uint16, addrs ...model.Addr) model.Realm {
	s, ok := r.sites[site]
	if !ok {
		return model.Realm(site)
	}
	best, realm := -1, s.realm
	for _, rule := range s.rules {
		if rank := rule.rank(domain, vlan, addrs); rank > best {
			best, realm = rank, rule.Realm
		}
	}
	return realm
}

// rank is -1 when the rule does not match.
func (r RealmRule) rank(domain model.DomainID, vlan uint16, addrs []model.Addr) int {
	rank := 0
	if r.Domain != 0 {
		if r.Domain != domain {
			return -1
		}
		rank++
	}
	if r.VLAN != 0 {
		if r.VLAN != vlan {
			return -1
		}
		rank += 2
	}
	if r.Prefix != (netip.Prefix{}) {
		if !slices.ContainsFunc(addrs, func(a model.Addr) bool { return r.Prefix.Contains(a.Netip()) }) {
			return -1
		}
		rank += 4 * (1 + r.Prefix.Bits())
	}
	return rank
}
