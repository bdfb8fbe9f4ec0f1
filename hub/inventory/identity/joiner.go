package identity

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
)

// Identifier is something that one machine has and no other: the rule set decides which claims are.
type Identifier struct {
	Kind  string
	Value string
	// Hardware is built in: what is set up anew or replaced by another machine loses it. Others are
	// kept by software, and move to new hardware with an image or a configuration.
	Hardware bool
	// Configured is given by people, who give it to the next machine too: it never joins adapters.
	Configured bool
}

type strong struct {
	realm model.Realm
	kind  string
	value string
}

// Joiner unites endpoints of one machine.
type Joiner struct {
	holders map[strong]map[Endpoint]bool
	kinds   map[string]Identifier        // what is known of a kind; its value is empty
	names   map[Endpoint]map[string]bool // host names, normalised
	ports   map[port]string              // why two link addresses are ports of one machine
	parts   map[part]map[Endpoint]bool   // equipment by its own identifier, behind several gateways

	selves    map[Endpoint]self // by the part
	linkNames map[linkName]map[Endpoint]bool
	said      map[Endpoint]map[string]bool // names that are unique on a link
	traits    map[Endpoint]map[string]bool // what kind of machine it says it is
}

// port says that one link address is a port of the machine that another names.
type port struct{ of, named Endpoint }

// part is equipment that carries its identifier along from gateway to gateway.
type part struct {
	realm model.Realm
	id    string
}

// NewJoiner returns a joiner that knows nothing.
func NewJoiner() *Joiner {
	return &Joiner{holders: map[strong]map[Endpoint]bool{}, kinds: map[string]Identifier{}, names: map[Endpoint]map[string]bool{}, ports: map[port]string{},
		parts: map[part]map[Endpoint]bool{}, selves: map[Endpoint]self{}, linkNames: map[linkName]map[Endpoint]bool{}, said: map[Endpoint]map[string]bool{}, traits: map[Endpoint]map[string]bool{}}
}

// AddStrong notes an identifier that one machine has and no other.
func (j *Joiner) AddStrong(e Endpoint, id Identifier) {
	k := strong{e.Realm, id.Kind, id.Value}
	if j.holders[k] == nil {
		j.holders[k] = map[Endpoint]bool{}
	}
	j.holders[k][e] = true
	id.Value = ""
	j.kinds[id.Kind] = id
}

// AddName notes a host name, normalised.
func (j *Joiner) AddName(e Endpoint, name string) {
	if j.names[e] == nil {
		j.names[e] = map[string]bool{}
	}
	j.names[e][name] = true
}

// AddPart notes equipment that is known by an identifier of its own, wherever it is plugged in.
func (j *Joiner) AddPart(e Endpoint) {
	k := part{e.Realm, e.Part}
	if j.parts[k] == nil {
		j.parts[k] = map[Endpoint]bool{}
	}
	j.parts[k][e] = true
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

// Span is an interval of event time, Unix nanoseconds.
type Span struct{ First, Last int64 }

func (s Span) overlaps(o Span) bool { return s.First <= o.Last && o.First <= s.Last }

// World is what the joiner asks about endpoints.
type World interface {
	// Seen reports an endpoint that is a device, alone or with others.
	Seen(e Endpoint) bool
	// Life is when it was seen at all.
	Life(e Endpoint) Span
	// Busy is when it had which addresses: a machine has no other address elsewhere meanwhile.
	Busy(e Endpoint) []Span
	// Endpoints lists all that are devices, in any order.
	Endpoints() iter.Seq[Endpoint]
	// Roams reports a link address that its maker gave to one machine in the world, which neither
	// forwards for others nor is made up.
	Roams(e Endpoint) bool
}

// Unions returns, for endpoints that are one machine with another, the endpoint that names all of
// them, and why. The rules are narrow on purpose. Ports that a machine itself names are its own.
// Two link addresses that share an identifier and their host name are two adapters, unless
// another identifier tells them apart or more have it: then it is shared (cloned images, factory
// keys) and joins nothing. Two of different makers that keep one name on one link at one time are
// adapters, too. Addresses seen only through routers are one machine if they show one
// hardware identifier, one after the other. Equipment behind gateways keeps its identifier when it
// is plugged in elsewhere. A link address that turns up in another realm is the same machine if it
// keeps its name or a hardware identifier, or left the one before.
func (j *Joiner) Unions(w World) (map[Endpoint]Endpoint, map[Endpoint]string) {
	u := newUnion(j)
	j.joinPorts(u)
	j.joinSelves(w, u)
	for _, k := range slices.SortedFunc(maps.Keys(j.holders), compareStrong) {
		j.joinHolders(k, w, u)
	}
	j.joinLinkNames(w, u)
	j.joinParts(w, u)
	j.joinRoaming(w, u)
	return u.result(w)
}

func compareStrong(a, b strong) int {
	return cmp.Or(cmp.Compare(a.realm, b.realm), strings.Compare(a.kind, b.kind), strings.Compare(a.value, b.value))
}

// self is an endpoint that a part behind it really is.
type self struct {
	host Endpoint
	why  string
}

// AddSelf notes that a part behind an endpoint is the endpoint itself.
func (j *Joiner) AddSelf(host, part Endpoint, why string) { j.selves[part] = self{host, why} }

// joinSelves unites parts that are no gateway's, unless they were plugged in elsewhere too.
func (j *Joiner) joinSelves(w World, u *union) {
	for _, p := range slices.SortedFunc(maps.Keys(j.selves), Compare) {
		s := j.selves[p]
		if len(j.parts[part{p.Realm, p.Part}]) < 2 && w.Seen(s.host) && w.Seen(p) && u.may(s.host, p, true) {
			u.join(s.host, p, s.why)
		}
	}
}

func (j *Joiner) joinPorts(u *union) {
	ports := slices.SortedFunc(maps.Keys(j.ports), func(a, b port) int {
		return cmp.Or(Compare(a.of, b.of), Compare(a.named, b.named))
	})
	for _, p := range ports {
		u.join(p.of, p.named, j.ports[p])
	}
}

// joinHolders unites the holders of one identifier, if it is not shared.
func (j *Joiner) joinHolders(k strong, w World, u *union) {
	var links, addrs []Endpoint
	for _, e := range slices.SortedFunc(maps.Keys(j.holders[k]), Compare) {
		switch {
		case e.Part != "" || !w.Seen(e):
		case e.MAC != 0:
			links = append(links, e)
		default:
			addrs = append(addrs, e)
		}
	}
	what := j.kinds[k.kind]
	if len(links) > 2 || len(links) == 2 && !j.adapters(links[0], links[1], what, w, u) {
		return
	}
	if len(links) == 2 {
		u.join(links[0], links[1], links[0].MAC.String()+" and "+links[1].MAC.String()+" share "+k.kind+" "+k.value+" and the host name")
	}
	if !what.Hardware || !alternate(append(slices.Clone(links), addrs...), w) {
		return
	}
	all := append(links, addrs...)
	for _, e := range all[min(1, len(all)):] {
		if e.MAC == 0 && u.may(all[0], e, true) {
			u.join(all[0], e, e.Addr.String()+" showed "+k.kind+" "+k.value+" at another time")
		}
	}
}

// adapters reports two link addresses of one machine.
func (j *Joiner) adapters(a, b Endpoint, what Identifier, w World, u *union) bool {
	switch {
	case what.Configured || !agree(j.names[a], j.names[b]) || !u.may(a, b, false):
		return false
	case u.grouped(a) || u.grouped(b):
		return false // a third adapter would rest on a chain of joins
	}
	// What software keeps moves to the next machine with the image: only adapters in use at one time
	// are one machine's.
	return what.Hardware || w.Life(a).overlaps(w.Life(b))
}

// alternate reports endpoints that were never at two addresses at one time.
func alternate(es []Endpoint, w World) bool {
	type busy struct {
		Span
		of Endpoint
	}
	var all []busy
	for _, e := range es {
		for _, s := range w.Busy(e) {
			all = append(all, busy{s, e})
		}
	}
	slices.SortFunc(all, func(a, b busy) int { return cmp.Compare(a.First, b.First) })
	for i := range all {
		for k := i + 1; k < len(all) && all[k].First <= all[i].Last; k++ {
			if a, b := all[i].of, all[k].of; a != b && (a.MAC == 0 || b.MAC == 0) {
				return false
			}
		}
	}
	return true
}

// fewGateways is behind how many gateways one piece of equipment may be seen; an identifier behind
// more is a name that people gave to several.
const fewGateways = 8

func (j *Joiner) joinParts(w World, u *union) {
	keys := slices.SortedFunc(maps.Keys(j.parts), func(a, b part) int {
		return cmp.Or(cmp.Compare(a.realm, b.realm), strings.Compare(a.id, b.id))
	})
	for _, k := range keys {
		es := slices.DeleteFunc(slices.SortedFunc(maps.Keys(j.parts[k]), Compare), func(e Endpoint) bool { return !w.Seen(e) })
		if len(es) < 2 || len(es) > fewGateways {
			continue
		}
		for _, e := range es[1:] {
			if u.may(es[0], e, true) {
				u.join(es[0], e, k.id+" was seen behind another gateway")
			}
		}
	}
}

// fewRealms is in how many realms a machine may be seen.
const fewRealms = 6

func (j *Joiner) joinRoaming(w World, u *union) {
	byMAC := map[model.MAC][]Endpoint{}
	for e := range w.Endpoints() {
		if e.MAC != 0 && e.Part == "" && w.Roams(e) {
			byMAC[e.MAC] = append(byMAC[e.MAC], e)
		}
	}
	for _, m := range slices.Sorted(maps.Keys(byMAC)) {
		es := byMAC[m]
		slices.SortFunc(es, Compare)
		if len(es) < 2 || len(es) > fewRealms {
			continue
		}
		for _, e := range es[1:] {
			if (agree(j.names[es[0]], j.names[e]) || u.share(es[0], e) || !w.Life(es[0]).overlaps(w.Life(e))) && u.may(es[0], e, true) {
				u.join(es[0], e, m.String()+" was seen in realm "+string(e.Realm)+" too")
			}
		}
	}
}

func agree(a, b map[string]bool) bool {
	for n := range a {
		if b[n] {
			return true
		}
	}
	return false
}
