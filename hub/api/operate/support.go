package operate

import (
	"context"
	"errors"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/wardscope/wardscope/hub/api/problem"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// RequestSupportBundle asks a sensor for its support bundle.
func (s *Server) RequestSupportBundle(ctx context.Context, req *hubv1.RequestSupportBundleRequest) (*hubv1.RequestSupportBundleResponse, error) {
	if err := s.known(ctx, "sensor", req.GetSensor()); err != nil {
		return nil, err
	}
	number := uint64(s.deps.Now().UnixNano()) // another one each time
	if err := s.deps.State.ChangeWish(ctx, model.SensorID(req.GetSensor()), func(w *state.Wish) { w.Bundle = number }); err != nil {
		return nil, err
	}
	return &hubv1.RequestSupportBundleResponse{Number: number}, nil
}

// GetSupportBundle reads the bundle that a sensor sent.
func (s *Server) GetSupportBundle(ctx context.Context, req *hubv1.GetSupportBundleRequest) (*hubv1.GetSupportBundleResponse, error) {
	if err := s.known(ctx, "sensor", req.GetSensor()); err != nil {
		return nil, err
	}
	b, err := s.deps.State.Bundle(ctx, model.SensorID(req.GetSensor()))
	if errors.Is(err, state.ErrNotFound) || err == nil && req.GetNumber() != 0 && b.Number != req.GetNumber() {
		return nil, problem.NotFound("support bundle of sensor", req.GetSensor())
	}
	if err != nil {
		return nil, err
	}
	return &hubv1.GetSupportBundleResponse{Number: b.Number, Received: timestamppb.New(b.Received), Archive: b.Archive}, nil
}
