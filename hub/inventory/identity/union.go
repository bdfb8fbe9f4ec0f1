package identity

import (
	"slices"
	"strings"
)

// union is a forest of endpoints, each group named by its lowest.
type union struct {
	j     *Joiner
	up    map[Endpoint]Endpoint
	kinds map[Endpoint]map[string][]string // identifiers by kind, of each root
	why   map[Endpoint][]string            // of each root
}

func newUnion(j *Joiner) *union {
	u := &union{j: j, up: map[Endpoint]Endpoint{}, kinds: map[Endpoint]map[string][]string{}, why: map[Endpoint][]string{}}
	for k, es := range j.holders {
		for e := range es {
			if u.kinds[e] == nil {
				u.kinds[e] = map[string][]string{}
			}
			u.kinds[e][k.kind] = append(u.kinds[e][k.kind], k.value)
		}
	}
	return u
}

func (u *union) root(e Endpoint) Endpoint {
	for up, ok := u.up[e]; ok && up != e; up, ok = u.up[e] {
		e = up
	}
	return e
}

func (u *union) grouped(e Endpoint) bool {
	_, ok := u.up[e]
	return ok
}

// may reports two groups that no kind of identifier tells apart; with hardware, only what is built
// in is asked.
func (u *union) may(a, b Endpoint, hardware bool) bool {
	ka, kb := u.kinds[u.root(a)], u.kinds[u.root(b)]
	for kind, x := range ka {
		if hardware && !u.j.kinds[kind].Hardware {
			continue
		}
		if y, ok := kb[kind]; ok && !slices.ContainsFunc(x, func(v string) bool { return slices.Contains(y, v) }) {
			return false
		}
	}
	return true
}

// share reports two groups that show one hardware identifier.
func (u *union) share(a, b Endpoint) bool {
	ka, kb := u.kinds[u.root(a)], u.kinds[u.root(b)]
	for kind, x := range ka {
		if u.j.kinds[kind].Hardware && slices.ContainsFunc(x, func(v string) bool { return slices.Contains(kb[kind], v) }) {
			return true
		}
	}
	return false
}

func (u *union) join(a, b Endpoint, why string) {
	x, y := u.root(a), u.root(b)
	if Compare(y, x) < 0 {
		x, y = y, x
	}
	u.up[x], u.up[y] = x, x
	if !slices.Contains(u.why[x], why) {
		u.why[x] = append(u.why[x], why)
	}
	if x == y {
		return
	}
	kinds := map[string][]string{}
	for _, k := range []map[string][]string{u.kinds[x], u.kinds[y]} {
		for kind, values := range k {
			kinds[kind] = append(kinds[kind], values...)
		}
	}
	u.kinds[x] = kinds
	u.why[x] = append(u.why[x], u.why[y]...)
	delete(u.why, y)
}

// result names each group by its lowest endpoint that is a device; groups of one are left out.
func (u *union) result(w World) (map[Endpoint]Endpoint, map[Endpoint]string) {
	groups := map[Endpoint][]Endpoint{}
	for e := range u.up {
		if w.Seen(e) {
			groups[u.root(e)] = append(groups[u.root(e)], e)
		}
	}
	into, why := map[Endpoint]Endpoint{}, map[Endpoint]string{}
	for root, es := range groups {
		if len(es) < 2 {
			continue
		}
		slices.SortFunc(es, Compare)
		for _, e := range es {
			into[e] = es[0]
		}
		reasons := slices.Sorted(slices.Values(u.why[root]))
		why[es[0]] = strings.Join(slices.Compact(reasons), "; ")
	}
	return into, why
}
