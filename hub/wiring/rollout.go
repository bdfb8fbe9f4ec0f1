package wiring

import (
	"context"

	"github.com/wardscope/wardscope/hub/fleet"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
)

// looks is how each sensor is, as roll-outs judge it.
func (h *Hub) looks(ctx context.Context) (map[model.SensorID]fleet.Look, error) {
	seen, err := h.service.server.Sights(ctx)
	if err != nil {
		return nil, err
	}
	out := make(map[model.SensorID]fleet.Look, len(seen))
	for i := range seen {
		s := &seen[i]
		l := fleet.Look{State: s.Health, Reason: s.Reason, Report: s.Report}
		var packets, lost uint64
		for j := range s.Recent {
			packets += s.Recent[j].Packets
			for _, d := range s.Recent[j].Drops {
				if d.Place != model.PlacePrivacy {
					lost += d.Packets
				}
			}
		}
		if packets+lost > 0 {
			l.DropShare = float64(lost) / float64(packets+lost)
		}
		out[s.ID] = l
	}
	return out, nil
}

// auditRollout writes down what a roll-out did by itself.
func (h *Hub) auditRollout(ctx context.Context, d fleet.Deed) error {
	row := store.AuditRow{Time: d.Time, Actor: "hub", Role: "hub", Method: "Rollout: " + d.What, Object: d.Object, Outcome: "ok", Detail: d.Detail}
	if d.Failed {
		row.Outcome = "error"
	}
	return h.store.InsertAudit(ctx, row)
}
