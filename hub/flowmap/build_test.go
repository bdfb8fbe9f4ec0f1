package flowmap_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/flowmap"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/knowledge"
	"github.com/wardscope/wardscope/hub/inventory/sites"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
)

var at = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

func addr(t testing.TB, s string) model.Addr {
	t.Helper()
	a, err := model.ParseAddr(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// resolver knows two sites that share a realm, a partner, and four devices.
func resolver(t testing.TB) *flowmap.Resolver {
	t.Helper()
	set, err := knowledge.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	table := sites.New(state.Sites{
		Sites: []state.Site{
			{ID: "north", Realm: "wan", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}},
			{ID: "south", Realm: "wan", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.2.0.0/16")}},
		},
		Partners: []state.Partner{{Name: "records", Prefixes: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}}},
	})
	in := &inventory.Input{Places: table, Now: at.UnixNano()}
	for i, d := range []struct{ site, ip, name, role string }{
		{"north", "10.1.0.5", "ct-03", "modality-ct"}, {"north", "10.1.0.6", "ws-1", "workstation"},
		{"south", "10.2.0.9", "pacs", "pacs"}, {"south", "10.2.0.7", "ct-11", "modality-ct"},
	} {
		sub := model.Subject{Addr: addr(t, d.ip), MAC: model.MAC(0x0003b1000001 + i)}
		for _, c := range []inventory.Claim{
			{Kind: model.KindAddressBinding, Source: "arp.sender", Value: d.ip}, {Kind: model.KindHostname, Source: "dhcp.option12", Value: d.name}, {Kind: model.KindRole, Source: "x.role", Value: d.role},
		} {
			c.Site, c.Realm, c.Subject, c.First, c.Last, c.Count = model.SiteID(d.site), "wan", sub, at.UnixNano(), at.UnixNano(), 1
			in.Claims = append(in.Claims, c)
		}
	}
	return &flowmap.Resolver{Inventory: inventory.Resolve(in, set), Sites: table}
}

func edge(t testing.TB, from, to, service string, port uint16, out, in uint64, encrypted bool, vantages ...string) store.Edge {
	t.Helper()
	e := store.Edge{Realm: "wan", Initiator: addr(t, from), Responder: addr(t, to), Protocol: 6, Port: port, Service: service, InitiatorOctets: out,
		ResponderOctets: in, Flows: 2, First: at, Last: at.Add(time.Hour), Vantages: vantages}
	if encrypted {
		e.EncryptedFlows = 2
	}
	return e
}

func edges(t testing.TB) []store.Edge {
	t.Helper()
	return []store.Edge{
		edge(t, "10.1.0.5", "10.2.0.9", "dicom", 104, 9000, 100, false, "n1/0", "s1/0"), // across sites, seen at both ends
		edge(t, "10.2.0.7", "10.2.0.9", "dicom", 104, 5000, 100, false, "s1/0"),
		edge(t, "10.1.0.6", "203.0.113.4", "tls", 443, 700, 900, true, "n1/0"),
		edge(t, "10.1.0.6", "8.8.8.8", "", 8531, 70, 30, false, "n1/0"),
		edge(t, "10.1.0.6", "8.8.4.4", "", 8531, 7, 3, true, "n1/0"),
		edge(t, "10.1.0.6", "10.1.0.200", "smb", 445, 60, 0, false, "n1/0"), // nobody there
		edge(t, "10.1.0.6", "239.255.255.250", "ssdp", 1900, 50, 0, false, "n1/0"),
	}
}

func lines(es []flowmap.Edge) []string {
	var out []string
	for _, e := range es {
		out = append(out, fmt.Sprintf("%s > %s %s/%d flows=%d out=%d in=%d enc=%.2f pairs=%d %v", e.From, e.To, e.Service, e.Port, e.Flows, e.InitiatorOctets, e.ResponderOctets, e.EncryptedShare, e.Pairs, e.Vantages))
	}
	return out
}

func TestBuild(t *testing.T) {
	for _, c := range []struct {
		level flowmap.Level
		want  []string
	}{
		{flowmap.Site, []string{
			"north > south dicom/104 flows=2 out=9000 in=100 enc=0.00 pairs=1 [n1/0 s1/0]",
			"south > south dicom/104 flows=2 out=5000 in=100 enc=0.00 pairs=1 [s1/0]",
			"north > records tls/443 flows=2 out=700 in=900 enc=1.00 pairs=1 [n1/0]",
			"north > internet tcp/8531/8531 flows=4 out=77 in=33 enc=0.09 pairs=2 [n1/0]",
			"north > north smb/445 flows=2 out=60 in=0 enc=0.00 pairs=1 [n1/0]",
			"north > multicast ssdp/1900 flows=2 out=50 in=0 enc=0.00 pairs=1 [n1/0]",
		}},
		{flowmap.Group, []string{
			"modality-ct > pacs dicom/104 flows=4 out=14000 in=200 enc=0.00 pairs=2 [n1/0 s1/0]",
			"workstation > records tls/443 flows=2 out=700 in=900 enc=1.00 pairs=1 [n1/0]",
			"workstation > internet tcp/8531/8531 flows=4 out=77 in=33 enc=0.09 pairs=2 [n1/0]",
			"workstation > silent addresses smb/445 flows=2 out=60 in=0 enc=0.00 pairs=1 [n1/0]",
			"workstation > multicast ssdp/1900 flows=2 out=50 in=0 enc=0.00 pairs=1 [n1/0]",
		}},
		{flowmap.Device, []string{
			"ct-03 > pacs dicom/104 flows=2 out=9000 in=100 enc=0.00 pairs=1 [n1/0 s1/0]",
			"ct-11 > pacs dicom/104 flows=2 out=5000 in=100 enc=0.00 pairs=1 [s1/0]",
			"ws-1 > 203.0.113.4 tls/443 flows=2 out=700 in=900 enc=1.00 pairs=1 [n1/0]",
			"ws-1 > 8.8.8.8 tcp/8531/8531 flows=2 out=70 in=30 enc=0.00 pairs=1 [n1/0]",
			"ws-1 > 10.1.0.200 smb/445 flows=2 out=60 in=0 enc=0.00 pairs=1 [n1/0]",
			"ws-1 > 239.255.255.250 ssdp/1900 flows=2 out=50 in=0 enc=0.00 pairs=1 [n1/0]",
			"ws-1 > 8.8.4.4 tcp/8531/8531 flows=2 out=7 in=3 enc=1.00 pairs=1 [n1/0]",
		}},
	} {
		if diff := cmp.Diff(c.want, lines(flowmap.Build(edges(t), resolver(t), c.level, nil))); diff != "" {
			t.Errorf("level %d (-want +got):\n%s", c.level, diff)
		}
	}
}

func TestBuildKeeps(t *testing.T) {
	got := flowmap.Build(edges(t), resolver(t), flowmap.Device, func(_ *store.Edge, from, to *flowmap.End) bool {
		return from.Site == "south" || to.Site == "south"
	})
	if len(got) != 2 {
		t.Errorf("got %v", lines(got))
	}
}

func TestLabel(t *testing.T) {
	for want, got := range map[string]string{
		"dicom": flowmap.Label("dicom", 6, 104), "tcp/99": flowmap.Label("", 6, 99), "udp/7": flowmap.Label("", 17, 7),
		"icmp": flowmap.Label("", 1, 8), "sctp/5": flowmap.Label("", 132, 5), "ip/47": flowmap.Label("", 47, 0),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func BenchmarkBuild(b *testing.B) {
	r := resolver(b)
	var es []store.Edge
	for range 300_000 / 7 {
		es = append(es, edges(b)...)
	}
	for b.Loop() {
		flowmap.Build(es, r, flowmap.Group, nil)
	}
}
