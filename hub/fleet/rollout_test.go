package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/wardscope/wardscope/hub/fleet"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
)

// ward is control state and sensors around roll-outs, by a clock that stands still.
type ward struct {
	t        *testing.T
	at       time.Time
	rollouts map[uint64]state.Rollout
	turns    map[uint64]uint64 // revisions
	wishes   map[model.SensorID]state.Wish
	looks    map[model.SensorID]fleet.Look
	deeds    []string
	failing  map[model.SensorID]bool // their wishes cannot be written
	lookErr  error
}

func newWard(t *testing.T) *ward {
	t.Helper()
	w := &ward{t: t, at: now, rollouts: map[uint64]state.Rollout{}, turns: map[uint64]uint64{}, wishes: map[model.SensorID]state.Wish{}, looks: map[model.SensorID]fleet.Look{}, failing: map[model.SensorID]bool{}}
	for _, id := range []model.SensorID{"n1", "n2", "s1"} {
		w.says(id, func(*fleet.Look) {})
	}
	return w
}

// says is a report of a sensor that runs what it is told, changed.
func (w *ward) says(id model.SensorID, change func(*fleet.Look)) {
	l := fleet.Look{State: fleet.StateOK, Report: &fleet.Report{Received: w.at, Epoch: 1, Configuration: w.wishes[id].Configuration, Packets: 10_000}}
	change(&l)
	w.looks[id] = l
}

// pass lets time go by; all but the named sensors report.
func (w *ward) pass(d time.Duration, but ...model.SensorID) {
	w.at = w.at.Add(d)
	for _, id := range []model.SensorID{"n1", "n2", "s1"} {
		if !strings.Contains(fmt.Sprint(but), string(id)) {
			w.says(id, func(*fleet.Look) {})
		}
	}
}

func (w *ward) AddRollout(ctx context.Context, r state.Rollout, allowed func([]state.Rollout) error) (state.Rollout, error) {
	all, _ := w.Rollouts(ctx)
	if err := allowed(all); err != nil {
		return r, err
	}
	r.Number = uint64(len(w.rollouts) + 1)
	w.rollouts[r.Number], w.turns[r.Number] = r, 1
	return r, nil
}

func (w *ward) Rollout(_ context.Context, number uint64) (state.Rollout, uint64, error) {
	r, ok := w.rollouts[number]
	if !ok {
		return r, 0, state.ErrNotFound
	}
	r.Stages = append([]state.RolloutStage(nil), r.Stages...)
	for i := range r.Stages {
		r.Stages[i].Sensors = append([]state.RolloutSensor(nil), r.Stages[i].Sensors...)
	}
	return r, w.turns[number], nil
}

func (w *ward) PutRollout(_ context.Context, r state.Rollout, revision uint64) error {
	if w.turns[r.Number] != revision {
		return state.ErrConflict
	}
	w.rollouts[r.Number] = r
	w.turns[r.Number]++
	return nil
}

func (w *ward) Rollouts(ctx context.Context) (out []state.Rollout, err error) {
	for i := range uint64(len(w.rollouts)) {
		r, _, _ := w.Rollout(ctx, i+1)
		out = append(out, r)
	}
	return out, nil
}

func (w *ward) Configuration(_ context.Context, version uint64) (state.Configuration, error) {
	if version > 3 {
		return state.Configuration{}, state.ErrNotFound
	}
	return state.Configuration{Version: version}, nil
}

func (w *ward) Sensors(context.Context) ([]state.Sensor, error) {
	return []state.Sensor{{Site: "north", ID: "n1"}, {Site: "north", ID: "n2"}, {Site: "south", ID: "gone"}, {Site: "south", ID: "s1"}}, nil
}

func (w *ward) Denials(context.Context) ([]state.Denial, error) {
	return []state.Denial{{Sensor: "gone"}}, nil
}

func (w *ward) Wish(_ context.Context, id model.SensorID) (state.Wish, error) {
	return w.wishes[id], nil
}

func (w *ward) ChangeWish(_ context.Context, id model.SensorID, change func(*state.Wish)) error {
	if w.failing[id] {
		return errors.New("no server")
	}
	v := w.wishes[id]
	change(&v)
	w.wishes[id] = v
	return nil
}

// hub is a new hub on the same state, which has waited for reports.
func (w *ward) hub() *fleet.Rollouts {
	cfg := fleet.DefaultRolloutConfig()
	cfg.Settle = 0
	return fleet.NewRollouts(cfg, fleet.RolloutDeps{
		State: w, Now: func() time.Time { return w.at }, Log: slog.New(slog.DiscardHandler),
		Look: func(context.Context) (map[model.SensorID]fleet.Look, error) { return w.looks, w.lookErr },
		Audit: func(_ context.Context, d fleet.Deed) error {
			w.deeds = append(w.deeds, d.What+" "+d.Object)
			return nil
		},
	})
}

func (w *ward) step(r *fleet.Rollouts) {
	w.t.Helper()
	if err := r.Step(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// is compares a roll-out: its phase, then each stage's, then the version that each sensor is told.
func (w *ward) is(what string, number uint64, want string) {
	w.t.Helper()
	r := w.rollouts[number]
	got := string(r.Phase) + ":"
	for _, s := range r.Stages {
		got += " " + string(s.Phase)
	}
	for _, id := range []model.SensorID{"n1", "n2", "s1"} {
		got += fmt.Sprintf(" %d", w.wishes[id].Configuration)
	}
	if got != want {
		w.t.Fatalf("%s: %s, want %s\n%+v", what, got, want, r)
	}
}

func (w *ward) start(r *fleet.Rollouts, version uint64) {
	w.t.Helper()
	_, err := r.Start(w.t.Context(), fleet.Plan{Version: version, Reference: "CHG-1", Author: "admin", Observe: time.Minute, Groups: []fleet.Group{
		{Name: "pilot", Sensors: []model.SensorID{"n1"}}, {Name: "others", Sites: []model.SiteID{"north"}, Rest: true, Window: "22:00-05:00"},
	}})
	if err != nil {
		w.t.Fatal(err)
	}
}

// The pilot takes the version and is watched, the second stage waits for its window; a new hub goes
// on where the one before it was killed, at each moment.
func TestStagesFollowOneAnother(t *testing.T) {
	w := newWard(t)
	w.start(w.hub(), 2)
	w.step(w.hub())
	w.is("begun", 1, "running: running waiting 2 0 0")
	w.pass(5 * time.Second)
	w.step(w.hub())
	w.is("taken", 1, "running: watching waiting 2 0 0")
	w.pass(59 * time.Second)
	w.step(w.hub())
	w.is("still watched", 1, "running: watching waiting 2 0 0")
	w.pass(time.Second)
	w.step(w.hub())
	w.is("pilot done", 1, "running: done waiting 2 0 0")
	w.step(w.hub())
	if why := w.rollouts[1].Stages[1].Reason; !strings.Contains(why, "opens 2026-11-24 22:00Z") {
		t.Errorf("the second stage says %q", why)
	}
	w.pass(now.Add(10 * time.Hour).Sub(w.at))
	w.failing["s1"] = true // the hub dies between two wishes
	if err := w.hub().Step(t.Context()); err == nil {
		t.Fatal("a wish that cannot be written is no error")
	}
	w.is("half told", 1, "running: done running 2 2 0")
	w.failing["s1"] = false
	w.pass(5 * time.Second)
	w.step(w.hub())
	w.is("told by the next hub", 1, "running: done running 2 2 2")
	w.pass(5 * time.Second)
	w.step(w.hub())
	w.pass(time.Minute)
	w.step(w.hub())
	w.is("done", 1, "done: done done 2 2 2")
	if got := strings.Join(w.deeds, ", "); got != "begin 1/pilot, done 1/pilot, begin 1/others, done 1/others" {
		t.Errorf("audit: %s", got)
	}
	if w.wishes["n1"].Previous != 0 || w.wishes["gone"].Configuration != 0 {
		t.Errorf("wishes %+v", w.wishes)
	}
}

// Each way in which a sensor becomes worse takes its stage back, and only that.
func TestWorseHealthTakesTheStageBack(t *testing.T) {
	for name, c := range map[string]struct {
		before func(*fleet.Look) // the stage begins
		after  func(*fleet.Look) // nil: it says nothing
		wait   time.Duration
		says   string // "" when it is no worse
	}{
		"refused": {after: func(l *fleet.Look) {
			l.Report.Configuration, l.Report.RefusedConfiguration, l.Report.Refusal = 0, 2, "no such filter"
		}, says: "refuses it: no such filter"},
		"silent":            {wait: 50 * time.Second, says: "has been silent for"},
		"fell back":         {after: func(l *fleet.Look) { l.Report.Configuration = 0 }, says: "runs version 0 again"},
		"drops":             {after: func(l *fleet.Look) { l.Report.Dropped = 100 }, says: "loses 1.0 % of its packets, 0.0 % before"},
		"dropped as before": {before: func(l *fleet.Look) { l.DropShare = 0.01 }, after: func(l *fleet.Look) { l.Report.Dropped = 100 }},
		"sheds":             {after: func(l *fleet.Look) { l.State, l.Reason = fleet.StateDropping, "gives batches up" }, says: "gives batches up"},
		"shed before":       {before: func(l *fleet.Look) { l.State = fleet.StateDropping }, after: func(l *fleet.Look) { l.State, l.Reason = fleet.StateDropping, "gives batches up" }},
		"blind":             {after: func(l *fleet.Look) { l.State, l.Reason = fleet.StateBlind, "not one packet" }, says: "not one packet"},
		"lags":              {wait: 2 * time.Minute, after: func(l *fleet.Look) { l.State, l.Reason = fleet.StateLagging, "9 batches wait" }, says: "9 batches wait"},
		"paused since":      {after: func(l *fleet.Look) { l.State, l.Reason = fleet.StatePaused, "CHG-9" }},
		"one direction":     {after: func(l *fleet.Look) { l.State, l.Reason = fleet.StateHalfBlind, "one direction only" }, says: "one direction only"},
		"so before":         {before: func(l *fleet.Look) { l.State = fleet.StateHalfBlind }, after: func(l *fleet.Look) { l.State = fleet.StateHalfBlind }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWard(t)
			w.wishes["n1"], w.wishes["n2"] = state.Wish{Configuration: 1}, state.Wish{Configuration: 1}
			w.pass(0)
			if c.before != nil {
				w.says("n1", c.before)
			}
			r := w.hub()
			w.start(r, 2)
			w.step(r)
			w.pass(5 * time.Second)
			if c.before != nil {
				w.says("n1", c.before)
			}
			w.step(r)
			if w.rollouts[1].Stages[0].Phase != state.PhaseWatching {
				t.Fatalf("not watched: %+v", w.rollouts[1].Stages[0])
			}
			w.pass(c.wait+15*time.Second, "n1")
			if c.after != nil {
				w.says("n1", c.after)
			}
			w.step(r)
			stage := w.rollouts[1].Stages[0]
			if c.says == "" {
				if stage.Phase == state.PhaseRolledBack {
					t.Fatalf("taken back: %s", stage.Reason)
				}
				return
			}
			w.is("taken back", 1, "halted: rolled back waiting 1 1 0")
			if !strings.Contains(stage.Reason, c.says) || !strings.HasPrefix(stage.Reason, "n1 ") || !stage.GivenBack || w.deeds[len(w.deeds)-1] != "roll back 1/pilot" {
				t.Errorf("reason %q, want %q; audit %v", stage.Reason, c.says, w.deeds)
			}
		})
	}
}

// A sensor that does not take the version, and one that is started again and again with it.
func TestSensorsThatNeverRunTheVersion(t *testing.T) {
	w := newWard(t)
	r := w.hub()
	w.start(r, 2)
	w.step(r)
	for range 37 { // three minutes and five seconds
		w.pass(5*time.Second, "n1")
		w.says("n1", func(l *fleet.Look) { l.Report.Configuration = 0 })
		w.step(r)
	}
	w.is("not taken", 1, "halted: rolled back waiting 0 0 0")
	if _, err := r.Resume(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Second)
	w.step(r)
	w.is("resumed", 1, "running: running waiting 2 0 0")
	for epoch := range uint64(3) {
		w.pass(5*time.Second, "n1")
		w.says("n1", func(l *fleet.Look) { l.Report.Epoch = epoch + 5 })
		w.step(r)
	}
	w.is("started again and again", 1, "halted: rolled back waiting 0 0 0")
	if why := w.rollouts[1].Stages[0].Reason; !strings.Contains(why, "started again 2 times") {
		t.Error(why)
	}
}

// Those that were silent, paused or shut out before are not waited for; a stage of none but those waits.
func TestAbsentSensors(t *testing.T) {
	w := newWard(t)
	r := w.hub()
	_, err := r.Start(t.Context(), fleet.Plan{Version: 2, Reference: "CHG-1", Groups: []fleet.Group{{Name: "all", Rest: true}}})
	if err != nil {
		t.Fatal(err)
	}
	w.looks = map[model.SensorID]fleet.Look{}
	w.step(r)
	w.is("nobody there", 1, "running: waiting 0 0 0")
	if why := w.rollouts[1].Stages[0].Reason; !strings.Contains(why, "none of them reports") {
		t.Error(why)
	}
	w.pass(0, "n2")
	w.says("s1", func(l *fleet.Look) { l.State, l.Report.Paused = fleet.StatePaused, true })
	w.step(r)
	w.is("begun", 1, "running: running 2 2 2")
	w.pass(5*time.Second, "n2")
	w.step(r)
	w.pass(fleet.DefaultObserve, "n2")
	w.step(r)
	w.is("done without n2", 1, "done: done 2 2 2")
	if s := w.rollouts[1].Stages[0].Sensors; s[0].Absent || !s[1].Absent || !s[2].Absent {
		t.Errorf("absent: %+v", s)
	}
}

func TestPeopleHaltAndRollBack(t *testing.T) {
	w := newWard(t)
	r := w.hub()
	w.start(r, 2)
	w.step(r)
	if n, err := r.Running(t.Context(), []model.SensorID{"s1"}); n != 1 || err != nil {
		t.Errorf("running at s1: %d, %v", n, err)
	}
	if _, err := r.Start(t.Context(), fleet.Plan{Version: 1, Reference: "x", Groups: []fleet.Group{{Name: "a", Rest: true}}}); !errors.Is(err, fleet.ErrRollout) {
		t.Errorf("a second one at the same time: %v", err)
	}
	if _, err := r.Halt(t.Context(), 1, "lunch"); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Hour)
	w.step(r)
	w.is("halted", 1, "halted: running waiting 2 0 0")
	if _, err := r.Halt(t.Context(), 1, "again"); !errors.Is(err, fleet.ErrRollout) {
		t.Errorf("halted twice: %v", err)
	}
	if _, err := r.Resume(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	w.step(r)
	w.is("goes on", 1, "running: watching waiting 2 0 0")
	if _, err := r.RollBack(t.Context(), 1, "INC-1"); err != nil {
		t.Fatal(err)
	}
	w.step(r)
	w.is("rolled back", 1, "rolled back: rolled back waiting 0 0 0")
	w.wishes["n1"] = state.Wish{Configuration: 2} // a person gives it on purpose
	w.step(r)
	w.is("and left alone", 1, "rolled back: rolled back waiting 2 0 0")
	for what, err := range map[string]error{
		"resume": second(r.Resume(t.Context(), 1)), "roll back": second(r.RollBack(t.Context(), 1, "x")),
	} {
		if !errors.Is(err, fleet.ErrRollout) {
			t.Errorf("%s after the end: %v", what, err)
		}
	}
	w.start(r, 1)
	if _, err := r.RollBack(t.Context(), 1, "x"); err == nil {
		t.Error("an older one is rolled back under a newer one")
	}
	if _, err := r.Halt(t.Context(), 9, "x"); !errors.Is(err, state.ErrNotFound) {
		t.Errorf("halt of none: %v", err)
	}
}

func second(_ state.Rollout, err error) error { return err }

func TestPlansAreChecked(t *testing.T) {
	w := newWard(t)
	r := w.hub()
	good := fleet.Group{Name: "a", Rest: true}
	for field, p := range map[string]fleet.Plan{
		"reference":         {Version: 1, Groups: []fleet.Group{good}},
		"observe":           {Version: 1, Reference: "x", Observe: time.Second, Groups: []fleet.Group{good}},
		"stages":            {Version: 1, Reference: "x"},
		"version":           {Version: 9, Reference: "x", Groups: []fleet.Group{good}},
		"stages[0].name":    {Version: 1, Reference: "x", Groups: []fleet.Group{{Name: "A b", Rest: true}}},
		"stages[1].name":    {Version: 1, Reference: "x", Groups: []fleet.Group{{Name: "a", Sensors: []model.SensorID{"n1"}}, good}},
		"stages[0].window":  {Version: 1, Reference: "x", Groups: []fleet.Group{{Name: "a", Rest: true, Window: "night"}}},
		"stages[0].sensors": {Version: 1, Reference: "x", Groups: []fleet.Group{{Name: "a", Sensors: []model.SensorID{"gone"}}}},
		"stages[1].sensors": {Version: 1, Reference: "x", Groups: []fleet.Group{good, {Name: "b", Sensors: []model.SensorID{"n1"}}}},
		"stages[0].sites":   {Version: 1, Reference: "x", Groups: []fleet.Group{{Name: "a", Sites: []model.SiteID{"west"}}}},
		"stages[1]":         {Version: 1, Reference: "x", Groups: []fleet.Group{good, {Name: "b", Rest: true}}},
	} {
		_, err := r.Start(t.Context(), p)
		var wrong *fleet.PlanError
		if !errors.As(err, &wrong) || wrong.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
	if len(w.rollouts) != 0 {
		t.Errorf("kept: %v", w.rollouts)
	}
}

// Run waits until sensors have reported to a hub that has just started, and goes on after errors.
func TestRunSettlesFirst(t *testing.T) {
	w := newWard(t)
	w.lookErr = errors.New("no database")
	w.start(w.hub(), 2)
	r := fleet.NewRollouts(fleet.DefaultRolloutConfig(), fleet.RolloutDeps{
		State: w, Now: func() time.Time { return w.at }, Log: slog.New(slog.DiscardHandler), Audit: func(context.Context, fleet.Deed) error { return nil },
		Look: func(context.Context) (map[model.SensorID]fleet.Look, error) { return w.looks, nil },
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Run(ctx); err != nil {
		t.Fatal(err)
	}
	w.step(r)
	w.is("just started", 1, "running: waiting waiting 0 0 0")
	w.pass(15 * time.Second)
	w.step(r)
	w.is("settled", 1, "running: running waiting 2 0 0")
	if err := w.hub().Step(t.Context()); err == nil || !strings.Contains(err.Error(), "no database") {
		t.Errorf("got %v", err)
	}
}
