package segmentation_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/flowmap"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/filter"
	"github.com/wardscope/wardscope/hub/inventory/knowledge"
	"github.com/wardscope/wardscope/hub/inventory/sites"
	"github.com/wardscope/wardscope/hub/segmentation"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
)

var at = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

func host(n byte) model.Addr { return model.AddrFrom4([]byte{10, 1, 0, n}) }

func resolver(t *testing.T) *flowmap.Resolver {
	t.Helper()
	set, err := knowledge.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	table := sites.New(state.Sites{})
	in := &inventory.Input{Places: table, Now: at.UnixNano()}
	for n, role := range map[byte]string{1: "infusion-pump", 2: "infusion-pump", 3: "pump-server", 4: "workstation", 5: ""} {
		for _, c := range []inventory.Claim{{Kind: model.KindAddressBinding, Source: "arp.sender", Value: host(n).String()}, {Kind: model.KindRole, Source: "x.role", Value: role}} {
			c.Site, c.Realm, c.Subject, c.First, c.Last, c.Count = "north", "wan", model.Subject{Addr: host(n), MAC: model.MAC(n)}, at.UnixNano(), at.UnixNano(), 1
			in.Claims = append(in.Claims, c)
		}
	}
	return &flowmap.Resolver{Inventory: inventory.Resolve(in, set), Sites: table}
}

var doc = state.Zones{Zones: []state.Zone{
	{Name: "pumps", Selector: "type = infusion-pump"}, {Name: "servers", Selector: "type = pump-server OR type = server"}, {Name: "all medical", Selector: "category = medical"},
}}

func TestFirstZoneThatMatchesTakesTheDevice(t *testing.T) {
	z, err := segmentation.New(doc)
	if err != nil {
		t.Fatal(err)
	}
	r := resolver(t)
	if diff := cmp.Diff(map[string]int{"pumps": 2, "servers": 1, segmentation.Unzoned: 2}, z.Count(r.Inventory)); diff != "" {
		t.Errorf("devices by zone (-want +got):\n%s", diff)
	}
	none, err := segmentation.New(state.Zones{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"infusion-pump": 2, "pump-server": 1, "workstation": 1, "unknown": 1}, none.Count(r.Inventory)); diff != "" {
		t.Errorf("devices by type without zones (-want +got):\n%s", diff)
	}
}

func TestSelectorErrorNamesTheZone(t *testing.T) {
	_, err := segmentation.New(state.Zones{Zones: []state.Zone{{Name: "ok", Selector: "type = pacs"}, {Name: "bad", Selector: "tpe = pacs"}}})
	var s *segmentation.SelectorError
	var f *filter.Error
	if !errors.As(err, &s) || !errors.As(err, &f) || s.Index != 1 || s.Zone != "bad" || f.Meant != "type" {
		t.Errorf("got %v", err)
	}
}

func TestMatrix(t *testing.T) {
	z, err := segmentation.New(doc)
	if err != nil {
		t.Fatal(err)
	}
	edge := func(from, to model.Addr, service string, flows uint64) store.Edge {
		return store.Edge{Realm: "wan", Initiator: from, Responder: to, Protocol: 6, Port: 80, Service: service, Flows: flows, InitiatorOctets: 10, ResponderOctets: 5, First: at, Last: at}
	}
	m := segmentation.NewMatrix(z, resolver(t), []store.Edge{
		edge(host(1), host(3), "hl7", 3), edge(host(1), host(3), "http", 9), edge(host(2), host(3), "hl7", 1), edge(host(4), host(1), "telnet", 1),
		edge(host(5), model.AddrFrom4([]byte{8, 8, 8, 8}), "dns", 2),
	})
	if diff := cmp.Diff([]string{"pumps", "servers", "all medical", "internet", "unzoned"}, m.Groups); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	var got []string
	for _, c := range m.Cells {
		got = append(got, fmt.Sprint(c.From, " > ", c.To, " ", c.Flows, " ", c.Octets, " ", c.Services, " ", c.Pairs))
	}
	if diff := cmp.Diff([]string{"pumps > servers 13 45 [http hl7] 2", "unzoned > pumps 1 15 [telnet] 1", "unzoned > internet 2 15 [dns] 1"}, got); diff != "" {
		t.Errorf("cells (-want +got):\n%s", diff)
	}
}
