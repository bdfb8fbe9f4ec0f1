package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/hub/store/storetest"
	"github.com/wardscope/wardscope/internal/model"
)

func insertAll(t *testing.T, s *store.Store, groups ...store.Group) {
	t.Helper()
	for _, g := range groups {
		if err := s.InsertGroup(t.Context(), g); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFlowsRoundTrip(t *testing.T) {
	s := storetest.Open(t)
	v6, _ := model.ParseAddr("2001:db8::7")
	row := store.FlowRow{
		Stamp: store.Stamp{Site: "north", Realm: "main", Sensor: "s1", Receive: day, ClockOffset: 5000, Epoch: 3, Sequence: 9, Row: 4},
		Flow: model.Flow{Start: captured.UnixNano() + 1000, End: captured.UnixNano() + 2000, Domain: 2,
			Initiator: model.Endpoint{Addr: v6, Port: 50000, MAC: 0x00005e005301}, Responder: model.Endpoint{Addr: addr4(192, 0, 2, 7), Port: 104},
			Protocol: 6, Service: "dicom", InitiatorOctets: 1, ResponderOctets: 2, InitiatorPackets: 3, ResponderPackets: 4,
			InitiatorFlags: 0x12, ResponderFlags: 0x18, InitiatorInferred: true, VLAN: 10, InnerVLAN: 20, Encap: model.EncapQinQ | model.EncapGTP,
			EndReason: model.EndActive, HandshakeRTT: 7, Retransmitted: 8, Duplicated: 9, CommunityID: "1:abc=",
			Operations: []model.Operation{{Verb: model.VerbStore, Object: "ct-image", Result: model.ResultOK, Count: 12}, {Verb: model.VerbDelete, Result: model.ResultFailed, Count: 1}},
			ServerName: "pacs'\\\n\x01", ALPN: "h2", Version: "TLS 1.2", Encrypted: true, OuterInitiator: addr4(1, 2, 3, 4), FirstOfConversation: true}}
	insertAll(t, s, store.Group{Token: "t", Flows: []store.FlowRow{row}})
	got, err := s.Flows(t.Context(), store.FlowFilter{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(store.FlowPage{Flows: []store.FlowRow{row}}, got); diff != "" {
		t.Errorf("flow (-want +got):\n%s", diff)
	}
}

func TestFlowsFilters(t *testing.T) {
	s := storetest.Open(t)
	g := group("a", "north", 1, 400)
	insertAll(t, s, g, group("b", "south", 1, 100))
	one := g.Flows[17]
	all := append(slices.Clone(g.Flows), group("b", "south", 1, 100).Flows...)
	for _, c := range []struct {
		name   string
		filter store.FlowFilter
		want   func(f store.FlowRow) bool
	}{
		{"all", store.FlowFilter{}, func(store.FlowRow) bool { return true }},
		{"site", store.FlowFilter{Scope: store.Scope{Sites: []model.SiteID{"south"}}}, func(f store.FlowRow) bool { return f.Site == "south" }},
		{"realm", store.FlowFilter{Scope: store.Scope{Realm: "other"}}, func(store.FlowRow) bool { return false }},
		{"period", store.FlowFilter{Period: store.Period{From: captured.Add(time.Hour), To: captured.Add(2 * time.Hour)}}, func(f store.FlowRow) bool {
			return f.Start >= captured.Add(time.Hour).UnixNano() && f.Start < captured.Add(2*time.Hour).UnixNano()
		}},
		{"address of either end", store.FlowFilter{Addrs: []model.Addr{one.Responder.Addr}}, func(f store.FlowRow) bool {
			return f.Initiator.Addr == one.Responder.Addr || f.Responder.Addr == one.Responder.Addr
		}},
		{"two addresses", store.FlowFilter{Addrs: []model.Addr{one.Responder.Addr}, Peers: []model.Addr{one.Initiator.Addr}}, func(f store.FlowRow) bool {
			return f.Initiator.Addr == one.Initiator.Addr && f.Responder.Addr == one.Responder.Addr
		}},
		{"MAC", store.FlowFilter{MAC: one.Initiator.MAC}, func(f store.FlowRow) bool { return f.Initiator.MAC == one.Initiator.MAC }},
		{"port", store.FlowFilter{Port: 104}, func(f store.FlowRow) bool { return f.Responder.Port == 104 }},
		{"protocol", store.FlowFilter{Protocol: 17}, func(store.FlowRow) bool { return false }},
		{"services", store.FlowFilter{Services: []string{"hl7", "dns"}}, func(f store.FlowRow) bool { return f.Service == "hl7" || f.Service == "dns" }},
		{"service with a quote", store.FlowFilter{Services: []string{"x' OR 1 OR '"}}, func(store.FlowRow) bool { return false }},
		{"community id", store.FlowFilter{CommunityID: one.CommunityID}, func(f store.FlowRow) bool { return f.CommunityID == one.CommunityID }},
		{"sensor", store.FlowFilter{Sensor: "s-south"}, func(f store.FlowRow) bool { return f.Sensor == "s-south" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := 0
			for _, f := range all {
				if c.want(f) {
					want++
				}
			}
			c.filter.Limit = 37 // several pages: the cursor is tested with each filter
			seen := map[string]bool{}
			last := int64(1 << 62)
			for {
				page, err := s.Flows(t.Context(), c.filter)
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range page.Flows {
					if !c.want(f) {
						t.Errorf("got flow %v, which does not match", f)
					}
					if f.Start > last {
						t.Error("flows are not newest first")
					}
					last = f.Start
					seen[fmt.Sprint(f.Sensor, f.Epoch, f.Sequence, f.Row)] = true
				}
				if page.Next == nil {
					break
				}
				c.filter.After = page.Next
			}
			if len(seen) != want {
				t.Errorf("got %d distinct flows, want %d", len(seen), want)
			}
		})
	}
}

// seenBy makes the same conversation as a sensor of another site saw it.
func seenBy(f store.FlowRow, site string, initiator, responder uint64) store.FlowRow {
	f.Site, f.Sensor = model.SiteID(site), model.SensorID("s-"+site)
	f.InitiatorOctets, f.ResponderOctets = initiator, responder
	return f
}

func TestEdgesCountOnce(t *testing.T) {
	s := storetest.Open(t)
	base := flows("north", 1, 1, day, captured, 0)[0]
	base.Initiator.Addr, base.Responder.Addr = addr4(10, 1, 0, 1), addr4(10, 2, 0, 1)
	other := base // the same addresses in another realm are another pair
	other.Realm = "clinic"
	late := seenBy(base, "north", 10, 10) // next hour, one vantage only, clock 2 h ahead
	late.Start += (3 * time.Hour).Nanoseconds()
	late.End += (3 * time.Hour).Nanoseconds()
	late.ClockOffset = (2 * time.Hour).Nanoseconds()
	insertAll(t, s, store.Group{Token: "t", Flows: []store.FlowRow{
		seenBy(base, "north", 1000, 50), seenBy(base, "south", 900, 70), seenBy(other, "west", 5, 5), late,
	}})
	got, err := s.Edges(t.Context(), store.EdgeFilter{Scope: store.Scope{Realm: "main"}})
	if err != nil {
		t.Fatal(err)
	}
	want := []store.Edge{{Realm: "main", Initiator: base.Initiator.Addr, Responder: base.Responder.Addr, Protocol: 6, Port: base.Responder.Port,
		Service: base.Service, InitiatorOctets: 1010, ResponderOctets: 80, InitiatorPackets: 2 * base.InitiatorPackets, ResponderPackets: 2 * base.ResponderPackets,
		Flows: 2, EncryptedFlows: 0, First: captured, Last: captured.Add(time.Hour + time.Second),
		Sites: []model.SiteID{"north", "south"}, Vantages: []string{"s-north/1", "s-south/1"}}}
	if base.Encrypted {
		want[0].EncryptedFlows = 2
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("edges (-want +got):\n%s", diff)
	}
	for _, c := range []struct {
		name   string
		filter store.EdgeFilter
		want   int
	}{
		{"first hour", store.EdgeFilter{Period: store.Period{From: captured.Add(time.Minute), To: captured.Add(2 * time.Minute)}}, 2},
		{"corrected hour", store.EdgeFilter{Period: store.Period{From: captured.Add(time.Hour), To: captured.Add(2 * time.Hour)}}, 1},
		{"hour by the wrong clock", store.EdgeFilter{Period: store.Period{From: captured.Add(3 * time.Hour)}}, 0},
		{"pair", store.EdgeFilter{Addrs: []model.Addr{base.Responder.Addr}, Peers: []model.Addr{base.Initiator.Addr}}, 2},
		{"other pair", store.EdgeFilter{Addrs: []model.Addr{base.Responder.Addr}, Peers: []model.Addr{addr4(9, 9, 9, 9)}}, 0},
		{"port", store.EdgeFilter{Port: base.Responder.Port + 1}, 0},
		{"service", store.EdgeFilter{Services: []string{base.Service}}, 2},
		{"site", store.EdgeFilter{Scope: store.Scope{Sites: []model.SiteID{"west"}}}, 1},
	} {
		got, err := s.Edges(t.Context(), c.filter)
		if err != nil || len(got) != c.want {
			t.Errorf("%s: got %d edges, %v; want %d", c.name, len(got), err, c.want)
		}
	}
}

// TestEdgesOverAnyPeriod compares whole days and hours at their ends with the
// flows themselves, for more shared edges than are bound by number.
func TestEdgesOverAnyPeriod(t *testing.T) {
	s := storetest.Open(t)
	const pairs = 6000
	rows := flows("north", 1, 2*pairs, day, captured, 4*24*time.Hour)
	for i := range rows {
		rows[i].Initiator.Addr, rows[i].Responder.Addr = addr4(10, 1, byte(i%pairs>>8), byte(i%pairs)), addr4(10, 2, 0, 1)
		rows[i].Responder.Port, rows[i].Service = 104, "dicom"
	}
	seen := make([]store.FlowRow, len(rows)) // by another sensor, half as much
	for i, f := range rows {
		seen[i] = seenBy(f, "south", f.InitiatorOctets/2, f.ResponderOctets/2)
	}
	alone := flows("north", 2, 500, day, captured, 4*24*time.Hour)
	for i := range alone {
		alone[i].Realm = "clinic"
	}
	insertAll(t, s, store.Group{Token: "a", Flows: append(slices.Clone(rows), alone...)}, store.Group{Token: "b", Flows: seen})
	at := func(hours float64) time.Time {
		return captured.Truncate(24 * time.Hour).Add(time.Duration(hours * float64(time.Hour)))
	}
	for _, p := range []store.Period{
		{}, {From: at(30)}, {To: at(50.5)}, {From: at(24), To: at(72)}, {From: at(23.5), To: at(72.2)}, {From: at(30), To: at(40)},
		{From: at(47), To: at(49)}, {From: at(12.3), To: at(12.4)}, {From: at(24), To: at(24.5)}, {From: at(500)},
	} {
		var want, got uint64
		for _, f := range slices.Concat(rows, alone) {
			hour := time.Unix(0, f.Start).Truncate(time.Hour)
			if (p.From.IsZero() || !hour.Before(p.From.Truncate(time.Hour))) && (p.To.IsZero() || hour.Before(p.To)) {
				want += f.InitiatorOctets + f.ResponderOctets
			}
		}
		edges, err := s.Edges(t.Context(), store.EdgeFilter{Period: p, Limit: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range edges {
			got += e.InitiatorOctets + e.ResponderOctets
			if e.Initiator.IsZero() || len(e.Vantages) == 0 || e.First.IsZero() {
				t.Fatalf("%v to %v: nobody says what an edge stands for: %+v", p.From, p.To, e)
			}
		}
		if got != want {
			t.Errorf("%v to %v: got %d octets of %d edges, want %d", p.From, p.To, got, len(edges), want)
		}
	}
}

func TestExternal(t *testing.T) {
	s := storetest.Open(t)
	g := group("a", "north", 1, 2000)
	insertAll(t, s, g)
	known := []store.AddrRange{{addr4(10, 0, 0, 0), addr4(10, 255, 255, 255)}}
	want := map[string]uint64{}
	for _, f := range g.Flows {
		if f.Responder.Addr.String()[:3] == "203" {
			want[f.Initiator.Addr.String()+f.Responder.Addr.String()+f.Service] += f.InitiatorOctets
		}
	}
	got, err := s.External(t.Context(), store.ExternalFilter{Known: known})
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]uint64{}
	for _, e := range got {
		if e.InitiatorExternal || !e.ResponderExternal {
			t.Errorf("got %v external by the wrong end", e)
		}
		if (e.Service == "tls") != (len(e.ServerNames) > 0) {
			t.Errorf("got server names %v for %s", e.ServerNames, e.Service)
		}
		sums[e.Initiator.String()+e.Responder.String()+e.Service] += e.InitiatorOctets
	}
	if diff := cmp.Diff(want, sums); diff != "" || len(want) == 0 {
		t.Errorf("external (-want +got):\n%s", diff)
	}
	many := known // more than are compared one by one
	for i := range byte(40) {
		many = append(many, store.AddrRange{addr4(100, 64, i, 0), addr4(100, 64, i, 255)})
	}
	again, err := s.External(t.Context(), store.ExternalFilter{Known: many})
	if diff := cmp.Diff(got, again); diff != "" || err != nil {
		t.Errorf("with many known ranges: %v (-few +many):\n%s", err, diff)
	}
	if all, err := s.External(t.Context(), store.ExternalFilter{}); err != nil || len(all) <= len(got) {
		t.Errorf("nothing known: %d edges, %v; want more than %d", len(all), err, len(got))
	}
	got, err = s.External(t.Context(), store.ExternalFilter{Known: append(known, store.AddrRange{addr4(203, 0, 113, 0), addr4(203, 0, 113, 255)})})
	if err != nil || len(got) != 0 {
		t.Errorf("all known: got %d, %v; want none", len(got), err)
	}
}

func TestClaims(t *testing.T) {
	s := storetest.Open(t)
	subject := model.Subject{Addr: addr4(10, 1, 0, 1), MAC: 0x00005e005301, Part: "bacnet:2:1017"}
	o := store.ObservationRow{Stamp: stamp("north", 1, 0, day), Observation: model.Observation{Subject: subject, VLAN: 10, Kind: model.KindHostname,
		Value: "ct-03", Source: "dhcp.option12", First: captured.UnixNano(), Last: captured.UnixNano(), Count: 1}}
	later := o
	later.Sensor, later.VLAN, later.Receive, later.Count = "s-other", 20, day.Add(time.Hour), 4
	later.Last, later.ClockOffset = captured.Add(time.Hour).UnixNano(), time.Minute.Nanoseconds()
	later.First = captured.Add(30 * time.Minute).UnixNano()
	old := o
	old.Value, old.Subject = "pump", model.Subject{MAC: 7}
	insertAll(t, s, store.Group{Token: "1", Observations: []store.ObservationRow{o, old}}, store.Group{Token: "2", Observations: []store.ObservationRow{later}})
	read := func(f store.ClaimFilter) []store.Claim {
		t.Helper()
		var out []store.Claim
		if err := s.Claims(t.Context(), f, func(c store.Claim) error { out = append(out, c); return nil }); err != nil {
			t.Fatal(err)
		}
		return out
	}
	want := store.Claim{Site: "north", Realm: "main", Subject: subject, Kind: model.KindHostname, Value: "ct-03", Source: "dhcp.option12",
		First: captured, Last: captured.Add(59 * time.Minute), LastReceived: day.Add(time.Hour), Count: 5,
		Sensors: []model.SensorID{"s-north", "s-other"}, VLANs: []uint16{10, 20}}
	for _, c := range []struct {
		name   string
		filter store.ClaimFilter
	}{
		{"received since", store.ClaimFilter{ReceivedSince: day.Add(time.Minute)}},
		{"address", store.ClaimFilter{Addrs: []model.Addr{subject.Addr}}},
		{"MAC", store.ClaimFilter{MACs: []model.MAC{subject.MAC}, Kinds: []model.Kind{model.KindHostname}}},
	} {
		if diff := cmp.Diff([]store.Claim{want}, read(c.filter)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	if got := read(store.ClaimFilter{}); len(got) != 2 || got[0].Subject != old.Subject {
		t.Errorf("all: got %v, want two, the one without address first", got)
	}
	if got := read(store.ClaimFilter{Kinds: []model.Kind{model.KindOS}}); len(got) != 0 {
		t.Errorf("other kind: got %v", got)
	}
}

func TestFindings(t *testing.T) {
	s := storetest.Open(t)
	f := store.FindingRow{Stamp: stamp("north", 1, 0, day), Finding: model.Finding{Type: model.FindingDefaultCredential, Rule: "ftp.default", RuleVersion: 2,
		Subject: model.Subject{Addr: addr4(10, 2, 0, 1)}, Peer: model.Subject{Addr: addr4(10, 1, 0, 1)}, Port: 21, Protocol: 6, Service: "ftp",
		Detail: "known default 3", Evidence: "ftp.user", CommunityID: "1:old", First: captured.UnixNano(), Last: captured.UnixNano(), Count: 1}}
	again := f
	again.Peer.Addr, again.CommunityID, again.Count = addr4(10, 1, 0, 2), "1:new", 5
	again.First, again.Last = captured.Add(time.Hour).UnixNano(), captured.Add(2*time.Hour).UnixNano()
	dns := f
	dns.Service, dns.Type, dns.Rule = "dns", model.FindingCleartextProtocol, "dns.clear"
	insertAll(t, s, store.Group{Token: "1", Findings: []store.FindingRow{f, dns}}, store.Group{Token: "2", Findings: []store.FindingRow{again}})
	want := store.Finding{Site: "north", Realm: "main", Key: f.Key(), Type: f.Type, Rule: f.Rule, RuleVersion: 2, Subject: f.Subject, Port: 21, Protocol: 6,
		Service: "ftp", Detail: f.Detail, Evidence: f.Evidence, CommunityID: "1:new", First: captured, Last: captured.Add(2 * time.Hour), Count: 6, Peers: 2,
		Sensors: []model.SensorID{"s-north"}}
	for name, filter := range map[string]store.FindingFilter{
		"hide": {HideServices: []string{"dns"}}, "type": {Types: []model.FindingType{f.Type}}, "rule": {Rules: []string{f.Rule}},
		"service": {Services: []string{"ftp"}}, "key": {Key: f.Key()}, "period": {Period: store.Period{From: captured.Add(time.Hour)}},
		"address": {Addrs: []model.Addr{f.Subject.Addr}, Services: []string{"ftp"}},
	} {
		got, next, err := s.Findings(t.Context(), filter)
		if diff := cmp.Diff([]store.Finding{want}, got); diff != "" || err != nil || next != nil {
			t.Errorf("%s: %v, next %v (-want +got):\n%s", name, err, next, diff)
		}
	}
	first, next, err := s.Findings(t.Context(), store.FindingFilter{Limit: 1})
	if err != nil || next == nil || len(first) != 1 {
		t.Fatalf("page 1: got %v, %v, %v", first, next, err)
	}
	second, end, err := s.Findings(t.Context(), store.FindingFilter{Limit: 1, After: next})
	if err != nil || end != nil || len(second) != 1 || second[0].Key == first[0].Key {
		t.Errorf("page 2: got %v, %v, %v", second, end, err)
	}
	peers, err := s.FindingPeers(t.Context(), store.FindingCursor{Site: "north", Realm: "main", Key: f.Key()}, 0)
	wantPeers := []store.FindingPeer{
		{Peer: again.Peer, First: captured.Add(time.Hour), Last: captured.Add(2 * time.Hour), Count: 5, CommunityID: "1:new"},
		{Peer: f.Peer, First: captured, Last: captured, Count: 1, CommunityID: "1:old"}}
	if diff := cmp.Diff(wantPeers, peers); diff != "" || err != nil {
		t.Errorf("peers: %v (-want +got):\n%s", err, diff)
	}
}

func TestCoverage(t *testing.T) {
	s := storetest.Open(t)
	g := group("a", "north", 1, 10)
	second := g.Stats[0]
	second.Minute += time.Minute.Nanoseconds()
	second.TooLittle, second.Hosts, second.Interfaces = true, 3, nil
	second.Drops = []model.Drop{{Place: model.PlaceKernel, Packets: 1}, {Place: model.PlaceDecode, Packets: 2}}
	g.Stats = append(g.Stats, second)
	insertAll(t, s, g)
	got, err := s.Coverage(t.Context(), store.Scope{Sites: []model.SiteID{"north"}}, store.Period{From: captured, To: captured.Add(time.Hour)})
	want := []store.Coverage{{Site: "north", Sensor: "s-north", Domain: 1, VLAN: 10, Minutes: 2, TooLittleMinutes: 1, First: captured, Last: captured.Add(time.Minute),
		Packets: 2000, Octets: 128_000, Hosts: 12, TCPConversations: 80, TCPOneWay: 4,
		Drops: []model.Drop{{Place: model.PlaceDecode, Packets: 2}, {Place: model.PlaceKernel, Packets: 4}}, Interfaces: g.Stats[0].Interfaces}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("coverage: %v (-want +got):\n%s", err, diff)
	}
	if got, err = s.Coverage(t.Context(), store.Scope{}, store.Period{From: captured.Add(time.Hour)}); err != nil || len(got) != 0 {
		t.Errorf("later: got %v, %v; want none", got, err)
	}
}

func TestDevicesAndBindings(t *testing.T) {
	s := storetest.Open(t)
	ctx := t.Context()
	d := store.Device{ID: "d1", Version: 1, Site: "north", Realm: "main", Name: "ct-03", Category: "medical", Type: "ct", Vendor: "Example", Model: "X",
		Confidence: 0.5, Addrs: []model.Addr{addr4(10, 1, 0, 1)}, MACs: []model.MAC{7}, VLANs: []uint16{10}, First: captured, Last: captured.Add(time.Hour), Document: "{}"}
	gone := d
	gone.ID = "d2"
	b := store.Binding{Version: 1, Site: "north", Realm: "main", Subject: model.Subject{Addr: addr4(10, 1, 0, 1), MAC: 7}, From: captured, Device: "d1", Reason: "MAC"}
	ended := b
	ended.Subject.Addr, ended.To = addr4(10, 1, 0, 2), captured.Add(time.Hour)
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(s.PutDevices(ctx, []store.Device{d, gone}))
	check(s.PutBindings(ctx, []store.Binding{b, ended}))
	d.Version, d.Name = 2, "ct-04"
	gone.Version, gone.Removed = 2, true
	check(s.PutDevices(ctx, []store.Device{d, gone}))
	for name, f := range map[string]store.DeviceFilter{"all": {}, "address": {Addrs: d.Addrs}, "MAC": {MACs: d.MACs}, "text": {Text: "CT-04"}, "id": {IDs: []string{"d1", "d2"}},
		"type": {Types: []string{"ct"}, Categories: []string{"medical"}}, "site": {Scope: store.Scope{Sites: []model.SiteID{"north"}, Realm: "main"}}} {
		got, err := s.Devices(ctx, f)
		if diff := cmp.Diff([]store.Device{d}, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	if got, err := s.Devices(ctx, store.DeviceFilter{AfterID: "d1"}); err != nil || len(got) != 0 {
		t.Errorf("after d1: got %v, %v; want none", got, err)
	}
	for _, c := range []struct {
		name   string
		filter store.BindingFilter
		want   []store.Binding
	}{
		{"all", store.BindingFilter{}, []store.Binding{b, ended}},
		{"later only the open one holds", store.BindingFilter{At: captured.Add(5 * time.Hour)}, []store.Binding{b}},
		{"before", store.BindingFilter{At: captured.Add(-time.Second)}, nil},
		{"address", store.BindingFilter{Addrs: []model.Addr{addr4(10, 1, 0, 2)}, Devices: []string{"d1"}}, []store.Binding{ended}},
	} {
		var got []store.Binding
		check(s.Bindings(ctx, c.filter, func(b store.Binding) error { got = append(got, b); return nil }))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
