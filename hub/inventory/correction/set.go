package correction

import (
	"cmp"
	"slices"

	"github.com/wardscope/wardscope/hub/inventory/identity"
	"github.com/wardscope/wardscope/hub/state"
)

// Value is an attribute that a person set.
type Value struct {
	Attribute string
	Value     string
	By        state.Correction
}

// Set is the decisions that are in force.
type Set struct {
	joins  []state.Correction // oldest first
	splits map[pair]uint64    // endpoints that are two devices, and the decision that says so
	lone   map[identity.Endpoint]bool
	values map[identity.Endpoint]map[string]Value
}

// pair is two endpoints in their order.
type pair struct{ a, b identity.Endpoint }

func pairOf(a, b identity.Endpoint) pair {
	if identity.Compare(b, a) < 0 {
		a, b = b, a
	}
	return pair{a, b}
}

// New reads a log of decisions. Those that were undone have no effect, and neither has an undoing
// that was undone in turn.
func New(log []state.Correction) *Set {
	log = slices.SortedFunc(slices.Values(log), func(a, b state.Correction) int { return cmp.Compare(a.ID, b.ID) })
	undone := Undone(log)
	s := &Set{splits: map[pair]uint64{}, lone: map[identity.Endpoint]bool{}, values: map[identity.Endpoint]map[string]Value{}}
	for _, c := range log {
		if undone[c.ID] != 0 {
			continue
		}
		s.add(c)
	}
	return s
}

// Undone tells for each decision that has no effect any more which one took it back.
func Undone(log []state.Correction) map[uint64]uint64 {
	undone := map[uint64]uint64{}
	byNewest := slices.SortedFunc(slices.Values(log), func(a, b state.Correction) int { return cmp.Compare(b.ID, a.ID) })
	for _, c := range byNewest {
		if c.Kind == state.CorrectionUndo && undone[c.ID] == 0 && c.Undoes < c.ID {
			undone[c.Undoes] = c.ID
		}
	}
	return undone
}

func (s *Set) add(c state.Correction) {
	me := Endpoint(c.Subject)
	switch c.Kind {
	case state.CorrectionJoin:
		for _, o := range c.Others {
			delete(s.splits, pairOf(me, Endpoint(o))) // the later word counts
			delete(s.lone, Endpoint(o))
		}
		s.joins = append(s.joins, c)
	case state.CorrectionSplit:
		for _, o := range c.Others {
			s.splits[pairOf(me, Endpoint(o))] = c.ID
		}
		if me.MAC == 0 && me.Part == "" {
			s.lone[me] = true
		}
	case state.CorrectionSet:
		if s.values[me] == nil {
			s.values[me] = map[string]Value{}
		}
		if c.Value == "" {
			delete(s.values[me], c.Attribute)
			return
		}
		s.values[me][c.Attribute] = Value{Attribute: c.Attribute, Value: c.Value, By: c}
	}
}

// Endpoint is what an anchor names.
func Endpoint(a state.Anchor) identity.Endpoint {
	return identity.Endpoint{Realm: a.Realm, MAC: a.MAC, Addr: a.Addr, Part: a.Part}
}

// Anchor is the stored form of an endpoint.
func Anchor(e identity.Endpoint) state.Anchor {
	return state.Anchor{Realm: e.Realm, MAC: e.MAC, Addr: e.Addr, Part: e.Part}
}

// Apart reports an address that a person split off the link address that sends from it.
func (s *Set) Apart(e identity.Endpoint) bool { return s != nil && s.lone[e] }

// Values lists what was set on any of a device's endpoints, by attribute; the newest counts.
func (s *Set) Values(members []identity.Endpoint) []Value {
	if s == nil || len(s.values) == 0 {
		return nil
	}
	newest := map[string]Value{}
	for _, e := range members {
		for name, v := range s.values[e] {
			if old, ok := newest[name]; !ok || v.By.ID > old.By.ID {
				newest[name] = v
			}
		}
	}
	out := make([]Value, 0, len(newest))
	for _, v := range newest {
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b Value) int { return cmp.Compare(a.Attribute, b.Attribute) })
	return out
}
