package operate

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/wardscope/wardscope/hub/api/problem"
	"github.com/wardscope/wardscope/hub/fleet"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// Store has the accounts.
type Store interface {
	Accounts(ctx context.Context, scope store.Scope, sensor model.SensorID) ([]store.Account, error)
	Quarantine(ctx context.Context, sensor model.SensorID, limit int) ([]store.InQuarantine, error)
	QuarantinePayload(ctx context.Context, q *store.InQuarantine) ([]byte, error)
}

// State has what sensors are told to do.
type State interface {
	Sensor(ctx context.Context, id model.SensorID) (state.Sensor, error)
	Sensors(ctx context.Context) ([]state.Sensor, error)
	ChangeWish(ctx context.Context, id model.SensorID, change func(*state.Wish)) error
	Wishes(ctx context.Context) ([]state.Wish, error)
	PutConfiguration(ctx context.Context, c state.Configuration) (state.Configuration, error)
	Configuration(ctx context.Context, version uint64) (state.Configuration, error)
	Configurations(ctx context.Context) ([]state.Configuration, error)
	Bundle(ctx context.Context, id model.SensorID) (state.Bundle, error)
}

// Deps is what the handlers work with.
type Deps struct {
	Store   Store
	State   State
	Reports func() map[model.SensorID]fleet.Report // nil: sensors do not report here
	// Rollouts has those that are under way; nil when there are none.
	Rollouts Rollouts
	// Again puts a batch from quarantine into the stream once more; nil when batches do not come in here.
	Again func(ctx context.Context, id model.BatchID, counted bool, payload []byte) error
	// Unreadable says that an error of Again is about the batch.
	Unreadable func(error) bool
	Now        func() time.Time
	// Diagnose looks at the whole hub; nil when there is none around.
	Diagnose func(ctx context.Context) (*hubv1.DiagnoseResponse, error)
}

// Server has the handlers.
type Server struct {
	hubv1.UnimplementedFleetServiceServer
	deps Deps
}

// New makes a Server.
func New(deps Deps) *Server { return &Server{deps: deps} }

// maxRanges bounds the numbers that one account lists.
const maxRanges = 100

// ListLedger accounts for every batch number.
func (s *Server) ListLedger(ctx context.Context, req *hubv1.ListLedgerRequest) (*hubv1.ListLedgerResponse, error) {
	if req.GetSensor() != "" {
		if err := model.CheckID("sensor", req.GetSensor()); err != nil {
			return nil, problem.Field("sensor", err.Error())
		}
	}
	if req.GetDay() != "" {
		if _, err := time.Parse(time.DateOnly, req.GetDay()); err != nil {
			return nil, problem.Field("day", "must be a day as 2026-11-24")
		}
	}
	all, err := s.deps.Store.Accounts(ctx, store.Scope{}, model.SensorID(req.GetSensor()))
	if err != nil {
		return nil, err
	}
	out := &hubv1.ListLedgerResponse{}
	for i := range all {
		if d := message(&all[i]); req.GetDay() == "" || d.GetDay() == req.GetDay() {
			out.Days = append(out.Days, d)
		}
	}
	return out, nil
}

// Diagnose says what is wrong.
func (s *Server) Diagnose(ctx context.Context, req *hubv1.DiagnoseRequest) (*hubv1.DiagnoseResponse, error) {
	if s.deps.Diagnose == nil {
		return s.UnimplementedFleetServiceServer.Diagnose(ctx, req)
	}
	return s.deps.Diagnose(ctx)
}

func message(a *store.Account) *hubv1.LedgerDay {
	out := &hubv1.LedgerDay{
		Site: string(a.Site), Sensor: string(a.Sensor), Epoch: a.Epoch, Day: a.Day.UTC().Format(time.DateOnly), Sealed: a.Sealed, Sent: a.Stored + a.Quarantined,
		Stored: a.Stored, Quarantined: a.Quarantined, Missing: a.Lost(), Events: a.Events,
	}
	if !a.LastReceived.IsZero() {
		out.LastReceived = timestamppb.New(a.LastReceived)
	}
	for _, d := range a.Dropped {
		out.Dropped = append(out.Dropped, &hubv1.LedgerDrop{Place: d.Place.String(), Reason: d.Reason, Batches: d.Batches, Packets: d.Packets, Events: d.Events})
	}
	for _, m := range a.Missing[:min(len(a.Missing), maxRanges)] {
		out.MissingRanges = append(out.MissingRanges, &hubv1.LedgerRange{First: m.First, Last: m.Last})
	}
	return out
}
