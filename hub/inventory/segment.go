package inventory

import (
	"strconv"
	"strings"

	"github.com/wardscope/wardscope/hub/inventory/identity"
	"github.com/wardscope/wardscope/internal/model"
)

// routerForwards is how many foreign addresses make a link address a router's: one may be a
// second address of the same machine.
const routerForwards = 2

// link is what was seen of one link address within a realm.
type link struct {
	key     macKey
	bound   map[model.Addr]span // by ARP, NDP or DHCP: it holds the address
	leased  map[model.Addr]bool // a server gave it the address
	sent    map[model.Addr]span // packets from the address came out of it
	all     span
	ttl     map[model.Addr]uint8    // highest time to live seen
	makers  map[model.Addr][]string // makers that claims by this address name
	said    map[model.Addr]bool     // a claim by this address says that it forwards; zero for a claim by link address alone
	own     map[model.Addr]span     // decided: its own addresses
	outside int                     // external addresses it forwards for
	foreign int                     // all addresses that it forwards for
	router  bool
}

// segments sorts out which addresses a link address owns and which it only forwards for.
type segments struct {
	places  Places
	links   map[macKey]*link
	spoke   map[addrKey]span                 // every address that sent anything or that a claim is about
	holders map[addrKey][]*link              // decided: who has an address, ascending by link address
	onLink  map[model.Realm]map[prefix24]int // prefixes in which link addresses own addresses
	lone    map[model.Realm]map[prefix24]int // and prefixes in which one has a single, unbound address
	bound   map[addrKey]bool                 // bound to some link address
	// equipment are addresses that nobody declared but that answer control protocols: a remote
	// station is a device, wherever its provider put it.
	equipment map[addrKey]bool
	makers    makers
	pending   spoken
	last      *link                        // asked for last
	apart     func(identity.Endpoint) bool // addresses that a person split off
}

// spoken is what was sent by one address behind one link address, added up while the input goes
// on about them: it comes by subject.
type spoken struct {
	realm model.Realm
	addr  model.Addr
	mac   model.MAC
	span  span
}

// makers knows who makes what.
type makers interface {
	// carrier reports a link address of a maker of routers and switches.
	carrier(m model.MAC) bool
	// computer reports a link address of a maker of computers and of adapters for them.
	computer(m model.MAC) bool
	// other reports that a claimed maker is not the link address's.
	other(m model.MAC, claimed string) bool
}

// prefix24 is the /24 (IPv4) or /64 (IPv6) around an address: the usual size of a segment.
type prefix24 struct{ hi, lo uint64 }

func around(a model.Addr) prefix24 {
	if a.Is4() {
		return prefix24{lo: a.Lo &^ 0xff}
	}
	return prefix24{hi: a.Hi, lo: 0}
}

func newSegments(p Places, m makers) *segments {
	return &segments{places: p, makers: m, lone: map[model.Realm]map[prefix24]int{}, bound: map[addrKey]bool{}, equipment: map[addrKey]bool{}, links: map[macKey]*link{}, spoke: map[addrKey]span{},
		holders: map[addrKey][]*link{}, onLink: map[model.Realm]map[prefix24]int{}}
}

// isHost reports whether an address can belong to one machine.
func isHost(a model.Addr) bool {
	if a.IsUnspecified() || a.IsMulticast() {
		return false
	}
	return !a.Netip().IsLoopback()
}

// isStation reports whether a link address can belong to one machine.
func isStation(m model.MAC) bool {
	return m != 0 && !m.IsGroup() && !m.IsVirtualRouter()
}

func (s *segments) link(r model.Realm, m model.MAC) *link {
	k := macKey{r, m}
	if s.last != nil && s.last.key == k {
		return s.last
	}
	l := s.links[k]
	if l == nil {
		l = &link{key: k, bound: map[model.Addr]span{}, leased: map[model.Addr]bool{}, sent: map[model.Addr]span{}, ttl: map[model.Addr]uint8{},
			makers: map[model.Addr][]string{}, said: map[model.Addr]bool{}, own: map[model.Addr]span{}}
		s.links[k] = l
	}
	s.last = l
	return l
}

// binding reads an ADDRESS_BINDING claim, whichever side of it is the value.
func binding(c *Claim) (model.Addr, model.MAC, bool) {
	addr, mac := c.Subject.Addr, c.Subject.MAC
	if v, err := model.ParseAddr(c.Value); err == nil {
		addr = v
	} else if v, err := model.ParseMAC(c.Value); err == nil {
		mac = v
	}
	return addr, mac, isHost(addr) && isStation(mac)
}

func (s *segments) addClaim(c *Claim) {
	r := realmOf(c.Realm, c.Site)
	if c.Kind == model.KindAddressBinding {
		if addr, mac, ok := binding(c); ok {
			l := s.link(r, mac)
			s.bound[addrKey{r, addr}] = true
			l.all.add(c.First, c.Last, c.Count)
			sp := l.bound[addr]
			sp.add(c.First, c.Last, c.Count)
			l.bound[addr] = sp
			if leases(c) {
				l.leased[addr] = true
			}
		}
		return
	}
	if c.Subject.MAC == 0 {
		return // said of an address by somebody else, such as a name server: no proof that it lives
	}
	s.spoken(r, c.Subject.Addr, c.Subject.MAC, c.First, c.Last, c.Count)
	if !isStation(c.Subject.MAC) {
		return
	}
	l := s.link(r, c.Subject.MAC)
	if forwards(c) {
		l.said[c.Subject.Addr] = true
	}
	if c.Kind == model.KindVendor {
		l.makers[c.Subject.Addr] = append(l.makers[c.Subject.Addr], c.Value)
	}
	if n, ok := timeToLive(c); ok {
		l.ttl[c.Subject.Addr] = max(n, l.ttl[c.Subject.Addr])
	}
}

// leases reports a binding that a DHCP server told.
func leases(c *Claim) bool {
	return strings.HasPrefix(c.Source, "dhcp")
}

// timeToLive reads a claim about the TTL or hop limit that packets of an address arrived with.
func timeToLive(c *Claim) (uint8, bool) {
	if c.Kind != model.KindStack || !strings.HasSuffix(c.Source, ".ttl") && !strings.HasSuffix(c.Source, ".hop_limit") {
		return 0, false
	}
	n, err := strconv.ParseUint(c.Value, 10, 8)
	return uint8(n), err == nil && n > 0
}

// initial reports a TTL that senders start with, so no router was on the way: those of general
// systems, of old Windows and of small stacks (RFC 1340 gave no more than advice), and 1, with
// which protocols of the segment are sent.
func initial(ttl uint8) bool {
	switch ttl {
	case 1, 30, 32, 64, 128, 255:
		return true
	}
	return false
}

// doubtful reports a TTL that some senders start with but that others reach after a few routers.
func doubtful(ttl uint8) bool {
	switch ttl {
	case 0, 2, 4, 60, 100, 120, 200:
		return true
	}
	return false
}

// oneHop reports a TTL that one router was on the way of, counted from those of general systems.
func oneHop(ttl uint8) bool { return ttl == 63 || ttl == 127 }

// forwards reports a claim of routing by the router itself (LLDP, CDP, NDP).
func forwards(c *Claim) bool {
	return (c.Kind == model.KindRole || c.Kind == model.KindCapability) && c.Value == "router"
}

func (s *segments) addSighting(f *Sighting) {
	if f.Packets > 0 {
		s.spoken(realmOf(f.Realm, f.Site), f.Addr, f.MAC, f.First, f.Last, f.Packets)
	}
}

func (s *segments) spoken(r model.Realm, a model.Addr, m model.MAC, first, last int64, n uint64) {
	if p := &s.pending; p.span.count == 0 || p.addr != a || p.mac != m || p.realm != r {
		s.flush()
		*p = spoken{realm: r, addr: a, mac: m}
	}
	s.pending.span.add(first, last, n)
}

// flush hands on what is pending.
func (s *segments) flush() {
	p := &s.pending
	if p.span.count == 0 {
		return
	}
	host := isHost(p.addr)
	if host {
		k := addrKey{p.realm, p.addr}
		s.spoke[k] = s.spoke[k].merge(p.span)
	}
	if isStation(p.mac) {
		l := s.link(p.realm, p.mac)
		l.all = l.all.merge(p.span)
		if host {
			l.sent[p.addr] = l.sent[p.addr].merge(p.span)
		}
	}
	p.span = span{}
}

// decide fills own, holders and router. The surest addresses go first, since they show which
// prefixes are on the segment and so help with the others.
func (s *segments) decide() {
	s.flush()
	keys := sortedKeys(s.links, compareMACKey)
	for _, k := range keys {
		s.decideCertain(s.links[k])
	}
	for _, k := range keys {
		for _, addrs := range s.rest(s.links[k]) {
			if len(addrs) == 1 {
				count(s.lone, k.realm, addrs[0])
			}
		}
	}
	for _, k := range keys {
		if l := s.links[k]; l.outside == 0 && !l.router {
			s.decideRest(l)
		}
	}
	for _, k := range keys {
		if l := s.links[k]; l.outside > 0 || l.router {
			s.decideRest(l)
		}
	}
	s.settle(keys)
}

// ours reports addresses that can be a device's.
func (s *segments) ours(r model.Realm, a model.Addr) bool {
	return s.places.Class(a) == Own || s.equipment[addrKey{r, a}]
}

// certain reports addresses that never pass a router, or that the link address itself spells.
func certain(a model.Addr, m model.MAC) bool {
	return a.IsLinkLocal() || a == eui64(a.Hi, m)
}

// eui64 is the address with modified EUI-64 interface identifier (RFC 4291, appendix A).
func eui64(hi uint64, m model.MAC) model.Addr {
	v := uint64(m)
	return model.Addr{Hi: hi, Lo: (v>>24<<40 | 0xfffe<<24 | v&0xffffff) ^ 0x02<<56}
}

func count(m map[model.Realm]map[prefix24]int, r model.Realm, a model.Addr) {
	if m[r] == nil {
		m[r] = map[prefix24]int{}
	}
	m[r][around(a)]++
}

func (s *segments) take(l *link, a model.Addr) {
	l.own[a] = l.bound[a].merge(l.sent[a])
	count(s.onLink, l.key.realm, a)
}

func (s *segments) decideCertain(l *link) {
	for a := range l.bound {
		s.take(l, a)
	}
	for a := range l.sent {
		_, ok := l.own[a]
		switch {
		case ok:
		case certain(a, l.key.mac):
			s.take(l, a)
		case !s.ours(l.key.realm, a):
			l.outside++
		}
	}
	s.takeNear(l)
	s.takePublic(l)
	for a := range l.said {
		// A router behind this one says it too, but from an address that is not its own here.
		if _, own := l.own[a]; own || a.IsZero() {
			l.router = true
		}
	}
}

func version(a model.Addr) int {
	if a.Is4() {
		return 0
	}
	return 1
}

// settle lists who holds each address. Of two link addresses that claim one address at the same
// time, the one that really sends from it keeps it: the other answers for it (proxy ARP,
// redundancy) or took it by mistake. Link-local addresses belong to one segment and may repeat.
func (s *segments) settle(keys []macKey) {
	for _, k := range keys {
		l := s.links[k]
		for a := range l.own {
			if s.apart(identity.Endpoint{Realm: k.realm, Addr: a}) {
				delete(l.own, a)
				continue
			}
			s.holders[addrKey{k.realm, a}] = append(s.holders[addrKey{k.realm, a}], l)
		}
	}
	for k, hs := range s.holders {
		if len(hs) < 2 || k.addr.IsLinkLocal() {
			continue
		}
		best := hs[0]
		for _, h := range hs[1:] {
			if stronger(h, best, k.addr) {
				best = h
			}
		}
		held := best.own[k.addr]
		kept := make([]*link, 0, len(hs))
		for _, h := range hs {
			// Spans are added up over a year: two stations may have had the address by turns.
			if h == best || h.leased[k.addr] && best.leased[k.addr] || !h.own[k.addr].overlaps(held) {
				kept = append(kept, h)
			} else {
				delete(h.own, k.addr)
			}
		}
		s.holders[k] = kept
	}
}

// twins calls each for a link address that sends from the one address of another of the same
// block: a second adapter of that machine, since two machines cannot have the address at once.
func (s *segments) twins(each func(l, holder *link)) {
	const block = 8 // low bits
	for k, l := range s.links {
		if len(l.own) > 0 || len(l.sent) != 1 {
			continue
		}
		for a := range l.sent {
			for _, h := range s.holders[addrKey{k.realm, a}] {
				if h.key.mac>>block == k.mac>>block && h.own[a].overlaps(l.all) && !a.IsLinkLocal() {
					each(l, h)
				}
			}
		}
	}
}

func stronger(a, b *link, addr model.Addr) bool {
	if x, y := a.bound[addr].count > 0, b.bound[addr].count > 0; x != y && (a.sent[addr].count > 0) == (b.sent[addr].count > 0) {
		return x
	}
	if x, y := a.sent[addr].count, b.sent[addr].count; x != y {
		return x > y
	}
	return a.bound[addr].count > b.bound[addr].count
}

// holder is who had an address around a time; nil when no link address did.
func (s *segments) holder(k addrKey, at int64) *link {
	var best *link
	for _, h := range s.holders[k] {
		if best == nil || nearerSpan(h.own[k.addr], best.own[k.addr], at) {
			best = h
		}
	}
	return best
}
