package correction_test

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/inventory/correction"
	"github.com/wardscope/wardscope/hub/inventory/identity"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
)

func end(n int) identity.Endpoint { return identity.Endpoint{Realm: "wan", MAC: model.MAC(n)} }

func anchors(ns ...int) (out []state.Anchor) {
	for _, n := range ns {
		out = append(out, correction.Anchor(end(n)))
	}
	return out
}

func join(id uint64, into int, others ...int) state.Correction {
	return state.Correction{ID: id, Kind: state.CorrectionJoin, Subject: anchors(into)[0], Others: anchors(others...), Why: "one cart"}
}

func split(id uint64, off int, from ...int) state.Correction {
	return state.Correction{ID: id, Kind: state.CorrectionSplit, Subject: anchors(off)[0], Others: anchors(from...), Why: "two carts"}
}

func undo(id, of uint64) state.Correction {
	return state.Correction{ID: id, Kind: state.CorrectionUndo, Undoes: of}
}

// rules are groups as the resolver's own rules make them: the first number names each.
type rules [][]int

func (r rules) unions() map[identity.Endpoint]identity.Endpoint {
	into := map[identity.Endpoint]identity.Endpoint{}
	for _, g := range r {
		for _, n := range g {
			into[end(n)] = end(g[0])
		}
	}
	return into
}

func TestUnite(t *testing.T) {
	for _, c := range []struct {
		name string
		log  []state.Correction
		by   rules
		want map[int]int
	}{
		{"nothing decided", nil, rules{{1, 2}}, map[int]int{1: 1, 2: 1}},
		{"a join", []state.Correction{join(1, 5, 3)}, nil, map[int]int{5: 5, 3: 5}},
		{"a join takes along what rules joined", []state.Correction{join(1, 5, 2)}, rules{{1, 2}}, map[int]int{5: 5, 1: 5, 2: 5}},
		{"a chain of joins", []state.Correction{join(1, 5, 3), join(2, 9, 5)}, nil, map[int]int{9: 9, 5: 9, 3: 9}},
		{"a split beats a rule", []state.Correction{split(1, 2, 1)}, rules{{1, 2}}, map[int]int{}},
		{"a split of one of three", []state.Correction{split(1, 2, 1, 3)}, rules{{1, 2, 3}}, map[int]int{1: 1, 3: 1}},
		{"a split of the one that names", []state.Correction{split(1, 1, 2, 3)}, rules{{1, 2, 3}}, map[int]int{2: 2, 3: 2}},
		{"no way around a split", []state.Correction{split(1, 1, 2), join(2, 3, 1), join(3, 3, 2)}, nil, map[int]int{1: 3, 3: 3}},
		{"a join after a split counts", []state.Correction{split(1, 1, 2), join(2, 1, 2)}, nil, map[int]int{1: 1, 2: 1}},
		{"a split after a join counts", []state.Correction{join(1, 1, 2), split(2, 1, 2)}, nil, map[int]int{}},
		{"an undone join", []state.Correction{join(1, 1, 2), undo(2, 1)}, nil, map[int]int{}},
		{"an undone undoing", []state.Correction{join(1, 1, 2), undo(2, 1), undo(3, 2)}, nil, map[int]int{1: 1, 2: 1}},
		{"an undone split", []state.Correction{split(1, 2, 1), undo(2, 1)}, rules{{1, 2}}, map[int]int{1: 1, 2: 1}},
		{"joined with what is not there", []state.Correction{join(1, 1, 99)}, nil, map[int]int{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for range 10 {
				rand.Shuffle(len(c.log), func(i, j int) { c.log[i], c.log[j] = c.log[j], c.log[i] })
				into, why := c.by.unions(), map[identity.Endpoint]string{}
				correction.New(c.log).Unite(into, why, func(e identity.Endpoint) bool { return e.MAC < 90 })
				got := map[int]int{}
				for e, root := range into {
					got[int(e.MAC)] = int(root.MAC)
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Fatalf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestJoinsSayWhy(t *testing.T) {
	into, why := rules{{1, 2}}.unions(), map[identity.Endpoint]string{end(1): "one block"}
	correction.New([]state.Correction{join(4, 5, 1)}).Unite(into, why, func(identity.Endpoint) bool { return true })
	if want := "one block; joined by decision 4: one cart"; why[end(5)] != want {
		t.Errorf("got %q, want %q", why[end(5)], want)
	}
}

func set(id uint64, n int, name, value string) state.Correction {
	return state.Correction{ID: id, Kind: state.CorrectionSet, Subject: anchors(n)[0], Attribute: name, Value: value}
}

func TestValues(t *testing.T) {
	s := correction.New([]state.Correction{set(1, 1, "model", "A"), set(2, 2, "model", "B"), set(3, 1, "owner", "icu"), set(4, 1, "serial", "7"), set(5, 1, "serial", ""),
		set(6, 2, "model", "C"), undo(7, 6)})
	got := map[string]string{}
	for _, v := range s.Values([]identity.Endpoint{end(1), end(2)}) {
		got[v.Attribute] = v.Value
	}
	if diff := cmp.Diff(map[string]string{"model": "B", "owner": "icu"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var none *correction.Set
	if none.Values([]identity.Endpoint{end(1)}) != nil || none.Apart(end(1)) {
		t.Error("a nil set holds decisions")
	}
}
