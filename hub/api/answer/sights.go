package answer

import (
	"context"
	"slices"
	"time"

	"github.com/wardscope/wardscope/hub/fleet"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
)

// Sight is a sensor with its health.
type Sight struct {
	Site   model.SiteID
	ID     model.SensorID
	Health fleet.State
	Reason string           // why the health is what it is; "" when it is good
	Ledger []store.Ledger   // by epoch
	Recent []store.Coverage // of the last minutes
	Report *fleet.Report    // what it last said of itself; nil: nothing since the hub started
	Pause  string           // why people paused it; "" when they did not

	Revoked *state.Denial // nil: it is not shut out
}

// lookBack is over how long a sensor's health is judged.
const lookBack = 10 * time.Minute

// Sights lists every sensor that was added or sent anything, by site and id.
func (s *Answers) Sights(ctx context.Context) ([]Sight, error) {
	now := s.deps.Now()
	registered, err := s.deps.Fleet.List(ctx)
	if err != nil {
		return nil, err
	}
	ledger, err := s.deps.Store.Ledger(ctx, store.Scope{})
	if err != nil {
		return nil, err
	}
	recent, err := s.deps.Store.Coverage(ctx, store.Scope{}, store.Period{From: now.Add(-lookBack), To: now.Add(lookBack)})
	if err != nil {
		return nil, err
	}
	byID := map[model.SensorID]*Sight{}
	entry := func(site model.SiteID, id model.SensorID) *Sight {
		if byID[id] == nil {
			byID[id] = &Sight{Site: site, ID: id}
		}
		return byID[id]
	}
	for i := range registered {
		entry(registered[i].Site, registered[i].ID)
	}
	for i := range ledger {
		v := entry(ledger[i].Site, ledger[i].Sensor)
		v.Ledger = append(v.Ledger, ledger[i])
	}
	for i := range recent {
		v := entry(recent[i].Site, recent[i].Sensor)
		v.Recent = append(v.Recent, recent[i])
	}
	wishes, err := s.deps.State.Wishes(ctx)
	if err != nil {
		return nil, err
	}
	for _, w := range wishes {
		if v := byID[w.Sensor]; v != nil && w.Pause {
			v.Pause = w.PauseReason
		}
	}
	denials, err := s.deps.Fleet.Denials(ctx)
	if err != nil {
		return nil, err
	}
	for i := range denials {
		if v := byID[denials[i].Sensor]; v != nil {
			v.Revoked = &denials[i]
		}
	}
	if s.deps.Reports != nil {
		for id, r := range s.deps.Reports() {
			if v := byID[id]; v != nil {
				v.Report = &r
			}
		}
	}
	out := make([]Sight, 0, len(byID))
	for _, v := range byID {
		v.Health, v.Reason = fleet.Health(v.facts(), now)
		out = append(out, *v)
	}
	slices.SortFunc(out, func(a, b Sight) int {
		if a.Site != b.Site {
			return compareText(a.Site, b.Site)
		}
		return compareText(a.ID, b.ID)
	})
	return out, nil
}

// facts is what health is judged by.
func (v *Sight) facts() fleet.Sight {
	f := fleet.Sight{Report: v.Report, Pause: v.Pause, Revoked: v.Revoked, VLANs: map[uint16]uint64{}}
	for i := range v.Ledger {
		if v.Ledger[i].LastReceived.After(f.LastReceived) {
			f.LastReceived = v.Ledger[i].LastReceived
		}
	}
	for i := range v.Recent {
		r := &v.Recent[i]
		f.Packets += r.Packets
		f.Dropped += dropped(r.Drops)
		f.TCPConversations += r.TCPConversations
		f.TCPOneWay += r.TCPOneWay
		f.Duplicates, f.Truncated, f.VLANs[r.VLAN] = f.Duplicates+r.Duplicates, f.Truncated+r.Truncated, f.VLANs[r.VLAN]+r.Packets
	}
	return f
}
