package inventory

import (
	"github.com/wardscope/wardscope/hub/inventory/identity"
	"github.com/wardscope/wardscope/internal/model"
)

// takeNear takes addresses whose packets passed no router: one of a family, or two in the same
// prefix. More behind one link address are the work of something that rewrites link addresses.
func (s *segments) takeNear(l *link) {
	var near [2][]model.Addr
	for f, addrs := range s.rest(l) {
		for _, a := range addrs {
			if initial(l.ttl[a]) && !s.bound[addrKey{l.key.realm, a}] {
				near[f] = append(near[f], a)
			}
		}
	}
	for _, addrs := range near {
		if len(addrs) == 1 || len(addrs) == 2 && around(addrs[0]) == around(addrs[1]) {
			for _, a := range addrs {
				s.take(l, a)
			}
		}
	}
}

// takePublic takes the one address of a family that nobody declared, if its packets passed no
// router: a station of a site with public addresses. A provider's router has many behind it.
func (s *segments) takePublic(l *link) {
	var near [2][]model.Addr
	for a := range l.sent {
		if t := l.ttl[a]; !s.ours(l.key.realm, a) && (t == 64 || t == 128 || t == 255) && !s.bound[addrKey{l.key.realm, a}] {
			near[version(a)] = append(near[version(a)], a)
		}
	}
	for f, addrs := range near {
		if len(addrs) == 1 && s.publicAlone(l, f) {
			s.take(l, addrs[0])
			l.outside--
		}
	}
}

// publicAlone reports that a link address has no address of ours in a family.
func (s *segments) publicAlone(l *link, family int) bool {
	for a := range l.sent {
		if version(a) == family && s.ours(l.key.realm, a) {
			return false
		}
	}
	return true
}

// rest lists, by family, the addresses of ours that nothing binds to the link address.
func (s *segments) rest(l *link) (out [2][]model.Addr) {
	for a := range l.sent {
		if _, ok := l.own[a]; !ok && s.ours(l.key.realm, a) {
			out[version(a)] = append(out[version(a)], a)
		}
	}
	return out
}

// decideRest judges the addresses that nothing binds. A link address with one unbound address
// of a family, and none bound, owns it; everything else is forwarded traffic. Two addresses
// that are really one machine's are shown apart rather than two machines as one.
func (s *segments) decideRest(l *link) {
	var have [2]bool
	for a := range l.own {
		if !a.IsLinkLocal() {
			have[version(a)] = true
		}
	}
	rest := s.rest(l)
	l.foreign = l.outside + len(rest[0]) + len(rest[1])
	alone := l.outside == 0 && !l.router
	for f, addrs := range rest {
		if len(addrs) == 1 && !have[f] && s.loneIsOwn(l, addrs[0], alone) {
			s.take(l, addrs[0])
			l.foreign--
		}
	}
	l.router = l.router || l.foreign >= routerForwards || l.forwarded()
}

// forwarded reports an address that is not its own and whose packets lost a hop on the way.
func (l *link) forwarded() bool {
	for a := range l.sent {
		if _, own := l.own[a]; !own && !initial(l.ttl[a]) && !doubtful(l.ttl[a]) {
			return true
		}
	}
	return false
}

// loneIsOwn judges the one unbound address of a link address. A TTL that lost a hop came through
// a router, and an address that is bound elsewhere lives there. Beside other forwarded traffic,
// and where the maker makes routers, the address must have neighbours: a router's own address
// lies in a prefix of the segment, what it forwards does not. A computer that sends from nothing
// else with one hop lost translates for guests inside it: the address is its own (RFC 3022).
func (s *segments) loneIsOwn(l *link, a model.Addr, alone bool) bool {
	r, p := l.key.realm, around(a)
	if s.bound[addrKey{r, a}] {
		return false
	}
	if !doubtful(l.ttl[a]) {
		return alone && oneHop(l.ttl[a]) && s.makers.computer(l.key.mac)
	}
	if !alone {
		return s.onLink[r][p] > 0
	}
	if !s.makers.carrier(l.key.mac) {
		return true
	}
	for _, claimed := range l.makers[a] {
		if s.makers.other(l.key.mac, claimed) {
			return false
		}
	}
	others := len(s.lone[r]) + len(s.onLink[r])
	return others == 1 && s.lone[r][p] > 0 || s.onLink[r][p] > 0 || s.lone[r][p] > 1
}

// owner is whose claim a subject's is; ok is false when it is no device's: an address of others,
// a redundancy protocol's link address, a group.
func (s *segments) owner(r model.Realm, sub model.Subject, at int64) (identity.Endpoint, bool) {
	e := identity.Endpoint{Realm: r, Part: sub.Part}
	if isStation(sub.MAC) {
		l := s.links[macKey{r, sub.MAC}]
		_, own := l.own[sub.Addr]
		if own || sub.Addr.IsUnspecified() || !isHost(sub.Addr) {
			e.MAC = sub.MAC
			return e, true
		}
	}
	if !isHost(sub.Addr) {
		return e, false
	}
	if h := s.holder(addrKey{r, sub.Addr}, at); h != nil {
		e.MAC = h.key.mac
		return e, true
	}
	if sub.Addr.IsLinkLocal() || !s.ours(r, sub.Addr) {
		return e, false
	}
	e.Addr = sub.Addr
	return e, true
}
