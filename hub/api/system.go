package api

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

type systemServer struct {
	hubv1.UnimplementedSystemServiceServer
	s *Server
}

// GetStatus tells versions, sizes and lag.
func (v systemServer) GetStatus(ctx context.Context, _ *hubv1.GetStatusRequest) (*hubv1.GetStatusResponse, error) {
	t, err := v.s.deps.Store.Totals(ctx)
	if err != nil {
		return nil, err
	}
	snap := v.s.deps.Keeper.Current()
	out := &hubv1.GetStatusResponse{
		Version: v.s.deps.Version, Flows: t.Flows, Devices: uint64(len(snap.Devices)), Observations: t.Observations, Findings: t.Findings,
		FirstEvent: stamp(t.First), LastEvent: stamp(t.Last), ResolvedTo: stamp(snap.ResolvedTo),
	}
	if v.s.deps.Pending != nil {
		if out.PendingBatches, err = v.s.deps.Pending(ctx); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
