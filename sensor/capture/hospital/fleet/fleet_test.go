package fleet_test

import (
	"testing"
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/fleet"
	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

func scenario() fleet.Scenario {
	devices := map[string]int{}
	for _, w := range fleet.Words() {
		devices[w] = 3
	}
	return fleet.Scenario{Name: "test", Seed: 1, Duration: time.Hour, Scale: 1, Partner: "192.0.2.0/24", Sites: []fleet.Site{
		{ID: "a", Realm: "one", Prefix: "10.10.0.0/16", Public: "198.18.10.0/24", Domain: "a.example", Tagged: true, Devices: devices},
		{ID: "b", Realm: "two", Prefix: "10.10.0.0/16", Domain: "b.example", Archive: "a", Devices: devices},
	}}
}

// TestNew holds that devices are distinct, stable and inside their site's networks.
func TestNew(t *testing.T) {
	s := scenario()
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	h, err := fleet.New(s, 1)
	if err != nil {
		t.Fatal(err)
	}
	again, err := fleet.New(s, 1)
	if err != nil {
		t.Fatal(err)
	}
	macs := map[wire.MAC]string{}
	for _, id := range []string{"a", "b"} {
		site := h.Site(id)
		ips, names := map[wire.IP]bool{}, map[string]bool{}
		for i, d := range site.All {
			if d.MAC != again.Site(id).All[i].MAC || d.IP != again.Site(id).All[i].IP {
				t.Errorf("%s changes from run to run", d.Name)
			}
			if macs[d.MAC] != "" || ips[d.IP] || names[d.Name] {
				t.Errorf("%s is not distinct: %v %v", d.Name, d.MAC, d.IP)
			}
			macs[d.MAC], ips[d.IP], names[d.Name] = d.Name, true, true
			if public := d.IP[0] == 198; d.IP[0] != 10 && !public || public && d.Word != "portal" {
				t.Errorf("%s has address %s", d.Name, fleet.Dotted(d.IP))
			}
			if (d.VLAN != 0) != (id == "a") {
				t.Errorf("%s has VLAN %d", d.Name, d.VLAN)
			}
			if d.MAC[0]&3 != 0 {
				t.Errorf("%s has no globally administered address: %x", d.Name, d.MAC)
			}
			if fleet.Gateway(d)[3] != 1 || fleet.Directed(d).IP[3] != 255 || !fleet.Directed(d).Group {
				t.Errorf("%s: gateway or broadcast", d.Name)
			}
		}
		if len(site.All) != 3*len(fleet.Words()) {
			t.Errorf("site %s has %d devices", id, len(site.All))
		}
	}
	if h.Site("c") != nil || h.Site("a").Nth("pacs", 4) != h.Site("a").Nth("pacs", 1) || h.Site("a").Nth("none", 0) != nil {
		t.Error("look-ups")
	}
	if h.Records == nil || !h.Records.External || len(h.Outside) < 10 {
		t.Error("hosts outside are missing")
	}
	w := h.Windows(h.Site("b").Nth("workstation", 0))
	if w.Host != "B-WS-001" || w.Domain != "B" || w.DNS != "b.example" {
		t.Errorf("%+v", w)
	}
	if got := h.FQDN(h.Site("b").Nth("pacs", 0)); got != "b-pacs-001.b.example" {
		t.Errorf("FQDN %s", got)
	}
}

func TestTooMany(t *testing.T) {
	s := scenario()
	s.Sites[0].Devices = map[string]int{"pacs": 1, "file-server": 300}
	if _, err := fleet.New(s, 1); err == nil {
		t.Error("300 servers fit into one block")
	}
}

func TestGroupOf(t *testing.T) {
	for _, tt := range []struct {
		ip   wire.IP
		want wire.MAC
	}{{wire.BroadcastIP, wire.Broadcast}, {wire.IP{10, 0, 0, 255}, wire.Broadcast}, {wire.IP{224, 0, 0, 251}, wire.MAC{1, 0, 0x5e, 0, 0, 251}}} {
		if d := fleet.GroupOf(tt.ip); d.MAC != tt.want || !d.Group {
			t.Errorf("%v: %x", tt.ip, d.MAC)
		}
	}
}
