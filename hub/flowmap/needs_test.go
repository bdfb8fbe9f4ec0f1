package flowmap_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/flowmap"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/knowledge"
	"github.com/wardscope/wardscope/hub/inventory/sites"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
)

// ward is a small hospital: two pumps on a pump server, a pump that only the domain controller
// knows, two CTs and two workstations on a PACS, all of which log in at a domain controller.
type ward struct {
	inv   *inventory.Inventory
	sites *sites.Table
	edges []store.Edge
	ids   map[string]string // name → device id
}

func newWard(t testing.TB) *ward {
	t.Helper()
	set, err := knowledge.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	w := &ward{sites: sites.New(state.Sites{Partners: []state.Partner{{Name: "records", Prefixes: resolver(t).Sites.Document().Partners[0].Prefixes}}}), ids: map[string]string{}}
	in := &inventory.Input{Places: w.sites, Now: at.UnixNano()}
	ips := map[string]string{}
	for i, d := range []struct{ name, role string }{
		{"pump-1", "infusion-pump"}, {"pump-2", "infusion-pump"}, {"pumps", "pump-server"}, {"ct-1", "modality-ct"}, {"ct-2", "modality-ct"},
		{"ws-1", "workstation"}, {"ws-2", "workstation"}, {"pacs", "pacs"}, {"dc", "domain-controller"}, {"scanner", "workstation"},
	} {
		ips[d.name] = fmt.Sprintf("10.9.0.%d", i+1)
		sub := model.Subject{Addr: addr(t, ips[d.name]), MAC: model.MAC(0x0003b1000101 + i)}
		for _, c := range []inventory.Claim{
			{Kind: model.KindAddressBinding, Source: "arp.sender", Value: ips[d.name]}, {Kind: model.KindHostname, Source: "dhcp.option12", Value: d.name}, {Kind: model.KindRole, Source: "x.role", Value: d.role},
		} {
			c.Site, c.Realm, c.Subject, c.First, c.Last, c.Count = "north", "wan", sub, at.UnixNano(), at.UnixNano(), 1
			in.Claims = append(in.Claims, c)
		}
	}
	w.inv = inventory.Resolve(in, set)
	for i := range w.inv.Devices {
		w.ids[w.inv.Devices[i].Hostname] = w.inv.Devices[i].ID
	}
	say := func(from, to, service string, port uint16, responderPackets uint64) {
		if ip, ok := ips[to]; ok {
			to = ip
		}
		e := edge(t, ips[from], to, service, port, 500, 500, false, "n1/0")
		e.InitiatorPackets, e.ResponderPackets = 10, responderPackets
		w.edges = append(w.edges, e)
	}
	say("pump-1", "pumps", "", 5000, 10) // a maker's own protocol
	say("pump-2", "pumps", "", 5000, 10)
	for _, u := range []string{"ct-1", "ct-2", "ws-1", "ws-2"} {
		say(u, "pacs", "dicom", 104, 10)
	}
	for _, u := range []string{"pumps", "pacs", "ws-1", "ws-2", "ct-1"} {
		say(u, "dc", "kerberos", 88, 10)
	}
	say("scanner", "pumps", "", 23, 2)                // refused: a packet a flow
	say("scanner", "ct-1", "smb", 445, 0)             // not answered
	say("ws-1", "239.255.255.250", "ssdp", 1900, 0)   // discovery
	say("ws-1", "203.0.113.4", "tls", 443, 10)        // a hosted system
	say("ws-1", "ws-2", "icmp", 0, 10)                // no need
	say("ws-1", "pacs", "http", 80, 10)               // a second service of one server
	w.edges[len(w.edges)-1].ResponderOctets = 1 << 20 // much data is not much need
	say("dc", "scanner", "ssh", 22, 10)               // administered from there: nobody else needs it
	return w
}

func (w *ward) needs(t testing.TB) *flowmap.Needs {
	t.Helper()
	care, err := flowmap.LoadCare()
	if err != nil {
		t.Fatal(err)
	}
	return flowmap.NewNeeds(w.edges, &flowmap.Resolver{Inventory: w.inv, Sites: w.sites}, care)
}

func needLines(list []flowmap.Need) []string {
	var out []string
	for _, n := range list {
		var kinds, peers []string
		for _, k := range n.Kinds {
			kinds = append(kinds, k.Text())
		}
		for _, p := range n.Peers {
			peers = append(peers, p.Name)
		}
		out = append(out, fmt.Sprintf("%s/%d %.1f [%s] [%s] %v", n.Service, n.Port, n.Weight, strings.Join(kinds, ", "), strings.Join(peers, " "), n.Outside))
	}
	return out
}

func TestNeeds(t *testing.T) {
	w := newWard(t)
	n := w.needs(t)
	for _, c := range []struct {
		device  string
		steps   int
		summary string
		weight  float64
		offers  []string
		uses    []string
	}{
		{"pacs", 1, "needed by 2 modalities and 2 workstations", 14, []string{
			"dicom/104 14.0 [2 modalities, 2 workstations] [ct-1 ct-2 ws-1 ws-2] []", "http/80 0.5 [1 workstation] [ws-1] []",
		}, []string{"kerberos/88 3.2 [1 server] [dc] []"}},
		{"dc", 1, "needed by 1 modality, 1 pump server, 1 PACS and 2 workstations", 14.4, []string{
			"kerberos/88 14.4 [1 modality, 1 pump server, 1 PACS, 2 workstations] [ct-1 pumps pacs ws-1 ws-2] []",
		}, []string{"ssh/22 0.3 [1 workstation] [scanner] []"}},
		{"dc", 2, "needed by 1 modality, 1 pump server, 1 PACS and 2 workstations; through these by 2 infusion pumps and 1 modality", 20.4, []string{
			"kerberos/88 14.4 [1 modality, 1 pump server, 1 PACS, 2 workstations] [ct-1 pumps pacs ws-1 ws-2] []",
		}, []string{"ssh/22 0.3 [1 workstation] [scanner] []"}},
		{"ws-1", 3, "no device was seen to need it", 0, nil, []string{
			"dicom/104 1.0 [1 PACS] [pacs] []", "kerberos/88 0.8 [1 server] [dc] []", "http/80 0.5 [1 PACS] [pacs] []", "tls/443 0.5 [] [] [records]",
		}},
		{"scanner", 3, "needed by 1 server", 0.3, []string{"ssh/22 0.3 [1 server] [dc] []"}, nil},
	} {
		s := n.Of(w.inv.Device(w.ids[c.device]), c.steps)
		if s.Summary() != c.summary || fmt.Sprintf("%.1f", s.Weight) != fmt.Sprintf("%.1f", c.weight) {
			t.Errorf("%s, %d steps: got %q, weight %.2f", c.device, c.steps, s.Summary(), s.Weight)
		}
		if diff := cmp.Diff(c.offers, needLines(s.NeededBy)); diff != "" {
			t.Errorf("%s is needed (-want +got):\n%s", c.device, diff)
		}
		if diff := cmp.Diff(c.uses, needLines(s.Needs)); diff != "" {
			t.Errorf("%s needs (-want +got):\n%s", c.device, diff)
		}
	}
}

func TestRank(t *testing.T) {
	w := newWard(t)
	var got []string
	for _, s := range w.needs(t).Rank(nil) {
		got = append(got, fmt.Sprintf("%s %.1f %s", s.Device.Name, s.Weight, s.Summary()))
	}
	want := []string{
		"dc 20.4 needed by 1 modality, 1 pump server, 1 PACS and 2 workstations; through these by 2 infusion pumps and 1 modality",
		"pacs 14.0 needed by 2 modalities and 2 workstations", "pumps 6.0 needed by 2 infusion pumps", "scanner 0.3 needed by 1 server",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	only := w.needs(t).Rank(func(d *inventory.Device) bool { return d.Type == "pacs" })
	if len(only) != 1 || only[0].Device.Name != "pacs" {
		t.Errorf("kept %d", len(only))
	}
}

func TestArrows(t *testing.T) {
	w := newWard(t)
	n := w.needs(t)
	arrows := func(device string, steps int) []string {
		var out []string
		for _, a := range n.Arrows(w.inv.Device(w.ids[device]), steps) {
			user := a.Count.Text
			if a.User != nil {
				user = func() string { return a.User.Name }
			}
			out = append(out, fmt.Sprintf("%s > %s %s %.1f", user(), a.Server.Name, a.Service, a.Weight))
		}
		return out
	}
	for _, c := range []struct {
		device string
		steps  int
		want   []string
	}{
		{"pacs", 1, []string{"2 modalities > pacs dicom 12.0", "pacs > dc kerberos 3.2", "2 workstations > pacs dicom 2.0"}},
		{"ws-2", 2, []string{"pacs > dc kerberos 3.2", "ws-2 > pacs dicom 1.0", "ws-2 > dc kerberos 0.8", "dc > scanner ssh 0.3"}},
		{"dc", 2, []string{"2 modalities > pacs dicom 12.0", "2 infusion pumps > pumps tcp/5000 6.0", "ct-1 > dc kerberos 4.8", "pumps > dc kerberos 4.8",
			"pacs > dc kerberos 3.2", "2 workstations > pacs dicom 2.0", "2 workstations > dc kerberos 1.6", "dc > scanner ssh 0.3"}},
	} {
		got := arrows(c.device, c.steps)
		if diff := cmp.Diff(c.want, got, cmp.Transformer("sort", sorted)); diff != "" {
			t.Errorf("%s, %d steps (-want +got):\n%s", c.device, c.steps, diff)
		}
	}
}

func sorted(list []string) map[string]int {
	out := map[string]int{}
	for _, v := range list {
		out[v]++
	}
	return out
}

// TestNeedsInAnyOrder gives the same answer whatever order edges come in.
func TestNeedsInAnyOrder(t *testing.T) {
	w := newWard(t)
	want := w.needs(t).Of(w.inv.Device(w.ids["dc"]), 3)
	for i := range w.edges {
		w.edges = append(w.edges[1:], w.edges[0])
		got := w.needs(t).Of(w.inv.Device(w.ids["dc"]), 3)
		if diff := cmp.Diff(needLines(want.NeededBy), needLines(got.NeededBy)); diff != "" || got.Weight != want.Weight {
			t.Fatalf("turned by %d: weight %v, %s", i, got.Weight, diff)
		}
	}
}
