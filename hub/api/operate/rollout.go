package operate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/wardscope/wardscope/hub/access"
	"github.com/wardscope/wardscope/hub/api/problem"
	"github.com/wardscope/wardscope/hub/fleet"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// Rollouts give versions out in stages; package fleet has them.
type Rollouts interface {
	Start(ctx context.Context, p fleet.Plan) (state.Rollout, error)
	List(ctx context.Context) ([]state.Rollout, error)
	Halt(ctx context.Context, number uint64, reason string) (state.Rollout, error)
	Resume(ctx context.Context, number uint64) (state.Rollout, error)
	RollBack(ctx context.Context, number uint64, reason string) (state.Rollout, error)
	Running(ctx context.Context, sensors []model.SensorID) (uint64, error)
}

// Stager has the handlers of roll-outs.
type Stager struct {
	hubv1.UnimplementedRolloutServiceServer
	rollouts Rollouts
	reports  func() map[model.SensorID]fleet.Report // nil: sensors do not report here
}

// NewStager makes a Stager.
func NewStager(rollouts Rollouts, reports func() map[model.SensorID]fleet.Report) *Stager {
	return &Stager{rollouts: rollouts, reports: reports}
}

// Bounds of one answer.
const (
	fewRollouts = 20
	maxRollouts = 200
)

// StartRollout begins a roll-out.
func (s *Stager) StartRollout(ctx context.Context, req *hubv1.StartRolloutRequest) (*hubv1.StartRolloutResponse, error) {
	if s.rollouts == nil {
		return s.UnimplementedRolloutServiceServer.StartRollout(ctx, req)
	}
	p := fleet.Plan{Version: req.GetVersion(), Reference: model.Text(strings.TrimSpace(req.GetReference())), Author: access.From(ctx).Name, Observe: req.GetObserve().AsDuration()}
	for _, g := range req.GetStages() {
		out := fleet.Group{Name: g.GetName(), Rest: g.GetRest(), Window: g.GetWindow()}
		for _, id := range g.GetSensors() {
			out.Sensors = append(out.Sensors, model.SensorID(id))
		}
		for _, id := range g.GetSites() {
			out.Sites = append(out.Sites, model.SiteID(id))
		}
		p.Groups = append(p.Groups, out)
	}
	x, err := s.rollouts.Start(ctx, p)
	if err != nil {
		return nil, rolloutProblem(0, err)
	}
	return &hubv1.StartRolloutResponse{Rollout: s.message(&x)}, nil
}

// ListRollouts lists the roll-outs, newest first.
func (s *Stager) ListRollouts(ctx context.Context, req *hubv1.ListRolloutsRequest) (*hubv1.ListRolloutsResponse, error) {
	limit := int(req.GetLimit())
	switch {
	case limit < 0 || limit > maxRollouts:
		return nil, problem.Field("limit", fmt.Sprintf("must be 0 to %d", maxRollouts))
	case limit == 0:
		limit = fewRollouts
	}
	out := &hubv1.ListRolloutsResponse{}
	if s.rollouts == nil {
		return out, nil
	}
	all, err := s.rollouts.List(ctx)
	if err != nil {
		return nil, err
	}
	for i := range slices.Backward(all) {
		if len(out.Rollouts) < limit {
			out.Rollouts = append(out.Rollouts, s.message(&all[i]))
		}
	}
	return out, nil
}

// ControlRollout halts, resumes or takes back a roll-out.
func (s *Stager) ControlRollout(ctx context.Context, req *hubv1.ControlRolloutRequest) (*hubv1.ControlRolloutResponse, error) {
	if s.rollouts == nil {
		return s.UnimplementedRolloutServiceServer.ControlRollout(ctx, req)
	}
	reason := model.Text(strings.TrimSpace(req.GetReason()))
	if reason == "" && req.GetAction() != hubv1.RolloutAction_ROLLOUT_ACTION_RESUME {
		return nil, problem.Field("reason", "say why: those who come after you will ask")
	}
	if reason != "" {
		reason = access.From(ctx).Name + ": " + reason
	}
	var x state.Rollout
	var err error
	switch req.GetAction() {
	case hubv1.RolloutAction_ROLLOUT_ACTION_HALT:
		x, err = s.rollouts.Halt(ctx, req.GetNumber(), reason)
	case hubv1.RolloutAction_ROLLOUT_ACTION_RESUME:
		x, err = s.rollouts.Resume(ctx, req.GetNumber())
	case hubv1.RolloutAction_ROLLOUT_ACTION_ROLL_BACK:
		x, err = s.rollouts.RollBack(ctx, req.GetNumber(), reason)
	default:
		return nil, problem.Field("action", "must be halt, resume or roll back")
	}
	if err != nil {
		return nil, rolloutProblem(req.GetNumber(), err)
	}
	return &hubv1.ControlRolloutResponse{Rollout: s.message(&x)}, nil
}

func rolloutProblem(number uint64, err error) error {
	var plan *fleet.PlanError
	switch {
	case errors.As(err, &plan):
		return problem.Field(plan.Field, plan.Text)
	case errors.Is(err, state.ErrNotFound):
		return problem.NotFound("roll-out", fmt.Sprint(number))
	case errors.Is(err, fleet.ErrRollout):
		return status.Error(codes.FailedPrecondition, err.Error())
	}
	return err
}

var phases = map[state.Phase]hubv1.RolloutState{
	state.PhaseWaiting: hubv1.RolloutState_ROLLOUT_STATE_WAITING, state.PhaseRunning: hubv1.RolloutState_ROLLOUT_STATE_RUNNING, state.PhaseWatching: hubv1.RolloutState_ROLLOUT_STATE_WATCHING,
	state.PhaseDone: hubv1.RolloutState_ROLLOUT_STATE_DONE, state.PhaseHalted: hubv1.RolloutState_ROLLOUT_STATE_HALTED, state.PhaseRolledBack: hubv1.RolloutState_ROLLOUT_STATE_ROLLED_BACK,
}

func (s *Stager) message(x *state.Rollout) *hubv1.Rollout {
	out := &hubv1.Rollout{
		Number: x.Number, Version: x.Version, Reference: x.Reference, Author: x.Author, Made: timestamppb.New(x.Made), Observe: durationpb.New(x.Observe),
		State: phases[x.Phase], Reason: x.Reason,
	}
	var reports map[model.SensorID]fleet.Report
	if s.reports != nil {
		reports = s.reports()
	}
	for i := range x.Stages {
		g := &x.Stages[i]
		stage := &hubv1.RolloutProgress{Name: g.Name, Window: g.Window, State: phases[g.Phase], Reason: g.Reason, Begun: moment(g.Begun), Taken: moment(g.Taken)}
		for j := range g.Sensors {
			v := &g.Sensors[j]
			line := &hubv1.RolloutSensor{Sensor: string(v.Sensor), Former: v.Former, InForce: reports[v.Sensor].Configuration, Absent: v.Absent, Taken: moment(v.Taken), Worse: v.Worse}
			if r := reports[v.Sensor]; x.Version != 0 && r.RefusedConfiguration == x.Version {
				line.Refusal = r.Refusal
			}
			stage.Sensors = append(stage.Sensors, line)
		}
		out.Stages = append(out.Stages, stage)
	}
	return out
}

func moment(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
