package operate

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/wardscope/wardscope/hub/api/problem"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// Bounds of one answer, batches.
const (
	fewQuarantined = 100
	maxQuarantined = 10_000
	maxRetaken     = 1000 // in one call
)

// ListQuarantine lists batches that could not be read.
func (s *Server) ListQuarantine(ctx context.Context, req *hubv1.ListQuarantineRequest) (*hubv1.ListQuarantineResponse, error) {
	limit := int(req.GetLimit())
	switch {
	case limit < 0 || limit > maxQuarantined:
		return nil, problem.Field("limit", fmt.Sprintf("must be 0 to %d", maxQuarantined))
	case limit == 0:
		limit = fewQuarantined
	}
	list, err := s.quarantine(ctx, req.GetSensor(), limit)
	if err != nil {
		return nil, err
	}
	out := &hubv1.ListQuarantineResponse{}
	for i := range list {
		out.Batches = append(out.Batches, quarantined(&list[i]))
	}
	return out, nil
}

func (s *Server) quarantine(ctx context.Context, sensor string, limit int) ([]store.InQuarantine, error) {
	if sensor != "" {
		if err := model.CheckID("sensor", sensor); err != nil {
			return nil, problem.Field("sensor", err.Error())
		}
	}
	return s.deps.Store.Quarantine(ctx, model.SensorID(sensor), limit)
}

func quarantined(q *store.InQuarantine) *hubv1.QuarantinedBatch {
	return &hubv1.QuarantinedBatch{
		Site: string(q.Site), Sensor: string(q.Sensor), Epoch: q.Epoch, Sequence: q.Sequence, Received: timestamppb.New(q.Received), Reason: q.Reason, Octets: q.Octets,
	}
}

// RetakeQuarantine takes those in again that this version can read.
func (s *Server) RetakeQuarantine(ctx context.Context, req *hubv1.RetakeQuarantineRequest) (*hubv1.RetakeQuarantineResponse, error) {
	if s.deps.Again == nil {
		return s.UnimplementedFleetServiceServer.RetakeQuarantine(ctx, req)
	}
	list, err := s.quarantine(ctx, req.GetSensor(), maxQuarantined)
	if err != nil {
		return nil, err
	}
	out := &hubv1.RetakeQuarantineResponse{}
	for i := range list {
		q := &list[i]
		if out.GetTaken() == maxRetaken {
			out.More = true
			break
		}
		left := func(why string) {
			m := quarantined(q)
			m.Reason = why
			out.Left = append(out.Left, m)
		}
		if q.Sequence == 0 {
			left("its number cannot be trusted: " + q.Reason)
			continue
		}
		payload, err := s.deps.Store.QuarantinePayload(ctx, q)
		if err != nil {
			return nil, err
		}
		err = s.deps.Again(ctx, model.BatchID{Site: q.Site, Sensor: q.Sensor, Epoch: q.Epoch, Sequence: q.Sequence}, q.Counted, payload)
		switch {
		case err == nil:
			out.Taken++
		case s.deps.Unreadable(err):
			left(model.Text(err.Error()))
		default:
			return nil, err
		}
	}
	return out, nil
}
