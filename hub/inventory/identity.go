package inventory

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
)

// endpoint is what a device is known by: a link address on its own segment, else an address
// within a realm, else a part behind one of these.
type endpoint struct {
	realm model.Realm
	mac   model.MAC  // 0 when known by address alone
	addr  model.Addr // valid iff mac is 0
	part  string
}

// key is the endpoint's text form, of which its stable id is a hash.
func (e endpoint) key() string {
	k := "ip|" + string(e.realm) + "|" + e.addr.String()
	if e.mac != 0 {
		k = "mac|" + string(e.realm) + "|" + e.mac.String()
	}
	if e.part != "" {
		k += "|part|" + e.part
	}
	return k
}

func (e endpoint) host() endpoint {
	e.part = ""
	return e
}

func compareEndpoint(a, b endpoint) int {
	return cmp.Or(cmp.Compare(a.realm, b.realm), cmp.Compare(a.mac, b.mac), compareAddr(a.addr, b.addr), strings.Compare(a.part, b.part))
}

var idText = base32.NewEncoding("abcdefghijkmnpqrstuvwxyz23456789").WithPadding(base32.NoPadding)

// id is short enough to type and long enough not to collide: 65 bits.
func (e endpoint) id() string {
	sum := sha256.Sum256([]byte(e.key()))
	return "d-" + idText.EncodeToString(sum[:])[:13]
}

// owner is whose claim a subject's is; ok is false when it is no device's: an address of others,
// a redundancy protocol's link address, a group.
func (s *segments) owner(r model.Realm, sub model.Subject, at int64) (endpoint, bool) {
	e := endpoint{realm: r, part: sub.Part}
	if isStation(sub.MAC) {
		l := s.links[macKey{r, sub.MAC}]
		_, own := l.own[sub.Addr]
		if own || sub.Addr.IsUnspecified() || !isHost(sub.Addr) {
			e.mac = sub.MAC
			return e, true
		}
	}
	if !isHost(sub.Addr) {
		return e, false
	}
	if h := s.holder(addrKey{r, sub.Addr}, at); h != nil {
		e.mac = h.key.mac
		return e, true
	}
	if sub.Addr.IsLinkLocal() || !s.ours(r, sub.Addr) {
		return e, false
	}
	e.addr = sub.Addr
	return e, true
}

// strong is an identifier that one machine has and no other: the rule set decides which claims
// are.
type strong struct {
	realm model.Realm
	kind  string
	value string
}

// joiner unites endpoints that are adapters of one machine.
type joiner struct {
	holders map[strong]map[endpoint]bool
	names   map[endpoint]map[string]bool // host names, normalised
	ports   map[port]string              // why two link addresses are ports of one machine
}

// port says that one link address is a port of the machine that another names.
type port struct{ of, named endpoint }

func newJoiner() *joiner {
	return &joiner{holders: map[strong]map[endpoint]bool{}, names: map[endpoint]map[string]bool{}, ports: map[port]string{}}
}

func (j *joiner) addStrong(e endpoint, kind, value string) {
	k := strong{e.realm, kind, value}
	if j.holders[k] == nil {
		j.holders[k] = map[endpoint]bool{}
	}
	j.holders[k][e] = true
}

func (j *joiner) addName(e endpoint, name string) {
	if j.names[e] == nil {
		j.names[e] = map[string]bool{}
	}
	j.names[e][name] = true
}

// blockBits is how many low bits differ at most between the ports of one machine: makers number
// them from one block of addresses.
const blockBits = 24

// addPort notes that a machine sent from one link address and named another as its own.
func (j *joiner) addPort(e endpoint, named model.MAC, why string) {
	if e.mac == 0 || e.part != "" || e.mac == named || !isStation(named) || e.mac.IsLocal() || e.mac>>blockBits != named>>blockBits {
		return
	}
	p := port{e, endpoint{realm: e.realm, mac: named}}
	if old, ok := j.ports[p]; !ok || why < old {
		j.ports[p] = why
	}
}

// gatherPorts unites the ports of each machine under its lowest link address that was seen.
func (j *joiner) gatherPorts(seen func(endpoint) bool, into map[endpoint]endpoint, why map[endpoint]string) {
	root := map[endpoint]endpoint{}
	find := func(e endpoint) endpoint {
		for up, ok := root[e]; ok && up != e; up, ok = root[e] {
			e = up
		}
		return e
	}
	ports := sortedKeys(j.ports, func(a, b port) int {
		return cmp.Or(compareEndpoint(a.of, b.of), compareEndpoint(a.named, b.named))
	})
	groups := map[endpoint][]endpoint{}
	for _, p := range ports {
		a, b := find(p.of), find(p.named)
		if compareEndpoint(b, a) < 0 {
			a, b = b, a
		}
		root[a], root[b] = a, a
	}
	for _, e := range sortedKeys(root, compareEndpoint) {
		if seen(e) {
			groups[find(e)] = append(groups[find(e)], e)
		}
	}
	for _, es := range groups {
		if len(es) < 2 {
			continue
		}
		for _, e := range es {
			into[e] = es[0]
		}
	}
	for _, p := range ports {
		if t, ok := into[p.of]; ok && why[t] == "" {
			why[t] = j.ports[p]
		}
	}
}

// unions returns, for endpoints that are one machine with another, the endpoint that names
// both, and why. The rule is narrow on purpose: exactly two link addresses share a strong
// identifier, agree on their host name, and no strong identifier of a kind tells them apart.
// An identifier on three or more is shared (cloned images), and joins nothing. Ports that a
// machine itself names, or that share one address, are joined before.
func (j *joiner) unions(seen func(endpoint) bool) (map[endpoint]endpoint, map[endpoint]string) {
	into, why := map[endpoint]endpoint{}, map[endpoint]string{}
	j.gatherPorts(seen, into, why)
	kinds := map[endpoint]map[string][]string{}
	for k, es := range j.holders {
		for e := range es {
			if kinds[e] == nil {
				kinds[e] = map[string][]string{}
			}
			kinds[e][k.kind] = append(kinds[e][k.kind], k.value)
		}
	}
	keys := sortedKeys(j.holders, func(a, b strong) int {
		return cmp.Or(cmp.Compare(a.realm, b.realm), strings.Compare(a.kind, b.kind), strings.Compare(a.value, b.value))
	})
	for _, k := range keys {
		es := sortedKeys(j.holders[k], compareEndpoint)
		if len(es) != 2 || es[0].mac == 0 || es[1].mac == 0 || !agree(j.names[es[0]], j.names[es[1]]) || differ(kinds[es[0]], kinds[es[1]]) {
			continue
		}
		_, a := into[es[0]]
		_, b := into[es[1]]
		if a || b {
			continue // a third adapter would rest on a chain of joins
		}
		into[es[0]], into[es[1]] = es[0], es[0]
		why[es[0]] = es[0].mac.String() + " and " + es[1].mac.String() + " share " + k.kind + " " + k.value + " and the host name"
	}
	return into, why
}

func agree(a, b map[string]bool) bool {
	for n := range a {
		if b[n] {
			return true
		}
	}
	return false
}

// differ reports a kind of identifier that both have and on which they share no value.
func differ(a, b map[string][]string) bool {
	for kind, x := range a {
		if y, ok := b[kind]; ok && !slices.ContainsFunc(x, func(v string) bool { return slices.Contains(y, v) }) {
			return true
		}
	}
	return false
}
