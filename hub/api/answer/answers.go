package answer

import (
	"context"
	"time"

	"google.golang.org/grpc"

	"github.com/wardscope/wardscope/hub/exposure"
	"github.com/wardscope/wardscope/hub/exposure/advisory"
	"github.com/wardscope/wardscope/hub/exposure/geo"
	assessed "github.com/wardscope/wardscope/hub/exposure/live"
	"github.com/wardscope/wardscope/hub/fleet"
	"github.com/wardscope/wardscope/hub/inventory/live"
	"github.com/wardscope/wardscope/hub/inventory/stays"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// Store is what answers rest on.
type Store interface {
	Flows(ctx context.Context, f store.FlowFilter) (store.FlowPage, error)
	Edges(ctx context.Context, f store.EdgeFilter) ([]store.Edge, error)
	External(ctx context.Context, f store.ExternalFilter) ([]store.External, error)
	Findings(ctx context.Context, f store.FindingFilter) ([]store.Finding, *store.FindingCursor, error)
	FindingPeers(ctx context.Context, of store.FindingCursor, limit int) ([]store.FindingPeer, error)
	Coverage(ctx context.Context, scope store.Scope, period store.Period) ([]store.Coverage, error)
	Ledger(ctx context.Context, scope store.Scope) ([]store.Ledger, error)
	Totals(ctx context.Context) (store.Totals, error)
	stays.Reader
}

// State has the declared zones.
type State interface {
	Wishes(ctx context.Context) ([]state.Wish, error)
	Zones(ctx context.Context) (state.Zones, error)
	PutZones(ctx context.Context, v state.Zones, expected uint64) (uint64, error)
}

// Fleet lists the sensors that were added.
type Fleet interface {
	List(ctx context.Context) ([]state.Sensor, error)
	Denials(ctx context.Context) ([]state.Denial, error)
}

// Keeper has the inventory.
type Keeper interface {
	Current() *live.Snapshot
}

// Deps is what Answers works with.
type Deps struct {
	Store   Store
	State   State
	Fleet   Fleet
	Keeper  Keeper
	Geo     *geo.Table // nil: places are unknown
	Ratings *exposure.Ratings
	// Reports has what sensors last said of themselves; nil when they do not report here.
	Reports func() map[model.SensorID]fleet.Report
	// Advisories are those in use; nil takes those that the program carries.
	Advisories func() *advisory.Pack
	Now        func() time.Time
}

// Answers answers.
type Answers struct {
	deps   Deps
	assess *assessed.Keeper
}

// New returns answers.
func New(deps Deps) *Answers {
	return &Answers{deps: deps, assess: assessed.New(assessed.Deps{Store: deps.Store, Inventory: deps.Keeper, Geo: deps.Geo, Ratings: deps.Ratings, Advisories: deps.Advisories, Now: deps.Now})}
}

// Run keeps the assessment of exposure up to date, until the context ends.
func (s *Answers) Run(ctx context.Context) error { return s.assess.Run(ctx) }

// Renew assesses exposure anew, now.
func (s *Answers) Renew(ctx context.Context) error { return s.assess.Renew(ctx) }

// Register makes a gRPC server serve the answers.
func (s *Answers) Register(r grpc.ServiceRegistrar) {
	hubv1.RegisterDeviceServiceServer(r, deviceServer{s: s})
	hubv1.RegisterExposureServiceServer(r, exposureServer{s: s})
	hubv1.RegisterFlowServiceServer(r, flowServer{s: s})
	hubv1.RegisterZoneServiceServer(r, zoneServer{s: s})
}
