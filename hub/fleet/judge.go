package fleet

import (
	"fmt"
	"strings"
	"time"

	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
)

// Thresholds by which a sensor has become worse with a version. They stand in hub/README.md.
const (
	worseDrops    = 2.0   // times the share of before, and
	worseDropsBy  = 0.001 // as much more, of its packets
	dropsJudgedBy = 1000  // packets since it took the version
	maxRestarts   = 1     // since it took the version
	lagSettles    = 2 * time.Minute
)

// judge looks at the sensors of a stage under way. True when it has ended: done, or rolled back with
// the reason.
func (r *Rollouts) judge(x *state.Rollout, s *state.RolloutStage, looks map[model.SensorID]Look, now, since time.Time) bool {
	var worse, missing []string
	for i := range s.Sensors {
		v := &s.Sensors[i]
		l := looks[v.Sensor]
		r.follow(v, x.Version, &l, s.Begun)
		if v.Worse = r.worse(v, x.Version, &l, s.Begun, now, since); v.Worse != "" {
			worse = append(worse, string(v.Sensor)+" "+v.Worse)
		}
		if v.Taken.IsZero() && !v.Absent {
			missing = append(missing, string(v.Sensor))
		}
	}
	switch {
	case len(worse) > 0:
		s.Phase, s.Reason = state.PhaseRolledBack, model.Text(strings.Join(worse, "; "))
		return true
	case len(missing) > 0:
		s.Reason = model.Text("waits for " + strings.Join(missing, ", ") + " to take the version")
		return false
	case s.Phase == state.PhaseRunning:
		s.Phase, s.Taken, s.Reason = state.PhaseWatching, now, "watched until "+now.Add(x.Observe).UTC().Format("15:04:05Z")
		return false
	case now.Sub(s.Taken) < x.Observe:
		s.Reason = "watched until " + s.Taken.Add(x.Observe).UTC().Format("15:04:05Z")
		return false
	}
	s.Phase, s.Reason = state.PhaseDone, ""
	return true
}

// follow notes when a sensor took the version, and how often it was started since.
func (r *Rollouts) follow(v *state.RolloutSensor, version uint64, l *Look, begun time.Time) {
	p := l.Report
	switch {
	case p == nil || p.Received.Before(begun) || p.Configuration != version:
	case v.Taken.IsZero():
		v.Taken, v.Epoch = p.Received, p.Epoch
	case p.Epoch != v.Epoch:
		v.Epoch = p.Epoch
		v.Restarts++
	}
}

// worse says in words how a sensor became worse; "" when it did not.
func (r *Rollouts) worse(v *state.RolloutSensor, version uint64, l *Look, begun, now, since time.Time) string {
	p := l.Report
	if p != nil && version != 0 && p.RefusedConfiguration == version && !p.Received.Before(begun) {
		return "refuses it: " + p.Refusal
	}
	if v.Absent || l.State == StateRevoked || l.State == StatePaused {
		return ""
	}
	heard := latest(begun, since) // a new hub has no reports of before
	if p != nil {
		heard = latest(heard, p.Received)
	}
	switch quiet := now.Sub(heard); {
	case quiet > r.cfg.Silent && (!v.Taken.IsZero() || now.Sub(latest(begun, since)) > r.cfg.Take):
		return fmt.Sprintf("has been silent for %s", quiet.Round(time.Second))
	case v.Taken.IsZero() && now.Sub(latest(begun, since)) > r.cfg.Take:
		return fmt.Sprintf("has not taken it within %s", r.cfg.Take)
	case v.Taken.IsZero() || p == nil || p.Received.Before(v.Taken):
		return ""
	case p.Configuration != version:
		return fmt.Sprintf("took it, and runs version %d again", p.Configuration)
	case v.Restarts > maxRestarts:
		return fmt.Sprintf("was started again %d times since it took it", v.Restarts)
	}
	if seen := p.Packets + p.Dropped; seen >= dropsJudgedBy && share(p.Dropped, seen) > worseDrops*v.DropShare+worseDropsBy {
		return fmt.Sprintf("loses %.1f %% of its packets, %.1f %% before", 100*share(p.Dropped, seen), 100*v.DropShare)
	}
	if int(l.State) == v.Health {
		return ""
	}
	switch l.State {
	case StateDropping, StateBlind, StateHalfBlind:
		return l.Reason
	case StateLagging:
		if now.Sub(since) > lagSettles { // or it is the hub that was away
			return l.Reason
		}
	}
	return ""
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
