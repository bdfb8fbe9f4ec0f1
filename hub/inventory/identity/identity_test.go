package identity_test

import (
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/inventory/identity"
	"github.com/wardscope/wardscope/internal/model"
)

func at(m model.MAC) identity.Endpoint { return identity.Endpoint{Realm: "a", MAC: m} }

const block = model.MAC(0x000e8c000000)

// world is what is known of endpoints in tests: when each was there, and what is no device.
type world struct {
	lives map[identity.Endpoint]identity.Span
	fixed map[model.MAC]bool // link addresses that do not roam
}

func (w world) Seen(e identity.Endpoint) bool            { _, ok := w.lives[e]; return ok }
func (w world) Life(e identity.Endpoint) identity.Span   { return w.lives[e] }
func (w world) Busy(e identity.Endpoint) []identity.Span { return []identity.Span{w.lives[e]} }
func (w world) Roams(e identity.Endpoint) bool           { return !w.fixed[e.MAC] }
func (w world) Endpoints() iter.Seq[identity.Endpoint]   { return maps.Keys(w.lives) }

func seen(ms ...model.MAC) world {
	w := world{lives: map[identity.Endpoint]identity.Span{}}
	for _, m := range ms {
		w.lives[at(m)] = identity.Span{First: 1, Last: 9}
	}
	return w
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

// holder is an endpoint that showed an identifier, and when.
type holder struct {
	end         identity.Endpoint
	name        string
	serial      string
	first, last int64
}

func host(n byte) identity.Endpoint {
	return identity.Endpoint{Realm: "a", Addr: model.AddrFrom4([]byte{10, 0, 0, n})}
}

func behind(gateway model.MAC, part string) identity.Endpoint {
	return identity.Endpoint{Realm: "a", MAC: gateway, Part: part}
}

func TestUnions(t *testing.T) {
	hardware, software, configured := identity.Identifier{Kind: "serial", Hardware: true}, identity.Identifier{Kind: "DUID"}, identity.Identifier{Kind: "instance", Configured: true}
	elsewhere := at(1)
	elsewhere.Realm = "b"
	for _, c := range []struct {
		name    string
		by      identity.Identifier
		holders []holder
		want    string
	}{
		{"two adapters", hardware, []holder{{at(1), "ct", "7", 1, 9}, {at(2), "ct", "7", 2, 8}}, "1+2"},
		{"without a name", hardware, []holder{{at(1), "", "7", 1, 9}, {at(2), "", "7", 2, 8}}, ""},
		{"other names", hardware, []holder{{at(1), "ct", "7", 1, 9}, {at(2), "mr", "7", 2, 8}}, ""},
		{"three: a cloned image", hardware, []holder{{at(1), "ct", "7", 1, 9}, {at(2), "ct", "7", 2, 8}, {at(3), "ct", "7", 2, 8}}, ""},
		{"kept by software, in use at one time", software, []holder{{at(1), "ws", "7", 1, 9}, {at(2), "ws", "7", 2, 8}}, "1+2"},
		{"kept by software, one after the other: replaced hardware", software, []holder{{at(1), "ws", "7", 1, 4}, {at(2), "ws", "7", 5, 8}}, ""},
		{"given by people", configured, []holder{{at(1), "ahu", "7", 1, 9}, {at(2), "ahu", "7", 1, 9}}, ""},
		{"behind a router, one address after the other", hardware, []holder{{host(1), "", "7", 1, 4}, {host(2), "", "7", 5, 8}}, "10.0.0.1+10.0.0.2"},
		{"behind a router, two addresses at once: shared", hardware, []holder{{host(1), "", "7", 1, 5}, {host(2), "", "7", 5, 8}}, ""},
		{"behind a router, then on its segment", hardware, []holder{{host(1), "", "7", 1, 4}, {at(2), "", "7", 5, 8}}, "10.0.0.1+2"},
		{"behind a router, kept by software", software, []holder{{host(1), "", "7", 1, 4}, {host(2), "", "7", 5, 8}}, ""},
		{"behind another gateway", hardware, []holder{{behind(1, "hl7:SN-118822"), "", "", 1, 4}, {behind(2, "hl7:SN-118822"), "", "", 3, 8}}, "1/hl7:SN-118822+2/hl7:SN-118822"},
		{"behind another gateway, other serial numbers", hardware, []holder{{behind(1, "hl7:SN-118822"), "", "7", 1, 4}, {behind(2, "hl7:SN-118822"), "", "8", 3, 8}}, ""},
		{"roams with its name", hardware, []holder{{at(1), "pump", "", 1, 9}, {elsewhere, "pump", "", 2, 8}}, "1+b/1"},
		{"roams with its serial number", hardware, []holder{{at(1), "", "7", 1, 9}, {elsewhere, "pump", "7", 2, 8}}, "1+b/1"},
		{"moved without a name", hardware, []holder{{at(1), "", "", 1, 4}, {elsewhere, "", "", 5, 8}}, "1+b/1"},
		{"one link address in two realms at once", hardware, []holder{{at(1), "", "", 1, 9}, {elsewhere, "", "", 2, 8}}, ""},
		{"roams with another serial number", hardware, []holder{{at(1), "pump", "7", 1, 9}, {elsewhere, "pump", "8", 2, 8}}, ""},
		{"made up by software", hardware, []holder{{at(9), "pump", "", 1, 9}, {identity.Endpoint{Realm: "b", MAC: 9}, "pump", "", 2, 8}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for range 4 {
				j, w := identity.NewJoiner(), world{lives: map[identity.Endpoint]identity.Span{}, fixed: map[model.MAC]bool{9: true}}
				rand.Shuffle(len(c.holders), func(i, k int) { c.holders[i], c.holders[k] = c.holders[k], c.holders[i] })
				for _, h := range c.holders {
					w.lives[h.end] = identity.Span{First: h.first, Last: h.last}
					if h.serial != "" {
						id := c.by
						id.Value = h.serial
						j.AddStrong(h.end, id)
					}
					if h.name != "" {
						j.AddName(h.end, h.name)
					}
					if h.end.Part != "" {
						j.AddPart(h.end)
					}
				}
				into, why := j.Unions(w)
				if got := groups(into); got != c.want {
					t.Fatalf("got %q, want %q", got, c.want)
				}
				for _, root := range into {
					if why[root] == "" {
						t.Error("a join without a reason")
					}
				}
			}
		})
	}
}

func TestNamesOfALink(t *testing.T) {
	const cable, radio, third = model.MAC(0x3cf011000001), model.MAC(0x0003b1000002), model.MAC(0x00095c000003)
	type says struct {
		mac               model.MAC
		link, name, trait string
	}
	for _, c := range []struct {
		name string
		said []says
		want bool
	}{
		{"cable and radio", []says{{cable, "1", "cart", "m9"}, {radio, "1", "cart", "m9"}}, true},
		{"on two links a name may repeat", []says{{cable, "1", "cart", "m9"}, {radio, "2", "cart", "m9"}}, false},
		{"of another model", []says{{cable, "1", "cart", "m9"}, {radio, "1", "cart", "m8"}}, false},
		{"who speaks for a sleeper says two names", []says{{cable, "1", "cart", "m9"}, {cable, "1", "tv", "m9"}, {radio, "1", "cart", "m9"}}, false},
		{"three have it, so it is not kept unique", []says{{cable, "1", "cart", "m9"}, {radio, "1", "cart", "m9"}, {third, "1", "cart", "m9"}}, false},
	} {
		j := identity.NewJoiner()
		for _, x := range c.said {
			j.AddLinkName(at(x.mac), x.link, x.name)
			j.AddTrait(at(x.mac), x.trait)
		}
		into, why := j.Unions(seen(cable, radio, third))
		if got := len(into) == 2; got != c.want || got && why[at(radio)] == "" {
			t.Errorf("%s: got %v, %v", c.name, into, why)
		}
	}
	j := identity.NewJoiner()
	for _, m := range []model.MAC{cable, radio} {
		j.AddLinkName(at(m), "1", "cart")
		j.AddTrait(at(m), "m9")
	}
	w := seen(cable)
	w.lives[at(radio)] = identity.Span{First: 10, Last: 12}
	if into, _ := j.Unions(w); len(into) > 0 {
		t.Errorf("one after the other: the name moved on, yet %v", into)
	}
}

// groups writes unions as text: members by +, groups by blanks.
func groups(into map[identity.Endpoint]identity.Endpoint) string {
	var out []string
	members := map[identity.Endpoint][]string{}
	for _, e := range slices.SortedFunc(maps.Keys(into), identity.Compare) {
		text := strconv.Itoa(int(e.MAC))
		if e.MAC == 0 {
			text = e.Addr.String()
		}
		if e.Realm != "a" {
			text = string(e.Realm) + "/" + text
		}
		if e.Part != "" {
			text += "/" + e.Part
		}
		members[into[e]] = append(members[into[e]], text)
	}
	for _, root := range slices.SortedFunc(maps.Keys(members), identity.Compare) {
		out = append(out, strings.Join(members[root], "+"))
	}
	return strings.Join(out, " ")
}

func TestIDsAreStable(t *testing.T) {
	e := identity.Endpoint{Realm: "wan", MAC: 0x0003b1000001}
	part := e
	part.Part = "hl7:pump"
	if e.ID() == part.ID() || e.ID() != part.Host().ID() || len(e.ID()) != 15 {
		t.Errorf("got %s, %s", e.ID(), part.ID())
	}
}
