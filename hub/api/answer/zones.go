package answer

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/genproto/googleapis/rpc/errdetails"

	"github.com/wardscope/wardscope/hub/api/problem"
	"github.com/wardscope/wardscope/hub/segmentation"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

type zoneServer struct {
	hubv1.UnimplementedZoneServiceServer
	s *Answers
}

// ListZones lists the groups.
func (v zoneServer) ListZones(ctx context.Context, _ *hubv1.ListZonesRequest) (*hubv1.ListZonesResponse, error) {
	z, doc, err := v.s.zones(ctx)
	if err != nil {
		return nil, err
	}
	counts := z.Count(v.s.deps.Keeper.Current().Inventory)
	out := &hubv1.ListZonesResponse{}
	for _, d := range doc.Zones {
		out.Zones = append(out.Zones, &hubv1.Zone{Name: d.Name, Selector: d.Selector, Devices: int64(counts[d.Name])})
	}
	return out, nil
}

// ReplaceZones replaces the groups.
func (v zoneServer) ReplaceZones(ctx context.Context, req *hubv1.ReplaceZonesRequest) (*hubv1.ReplaceZonesResponse, error) {
	var doc state.Zones
	for _, z := range req.GetZones() {
		doc.Zones = append(doc.Zones, state.Zone{Name: z.GetName(), Selector: z.GetSelector()})
	}
	if err := doc.Validate(); err != nil {
		return nil, problem.Document(err)
	}
	if _, err := segmentation.New(doc); err != nil {
		var bad []*errdetails.BadRequest_FieldViolation
		for _, one := range problem.Split(err) {
			if e, ok := errors.AsType[*segmentation.SelectorError](one); ok {
				bad = append(bad, &errdetails.BadRequest_FieldViolation{Field: fmt.Sprintf("zones[%d].selector", e.Index), Description: e.Err.Error()})
			}
		}
		return nil, problem.Fields(bad...)
	}
	if _, err := v.s.deps.State.PutZones(ctx, doc, 0); err != nil {
		return nil, problem.Conflict(err)
	}
	return &hubv1.ReplaceZonesResponse{Zones: int32(len(doc.Zones))}, nil
}

// GetMatrix shows traffic between groups.
func (v zoneServer) GetMatrix(ctx context.Context, req *hubv1.GetMatrixRequest) (*hubv1.GetMatrixResponse, error) {
	p, err := v.s.period(ctx, req.GetPeriod())
	if err != nil {
		return nil, err
	}
	z, _, err := v.s.zones(ctx)
	if err != nil {
		return nil, err
	}
	edges, err := v.s.deps.Store.Edges(ctx, store.EdgeFilter{Period: p, Limit: allEdges})
	if err != nil {
		return nil, err
	}
	m := segmentation.NewMatrix(z, v.s.resolver(v.s.deps.Keeper.Current(), nil), edges)
	out := &hubv1.GetMatrixResponse{Zones: m.Groups}
	for _, c := range m.Cells {
		out.Cells = append(out.Cells, &hubv1.MatrixCell{Initiator: c.From, Responder: c.To, Flows: c.Flows, Octets: c.Octets, Services: c.Services, Pairs: int64(c.Pairs)})
	}
	out.Coverage, err = v.s.coverage(ctx, p)
	return out, err
}
