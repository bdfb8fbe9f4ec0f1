package sites_test

import (
	"net/netip"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/knowledge"
	"github.com/wardscope/wardscope/hub/inventory/sites"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
)

func pfx(texts ...string) (out []netip.Prefix) {
	for _, t := range texts {
		out = append(out, netip.MustParsePrefix(t))
	}
	return out
}

func addr(t *testing.T, s string) model.Addr {
	t.Helper()
	a, err := model.ParseAddr(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

var doc = state.Sites{
	Sites: []state.Site{
		{ID: "north", Realm: "wan", Prefixes: pfx("10.1.0.0/16", "198.51.100.0/24"), Departments: []state.Department{
			{Name: "radiology", Prefixes: pfx("10.1.20.0/24")}, {Name: "icu", VLANs: []uint16{30}}}},
		{ID: "south", Realm: "wan", Prefixes: pfx("10.2.0.0/16")},
		{ID: "clinic", Prefixes: pfx("10.1.0.0/16"), Realms: []state.RealmRule{{Realm: "lab", Prefix: netip.MustParsePrefix("192.168.9.0/24")}}},
	},
	Partners: []state.Partner{{Name: "records", Prefixes: pfx("203.0.113.0/24", "10.1.99.0/24")}},
}

func TestWhoseAndWhere(t *testing.T) {
	table := sites.New(doc)
	for _, c := range []struct {
		realm       model.Realm
		addr, class string
		site        model.SiteID
		partner     string
	}{
		{"wan", "10.1.5.5", "own", "north", ""},
		{"wan", "10.2.5.5", "own", "south", ""},
		{"clinic", "10.1.5.5", "own", "clinic", ""},
		{"clinic", "10.2.5.5", "own", "", ""},
		{"lab", "192.168.9.3", "own", "clinic", ""},
		{"wan", "198.51.100.7", "own", "north", ""},
		{"wan", "203.0.113.9", "partner", "", "records"},
		{"wan", "10.1.99.9", "partner", "north", "records"},
		{"wan", "8.8.8.8", "external", "", ""},
		{"wan", "172.16.3.4", "own", "", ""},
		{"wan", "fd00::1", "own", "", ""},
		{"wan", "2001:4860::1", "external", "", ""},
		{"wan", "224.0.0.251", "own", "", ""},
		{"wan", "255.255.255.255", "own", "", ""},
	} {
		a := addr(t, c.addr)
		got := []string{table.Class(a).String(), string(table.SiteOf(c.realm, a)), table.Partner(a)}
		if diff := cmp.Diff([]string{c.class, string(c.site), c.partner}, got); diff != "" {
			t.Errorf("%s in %s (-want +got):\n%s", c.addr, c.realm, diff)
		}
	}
}

func TestDepartment(t *testing.T) {
	table := sites.New(doc)
	for _, c := range []struct {
		site  model.SiteID
		addr  string
		vlans []uint16
		want  string
	}{
		{"north", "10.1.20.4", []uint16{30}, "radiology"},
		{"north", "10.1.21.4", []uint16{30}, "icu"},
		{"north", "10.1.21.4", nil, ""},
		{"nowhere", "10.1.20.4", nil, ""},
	} {
		if got := table.Place(c.site, inventory.Whereabouts{Addrs: []model.Addr{addr(t, c.addr)}, VLANs: c.vlans}); got.Department != c.want {
			t.Errorf("%s %s: got %q, want %q", c.site, c.addr, got.Department, c.want)
		}
	}
}

// TestPlace says department and building by the surest of what is known.
func TestPlace(t *testing.T) {
	table := sites.New(state.Sites{Sites: []state.Site{{ID: "north", Departments: []state.Department{
		{Name: "radiology", Building: "A", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.1.20.0/24")}},
		{Building: "A", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}},
		{Name: "icu", Building: "B", Ports: []string{"access server sw-icu-*, port Gi1/0/*", "circuit icu*"}},
		{Name: "guests", Networks: []string{"visitors"}},
		{Building: "C", VLANs: []uint16{40}},
	}}}})
	for name, c := range map[string]struct {
		at   inventory.Whereabouts
		want inventory.Place
	}{
		"by prefix":             {inventory.Whereabouts{Addrs: []model.Addr{addr(t, "10.1.20.4")}}, inventory.Place{Department: "radiology", Building: "A", DepartmentBy: "10.1.20.4", BuildingBy: "10.1.20.4"}},
		"by the wider prefix":   {inventory.Whereabouts{Addrs: []model.Addr{addr(t, "10.1.30.4")}, VLANs: []uint16{40}}, inventory.Place{Building: "A", BuildingBy: "10.1.30.4"}},
		"a port beats a prefix": {inventory.Whereabouts{Addrs: []model.Addr{addr(t, "10.1.20.4")}, Ports: []string{"access server SW-ICU-2, port Gi1/0/7"}}, inventory.Place{Department: "icu", Building: "B", DepartmentBy: "access server SW-ICU-2, port Gi1/0/7", BuildingBy: "access server SW-ICU-2, port Gi1/0/7"}},
		"by DHCP's circuit":     {inventory.Whereabouts{Ports: []string{"circuit icu-12"}}, inventory.Place{Department: "icu", Building: "B", DepartmentBy: "circuit icu-12", BuildingBy: "circuit icu-12"}},
		"by network, building by prefix": {inventory.Whereabouts{Addrs: []model.Addr{addr(t, "10.1.30.4")}, Ports: []string{"access server ap-1, network Visitors"}},
			inventory.Place{Department: "guests", Building: "A", DepartmentBy: "access server ap-1, network Visitors", BuildingBy: "10.1.30.4"}},
		"by VLAN":      {inventory.Whereabouts{VLANs: []uint16{40}}, inventory.Place{Building: "C", BuildingBy: "VLAN 40"}},
		"not declared": {inventory.Whereabouts{Ports: []string{"access server other, port 1"}}, inventory.Place{}},
	} {
		if got := table.Place("north", c.at); got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

func TestKnownCoversWhatIsNotExternal(t *testing.T) {
	table := sites.New(doc)
	in := func(s string) bool {
		a := addr(t, s)
		for _, r := range table.Known() {
			if !a.Less(r.From) && !r.To.Less(a) {
				return true
			}
		}
		return false
	}
	for _, s := range []string{"10.0.0.1", "203.0.113.1", "198.51.100.255", "239.1.1.1", "fe80::1", "8.8.8.8", "2600::1", "203.0.114.0"} {
		if want := table.Class(addr(t, s)) != inventory.External; in(s) != want {
			t.Errorf("%s: known %v, want %v", s, in(s), want)
		}
	}
}

// Answers and the keeper of assessments ask at once; the race detector watches.
func TestKnownIsAskedByManyAtOnce(t *testing.T) {
	table := sites.New(doc)
	want := len(table.Known())
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if got := len(table.Known()); got != want {
				t.Errorf("got %d ranges, want %d", got, want)
			}
		})
	}
	all.Wait()
}

func TestUndeclared(t *testing.T) {
	table, set := sites.New(doc), mustSet(t)
	bind := func(ip string, mac model.MAC) inventory.Claim {
		return inventory.Claim{Site: "north", Realm: "wan", Kind: model.KindAddressBinding, Source: "arp.sender", Value: ip,
			Subject: model.Subject{Addr: addr(t, ip), MAC: mac}, First: 1, Last: 2, Count: 1}
	}
	inv := inventory.Resolve(&inventory.Input{Places: table, Claims: []inventory.Claim{
		bind("10.1.5.5", 0x0003b1000001), bind("172.20.1.5", 0x0003b1000002), bind("172.20.1.6", 0x0003b1000003),
		bind("192.0.2.5", 0x0003b1000004), bind("192.0.2.6", 0x0003b1000005), bind("8.8.8.8", 0x0003b1000006),
	}}, set)
	var got []string
	for _, u := range table.Undeclared(inv, "north") {
		got = append(got, u.Prefix.String())
	}
	if diff := cmp.Diff([]string{"172.20.1.0/24", "192.0.2.0/24"}, got); diff != "" {
		t.Errorf("undeclared (-want +got):\n%s", diff)
	}
	if got := table.Undeclared(inv, "south"); got != nil {
		t.Errorf("south: got %v", got)
	}
}

func mustSet(t *testing.T) *knowledge.Set {
	t.Helper()
	s, err := knowledge.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return s
}
