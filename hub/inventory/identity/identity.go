package identity

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"maps"
	"slices"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
)

// Endpoint is what a device is known by: a link address on its own segment, else an address
// within a realm, else a part behind one of these.
type Endpoint struct {
	Realm model.Realm
	MAC   model.MAC  // 0 when known by address alone
	Addr  model.Addr // valid iff MAC is 0
	Part  string     // "scheme:value" of what is behind it
}

// Key is the endpoint's text form, of which its stable id is a hash.
func (e Endpoint) Key() string {
	k := "ip|" + string(e.Realm) + "|" + e.Addr.String()
	if e.MAC != 0 {
		k = "mac|" + string(e.Realm) + "|" + e.MAC.String()
	}
	if e.Part != "" {
		k += "|part|" + e.Part
	}
	return k
}

// Host is the endpoint without the part behind it.
func (e Endpoint) Host() Endpoint {
	e.Part = ""
	return e
}

// Compare orders endpoints.
func Compare(a, b Endpoint) int {
	return cmp.Or(cmp.Compare(a.Realm, b.Realm), cmp.Compare(a.MAC, b.MAC), cmp.Compare(a.Addr.Hi, b.Addr.Hi), cmp.Compare(a.Addr.Lo, b.Addr.Lo), strings.Compare(a.Part, b.Part))
}

var idText = base32.NewEncoding("abcdefghijkmnpqrstuvwxyz23456789").WithPadding(base32.NoPadding)

// ID is short enough to type and long enough not to collide: 65 bits.
func (e Endpoint) ID() string {
	sum := sha256.Sum256([]byte(e.Key()))
	return "d-" + idText.EncodeToString(sum[:])[:13]
}

// strong is an identifier that one machine has and no other: the rule set decides which claims
// are.
type strong struct {
	realm model.Realm
	kind  string
	value string
}

// Joiner unites endpoints that are adapters of one machine.
type Joiner struct {
	holders map[strong]map[Endpoint]bool
	names   map[Endpoint]map[string]bool // host names, normalised
	ports   map[port]string              // why two link addresses are ports of one machine
}

// port says that one link address is a port of the machine that another names.
type port struct{ of, named Endpoint }

// NewJoiner returns a joiner that knows nothing.
func NewJoiner() *Joiner {
	return &Joiner{holders: map[strong]map[Endpoint]bool{}, names: map[Endpoint]map[string]bool{}, ports: map[port]string{}}
}

// AddStrong notes an identifier that one machine has and no other.
func (j *Joiner) AddStrong(e Endpoint, kind, value string) {
	k := strong{e.Realm, kind, value}
	if j.holders[k] == nil {
		j.holders[k] = map[Endpoint]bool{}
	}
	j.holders[k][e] = true
}

// AddName notes a host name, normalised.
func (j *Joiner) AddName(e Endpoint, name string) {
	if j.names[e] == nil {
		j.names[e] = map[string]bool{}
	}
	j.names[e][name] = true
}

// blockBits is how many low bits differ at most between the ports of one machine: makers number
// them from one block of addresses.
const blockBits = 24

// AddPort notes that a machine sent from one link address and named another as its own.
func (j *Joiner) AddPort(e Endpoint, named model.MAC, why string) {
	if e.MAC == 0 || e.Part != "" || e.MAC == named || e.MAC.IsLocal() || e.MAC>>blockBits != named>>blockBits {
		return
	}
	p := port{e, Endpoint{Realm: e.Realm, MAC: named}}
	if old, ok := j.ports[p]; !ok || why < old {
		j.ports[p] = why
	}
}

// gatherPorts unites the ports of each machine under its lowest link address that was seen.
func (j *Joiner) gatherPorts(seen func(Endpoint) bool, into map[Endpoint]Endpoint, why map[Endpoint]string) {
	root := map[Endpoint]Endpoint{}
	find := func(e Endpoint) Endpoint {
		for up, ok := root[e]; ok && up != e; up, ok = root[e] {
			e = up
		}
		return e
	}
	ports := slices.SortedFunc(maps.Keys(j.ports), func(a, b port) int {
		return cmp.Or(Compare(a.of, b.of), Compare(a.named, b.named))
	})
	groups := map[Endpoint][]Endpoint{}
	for _, p := range ports {
		a, b := find(p.of), find(p.named)
		if Compare(b, a) < 0 {
			a, b = b, a
		}
		root[a], root[b] = a, a
	}
	for _, e := range slices.SortedFunc(maps.Keys(root), Compare) {
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

// Unions returns, for endpoints that are one machine with another, the endpoint that names
// both, and why. The rule is narrow on purpose: exactly two link addresses share a strong
// identifier, agree on their host name, and no strong identifier of a kind tells them apart.
// An identifier on three or more is shared (cloned images), and joins nothing. Ports that a
// machine itself names, or that share one address, are joined before.
func (j *Joiner) Unions(seen func(Endpoint) bool) (map[Endpoint]Endpoint, map[Endpoint]string) {
	into, why := map[Endpoint]Endpoint{}, map[Endpoint]string{}
	j.gatherPorts(seen, into, why)
	kinds := map[Endpoint]map[string][]string{}
	for k, es := range j.holders {
		for e := range es {
			if kinds[e] == nil {
				kinds[e] = map[string][]string{}
			}
			kinds[e][k.kind] = append(kinds[e][k.kind], k.value)
		}
	}
	keys := slices.SortedFunc(maps.Keys(j.holders), func(a, b strong) int {
		return cmp.Or(cmp.Compare(a.realm, b.realm), strings.Compare(a.kind, b.kind), strings.Compare(a.value, b.value))
	})
	for _, k := range keys {
		es := slices.SortedFunc(maps.Keys(j.holders[k]), Compare)
		if len(es) != 2 || es[0].MAC == 0 || es[1].MAC == 0 || !agree(j.names[es[0]], j.names[es[1]]) || differ(kinds[es[0]], kinds[es[1]]) {
			continue
		}
		_, a := into[es[0]]
		_, b := into[es[1]]
		if a || b {
			continue // a third adapter would rest on a chain of joins
		}
		into[es[0]], into[es[1]] = es[0], es[0]
		why[es[0]] = es[0].MAC.String() + " and " + es[1].MAC.String() + " share " + k.kind + " " + k.value + " and the host name"
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
