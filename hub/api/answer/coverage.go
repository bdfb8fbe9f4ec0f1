package answer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/wardscope/wardscope/hub/fleet"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// fewConversations is below how many TCP conversations no share is told.
const fewConversations = 50

// coverage says what an answer over a period rests on.
func (s *Answers) coverage(ctx context.Context, p store.Period) (*hubv1.Coverage, error) {
	rows, err := s.deps.Store.Coverage(ctx, store.Scope{}, p)
	if err != nil {
		return nil, err
	}
	seen, err := s.Sights(ctx)
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
			c.OneWayShare = new(float64(n[1]) / float64(n[0]))
		}
		if lost := c.GetDropped(); lost > 0 {
			out.Remarks = append(out.Remarks, fmt.Sprintf("site %s lost %d of %d packets", name, lost, lost+c.GetPackets()))
		}
	}
	for _, v := range seen {
		if v.Health != fleet.StateSilent && v.Health != fleet.StateNeverSeen {
			continue
		}
		if c := bySite[string(v.Site)]; c != nil {
			c.SilentSensors = append(c.SilentSensors, string(v.ID))
		}
		out.Remarks = append(out.Remarks, fmt.Sprintf("sensor %s of site %s: %s", v.ID, v.Site, v.Reason))
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

func compareText[T ~string](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
