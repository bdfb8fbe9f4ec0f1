package correction

import (
	"fmt"
	"maps"
	"slices"

	"github.com/wardscope/wardscope/hub/inventory/identity"
	"github.com/wardscope/wardscope/hub/state"
)

// groups is a forest of endpoints in which some must not meet.
type groups struct {
	up     map[identity.Endpoint]identity.Endpoint
	member map[identity.Endpoint][]identity.Endpoint // of each root
	named  map[identity.Endpoint]bool                // roots that a person chose
	apart  map[pair]uint64
}

func (g *groups) root(e identity.Endpoint) identity.Endpoint {
	for {
		up, ok := g.up[e]
		if !ok || up == e {
			return e
		}
		e = up
	}
}

func (g *groups) members(root identity.Endpoint) []identity.Endpoint {
	if m := g.member[root]; m != nil {
		return m
	}
	return []identity.Endpoint{root}
}

// may reports that nobody split any of the one group off any of the other.
func (g *groups) may(a, b identity.Endpoint) bool {
	for _, x := range g.members(a) {
		for _, y := range g.members(b) {
			if g.apart[pairOf(x, y)] != 0 {
				return false
			}
		}
	}
	return true
}

// merge unites two groups under the root that a person chose, else under into's.
func (g *groups) merge(into, other identity.Endpoint, chosen bool) bool {
	a, b := g.root(into), g.root(other)
	if a == b || !g.may(a, b) {
		return false
	}
	if !chosen && g.named[b] && (!g.named[a] || identity.Compare(b, a) < 0) {
		a, b = b, a
	}
	g.member[a] = append(slices.Clone(g.members(a)), g.members(b)...)
	g.up[b], g.up[a] = a, a
	g.named[a] = g.named[a] || chosen
	delete(g.member, b)
	return true
}

// Unite changes what rules united: into names for each united endpoint the one that stands for
// its device, why says why. seen reports endpoints that are there. What a person joined is one
// device; what a person split stays apart even where rules would join it.
func (s *Set) Unite(into map[identity.Endpoint]identity.Endpoint, why map[identity.Endpoint]string, seen func(identity.Endpoint) bool) {
	if s == nil || len(s.joins) == 0 && len(s.splits) == 0 {
		return
	}
	g := &groups{up: map[identity.Endpoint]identity.Endpoint{}, member: map[identity.Endpoint][]identity.Endpoint{}, named: map[identity.Endpoint]bool{}, apart: s.splits}
	reasons := map[identity.Endpoint]string{}
	for _, c := range s.joins {
		s.join(g, c, reasons, seen)
	}
	for root, es := range ruled(into) {
		for i, a := range es {
			for _, b := range es[i+1:] {
				if a != root && g.root(a) == g.root(root) {
					continue // already with it
				}
				g.merge(a, b, false)
			}
		}
	}
	rules := maps.Clone(why)
	clear(into)
	clear(why)
	for root, es := range g.member {
		for _, e := range es {
			into[e] = root
			why[root] = said(why[root], rules[e], reasons[e])
		}
	}
}

// said joins reasons, each once.
func said(parts ...string) string {
	var out string
	for _, p := range parts {
		switch {
		case p == "":
		case out == "":
			out = p
		default:
			out += "; " + p
		}
	}
	return out
}

func (s *Set) join(g *groups, c state.Correction, reasons map[identity.Endpoint]string, seen func(identity.Endpoint) bool) {
	me := Endpoint(c.Subject)
	if !seen(me) {
		return
	}
	for _, o := range c.Others {
		e := Endpoint(o)
		if seen(e) && g.merge(me, e, true) {
			reasons[e] = fmt.Sprintf("joined by decision %d: %s", c.ID, c.Why)
		}
	}
}

// ruled lists the groups that rules made, in a fixed order, each with its root first.
func ruled(into map[identity.Endpoint]identity.Endpoint) func(func(identity.Endpoint, []identity.Endpoint) bool) {
	byRoot := map[identity.Endpoint][]identity.Endpoint{}
	for e, root := range into {
		if e != root {
			byRoot[root] = append(byRoot[root], e)
		}
	}
	return func(yield func(identity.Endpoint, []identity.Endpoint) bool) {
		for _, root := range slices.SortedFunc(maps.Keys(byRoot), identity.Compare) {
			es := byRoot[root]
			slices.SortFunc(es, identity.Compare)
			if !yield(root, append([]identity.Endpoint{root}, es...)) {
				return
			}
		}
	}
}
