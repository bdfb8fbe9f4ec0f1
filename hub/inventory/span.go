package inventory

import (
	"cmp"
	"slices"

	"github.com/wardscope/wardscope/internal/model"
)

// span is an interval of event time with a count. The zero span is empty.
type span struct {
	first, last int64
	count       uint64
}

func (s *span) add(first, last int64, n uint64) {
	if s.count == 0 || first < s.first {
		s.first = first
	}
	if s.count == 0 || last > s.last {
		s.last = last
	}
	s.count += max(n, 1)
}

func (s span) merge(o span) span {
	if o.count > 0 {
		s.add(o.first, o.last, o.count)
	}
	return s
}

func (s span) overlaps(o span) bool {
	return s.count > 0 && o.count > 0 && s.first <= o.last && o.first <= s.last
}

// distance is how far t lies outside s, nanoseconds; 0 inside.
func (s span) distance(t int64) int64 {
	return max(s.first-t, t-s.last, 0)
}

// nearerSpan reports whether a says more of who had an address at t than b: it holds t or is nearer,
// and of two that hold it the shorter one, since the longer may be two stays in one.
func nearerSpan(a, b span, t int64) bool {
	if x, y := a.distance(t), b.distance(t); x != y {
		return x < y
	}
	return a.last-a.first < b.last-b.first
}

func compareAddr(a, b model.Addr) int {
	return cmp.Or(cmp.Compare(a.Hi, b.Hi), cmp.Compare(a.Lo, b.Lo))
}

// sortedKeys makes iteration over a map independent of its order.
func sortedKeys[K comparable, V any](m map[K]V, less func(a, b K) int) []K {
	out := make([]K, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.SortFunc(out, less)
	return out
}

type macKey struct {
	realm model.Realm
	mac   model.MAC
}

type addrKey struct {
	realm model.Realm
	addr  model.Addr
}

func compareMACKey(a, b macKey) int {
	return cmp.Or(cmp.Compare(a.realm, b.realm), cmp.Compare(a.mac, b.mac))
}
