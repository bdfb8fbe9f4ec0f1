package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/wardscope/wardscope/hub/fleet"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
)

// rollouts has one, at n1.
type rollouts struct {
	plans []fleet.Plan
	x     state.Rollout
}

func (r *rollouts) Start(_ context.Context, p fleet.Plan) (state.Rollout, error) {
	if len(p.Groups) == 0 {
		return state.Rollout{}, &fleet.PlanError{Field: "stages", Text: "must be 1 to 32"}
	}
	r.plans = append(r.plans, p)
	r.x = state.Rollout{Number: 1, Version: p.Version, Reference: p.Reference, Author: p.Author, Made: now, Observe: p.Observe, Phase: state.PhaseRunning, Stages: []state.RolloutStage{
		{Name: "pilot", Phase: state.PhaseRunning, Begun: now, Sensors: []state.RolloutSensor{{Sensor: "n1", Former: 1, Worse: "refuses it: x"}}}, {Name: "rest", Phase: state.PhaseWaiting, Window: "22:00-05:00"},
	}}
	return r.x, nil
}

func (r *rollouts) List(context.Context) ([]state.Rollout, error) {
	return []state.Rollout{{Number: 7, Phase: state.PhaseDone}, {Number: 8, Version: 2, Phase: state.PhaseRunning, Stages: r.x.Stages}}, nil
}

func (r *rollouts) change(number uint64, to state.Phase, reason string) (state.Rollout, error) {
	switch {
	case number != 8:
		return r.x, state.ErrNotFound
	case r.x.Phase == to:
		return r.x, fmt.Errorf("%w 8 is %s already", fleet.ErrRollout, to)
	}
	r.x.Phase, r.x.Reason = to, reason
	return r.x, nil
}

func (r *rollouts) Halt(_ context.Context, number uint64, reason string) (state.Rollout, error) {
	return r.change(number, state.PhaseHalted, reason)
}

func (r *rollouts) Resume(_ context.Context, number uint64) (state.Rollout, error) {
	return r.change(number, state.PhaseRunning, "")
}

func (r *rollouts) RollBack(_ context.Context, number uint64, reason string) (state.Rollout, error) {
	return r.change(number, state.PhaseRolledBack, reason)
}

func (r *rollouts) Running(_ context.Context, sensors []model.SensorID) (uint64, error) {
	if r.x.Phase == state.PhaseRunning && sensors[0] == "n1" {
		return 8, nil
	}
	return 0, nil
}

func TestRolloutsOverREST(t *testing.T) {
	h := start(t)
	deps, r := h.deps, &rollouts{}
	deps.Rollouts = r
	deps.Reports = func() map[model.SensorID]fleet.Report {
		return map[model.SensorID]fleet.Report{"n1": {Received: now, Configuration: 1, RefusedConfiguration: 2, Refusal: "no such filter"}}
	}
	serve(t, h, deps)
	for _, c := range []struct {
		method, path, body string
		code               int
		want               string
	}{
		{"POST", "/v1/configurations", `{"yaml":"log:\n  level: info\n","reference":"CHG-1"}`, 200, `"version"`},
		{"POST", "/v1/configurations", `{"yaml":"log:\n  level: debug\n","reference":"CHG-2"}`, 200, `"version"`},
		{"POST", "/v1/configurations", `{"yaml":"log:\n  level: warn\n","reference":"CHG-3"}`, 200, `"version"`},
		{"GET", "/v1/configurations/3", "", 200, `"-  level: debug"`},
		{"GET", "/v1/configurations/3?against=1", "", 200, `"-  level: info"`},
		{"GET", "/v1/configurations/1", "", 200, `"+  level: info"`},
		{"GET", "/v1/configurations/9", "", 400, `"version"`},
		{"GET", "/v1/configurations/3?against=9", "", 400, `"against"`},
		{"POST", "/v1/rollouts", `{"version":"2","reference":"CHG-2"}`, 400, `"stages"`},
		{"POST", "/v1/rollouts", `{"version":"2","reference":" CHG-2 ","observe":"60s","stages":[{"name":"pilot","sensors":["n1"]},{"name":"rest","sites":["south"],"rest":true,"window":"22:00-05:00"}]}`, 200, `"ROLLOUT_STATE_RUNNING"`},
		{"POST", "/v1/configurations:assign", `{"version":"1","sensors":["n1"]}`, 400, "rollout halt 8"},
		{"GET", "/v1/rollouts", "", 200, "no such filter"},
		{"GET", "/v1/rollouts?limit=1", "", 200, `"8"`},
		{"GET", "/v1/rollouts?limit=-1", "", 400, `"limit"`},
		{"POST", "/v1/rollouts/8:control", `{"action":"ROLLOUT_ACTION_HALT","reason":" "}`, 400, `"reason"`},
		{"POST", "/v1/rollouts/8:control", `{"reason":"x"}`, 400, `"action"`},
		{"POST", "/v1/rollouts/9:control", `{"action":"ROLLOUT_ACTION_HALT","reason":"x"}`, 404, "no roll-out 9"},
		{"POST", "/v1/rollouts/8:control", `{"action":"ROLLOUT_ACTION_HALT","reason":"lunch"}`, 200, "admin: lunch"},
		{"POST", "/v1/rollouts/8:control", `{"action":"ROLLOUT_ACTION_HALT","reason":"lunch"}`, 400, "halted already"},
		{"POST", "/v1/configurations:assign", `{"version":"1","sensors":["n1"]}`, 200, "{}"},
		{"POST", "/v1/rollouts/8:control", `{"action":"ROLLOUT_ACTION_RESUME"}`, 200, `"ROLLOUT_STATE_RUNNING"`},
		{"POST", "/v1/rollouts/8:control", `{"action":"ROLLOUT_ACTION_ROLL_BACK","reason":"INC-1"}`, 200, `"ROLLOUT_STATE_ROLLED_BACK"`},
	} {
		code, body := h.ask(t, c.method, c.path, c.body, secret)
		if code != c.code || !strings.Contains(body, c.want) {
			t.Errorf("%s %s %s: got %d %s, want %d with %s", c.method, c.path, c.body, code, body, c.code, c.want)
		}
	}
	if p := r.plans[0]; p.Author != "admin" || p.Reference != "CHG-2" || p.Observe.Seconds() != 60 || len(p.Groups) != 2 || p.Groups[0].Sensors[0] != "n1" || p.Groups[1].Sites[0] != "south" || !p.Groups[1].Rest || p.Groups[1].Window == "" {
		t.Errorf("plan %+v", p)
	}
	if code, body := h.ask(t, http.MethodGet, "/v1/audit?object=8", "", secret); code != 200 || !strings.Contains(body, "ControlRollout") || !strings.Contains(body, "INC-1") || !strings.Contains(body, "refused") {
		t.Errorf("audit: %d %s", code, body)
	}
}
