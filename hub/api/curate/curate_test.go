package curate_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server" //nolint:depguard // the test runs on real control state
	"github.com/nats-io/nats.go"               //nolint:depguard // the test runs on real control state
	"github.com/nats-io/nats.go/jetstream"     //nolint:depguard // the test runs on real control state

	"github.com/wardscope/wardscope/hub/access"
	"github.com/wardscope/wardscope/hub/api/curate"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/knowledge"
	"github.com/wardscope/wardscope/hub/inventory/live"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/hub/store/storetest"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

var at = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

// control opens control state in a folder that outlives the server, and returns how to stop it.
func control(t *testing.T, dir string) (*state.State, func()) {
	t.Helper()
	s, err := server.NewServer(&server.Options{DontListen: true, JetStream: true, StoreDir: dir, NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("server not ready")
	}
	nc, err := nats.Connect("", nats.InProcessServer(s))
	if err != nil {
		t.Fatal(err)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	st, err := state.Open(t.Context(), js, state.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return st, func() {
		nc.Close()
		s.Shutdown()
		s.WaitForShutdown()
	}
}

type hub struct {
	*curate.Server
	keeper *live.Keeper
}

func start(t *testing.T, s *store.Store, st *state.State) hub {
	t.Helper()
	set, err := knowledge.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	k := live.New(live.DefaultConfig(), live.Deps{Reader: s, Writer: s, Knowledge: set, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	log, err := st.Corrections(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	k.SetDecisions(log)
	if err := k.Resolve(t.Context()); err != nil {
		t.Fatal(err)
	}
	return hub{curate.New(curate.Deps{State: st, Keeper: k, Kinds: set, Now: func() time.Time { return at }}), k}
}

func (h hub) at(t *testing.T, n byte) *inventory.Device {
	t.Helper()
	d := h.keeper.Current().At("wan", model.AddrFrom4([]byte{10, 0, 0, n}), 0, at.UnixNano())
	if d == nil {
		t.Fatalf("no device at 10.0.0.%d", n)
	}
	return d
}

func insert(t *testing.T, s *store.Store, token string, first int, hosts ...byte) {
	t.Helper()
	g := store.Group{Token: token}
	for i, n := range hosts {
		a := model.AddrFrom4([]byte{10, 0, 0, n})
		g.Observations = append(g.Observations, store.ObservationRow{
			Stamp: store.Stamp{Site: "north", Realm: "wan", Sensor: "n1", Receive: at, Epoch: 1, Sequence: uint64(first), Row: uint32(i)},
			Observation: model.Observation{Subject: model.Subject{Addr: a, MAC: model.MAC(0x0003b1000000) + model.MAC(n)<<8}, VLAN: 30,
				Kind: model.KindAddressBinding, Value: a.String(), Source: "arp.sender", First: at.UnixNano(), Last: at.UnixNano(), Count: 1}})
	}
	g.Batches = []store.BatchRow{{Stamp: g.Observations[0].Stamp, SealedAt: at.UnixNano()}}
	if err := s.InsertGroup(t.Context(), g); err != nil {
		t.Fatal(err)
	}
}

// TestDecisionsOutliveResolutionAndRestart joins, corrects and labels a cart, lets more arrive,
// restarts control state and keeper, and undoes.
func TestDecisionsOutliveResolutionAndRestart(t *testing.T) {
	s, dir := storetest.Open(t), t.TempDir()
	st, stop := control(t, dir)
	insert(t, s, "t/1/0/1-1/a", 1, 1, 2)
	h := start(t, s, st)
	ctx := access.With(t.Context(), access.Principal{Name: "admin", Role: access.Admin})
	a, b := h.at(t, 1).ID, h.at(t, 2).ID
	joined, err := h.JoinDevices(ctx, &hubv1.JoinDevicesRequest{Id: a, Other: b, Reason: "cable and radio of one cart"})
	if err != nil || joined.GetDevice().GetId() != a || len(joined.GetDevice().GetMacs()) != 2 {
		t.Fatalf("join: %v, %v", joined, err)
	}
	if _, err := h.CorrectDevice(ctx, &hubv1.CorrectDeviceRequest{Id: a, Attribute: "model", Value: "Plum 360", Reason: "label at the bedside"}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.LabelDevice(ctx, &hubv1.LabelDeviceRequest{Id: a, Add: []string{"loan"}, Reason: "on loan"}); err != nil {
		t.Fatal(err)
	}
	insert(t, s, "t/1/0/2-2/a", 2, 1, 3)
	stop()
	st, stop = control(t, dir)
	defer stop()
	h = start(t, s, st)
	d := h.at(t, 2)
	if d.ID != a || d.Model != "Plum 360" || !slices.Equal(d.Labels(), []string{"loan"}) || len(h.keeper.Current().Devices) != 2 {
		t.Fatalf("after a restart: %+v", d)
	}
	if _, err := h.UndoCorrection(ctx, &hubv1.UndoCorrectionRequest{Id: joined.GetCorrection().GetId(), Reason: "two carts after all"}); err != nil {
		t.Fatal(err)
	}
	if h.at(t, 2).ID != b || h.at(t, 2).Model != "" || h.at(t, 1).Model != "Plum 360" {
		t.Errorf("after undoing: %+v", h.at(t, 2))
	}
	history(t, h, a)
}

func history(t *testing.T, h hub, id string) {
	t.Helper()
	list, err := h.ListCorrections(t.Context(), &hubv1.ListCorrectionsRequest{Device: id})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range list.GetCorrections() {
		got = append(got, c.GetWho()+" "+c.GetKind().String()+" "+c.GetReason())
		if !c.GetTime().AsTime().Equal(at) {
			t.Errorf("decision %d at %v", c.GetId(), c.GetTime().AsTime())
		}
	}
	want := []string{"admin CORRECTION_KIND_UNDO two carts after all", "admin CORRECTION_KIND_SET on loan", "admin CORRECTION_KIND_SET label at the bedside",
		"admin CORRECTION_KIND_JOIN cable and radio of one cart"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	if list.GetCorrections()[3].GetUndoneBy() != 4 {
		t.Errorf("the join is not told undone: %v", list.GetCorrections()[3])
	}
}

func TestSplitOffWhatWasJoined(t *testing.T) {
	s := storetest.Open(t)
	st, stop := control(t, t.TempDir())
	defer stop()
	insert(t, s, "t/1/0/1-1/b", 1, 1, 2, 4)
	h := start(t, s, st)
	ctx := access.With(context.WithoutCancel(t.Context()), access.Principal{Name: "admin"})
	a, b := h.at(t, 1).ID, h.at(t, 2)
	if _, err := h.JoinDevices(ctx, &hubv1.JoinDevicesRequest{Id: a, Other: b.ID, Reason: "one cart"}); err != nil {
		t.Fatal(err)
	}
	out, err := h.SplitDevice(ctx, &hubv1.SplitDeviceRequest{Id: a, Off: b.MACs[0].String(), Reason: "it was the one beside"})
	if err != nil || len(out.GetDevices()) != 2 || out.GetDevices()[0].GetId() != a || out.GetDevices()[1].GetId() != b.ID {
		t.Fatalf("split: %v, %v", out, err)
	}
	if _, err := h.SplitDevice(ctx, &hubv1.SplitDeviceRequest{Id: a, Off: h.at(t, 1).MACs[0].String(), Reason: "x"}); err == nil {
		t.Error("all of a device was split off it")
	}
}
