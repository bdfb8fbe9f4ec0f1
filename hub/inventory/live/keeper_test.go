package live_test

import (
	"context"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/inventory/knowledge"
	"github.com/wardscope/wardscope/hub/inventory/live"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/hub/store/storetest"
	"github.com/wardscope/wardscope/internal/model"
)

var at = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

func host(n byte) model.Addr { return model.AddrFrom4([]byte{10, 0, 0, n}) }

func keeper(t *testing.T, s *store.Store) *live.Keeper {
	t.Helper()
	set, err := knowledge.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return live.New(live.Config{Every: time.Millisecond}, live.Deps{Reader: s, Writer: s, Knowledge: set, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
}

func claim(row uint32, n byte, kind model.Kind, source, value string) store.ObservationRow {
	return store.ObservationRow{
		Stamp: store.Stamp{Site: "north", Realm: "wan", Sensor: "n1", Receive: at, Epoch: 1, Sequence: 1, Row: row},
		Observation: model.Observation{Subject: model.Subject{Addr: host(n), MAC: model.MAC(0x0003b1000000) + model.MAC(n)}, VLAN: 30,
			Kind: kind, Value: value, Source: source, First: at.UnixNano(), Last: at.UnixNano(), Count: 1},
	}
}

func insert(t *testing.T, s *store.Store, token string, rows ...store.ObservationRow) {
	t.Helper()
	batch := store.BatchRow{Stamp: rows[0].Stamp, SealedAt: at.UnixNano()}
	if err := s.InsertGroup(t.Context(), store.Group{Token: token, Observations: rows, Batches: []store.BatchRow{batch}}); err != nil {
		t.Fatal(err)
	}
}

func ids(t *testing.T, s *store.Store) map[string]string {
	t.Helper()
	ds, err := s.Devices(t.Context(), store.DeviceFilter{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, d := range ds {
		out[d.ID] = d.Name
	}
	return out
}

func TestResolveWritesWhatSQLSees(t *testing.T) {
	s := storetest.Open(t)
	insert(t, s, "t/1/0/1-1/a", claim(0, 1, model.KindAddressBinding, "arp.sender", "10.0.0.1"), claim(1, 1, model.KindHostname, "dhcp.option12", "pump-0001"),
		claim(2, 2, model.KindAddressBinding, "arp.sender", "10.0.0.2"))
	k := keeper(t, s)
	k.SetSites(state.Sites{Sites: []state.Site{{ID: "north", Realm: "wan", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/16")},
		Departments: []state.Department{{Name: "icu", VLANs: []uint16{30}}}}}})
	if err := k.Resolve(t.Context()); err != nil {
		t.Fatal(err)
	}
	snap := k.Current()
	d := snap.At("wan", host(1), 0, at.UnixNano())
	if d == nil || d.Hostname != "pump-0001" || d.Department != "icu" || d.Site != "north" {
		t.Fatalf("got %+v", d)
	}
	if len(snap.Devices) != 2 || snap.Totals.Observations != 3 || !snap.ResolvedTo.Equal(at) {
		t.Errorf("snapshot: %d devices, totals %+v, resolved to %v", len(snap.Devices), snap.Totals, snap.ResolvedTo)
	}
	if diff := cmp.Diff(map[string]string{d.ID: "pump-0001", snap.At("wan", host(2), 0, 0).ID: "10.0.0.2"}, ids(t, s)); diff != "" {
		t.Errorf("devices in SQL (-want +got):\n%s", diff)
	}
	bindings := 0
	if err := s.Bindings(t.Context(), store.BindingFilter{Addrs: []model.Addr{host(1)}}, func(b store.Binding) error {
		bindings++
		if b.Device != d.ID {
			t.Errorf("binding of %s", b.Device)
		}
		return nil
	}); err != nil || bindings != 1 {
		t.Errorf("got %d bindings of 10.0.0.1, %v", bindings, err)
	}
}

func TestANewHubTakesAwayWhatIsGone(t *testing.T) {
	s := storetest.Open(t)
	insert(t, s, "t/1/0/1-1/b", claim(0, 1, model.KindAddressBinding, "arp.sender", "10.0.0.1"))
	if err := s.PutDevices(t.Context(), []store.Device{{ID: "d-old", Version: 7, Name: "gone"}}); err != nil {
		t.Fatal(err)
	}
	k := keeper(t, s)
	for range 2 {
		if err := k.Resolve(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	got := ids(t, s)
	if _, there := got["d-old"]; there || len(got) != 1 {
		t.Errorf("got %v, want the one device there is", got)
	}
}

func TestRunResolvesWhatArrives(t *testing.T) {
	s := storetest.Open(t)
	k := keeper(t, s)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- k.Run(ctx) }()
	insert(t, s, "t/1/0/1-1/c", claim(0, 1, model.KindAddressBinding, "arp.sender", "10.0.0.1"))
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	limit := time.NewTimer(30 * time.Second)
	defer limit.Stop()
	for len(k.Current().Devices) != 1 {
		select {
		case <-tick.C:
		case <-limit.C:
			t.Fatal("nothing was resolved")
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("run: %v", err)
	}
}
