package state

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/subject"
)

// Wish is what a sensor is told to do.
type Wish struct {
	Sensor        model.SensorID `json:"sensor"`
	Pause         bool           `json:"pause,omitempty"`
	PauseReason   string         `json:"pause_reason,omitempty"`
	PausedBy      string         `json:"paused_by,omitempty"`
	PausedAt      time.Time      `json:"paused_at,omitzero"`
	RestartBefore time.Time      `json:"restart_before,omitzero"`          // a program started before this shall end and be started again
	Configuration uint64         `json:"configuration,omitempty"`          // version; 0: the sensor's own alone
	Previous      uint64         `json:"previous_configuration,omitempty"` // in force before this one was wanted
	Bundle        uint64         `json:"bundle,omitempty"`                 // number of the support bundle that is asked for; 0 for none
}

// Configuration is one version of what the hub configures at sensors. A version never changes.
type Configuration struct {
	Version   uint64    `json:"version"`
	Made      time.Time `json:"made"`
	Author    string    `json:"author"`
	Reference string    `json:"reference"` // of the change in the organisation's own process
	Text      string    `json:"text"`      // YAML
}

// Wish reads what a sensor is told to do; the zero Wish when nobody told it anything.
func (s *State) Wish(ctx context.Context, id model.SensorID) (Wish, error) {
	w, _, err := get[Wish](ctx, s.control, subject.WishKey(id))
	if errors.Is(err, ErrNotFound) {
		return Wish{Sensor: id}, nil
	}
	return w, err
}

// ChangeWish changes what a sensor is told to do.
func (s *State) ChangeWish(ctx context.Context, id model.SensorID, change func(*Wish)) error {
	for {
		w, revision, err := get[Wish](ctx, s.control, subject.WishKey(id))
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		w.Sensor = id
		change(&w)
		if _, err = put(ctx, s.control, subject.WishKey(id), w, revision); !errors.Is(err, ErrConflict) {
			return err
		}
	}
}

// Wishes lists what sensors are told to do.
func (s *State) Wishes(ctx context.Context) ([]Wish, error) {
	return list[Wish](ctx, s.control, subject.Wishes)
}

// PutConfiguration keeps a new version and returns it with its number.
func (s *State) PutConfiguration(ctx context.Context, c Configuration) (Configuration, error) {
	for {
		all, err := s.Configurations(ctx)
		if err != nil {
			return c, err
		}
		c.Version = 1
		if n := len(all); n > 0 {
			c.Version = all[n-1].Version + 1
		}
		if _, err = put(ctx, s.control, subject.ConfigurationKey(c.Version), c, 0); !errors.Is(err, ErrConflict) {
			return c, err
		}
	}
}

// Configuration reads one version, or ErrNotFound.
func (s *State) Configuration(ctx context.Context, version uint64) (Configuration, error) {
	c, _, err := get[Configuration](ctx, s.control, subject.ConfigurationKey(version))
	return c, err
}

// Configurations lists the versions, oldest first.
func (s *State) Configurations(ctx context.Context) ([]Configuration, error) {
	out, err := list[Configuration](ctx, s.control, subject.Configurations)
	slices.SortFunc(out, func(a, b Configuration) int { return int(a.Version) - int(b.Version) })
	return out, err
}
