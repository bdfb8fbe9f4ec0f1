package fleet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
)

// RolloutState keeps roll-outs and what sensors are told; package state has it.
type RolloutState interface {
	AddRollout(ctx context.Context, r state.Rollout, allowed func([]state.Rollout) error) (state.Rollout, error)
	Rollout(ctx context.Context, number uint64) (state.Rollout, uint64, error)
	PutRollout(ctx context.Context, r state.Rollout, revision uint64) error
	Rollouts(ctx context.Context) ([]state.Rollout, error)
	Configuration(ctx context.Context, version uint64) (state.Configuration, error)
	Sensors(ctx context.Context) ([]state.Sensor, error)
	Denials(ctx context.Context) ([]state.Denial, error)
	Wish(ctx context.Context, id model.SensorID) (state.Wish, error)
	ChangeWish(ctx context.Context, id model.SensorID, change func(*state.Wish)) error
}

// Look is how a sensor is now, as a roll-out judges it.
type Look struct {
	State     State
	Reason    string  // of State
	DropShare float64 // of its packets, over the last minutes
	Report    *Report // nil: none since the hub started
}

// Deed is something that a roll-out did by itself.
type Deed struct {
	Time   time.Time
	What   string // begin, done, roll back
	Object string // roll-out and stage
	Detail string
	Failed bool
}

// RolloutDeps is what Rollouts work with.
type RolloutDeps struct {
	State RolloutState
	Look  func(ctx context.Context) (map[model.SensorID]Look, error)
	Audit func(ctx context.Context, d Deed) error
	Log   *slog.Logger
	Now   func() time.Time
}

// RolloutConfig says how often and how long is looked.
type RolloutConfig struct {
	Every  time.Duration // between looks at sensors
	Settle time.Duration // after the start of the hub, until every sensor that is there has reported
	Take   time.Duration // by when a sensor that was told must have taken the version
	Silent time.Duration // without a report, until a sensor is taken for silent
}

// DefaultRolloutConfig fits sensors that report every five seconds.
func DefaultRolloutConfig() RolloutConfig {
	return RolloutConfig{Every: 5 * time.Second, Settle: 15 * time.Second, Take: 3 * time.Minute, Silent: time.Minute}
}

// Rollouts give versions of the configuration to sensors, stage by stage. Make them by NewRollouts;
// Run does the work.
type Rollouts struct {
	cfg  RolloutConfig
	deps RolloutDeps

	mu    sync.Mutex
	since time.Time // guarded by mu: when Run began; reports are known from then on
}

// NewRollouts makes Rollouts; nothing runs before Run.
func NewRollouts(cfg RolloutConfig, deps RolloutDeps) *Rollouts {
	return &Rollouts{cfg: cfg, deps: deps}
}

// Group is a stage as people ask for it.
type Group struct {
	Name    string
	Sensors []model.SensorID
	Sites   []model.SiteID // those of their sensors that no stage before has
	Rest    bool           // all sensors that no stage before has
	Window  string
}

// Plan is a roll-out as people ask for it.
type Plan struct {
	Version           uint64
	Reference, Author string
	Observe           time.Duration // 0: DefaultObserve
	Groups            []Group
}

// Bounds of a Plan.
const (
	DefaultObserve = 15 * time.Minute
	MinObserve     = 10 * time.Second
	MaxObserve     = 7 * 24 * time.Hour
	maxStages      = 32
)

// PlanError says what is wrong with a plan.
type PlanError struct{ Field, Text string }

// Error names the field.
func (e *PlanError) Error() string { return e.Field + ": " + e.Text }

// ErrRollout says that the roll-out is not in a state for what is asked.
var ErrRollout = errors.New("roll-out")

// Start checks a plan against the sensors there are, and keeps it; Run begins with its first stage.
func (r *Rollouts) Start(ctx context.Context, p Plan) (state.Rollout, error) {
	var none state.Rollout
	if p.Observe == 0 {
		p.Observe = DefaultObserve
	}
	switch {
	case p.Reference == "":
		return none, &PlanError{"reference", "name the change that this belongs to"}
	case p.Observe < MinObserve || p.Observe > MaxObserve:
		return none, &PlanError{"observe", fmt.Sprintf("must be %s to %s", MinObserve, MaxObserve)}
	case len(p.Groups) == 0 || len(p.Groups) > maxStages:
		return none, &PlanError{"stages", fmt.Sprintf("must be 1 to %d", maxStages)}
	}
	if p.Version != 0 {
		_, err := r.deps.State.Configuration(ctx, p.Version)
		if errors.Is(err, state.ErrNotFound) {
			return none, &PlanError{"version", fmt.Sprintf("there is no version %d; `wardscope sensors configurations` lists them", p.Version)}
		}
		if err != nil {
			return none, err
		}
	}
	out := state.Rollout{Version: p.Version, Reference: p.Reference, Author: p.Author, Made: r.deps.Now(), Observe: p.Observe, Phase: state.PhaseRunning}
	var err error
	if out.Stages, err = r.stages(ctx, p.Groups); err != nil {
		return none, err
	}
	out, err = r.deps.State.AddRollout(ctx, out, nothingRuns)
	if err == nil {
		r.deps.Log.Info("roll-out begun", slog.Uint64("rollout", out.Number), slog.Uint64("version", out.Version), slog.String("reference", out.Reference))
	}
	return out, err
}

func nothingRuns(all []state.Rollout) error {
	for i := range all {
		if all[i].Phase == state.PhaseRunning {
			return fmt.Errorf("%w %d is under way; halt it or take it back first", ErrRollout, all[i].Number)
		}
	}
	return nil
}

// stages finds the sensors of each group, as they are registered now.
func (r *Rollouts) stages(ctx context.Context, groups []Group) (out []state.RolloutStage, err error) {
	sensors, err := r.deps.State.Sensors(ctx)
	if err != nil {
		return nil, err
	}
	denials, err := r.deps.State.Denials(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range denials {
		sensors = slices.DeleteFunc(sensors, func(s state.Sensor) bool { return s.ID == d.Sensor })
	}
	taken, names := map[model.SensorID]string{}, map[string]bool{}
	for i := range groups {
		g := &groups[i]
		field := fmt.Sprintf("stages[%d]", i)
		if model.CheckID("stage", g.Name) != nil || names[g.Name] {
			return nil, &PlanError{field + ".name", "must be 1 to 32 of a-z, 0-9 and '-', and another one for each stage"}
		}
		names[g.Name] = true
		if _, err := ParseWindow(g.Window); err != nil {
			return nil, &PlanError{field + ".window", err.Error()}
		}
		for _, id := range g.Sensors {
			if !slices.ContainsFunc(sensors, func(s state.Sensor) bool { return s.ID == id }) {
				return nil, &PlanError{field + ".sensors", fmt.Sprintf("%q is no sensor that is admitted here; `wardscope sensors list` shows them", id)}
			}
			if other, ok := taken[id]; ok {
				return nil, &PlanError{field + ".sensors", fmt.Sprintf("%s is in stage %s already", id, other)}
			}
		}
		for _, site := range g.Sites {
			if !slices.ContainsFunc(sensors, func(s state.Sensor) bool { return s.Site == site }) {
				return nil, &PlanError{field + ".sites", fmt.Sprintf("site %q has no sensor", site)}
			}
		}
		stage := state.RolloutStage{Name: g.Name, Window: g.Window, Phase: state.PhaseWaiting}
		for j := range sensors {
			s := &sensors[j]
			if _, elsewhere := taken[s.ID]; elsewhere || !g.Rest && !slices.Contains(g.Sites, s.Site) && !slices.Contains(g.Sensors, s.ID) {
				continue
			}
			taken[s.ID] = g.Name
			stage.Sensors = append(stage.Sensors, state.RolloutSensor{Sensor: s.ID})
		}
		if len(stage.Sensors) == 0 {
			return nil, &PlanError{field, "has no sensor that is not in a stage before it"}
		}
		out = append(out, stage)
	}
	return out, nil
}

// Halt lets no further stage begin and ends the watch of the one under way.
func (r *Rollouts) Halt(ctx context.Context, number uint64, reason string) (state.Rollout, error) {
	return r.change(ctx, number, func(x *state.Rollout, _ []state.Rollout) error {
		if x.Phase != state.PhaseRunning {
			return fmt.Errorf("%w %d is %s: there is nothing to halt", ErrRollout, number, x.Phase)
		}
		x.Phase, x.Reason = state.PhaseHalted, reason
		return nil
	})
}

// Resume goes on where it was halted. A stage that was rolled back begins anew.
func (r *Rollouts) Resume(ctx context.Context, number uint64) (state.Rollout, error) {
	return r.change(ctx, number, func(x *state.Rollout, all []state.Rollout) error {
		if x.Phase != state.PhaseHalted {
			return fmt.Errorf("%w %d is %s: only one that was halted is resumed", ErrRollout, number, x.Phase)
		}
		if err := nothingRuns(all); err != nil {
			return err
		}
		x.Phase, x.Reason = state.PhaseRunning, ""
		for i := range x.Stages {
			s := &x.Stages[i]
			switch s.Phase {
			case state.PhaseRolledBack:
				if !s.GivenBack {
					return fmt.Errorf("%w %d: stage %s is being rolled back; try again in a moment", ErrRollout, number, s.Name)
				}
				*s = anew(s)
			case state.PhaseWatching:
				s.Taken = r.deps.Now() // nobody watched in between
			}
		}
		return nil
	})
}

// RollBack gives every sensor of every stage that began its former version.
func (r *Rollouts) RollBack(ctx context.Context, number uint64, reason string) (state.Rollout, error) {
	return r.change(ctx, number, func(x *state.Rollout, all []state.Rollout) error {
		if x.Phase == state.PhaseRolledBack {
			return fmt.Errorf("%w %d is rolled back already", ErrRollout, number)
		}
		for i := range all {
			if all[i].Number > number {
				return fmt.Errorf("%w %d came after it: assign a version instead, or roll that one back", ErrRollout, all[i].Number)
			}
		}
		x.Phase, x.Reason = state.PhaseRolledBack, reason
		for i := range x.Stages {
			if s := &x.Stages[i]; s.Phase != state.PhaseWaiting && s.Phase != state.PhaseRolledBack {
				s.Phase, s.Reason = state.PhaseRolledBack, reason
			}
		}
		return nil
	})
}

// change changes a roll-out until nobody else did meanwhile.
func (r *Rollouts) change(ctx context.Context, number uint64, fn func(x *state.Rollout, all []state.Rollout) error) (state.Rollout, error) {
	for {
		x, revision, err := r.deps.State.Rollout(ctx, number)
		if err != nil {
			return x, fmt.Errorf("change roll-out %d: %w", number, err)
		}
		all, err := r.deps.State.Rollouts(ctx)
		if err != nil {
			return x, err
		}
		if err := fn(&x, all); err != nil {
			return x, err
		}
		if err := r.deps.State.PutRollout(ctx, x, revision); !errors.Is(err, state.ErrConflict) {
			return x, err
		}
	}
}

// Running is the roll-out under way that has one of the sensors; 0 when there is none.
func (r *Rollouts) Running(ctx context.Context, sensors []model.SensorID) (uint64, error) {
	all, err := r.deps.State.Rollouts(ctx)
	if err != nil {
		return 0, err
	}
	for i := range all {
		for _, s := range all[i].Stages {
			if all[i].Phase == state.PhaseRunning && slices.ContainsFunc(s.Sensors, func(x state.RolloutSensor) bool { return slices.Contains(sensors, x.Sensor) }) {
				return all[i].Number, nil
			}
		}
	}
	return 0, nil
}

// List lists the roll-outs, oldest first.
func (r *Rollouts) List(ctx context.Context) ([]state.Rollout, error) {
	return r.deps.State.Rollouts(ctx)
}
