package flowmap

import (
	"cmp"
	"slices"
	"strings"

	"github.com/wardscope/wardscope/hub/inventory"
)

// Arrow is that devices need another, for drawing: one device, or all of a kind together.
type Arrow struct {
	User    *inventory.Device // nil: Count devices of a kind
	Count   Count             // valid iff User is nil
	Server  *inventory.Device
	Service string // of the heaviest need
	Weight  float64
}

// Arrows draws what is around a device: who needs it, followed over some steps, and what it and
// its servers need. Devices that nobody needs in turn are drawn together by kind.
func (n *Needs) Arrows(d *inventory.Device, steps int) []Arrow {
	steps = max(min(steps, MaxSteps), 1)
	var out []Arrow
	seen := map[string]bool{d.ID: true}
	frontier := []*inventory.Device{d}
	for step := 1; step <= steps; step++ {
		var next []*inventory.Device
		for _, server := range frontier {
			out = append(out, n.arrowsInto(server, step < steps, seen, &next)...)
		}
		frontier = next
	}
	seen, frontier = map[string]bool{d.ID: true}, []*inventory.Device{d}
	for range steps {
		var next []*inventory.Device
		for _, user := range frontier {
			for _, id := range sortedIDs(n.servers[user.ID]) {
				l := n.servers[user.ID][id]
				out = append(out, Arrow{User: user, Server: l.peer, Service: l.service, Weight: l.weight})
				if !seen[id] && l.worth >= passesOn {
					seen[id] = true
					next = append(next, l.peer)
				}
			}
		}
		frontier = next
	}
	slices.SortStableFunc(out, func(a, b Arrow) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), strings.Compare(a.Server.ID, b.Server.ID), strings.Compare(a.name(), b.name()))
	})
	return slices.CompactFunc(out, func(a, b Arrow) bool {
		return a.User != nil && a.User == b.User && a.Server == b.Server
	})
}

func (a *Arrow) name() string {
	if a.User != nil {
		return a.User.ID
	}
	return a.Count.Kind.Name
}

// arrowsInto lists who needs a server. Those that are needed themselves stand alone if there is a
// step to follow them.
func (n *Needs) arrowsInto(server *inventory.Device, further bool, seen map[string]bool, next *[]*inventory.Device) []Arrow {
	var out []Arrow
	groups := make([]Arrow, len(n.care.Kinds))
	first := make([]*inventory.Device, len(n.care.Kinds))
	for _, id := range sortedIDs(n.users[server.ID]) {
		l := n.users[server.ID][id]
		if further && len(n.users[id]) > 0 {
			out = append(out, Arrow{User: l.peer, Server: server, Service: l.service, Weight: l.weight})
			if !seen[id] && l.worth >= passesOn {
				seen[id] = true
				*next = append(*next, l.peer)
			}
			continue
		}
		k := n.care.Kind(l.peer)
		g := &groups[k]
		if g.Count.Devices == 0 {
			*g = Arrow{Count: Count{Kind: &n.care.Kinds[k]}, Server: server, Service: l.service}
			first[k] = l.peer
		}
		g.Count.Devices++
		g.Weight += l.weight
	}
	for k := range groups {
		if groups[k].Count.Devices == 1 {
			groups[k].User = first[k]
		}
		if groups[k].Count.Devices > 0 {
			out = append(out, groups[k])
		}
	}
	return out
}
