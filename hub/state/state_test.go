package state_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T) *state.State {
	t.Helper()
	s, err := server.NewServer(&server.Options{DontListen: true, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("server not ready")
	}
	nc, err := nats.Connect("", nats.InProcessServer(s))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	var st *state.State
	for range 2 { // opening again changes nothing
		if st, err = state.Open(t.Context(), js, state.Config{}); err != nil {
			t.Fatal(err)
		}
	}
	return st
}

func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

func TestSitesCompareAndSet(t *testing.T) {
	st := open(t)
	got, err := st.Sites(t.Context())
	if err != nil || got.Revision != 0 || len(got.Sites) != 0 {
		t.Fatalf("before any: got %+v %v, want nothing at revision 0", got, err)
	}
	doc := state.Sites{
		Sites: []state.Site{{
			ID: "north", Name: "North General", Realm: "wan", Prefixes: []netip.Prefix{prefix("10.1.0.0/16"), prefix("2001:db8::/32")},
			Realms:      []state.RealmRule{{Realm: "guest", VLAN: 7}, {Realm: "lab", Prefix: prefix("192.168.0.0/24")}},
			Departments: []state.Department{{Name: "Radiology", VLANs: []uint16{12}, Prefixes: []netip.Prefix{prefix("10.1.5.0/24")}}},
		}},
		Partners: []state.Partner{{Name: "records", Prefixes: []netip.Prefix{prefix("203.0.113.0/24")}}},
	}
	first, err := st.PutSites(t.Context(), doc, 0)
	if err != nil {
		t.Fatal(err)
	}
	got, err = st.Sites(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	doc.Revision = first
	if d := cmp.Diff(doc, got, cmpopts.EquateComparable(netip.Prefix{})); d != "" {
		t.Error(d)
	}
	second, err := st.PutSites(t.Context(), doc, first)
	if err != nil || second <= first {
		t.Errorf("second: got %d %v, want more than %d", second, err, first)
	}
	if _, err := st.PutSites(t.Context(), doc, first); !errors.Is(err, state.ErrConflict) {
		t.Errorf("outdated: got %v, want a conflict", err)
	}
}

func TestSitesValidateReportsAllFaults(t *testing.T) {
	bad := state.Sites{
		Sites: []state.Site{
			{ID: "North", Realm: "a b", Prefixes: []netip.Prefix{{}, prefix("10.1.2.3/16"), prefix("::ffff:10.0.0.0/104")}},
			{ID: "south", Realms: []state.RealmRule{{Realm: "x"}, {Realm: "", VLAN: 5000}}, Departments: []state.Department{{VLANs: []uint16{4095}}}},
			{ID: "south"},
		},
		Partners: []state.Partner{{}},
	}
	err := bad.Validate()
	if err == nil {
		t.Fatal("got no error")
	}
	for _, part := range []string{
		"sites[0].id", "sites[0].realm", "sites[0].prefixes[0]: is no prefix", "sites[0].prefixes[1]: 10.1.2.3/16 has bits", "write 10.1.0.0/16",
		"sites[0].prefixes[2]", "sites[1].realms[0]: names neither", "sites[1].realms[1]", "vlan 5000", "sites[1].departments[0]: has no name", "vlan 4095",
		`sites[2].id: "south" is there twice`, "partners[0].name",
	} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("no %q in:\n%v", part, err)
		}
	}
	st := open(t)
	if _, err := st.PutSites(t.Context(), bad, 0); err == nil {
		t.Error("stored all the same")
	}
}

func TestZones(t *testing.T) {
	st := open(t)
	doc := state.Zones{Zones: []state.Zone{{Name: "imaging", Selector: `type = "ct"`}, {Name: "rest"}}}
	rev, err := st.PutZones(t.Context(), doc, 0)
	if err != nil {
		t.Fatal(err)
	}
	doc.Revision = rev
	if got, err := st.Zones(t.Context()); err != nil || cmp.Diff(doc, got) != "" {
		t.Errorf("got %+v %v", got, err)
	}
	if err := (state.Zones{Zones: []state.Zone{{Name: "a"}, {Name: "a"}, {}}}).Validate(); err == nil ||
		!strings.Contains(err.Error(), "zones[1]") || !strings.Contains(err.Error(), "zones[2]") {
		t.Errorf("validate: got %v", err)
	}
}

func TestWatchTellsNowAndChanges(t *testing.T) {
	st := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	seen := make(chan state.Sites, 8)
	zones := make(chan state.Zones, 8)
	var ended sync.WaitGroup
	watch := func(run func() error) {
		ended.Go(func() {
			if err := run(); err != nil {
				t.Error(err)
			}
		})
	}
	watch(func() error { return st.WatchSites(ctx, func(s state.Sites) { seen <- s }) })
	watch(func() error { return st.WatchZones(ctx, func(z state.Zones) { zones <- z }) })
	if s := <-seen; s.Revision != 0 {
		t.Errorf("first: got revision %d, want 0", s.Revision)
	}
	rev, err := st.PutSites(ctx, state.Sites{Sites: []state.Site{{ID: "north"}}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if s := <-seen; s.Revision != rev || len(s.Sites) != 1 {
		t.Errorf("change: got %+v, want revision %d", s, rev)
	}
	watch(func() error { return st.WatchSites(ctx, func(s state.Sites) { seen <- s }) })
	if s := <-seen; s.Revision != rev {
		t.Errorf("another watcher's first: got revision %d, want %d", s.Revision, rev)
	}
	<-zones
	cancel()
	ended.Wait()
}

func TestRealm(t *testing.T) {
	r := state.NewResolver(state.Sites{Revision: 9, Sites: []state.Site{
		{ID: "north", Realm: "wan", Realms: []state.RealmRule{
			{Realm: "guest", VLAN: 7},
			{Realm: "tap2", Domain: 2},
			{Realm: "tap2-guest", Domain: 2, VLAN: 7},
			{Realm: "lab", Prefix: prefix("192.168.0.0/16")},
			{Realm: "bench", Prefix: prefix("192.168.9.0/24")},
			{Realm: "bench-too-late", Prefix: prefix("192.168.9.0/24")},
			{Realm: "v6", Prefix: prefix("2001:db8::/32")},
		}},
		{ID: "alone"},
	}})
	addr := func(s string) model.Addr {
		a, err := model.ParseAddr(s)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	for _, tc := range []struct {
		name   string
		site   model.SiteID
		domain model.DomainID
		vlan   uint16
		addrs  []model.Addr
		want   model.Realm
	}{
		{name: "the site's", site: "north", domain: 1, want: "wan"},
		{name: "by VLAN", site: "north", domain: 1, vlan: 7, want: "guest"},
		{name: "by domain", site: "north", domain: 2, vlan: 8, want: "tap2"},
		{name: "by both", site: "north", domain: 2, vlan: 7, want: "tap2-guest"},
		{name: "prefix before VLAN", site: "north", vlan: 7, addrs: []model.Addr{addr("192.168.1.1")}, want: "lab"},
		{name: "longer prefix, first of two", site: "north", addrs: []model.Addr{addr("192.168.9.1")}, want: "bench"},
		{name: "the other end decides", site: "north", addrs: []model.Addr{addr("10.0.0.1"), addr("192.168.9.1")}, want: "bench"},
		{name: "IPv6", site: "north", addrs: []model.Addr{addr("2001:db8::1")}, want: "v6"},
		{name: "no address", site: "north", addrs: []model.Addr{{}}, want: "wan"},
		{name: "site without a realm", site: "alone", want: "alone"},
		{name: "undeclared site", site: "east", want: "east"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := r.Realm(tc.site, tc.domain, tc.vlan, tc.addrs...); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
	if r.Revision() != 9 {
		t.Errorf("revision: got %d, want 9", r.Revision())
	}
}

func TestSensorsAndWhoIsAdmitted(t *testing.T) {
	st := open(t)
	now := time.Now().UTC().Truncate(time.Second)
	n1 := mtls.Identity{Site: "north", Sensor: "n1"}
	register := func(id mtls.Identity, serial string) error {
		return st.RegisterSensor(t.Context(), id, state.Certificate{Serial: serial, Issued: now, Expires: now.Add(time.Hour)})
	}
	for _, serial := range []string{"a", "a", "b", "c", "d", "e"} { // "b" is pushed out by the fifth
		if err := register(n1, serial); err != nil {
			t.Fatal(err)
		}
	}
	if err := register(mtls.Identity{Site: "north", Sensor: "a9"}, "x"); err != nil {
		t.Fatal(err)
	}
	if err := register(mtls.Identity{Site: "south", Sensor: "n1"}, "f"); !errors.Is(err, state.ErrExists) {
		t.Errorf("sensor of another site: got %v, want exists", err)
	}
	all, err := st.Sensors(t.Context())
	if err != nil || len(all) != 2 || all[0].ID != "a9" || all[1].ID != "n1" || len(all[1].Certificates) != 4 || !all[1].Added.Equal(now) {
		t.Errorf("sensors: got %+v %v", all, err)
	}
	if _, err := st.Sensor(t.Context(), "none"); !errors.Is(err, state.ErrNotFound) {
		t.Errorf("unknown sensor: got %v", err)
	}
	for _, tc := range []struct {
		name   string
		id     mtls.Identity
		serial string
		reason string // "" for admitted
	}{
		{name: "newest", id: n1, serial: "e"},
		{name: "one before", id: n1, serial: "d"},
		{name: "in use while others were lost", id: n1, serial: "a"},
		{name: "never taken over", id: n1, serial: "b", reason: "not one of its present"},
		{name: "another's serial", id: n1, serial: "x", reason: "not one of its present"},
		{name: "right name, wrong site", id: mtls.Identity{Site: "south", Sensor: "n1"}, serial: "e", reason: "belongs to site north"},
		{name: "unknown", id: mtls.Identity{Site: "north", Sensor: "n2"}, serial: "e", reason: "never added"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := st.Admit(t.Context(), tc.id, tc.serial)
			if tc.reason == "" && err != nil || tc.reason != "" && (!errors.Is(err, state.ErrNotAdmitted) || !strings.Contains(err.Error(), tc.reason)) {
				t.Errorf("got %v, want %q", err, tc.reason)
			}
		})
	}
	if err := st.Deny(t.Context(), state.Denial{Sensor: "n1", Since: now, Reason: "stolen"}); err != nil {
		t.Fatal(err)
	}
	if err := st.Admit(t.Context(), n1, "e"); !errors.Is(err, state.ErrNotAdmitted) || !strings.Contains(err.Error(), "revoked") {
		t.Errorf("denied: got %v", err)
	}
	if d, err := st.Denials(t.Context()); err != nil || len(d) != 1 || d[0].Reason != "stolen" {
		t.Errorf("denials: got %+v %v", d, err)
	}
	if d, err := st.Denial(t.Context(), "n1"); err != nil || d.Reason != "stolen" {
		t.Errorf("denial: got %+v %v", d, err)
	}
	fresh := state.Certificate{Serial: "g", Issued: now, Expires: now.Add(time.Hour)}
	if err := st.ReplaceSensor(t.Context(), n1, fresh, now); !errors.Is(err, state.ErrNotAdmitted) {
		t.Errorf("an enrolment that was allowed before the denial: got %v", err)
	}
	if err := st.ReplaceSensor(t.Context(), n1, fresh, now.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if err := st.Admit(t.Context(), n1, "g"); err != nil {
		t.Errorf("enrolled again: got %v", err)
	}
	if err := st.Admit(t.Context(), n1, "e"); !errors.Is(err, state.ErrNotAdmitted) {
		t.Errorf("the certificate of before: got %v", err)
	}
	later := state.Certificate{Serial: "h", Issued: now.Add(2 * time.Hour), Expires: now.Add(3 * time.Hour)}
	if err := st.RegisterSensor(t.Context(), n1, later); err != nil {
		t.Fatal(err)
	}
	if x, err := st.Sensor(t.Context(), "n1"); err != nil || len(x.Certificates) != 1 {
		t.Errorf("an expired certificate is kept: %+v %v", x, err)
	}
	if d, err := st.Denials(t.Context()); err != nil || len(d) != 0 {
		t.Errorf("denials: got %+v %v, want none", d, err)
	}
}

func TestAdminToken(t *testing.T) {
	st := open(t)
	if ok, err := st.CheckAdminToken(t.Context(), ""); ok || err != nil {
		t.Errorf("before any: got %v %v", ok, err)
	}
	token, made, err := st.EnsureAdminToken(t.Context(), time.Now())
	if err != nil || !made || len(token) < 40 {
		t.Fatalf("got %q %v %v", token, made, err)
	}
	if again, made, err := st.EnsureAdminToken(t.Context(), time.Now()); err != nil || made || again != "" {
		t.Errorf("again: got %q %v %v, want none", again, made, err)
	}
	for text, want := range map[string]bool{token: true, token + "x": false, "": false} {
		if ok, err := st.CheckAdminToken(t.Context(), text); ok != want || err != nil {
			t.Errorf("check: got %v %v, want %v", ok, err, want)
		}
	}
	next, err := st.ReplaceAdminToken(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	old, err := st.CheckAdminToken(t.Context(), token)
	fresh, err2 := st.CheckAdminToken(t.Context(), next)
	if old || !fresh || err != nil || err2 != nil {
		t.Errorf("after replacing: old %v, new %v, %v %v", old, fresh, err, err2)
	}
}

func TestJournal(t *testing.T) {
	st := open(t)
	type record struct{ N int }
	var r record
	if rev, err := st.Record(t.Context(), 3, &r); err != nil || rev != 0 {
		t.Errorf("before any: got %d %v", rev, err)
	}
	rev, err := st.PutRecord(t.Context(), 3, record{1}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.PutRecord(t.Context(), 3, record{2}, 0); !errors.Is(err, state.ErrConflict) {
		t.Errorf("made twice: got %v", err)
	}
	next, err := st.PutRecord(t.Context(), 3, record{2}, rev)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.PutRecord(t.Context(), 3, record{3}, rev); !errors.Is(err, state.ErrConflict) {
		t.Errorf("outdated: got %v", err)
	}
	if got, err := st.Record(t.Context(), 3, &r); err != nil || got != next || r.N != 2 {
		t.Errorf("read: got %+v at %d %v", r, got, err)
	}
}

func TestPins(t *testing.T) {
	st := open(t)
	doc := func(rev uint64) state.Sites {
		return state.Sites{Revision: rev, Sites: []state.Site{{ID: model.SiteID(fmt.Sprint("s", rev))}}}
	}
	for _, rev := range []uint64{4, 5, 5, 6} {
		if err := st.PinSites(t.Context(), 1, doc(rev)); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.PinSites(t.Context(), 11, doc(4)); err != nil { // a partition whose number begins alike
		t.Fatal(err)
	}
	if err := st.UnpinSites(t.Context(), 1, 5); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		p    int
		rev  uint64
		gone bool
	}{{1, 4, true}, {1, 5, false}, {1, 6, true}, {11, 4, false}, {1, 0, false}} {
		got, err := st.PinnedSites(t.Context(), tc.p, tc.rev)
		if tc.gone != errors.Is(err, state.ErrNotFound) || !tc.gone && got.Revision != tc.rev {
			t.Errorf("partition %d revision %d: got %+v %v, want gone %v", tc.p, tc.rev, got, err, tc.gone)
		}
	}
}

func TestLease(t *testing.T) {
	st := open(t)
	ctx := t.Context()
	a, err := st.AcquireLease(ctx, 2, "a", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.AcquireLease(ctx, 2, "b", time.Second); !errors.Is(err, state.ErrHeld) {
		t.Errorf("held: got %v", err)
	}
	for range 3 { // renewing keeps the expiry, and the lease
		<-time.After(500 * time.Millisecond)
		if err := a.Renew(ctx); err != nil {
			t.Fatal(err)
		}
	}
	again, err := st.AcquireLease(ctx, 2, "a", time.Second)
	if err != nil {
		t.Errorf("same owner, restarted: got %v", err)
	}
	if err := a.Renew(ctx); !errors.Is(err, state.ErrHeld) {
		t.Errorf("former self: got %v, want held", err)
	}
	if err := a.Release(ctx); err != nil {
		t.Errorf("former self lets go: got %v, want nothing to happen", err)
	}
	if _, err := st.AcquireLease(ctx, 2, "b", time.Second); !errors.Is(err, state.ErrHeld) {
		t.Errorf("still held: got %v", err)
	}
	if err := again.Release(ctx); err != nil {
		t.Fatal(err)
	}
	b, err := st.AcquireLease(ctx, 2, "b", time.Second)
	if err != nil {
		t.Fatalf("after release: got %v", err)
	}
	// Nobody renews: it expires by itself.
	deadline := time.Now().Add(5 * time.Second)
	for err = state.ErrHeld; err != nil && time.Now().Before(deadline); {
		<-time.After(50 * time.Millisecond)
		_, err = st.AcquireLease(ctx, 2, "c", time.Second)
	}
	if err != nil {
		t.Errorf("never expired: %v", err)
	}
	if err := b.Renew(ctx); !errors.Is(err, state.ErrHeld) {
		t.Errorf("renewed after expiry: got %v, want held", err)
	}
}
