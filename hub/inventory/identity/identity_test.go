package identity_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/inventory/identity"
	"github.com/wardscope/wardscope/internal/model"
)

func at(m model.MAC) identity.Endpoint { return identity.Endpoint{Realm: "a", MAC: m} }

const block = model.MAC(0x000e8c000000)

func seen(ms ...model.MAC) func(identity.Endpoint) bool {
	return func(e identity.Endpoint) bool {
		for _, m := range ms {
			if e == at(m) {
				return true
			}
		}
		return false
	}
}

func TestPortsUnite(t *testing.T) {
	for name, c := range map[string]struct {
		ports [][2]model.MAC
		seen  []model.MAC
		want  map[identity.Endpoint]identity.Endpoint
	}{
		"two ports name a chassis that was not heard": {[][2]model.MAC{{block + 2, block + 9}, {block + 1, block + 9}}, []model.MAC{block + 1, block + 2},
			map[identity.Endpoint]identity.Endpoint{at(block + 1): at(block + 1), at(block + 2): at(block + 1)}},
		"a chain":                     {[][2]model.MAC{{block + 3, block + 2}, {block + 2, block + 1}}, []model.MAC{block + 1, block + 2, block + 3}, map[identity.Endpoint]identity.Endpoint{at(block + 1): at(block + 1), at(block + 2): at(block + 1), at(block + 3): at(block + 1)}},
		"one port, chassis not heard": {[][2]model.MAC{{block + 1, block + 9}}, []model.MAC{block + 1}, map[identity.Endpoint]identity.Endpoint{}},
		"another maker's chassis":     {[][2]model.MAC{{block + 1, 0x0003b1000001}}, []model.MAC{block + 1, 0x0003b1000001}, map[identity.Endpoint]identity.Endpoint{}},
		"a random link address":       {[][2]model.MAC{{0x020000000001, 0x020000000002}}, []model.MAC{0x020000000001, 0x020000000002}, map[identity.Endpoint]identity.Endpoint{}},
	} {
		j := identity.NewJoiner()
		for _, p := range c.ports {
			j.AddPort(at(p[0]), p[1], "because")
		}
		into, why := j.Unions(seen(c.seen...))
		if diff := cmp.Diff(c.want, into); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if len(into) > 0 && why[at(block+1)] == "" {
			t.Errorf("%s: no reason: %v", name, why)
		}
	}
}

func TestStrongIdentifiersUniteTwoOnly(t *testing.T) {
	three := model.MAC(3)
	for name, c := range map[string]struct {
		holders []model.MAC
		named   string
		want    int
	}{
		"two that agree on their name": {[]model.MAC{1, 2}, "ct-03", 2},
		"two without a name":           {[]model.MAC{1, 2}, "", 0},
		"three: a cloned image":        {[]model.MAC{1, 2, three}, "ct-03", 0},
	} {
		j := identity.NewJoiner()
		for _, m := range c.holders {
			j.AddStrong(at(m), "serial number", "123456")
			if c.named != "" {
				j.AddName(at(m), c.named)
			}
		}
		if into, _ := j.Unions(seen(c.holders...)); len(into) != c.want {
			t.Errorf("%s: got %v", name, into)
		}
	}
}

func TestIDsAreStable(t *testing.T) {
	e := identity.Endpoint{Realm: "wan", MAC: 0x0003b1000001}
	part := e
	part.Part = "hl7:pump"
	if e.ID() == part.ID() || e.ID() != part.Host().ID() || len(e.ID()) != 15 {
		t.Errorf("got %s, %s", e.ID(), part.ID())
	}
}
