package state

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/subject"
)

// Phase is how far a roll-out or one of its stages is.
type Phase string

// The phases. Only a roll-out is halted; only a stage waits or is watched.
const (
	PhaseWaiting    Phase = "waiting"
	PhaseRunning    Phase = "running"
	PhaseWatching   Phase = "watching"
	PhaseDone       Phase = "done"
	PhaseHalted     Phase = "halted"
	PhaseRolledBack Phase = "rolled back"
)

// Rollout gives one version of the configuration to sensors, stage by stage.
type Rollout struct {
	Number    uint64         `json:"number"`
	Version   uint64         `json:"version"`
	Reference string         `json:"reference"`
	Author    string         `json:"author"`
	Made      time.Time      `json:"made"`
	Observe   time.Duration  `json:"observe"`
	Phase     Phase          `json:"phase"`
	Reason    string         `json:"reason,omitempty"` // of a halt or of being taken back
	Stages    []RolloutStage `json:"stages"`
}

// RolloutStage is a group of sensors that get the version together.
type RolloutStage struct {
	Name      string          `json:"name"`
	Window    string          `json:"window,omitempty"`
	Phase     Phase           `json:"phase"`
	Reason    string          `json:"reason,omitempty"`
	Begun     time.Time       `json:"begun,omitzero"`
	Taken     time.Time       `json:"taken,omitzero"`      // since when all its sensors run the version
	Told      bool            `json:"told,omitempty"`      // the wish of every sensor is written
	GivenBack bool            `json:"given_back,omitzero"` // after a roll-back: the same of the former version
	Sensors   []RolloutSensor `json:"sensors"`
}

// RolloutSensor is one sensor of a stage, with what it is held against.
type RolloutSensor struct {
	Sensor    model.SensorID `json:"sensor"`
	Former    uint64         `json:"former"`
	Absent    bool           `json:"absent,omitempty"`     // not heard of when the stage began
	Health    int            `json:"health,omitempty"`     // a fleet.State, when the stage began
	DropShare float64        `json:"drop_share,omitempty"` // of its packets, when the stage began
	Taken     time.Time      `json:"taken,omitzero"`
	Epoch     uint64         `json:"epoch,omitempty"`    // that it last reported with the version
	Restarts  int            `json:"restarts,omitempty"` // since it took the version
	Worse     string         `json:"worse,omitempty"`
}

// AddRollout keeps a new roll-out under the next number, unless allowed refuses the ones there are.
func (s *State) AddRollout(ctx context.Context, r Rollout, allowed func(all []Rollout) error) (Rollout, error) {
	for {
		all, err := s.Rollouts(ctx)
		if err == nil {
			err = allowed(all)
		}
		if err != nil {
			return r, err
		}
		r.Number = 1
		if n := len(all); n > 0 {
			r.Number = all[n-1].Number + 1
		}
		if _, err = put(ctx, s.control, subject.RolloutKey(r.Number), r, 0); !errors.Is(err, ErrConflict) {
			return r, err
		}
	}
}

// Rollout reads one roll-out with its revision, or ErrNotFound.
func (s *State) Rollout(ctx context.Context, number uint64) (Rollout, uint64, error) {
	return get[Rollout](ctx, s.control, subject.RolloutKey(number))
}

// PutRollout replaces a roll-out of a revision, or ErrConflict.
func (s *State) PutRollout(ctx context.Context, r Rollout, revision uint64) error {
	_, err := put(ctx, s.control, subject.RolloutKey(r.Number), r, revision)
	return err
}

// Rollouts lists the roll-outs, oldest first.
func (s *State) Rollouts(ctx context.Context) ([]Rollout, error) {
	out, err := list[Rollout](ctx, s.control, subject.Rollouts)
	slices.SortFunc(out, func(a, b Rollout) int { return int(a.Number) - int(b.Number) })
	return out, err
}
