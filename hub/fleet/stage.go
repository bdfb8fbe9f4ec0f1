package fleet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"time"

	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
)

// Run moves roll-outs on, until the context ends, and then returns nil. All that it knows lies in
// control state: after a restart, or at another hub on the same state, it goes on.
func (r *Rollouts) Run(ctx context.Context) error {
	r.mu.Lock()
	r.since = r.deps.Now()
	r.mu.Unlock()
	tick := time.NewTicker(r.cfg.Every)
	defer tick.Stop()
	for {
		if err := r.Step(ctx); err != nil && ctx.Err() == nil {
			r.deps.Log.Warn("roll-out not moved on; tried again", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Step looks at the roll-outs once.
func (r *Rollouts) Step(ctx context.Context) error {
	all, err := r.deps.State.Rollouts(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for i := range all {
		if open(&all[i]) {
			errs = append(errs, r.step(ctx, all[i].Number))
		}
	}
	return errors.Join(errs...)
}

// open says whether there is anything to do for a roll-out.
func open(x *state.Rollout) bool {
	for i := range x.Stages {
		if s := &x.Stages[i]; s.Phase == state.PhaseRolledBack && !s.GivenBack || s.Phase == state.PhaseRunning && !s.Told {
			return true
		}
	}
	return x.Phase == state.PhaseRunning
}

// step moves one roll-out on: first what is decided and not yet said to its sensors, then the next decision.
func (r *Rollouts) step(ctx context.Context, number uint64) error {
	x, revision, err := r.deps.State.Rollout(ctx, number)
	if err != nil {
		return err
	}
	if x, revision, err = r.tell(ctx, x, revision); err != nil || x.Phase != state.PhaseRunning {
		return settled(err)
	}
	looks, err := r.deps.Look(ctx)
	if err != nil {
		return fmt.Errorf("look at sensors: %w", err)
	}
	next := clone(&x)
	deeds, err := r.advance(ctx, &next, looks)
	if err != nil || reflect.DeepEqual(x, next) {
		return err
	}
	if err := r.deps.State.PutRollout(ctx, next, revision); err != nil {
		return settled(err)
	}
	for _, d := range deeds {
		r.deps.Log.Info("roll-out", slog.String("what", d.What), slog.String("object", d.Object), slog.String("detail", d.Detail))
		if err := r.deps.Audit(ctx, d); err != nil {
			r.deps.Log.Error("audit not written", slog.String("what", d.What), slog.Any("error", err))
		}
	}
	if _, revision, err = r.deps.State.Rollout(ctx, number); err == nil {
		_, _, err = r.tell(ctx, next, revision)
	}
	return settled(err)
}

// settled takes a change by somebody else for none of ours: the next look sees it.
func settled(err error) error {
	if errors.Is(err, state.ErrConflict) {
		return nil
	}
	return err
}

func clone(x *state.Rollout) state.Rollout {
	out := *x
	out.Stages = append([]state.RolloutStage(nil), x.Stages...)
	for i := range out.Stages {
		out.Stages[i].Sensors = append([]state.RolloutSensor(nil), out.Stages[i].Sensors...)
	}
	return out
}

// anew is a stage as it was before it began.
func anew(s *state.RolloutStage) state.RolloutStage {
	out := state.RolloutStage{Name: s.Name, Window: s.Window, Phase: state.PhaseWaiting}
	for i := range s.Sensors {
		out.Sensors = append(out.Sensors, state.RolloutSensor{Sensor: s.Sensors[i].Sensor})
	}
	return out
}

// tell writes the wishes that a stage which began, or was rolled back, is about, and then that they
// are written. Interrupted in between, it does the same again.
func (r *Rollouts) tell(ctx context.Context, x state.Rollout, revision uint64) (state.Rollout, uint64, error) {
	changed := false
	for i := range x.Stages {
		s := &x.Stages[i]
		var version func(*state.RolloutSensor) uint64
		var done *bool
		switch {
		case s.Phase == state.PhaseRunning && !s.Told:
			version, done = func(*state.RolloutSensor) uint64 { return x.Version }, &s.Told
		case s.Phase == state.PhaseRolledBack && !s.GivenBack:
			version, done = func(v *state.RolloutSensor) uint64 { return v.Former }, &s.GivenBack
		default:
			continue
		}
		for j := range s.Sensors {
			if err := r.wish(ctx, s.Sensors[j].Sensor, version(&s.Sensors[j])); err != nil {
				return x, revision, fmt.Errorf("tell sensor %s: %w", s.Sensors[j].Sensor, err)
			}
		}
		*done, changed = true, true
	}
	if !changed {
		return x, revision, nil
	}
	if err := r.deps.State.PutRollout(ctx, x, revision); err != nil {
		return x, revision, err
	}
	_, revision, err := r.deps.State.Rollout(ctx, x.Number)
	return x, revision, err
}

func (r *Rollouts) wish(ctx context.Context, id model.SensorID, version uint64) error {
	return r.deps.State.ChangeWish(ctx, id, func(w *state.Wish) {
		if w.Configuration != version {
			w.Previous, w.Configuration = w.Configuration, version
		}
	})
}

// advance decides what comes next for the stage under way, or begins the next one.
func (r *Rollouts) advance(ctx context.Context, x *state.Rollout, looks map[model.SensorID]Look) ([]Deed, error) {
	r.mu.Lock()
	since := r.since
	r.mu.Unlock()
	now := r.deps.Now()
	if now.Sub(since) < r.cfg.Settle {
		return nil, nil
	}
	for i := range x.Stages {
		s := &x.Stages[i]
		switch s.Phase {
		case state.PhaseDone:
			continue
		case state.PhaseRunning, state.PhaseWatching:
			if !r.judge(x, s, looks, now, since) {
				return nil, nil
			}
			if s.Phase == state.PhaseRolledBack {
				x.Phase, x.Reason = state.PhaseHalted, "stage "+s.Name+" was rolled back: "+s.Reason
				return []Deed{deed(now, "roll back", x, s, s.Reason)}, nil
			}
			out := []Deed{deed(now, "done", x, s, "")}
			if i == len(x.Stages)-1 {
				x.Phase = state.PhaseDone
			}
			return out, nil
		default: // it waits
			begun, err := r.begin(ctx, s, looks, now)
			if err != nil || !begun {
				return nil, err
			}
			return []Deed{deed(now, "begin", x, s, fmt.Sprintf("%d sensors", len(s.Sensors)))}, nil
		}
	}
	x.Phase = state.PhaseDone
	return nil, nil
}

func deed(now time.Time, what string, x *state.Rollout, s *state.RolloutStage, detail string) Deed {
	text := fmt.Sprintf("version %d, %s", x.Version, x.Reference)
	if detail != "" {
		text += ": " + detail
	}
	return Deed{Time: now, What: what, Object: fmt.Sprintf("%d/%s", x.Number, s.Name), Detail: model.Text(text), Failed: what == "roll back"}
}

// begin begins a stage when its window is open and somebody is there to take the version; false
// when it has to wait, with the reason in the stage.
func (r *Rollouts) begin(ctx context.Context, s *state.RolloutStage, looks map[model.SensorID]Look, now time.Time) (bool, error) {
	window, err := ParseWindow(s.Window)
	if err != nil {
		return false, err
	}
	if !window.Open(now) {
		s.Reason = "waits for its window, which opens " + window.Next(now).UTC().Format("2006-01-02 15:04Z")
		return false, nil
	}
	there := 0
	for i := range s.Sensors {
		v := &s.Sensors[i]
		wish, err := r.deps.State.Wish(ctx, v.Sensor)
		if err != nil {
			return false, err
		}
		l := looks[v.Sensor]
		v.Former, v.Health, v.DropShare = wish.Configuration, int(l.State), l.DropShare
		if v.Absent = absent(&l, now, r.cfg.Silent); !v.Absent {
			there++
		}
	}
	if there == 0 {
		for i := range s.Sensors {
			s.Sensors[i] = state.RolloutSensor{Sensor: s.Sensors[i].Sensor}
		}
		s.Reason = "waits for its sensors: none of them reports and captures"
		return false, nil
	}
	s.Phase, s.Begun, s.Reason = state.PhaseRunning, now, ""
	return true, nil
}

// absent is a sensor that cannot show whether a version does it good.
func absent(l *Look, now time.Time, silent time.Duration) bool {
	return l.Report == nil || now.Sub(l.Report.Received) > silent || l.Report.Paused || l.State == StateRevoked
}
