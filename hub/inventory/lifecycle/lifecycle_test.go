package lifecycle_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/knowledge"
	"github.com/wardscope/wardscope/hub/inventory/lifecycle"
	"github.com/wardscope/wardscope/internal/model"
)

var today = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

func ago(days int) time.Time { return today.AddDate(0, 0, -days) }

func days(back ...int) (out []time.Time) {
	for _, n := range back {
		out = append(out, ago(n))
	}
	return out
}

func table(t *testing.T) lifecycle.Table {
	t.Helper()
	tab, err := lifecycle.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func TestPatienceNamesKnownTypes(t *testing.T) {
	set, err := knowledge.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range table(t) {
		for _, typ := range p.Types {
			if set.Category(typ) == "" {
				t.Errorf("%q is no type of the closed list", typ)
			}
		}
	}
}

func TestStates(t *testing.T) {
	watch := &inventory.Device{Site: "north", First: ago(80).UnixNano(), Last: today.UnixNano()}
	for _, c := range []struct {
		name        string
		typ         string
		category    string
		first, last int // days ago
		mac         model.MAC
		days        []time.Time
		want        lifecycle.State
	}{
		{"seen today", "workstation", "it", 80, 0, 1, days(80, 40, 30, 20, 10, 0), lifecycle.Active},
		{"a pump in the store room", "infusion-pump", "medical", 80, 40, 1, nil, lifecycle.Active},
		{"a pump that nobody finds", "infusion-pump", "medical", 80, 50, 1, nil, lifecycle.Stale},
		{"a server silent for four days", "server", "it", 80, 4, 1, nil, lifecycle.Stale},
		{"a server silent for five weeks", "server", "it", 80, 35, 1, nil, lifecycle.Retired},
		{"a random link address", "mobile", "it", 80, 8, 0x020000000001, nil, lifecycle.Retired},
		{"after the learning period", "infusion-pump", "medical", 5, 0, 1, days(5, 0), lifecycle.New},
		{"within the learning period", "infusion-pump", "medical", 75, 0, 1, days(75, 50, 25, 0), lifecycle.Active},
		{"new a month ago", "infusion-pump", "medical", 30, 0, 1, days(30, 0), lifecycle.Active},
		{"back after two months", "infusion-pump", "medical", 80, 0, 1, days(80, 70, 2, 0), lifecycle.Returned},
		{"a pump away for a month", "infusion-pump", "medical", 80, 0, 1, days(80, 32, 0), lifecycle.Active},
		{"a server back after a week", "server", "it", 80, 0, 1, days(9, 1, 0), lifecycle.Returned},
		{"back long ago", "server", "it", 80, 0, 1, append(days(60, 40), daily(39)...), lifecycle.Active},
	} {
		d := &inventory.Device{Site: "north", Type: c.typ, Category: c.category, First: ago(c.first).UnixNano(), Last: ago(c.last).UnixNano(), MACs: []model.MAC{c.mac}}
		clock := lifecycle.Watch(&inventory.Inventory{Devices: []inventory.Device{*watch, *d}})
		got := table(t).Life(d, clock, c.days)
		if got.State != c.want || c.want != lifecycle.Active && got.Reason == "" {
			t.Errorf("%s: got %v (%s), want %v", c.name, got.State, got.Reason, c.want)
		}
	}
}

func daily(n int) (out []time.Time) {
	for i := n; i >= 0; i-- {
		out = append(out, ago(i))
	}
	return out
}

// TestASilentSiteIsNoDeadDevice holds a device against a site whose sensor stopped when it did.
func TestASilentSiteIsNoDeadDevice(t *testing.T) {
	d := inventory.Device{Site: "south", Type: "server", First: ago(80).UnixNano(), Last: ago(60).UnixNano()}
	other := inventory.Device{Site: "north", First: ago(80).UnixNano(), Last: today.UnixNano()}
	clock := lifecycle.Watch(&inventory.Inventory{Devices: []inventory.Device{d, other}})
	if got := table(t).Life(&d, clock, nil); got.State != lifecycle.Active {
		t.Errorf("got %v: %s", got.State, got.Reason)
	}
}

func TestHistory(t *testing.T) {
	claim := func(kind model.Kind, source, value string, first, last int) inventory.Claim {
		return inventory.Claim{Kind: kind, Source: source, Value: value, First: ago(first).UnixNano(), Last: ago(last).UnixNano()}
	}
	addr := func(n byte) model.Addr { return model.AddrFrom4([]byte{10, 0, 0, n}) }
	tab := table(t)
	d := &inventory.Device{Site: "north", Type: "server", First: ago(80).UnixNano(), Last: today.UnixNano(), Addrs: []model.Addr{addr(2)}}
	in := &lifecycle.Input{Device: d, Patience: tab.Of(d), Days: days(80, 60, 0),
		Claims: []inventory.Claim{
			claim(model.KindHostname, "dhcp.option12", "old-name", 80, 41), claim(model.KindHostname, "dhcp.option12", "new-name", 40, 0),
			claim(model.KindHostname, "nbns.name", "OLD-NAME", 80, 41), claim(model.KindHostname, "nbns.name", "NEW-NAME", 40, 0),
			claim(model.KindFirmware, "http.server", "1.0", 80, 20), claim(model.KindFirmware, "http.server", "1.1", 19, 0),
			claim(model.KindFirmware, "snmp.sysDescr", "boot 3", 80, 0), claim(model.KindFirmware, "snmp.sysDescr", "main 4", 79, 0), // two parts, side by side
		},
		Sightings: []inventory.Sighting{{VLAN: 30, First: ago(80).UnixNano(), Last: ago(10).UnixNano()}, {VLAN: 31, First: ago(9).UnixNano(), Last: today.UnixNano()}},
		Bindings:  []inventory.Binding{{Addr: addr(1), First: ago(80).UnixNano(), Last: ago(10).UnixNano()}, {Addr: addr(2), First: ago(9).UnixNano(), Last: today.UnixNano()}},
	}
	want := []string{
		"2026-09-05 first seen:  → north, 10.0.0.2", "2026-09-25 came back: silent since 2026-09-05 → after 19 days", "2026-10-15 name: old-name → new-name", "2026-11-05 firmware: 1.0 → 1.1", "2026-11-15 VLAN: 30 → 31",
		"2026-11-15 address: 10.0.0.1 → 10.0.0.2", "2026-11-24 came back: silent since 2026-09-25 → after 59 days", "2026-11-24 last seen:  → north, 10.0.0.2",
	}
	for range 20 { // whatever order claims come in
		rand.Shuffle(len(in.Claims), func(i, j int) { in.Claims[i], in.Claims[j] = in.Claims[j], in.Claims[i] })
		rand.Shuffle(len(in.Sightings), func(i, j int) { in.Sightings[i], in.Sightings[j] = in.Sightings[j], in.Sightings[i] })
		var got []string
		for _, e := range lifecycle.History(in) {
			got = append(got, strings.ReplaceAll(e.At.Format(time.DateOnly)+" "+e.What+": "+e.From+" → "+e.To, "OLD-NAME → NEW-NAME", "old-name → new-name"))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	}
}
