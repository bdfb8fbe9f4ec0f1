package api

import (
	"context"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/wardscope/wardscope/hub/fleet"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// fewConversations is below how many TCP conversations no share is told.
const fewConversations = 50

// coverage says what an answer over a period rests on.
func (s *Server) coverage(ctx context.Context, p store.Period) (*hubv1.Coverage, error) {
	rows, err := s.deps.Store.Coverage(ctx, store.Scope{}, p)
	if err != nil {
		return nil, err
	}
	seen, err := s.sights(ctx)
	if err != nil {
		return nil, err
	}
	out := &hubv1.Coverage{Period: periodMessage(p)}
	bySite := map[string]*hubv1.SiteCoverage{}
	conversations := map[string][2]uint64{}
	asked := uint64(max(p.To.Sub(p.From)+time.Minute-1, 0) / time.Minute)
	for i := range rows {
		r := &rows[i]
		c := bySite[string(r.Site)]
		if c == nil {
			c = &hubv1.SiteCoverage{Site: string(r.Site), MinutesAsked: asked}
			bySite[c.GetSite()] = c
			out.Sites = append(out.Sites, c)
		}
		addCoverage(c, r)
		n := conversations[c.GetSite()]
		conversations[c.GetSite()] = [2]uint64{n[0] + r.TCPConversations, n[1] + r.TCPOneWay}
	}
	for name, c := range bySite {
		if n := conversations[name]; n[0] >= fewConversations {
			c.OneWayShare = proto.Float64(float64(n[1]) / float64(n[0]))
		}
		if lost := c.GetDropped(); lost > 0 {
			out.Remarks = append(out.Remarks, fmt.Sprintf("site %s lost %d of %d packets", name, lost, lost+c.GetPackets()))
		}
	}
	for _, v := range seen {
		if v.health != fleet.StateSilent && v.health != fleet.StateNeverSeen {
			continue
		}
		if c := bySite[string(v.site)]; c != nil {
			c.SilentSensors = append(c.SilentSensors, string(v.id))
		}
		out.Remarks = append(out.Remarks, fmt.Sprintf("sensor %s of site %s: %s", v.id, v.site, v.reason))
	}
	for _, site := range s.deps.Keeper.Current().Sites.Document().Sites {
		if bySite[string(site.ID)] == nil {
			out.Remarks = append(out.Remarks, fmt.Sprintf("site %s: no sensor measured anything in the period", site.ID))
		}
	}
	slices.Sort(out.Remarks)
	return out, nil
}

func addCoverage(c *hubv1.SiteCoverage, r *store.Coverage) {
	if !slices.Contains(c.GetSensors(), string(r.Sensor)) {
		c.Sensors = append(c.Sensors, string(r.Sensor))
	}
	if !slices.Contains(c.GetVlans(), uint32(r.VLAN)) {
		c.Vlans = append(c.Vlans, uint32(r.VLAN))
		slices.Sort(c.Vlans)
	}
	c.MinutesSeen = max(c.GetMinutesSeen(), r.Minutes)
	c.Packets += r.Packets
	c.Duplicates += r.Duplicates
	c.Dropped += dropped(r.Drops)
}

// dropped counts what was lost; what privacy left out is no loss.
func dropped(drops []model.Drop) uint64 {
	var n uint64
	for _, d := range drops {
		if d.Place != model.PlacePrivacy {
			n += d.Packets
		}
	}
	return n
}

// sight is a sensor with its health.
type sight struct {
	site   model.SiteID
	id     model.SensorID
	health fleet.State
	reason string
	ledger []store.Ledger // by epoch
	recent []store.Coverage
}

// lookBack is over how long a sensor's health is judged.
const lookBack = 10 * time.Minute

// sights lists every sensor that was added or sent anything, by site and id.
func (s *Server) sights(ctx context.Context) ([]sight, error) {
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
	byID := map[model.SensorID]*sight{}
	entry := func(site model.SiteID, id model.SensorID) *sight {
		if byID[id] == nil {
			byID[id] = &sight{site: site, id: id}
		}
		return byID[id]
	}
	for i := range registered {
		entry(registered[i].Site, registered[i].ID)
	}
	for i := range ledger {
		v := entry(ledger[i].Site, ledger[i].Sensor)
		v.ledger = append(v.ledger, ledger[i])
	}
	for i := range recent {
		v := entry(recent[i].Site, recent[i].Sensor)
		v.recent = append(v.recent, recent[i])
	}
	out := make([]sight, 0, len(byID))
	for _, v := range byID {
		v.health, v.reason = fleet.Health(v.facts(), now)
		out = append(out, *v)
	}
	slices.SortFunc(out, func(a, b sight) int {
		if a.site != b.site {
			return compareText(a.site, b.site)
		}
		return compareText(a.id, b.id)
	})
	return out, nil
}

// facts is what health is judged by.
func (v *sight) facts() fleet.Sight {
	var f fleet.Sight
	for i := range v.ledger {
		if v.ledger[i].LastReceived.After(f.LastReceived) {
			f.LastReceived = v.ledger[i].LastReceived
		}
	}
	for i := range v.recent {
		r := &v.recent[i]
		f.Packets += r.Packets
		f.Dropped += dropped(r.Drops)
		f.TCPConversations += r.TCPConversations
		f.TCPOneWay += r.TCPOneWay
		f.Duplicates += r.Duplicates
	}
	return f
}

func compareText[T ~string](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
