package life

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/wardscope/wardscope/hub/api/answer"
	"github.com/wardscope/wardscope/hub/api/problem"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/correction"
	"github.com/wardscope/wardscope/hub/inventory/lifecycle"
	"github.com/wardscope/wardscope/hub/inventory/live"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// Store is what histories are made of.
type Store interface {
	Claims(ctx context.Context, f store.ClaimFilter, each func(store.Claim) error) error
	Sightings(ctx context.Context, scope store.Scope, each func(store.Sighting) error) error
	Presence(ctx context.Context, f store.PresenceFilter, each func(store.Presence) error) error
}

// State has people's decisions.
type State interface {
	Corrections(ctx context.Context) ([]state.Correction, error)
}

// Deps is what a Server works with.
type Deps struct {
	Store    Store
	State    State
	Keeper   answer.Keeper
	Patience lifecycle.Table
}

// Server serves histories.
type Server struct {
	hubv1.UnimplementedHistoryServiceServer
	deps Deps
}

// New returns a server.
func New(deps Deps) *Server { return &Server{deps: deps} }

// place is an address in its realm.
type place struct {
	realm model.Realm
	addr  model.Addr
}

const day = 24 * time.Hour

// days reads on which days each device of an inventory sent, by the addresses that it had then.
func (s *Server) days(ctx context.Context, inv *inventory.Inventory, f store.PresenceFilter) (map[string][]time.Time, error) {
	sent := map[place][]time.Time{}
	err := s.deps.Store.Presence(ctx, f, func(p store.Presence) error {
		sent[place{p.Realm, p.Addr}] = p.Days
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := map[string][]time.Time{}
	for i := range inv.Bindings {
		b := &inv.Bindings[i]
		for _, at := range sent[place{b.Realm, b.Addr}] {
			if n := at.UnixNano(); b.First-int64(day) < n && n <= b.Last {
				out[b.Device] = append(out[b.Device], at)
			}
		}
	}
	for id, list := range out {
		slices.SortFunc(list, time.Time.Compare)
		out[id] = slices.CompactFunc(list, time.Time.Equal)
	}
	return out, nil
}

// GetDeviceHistory tells what happened to a device.
func (s *Server) GetDeviceHistory(ctx context.Context, req *hubv1.GetDeviceHistoryRequest) (*hubv1.GetDeviceHistoryResponse, error) {
	snap := s.deps.Keeper.Current()
	d := snap.Device(req.GetId())
	if d == nil {
		return nil, problem.NotFound("device", req.GetId())
	}
	in, err := s.input(ctx, snap, d)
	if err != nil {
		return nil, err
	}
	out := &hubv1.GetDeviceHistoryResponse{Device: answer.Ref(d)}
	out.Life = message(d, s.deps.Patience.Life(d, lifecycle.Watch(snap.Inventory), in.Days))
	for _, e := range lifecycle.History(in) {
		out.Events = append(out.Events, &hubv1.DeviceEvent{Time: timestamppb.New(e.At), What: e.What, From: e.From, To: e.To, Source: e.Source})
	}
	decided, err := s.decisions(ctx, d)
	if err != nil {
		return nil, err
	}
	out.Events = append(out.Events, decided...)
	slices.SortStableFunc(out.Events, func(a, b *hubv1.DeviceEvent) int { return a.GetTime().AsTime().Compare(b.GetTime().AsTime()) })
	return out, nil
}

// input gathers what one device's history is made of.
func (s *Server) input(ctx context.Context, snap *live.Snapshot, d *inventory.Device) (*lifecycle.Input, error) {
	in := &lifecycle.Input{Device: d, Patience: s.deps.Patience.Of(d)}
	if d.Part == "" {
		for i := range snap.Bindings {
			if snap.Bindings[i].Device == d.ID {
				in.Bindings = append(in.Bindings, snap.Bindings[i])
			}
		}
		days, err := s.days(ctx, &inventory.Inventory{Bindings: in.Bindings}, store.PresenceFilter{Scope: store.Scope{Realm: d.Realm}, Addrs: d.Addrs})
		if err != nil {
			return nil, err
		}
		in.Days = days[d.ID]
	}
	mine := func(m model.MAC, a model.Addr) bool {
		return (a.IsZero() || slices.Contains(d.Addrs, a)) && (len(d.MACs) == 0 || slices.Contains(d.MACs, m))
	}
	err := s.deps.Store.Claims(ctx, store.ClaimFilter{Scope: store.Scope{Realm: d.Realm}, MACs: d.MACs, Addrs: addrsIfAlone(d)}, func(c store.Claim) error {
		if d.Part != "" && c.Subject.Part == d.Part || d.Part == "" && mine(c.Subject.MAC, c.Subject.Addr) {
			in.Claims = append(in.Claims, inventory.Claim{Site: c.Site, Realm: c.Realm, Subject: c.Subject, Kind: c.Kind, Value: c.Value, Source: c.Source,
				First: c.First.UnixNano(), Last: c.Last.UnixNano(), Count: c.Count})
		}
		return nil
	})
	if err != nil || d.Part != "" {
		return in, err
	}
	return in, s.deps.Store.Sightings(ctx, store.Scope{Realm: d.Realm, Sites: []model.SiteID{d.Site}}, func(v store.Sighting) error {
		if v.Packets > 0 && mine(v.MAC, v.Addr) && len(d.MACs) > 0 {
			in.Sightings = append(in.Sightings, inventory.Sighting{VLAN: v.VLAN, Addr: v.Addr, MAC: v.MAC, First: v.First.UnixNano(), Last: v.Last.UnixNano(), Packets: v.Packets})
		}
		return nil
	})
}

// addrsIfAlone are the addresses of a device that has no link address of its own.
func addrsIfAlone(d *inventory.Device) []model.Addr {
	if len(d.MACs) > 0 {
		return nil
	}
	return d.Addrs
}

// decisions are what people decided about a device, as events.
func (s *Server) decisions(ctx context.Context, d *inventory.Device) ([]*hubv1.DeviceEvent, error) {
	log, err := s.deps.State.Corrections(ctx)
	if err != nil {
		return nil, err
	}
	var out []*hubv1.DeviceEvent
	for _, c := range log {
		if c.Device != d.ID && c.Other != d.ID && !slices.Contains(d.Endpoints, correction.Endpoint(c.Subject)) {
			continue
		}
		e := &hubv1.DeviceEvent{Time: timestamppb.New(c.At), What: "decision", Source: fmt.Sprintf("decision %d by %s: %s", c.ID, c.Who, c.Why)}
		switch c.Kind {
		case state.CorrectionSet:
			e.From, e.To = c.Before, c.Attribute+" = "+c.Value
		case state.CorrectionJoin:
			e.To = "joined with " + c.Other
		case state.CorrectionSplit:
			e.To = "split off " + cmp.Or(c.Subject.MAC.String(), c.Subject.Addr.String())
		default:
			e.To = fmt.Sprintf("decision %d taken back", c.Undoes)
		}
		out = append(out, e)
	}
	return out, nil
}

func message(d *inventory.Device, l lifecycle.Life) *hubv1.DeviceLife {
	return &hubv1.DeviceLife{Device: answer.Ref(d), State: hubv1.LifeState(l.State) + hubv1.LifeState_LIFE_STATE_ACTIVE, Since: timestamppb.New(l.Since),
		SilentDays: int32(l.Silent / day), Reason: l.Reason}
}

const (
	usualLives = 1000
	mostLives  = 10_000
)

// ListLives tells which devices are new, returned, stale or retired.
func (s *Server) ListLives(ctx context.Context, req *hubv1.ListLivesRequest) (*hubv1.ListLivesResponse, error) {
	f, err := problem.Filter(req.GetFilter(), inventory.Schema)
	if err != nil {
		return nil, err
	}
	limit := int(cmp.Or(req.GetLimit(), usualLives))
	if limit < 0 || limit > mostLives {
		return nil, problem.Field("limit", fmt.Sprintf("must be 1 to %d", mostLives))
	}
	snap := s.deps.Keeper.Current()
	days, err := s.days(ctx, snap.Inventory, store.PresenceFilter{})
	if err != nil {
		return nil, err
	}
	clock := lifecycle.Watch(snap.Inventory)
	out, count := &hubv1.ListLivesResponse{}, map[hubv1.LifeState]int64{}
	for i := range snap.Devices {
		d := &snap.Devices[i]
		if !f.Match(d.Field) {
			continue
		}
		m := message(d, s.deps.Patience.Life(d, clock, days[d.ID]))
		count[m.GetState()]++
		if m.GetState() == req.GetState() || req.GetState() == 0 && m.GetState() != hubv1.LifeState_LIFE_STATE_ACTIVE {
			out.Lives = append(out.Lives, m)
		}
	}
	for _, st := range []hubv1.LifeState{hubv1.LifeState_LIFE_STATE_NEW, hubv1.LifeState_LIFE_STATE_RETURNED, hubv1.LifeState_LIFE_STATE_STALE,
		hubv1.LifeState_LIFE_STATE_RETIRED, hubv1.LifeState_LIFE_STATE_ACTIVE} {
		out.Counts = append(out.Counts, &hubv1.LifeCount{State: st, Count: count[st]})
	}
	slices.SortFunc(out.Lives, func(a, b *hubv1.DeviceLife) int {
		return cmp.Or(cmp.Compare(a.GetState(), b.GetState()), b.GetSince().AsTime().Compare(a.GetSince().AsTime()), strings.Compare(a.GetDevice().GetId(), b.GetDevice().GetId()))
	})
	out.TotalSize = int64(len(out.Lives))
	out.Lives = out.Lives[:min(len(out.Lives), limit)]
	return out, nil
}
