package managed

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"

	"github.com/goccy/go-yaml"

	"github.com/wardscope/wardscope/internal/mtls"
)

// MaxStarts is how often a version is tried before the hub has answered with it in force.
const MaxStarts = 3

// version is one version as it lies on disk.
type version struct {
	Number uint64   `yaml:"version"`
	Text   string   `yaml:"text"`
	Starts int      `yaml:"starts,omitempty"` // since it was taken, until it was proven
	Proven bool     `yaml:"proven,omitempty"` // the hub has answered with it in force
	Fault  string   `yaml:"fault,omitempty"`  // why the program ended with it, before it was proven
	Former *version `yaml:"former,omitempty"` // in force before; nil: the site's own alone
}

// Store has the version in force. Make it by Open.
type Store struct {
	file  string
	check func(text string) error
	log   *slog.Logger

	mu      sync.Mutex
	force   *version // guarded by mu; nil when none is
	stale   bool     // guarded by mu: another one than force lies on disk
	refused uint64   // guarded by mu, with refusal
	refusal string
}

// Open reads the file and decides which version is in force for this start of the program. A
// version that does not fit any more is left out, and reported.
func Open(file string, check func(text string) error, log *slog.Logger) *Store {
	s := &Store{file: file, check: check, log: log}
	raw, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return s
	}
	v := &version{}
	if err == nil {
		err = yaml.Unmarshal(raw, v)
	}
	if err != nil {
		log.Warn("the hub's configuration cannot be read: running without", slog.Any("error", err))
		return s
	}
	for ; v != nil && v.Number != 0; v = v.Former {
		if err = s.start(v); err == nil {
			log.Info("the hub's configuration is in force", slog.Uint64("version", v.Number))
			s.force = v
			return s
		}
		log.Warn("the hub's configuration does not work: running with the one before", slog.Uint64("version", v.Number), slog.Any("error", err))
		if s.stale = true; s.refused == 0 {
			s.refused, s.refusal = v.Number, err.Error()
		}
	}
	return s
}

// start counts one start with a version that is not proven; an error when it does not fit, or has
// never come as far as to be proven.
func (s *Store) start(v *version) error {
	if v.Fault != "" {
		return errors.New("the sensor ended with it: " + v.Fault)
	}
	if v.Starts >= MaxStarts {
		return fmt.Errorf("was started %d times with it, and never came as far as to report it", v.Starts)
	}
	if err := s.check(v.Text); err != nil || v.Proven {
		return err
	}
	v.Starts++
	return s.keep(v)
}

func (s *Store) keep(v *version) error {
	raw, err := yaml.Marshal(v)
	if err != nil {
		return fmt.Errorf("keep configuration: %w", err)
	}
	return mtls.WriteFile(s.file, raw, 0o600)
}

// InForce is the version in force and its text; 0 when the site's own is alone.
func (s *Store) InForce() (number uint64, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.force == nil {
		return 0, ""
	}
	return s.force.Number, s.force.Text
}

// Refused is the version that was refused, and why; 0 when none was.
func (s *Store) Refused() (number uint64, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused, s.refusal
}

// Take checks a version and keeps it for the next start; an error, which is kept too, when the
// sensor cannot work with it.
func (s *Store) Take(number uint64, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.check(text)
	if err == nil {
		v := &version{Number: number, Text: text}
		if s.force != nil {
			former := *s.force
			former.Former = nil // one step back is enough
			v.Former = &former
		}
		err = s.keep(v)
	}
	if err != nil {
		s.refused, s.refusal = number, err.Error()
	}
	return err
}

// Failed says that the program ends with an error. True when that may be the fault of a version which
// is not proven: it is given up, and the next start has the one before.
func (s *Store) Failed(fault error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.force == nil || s.force.Proven || s.stale {
		return false
	}
	v := *s.force
	v.Fault = fault.Error()
	if err := s.keep(&v); err != nil {
		s.log.Warn("cannot keep that the hub's configuration does not work", slog.Any("error", err))
	}
	return true
}

// Clear takes the hub's configuration back, from the next start on.
func (s *Store) Clear() error {
	if err := os.Remove(s.file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the hub's configuration: %w", err)
	}
	return nil
}

// Answered says that the hub has answered, and which version it wants. The version in force is
// proven by that; a refusal of a version that it no longer wants is forgotten, so that it is tried
// anew if it is ever wanted again.
func (s *Store) Answered(wanted uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.force != nil && !s.force.Proven && !s.stale {
		v := *s.force
		v.Proven, v.Starts = true, 0
		if err := s.keep(&v); err != nil {
			s.log.Warn("cannot keep that the hub's configuration works", slog.Any("error", err))
			return
		}
		s.force = &v
	}
	if s.refused == 0 || s.refused == wanted {
		return
	}
	s.refused, s.refusal = 0, ""
	if !s.stale {
		return
	}
	var err error
	if s.force != nil {
		err = s.keep(s.force)
	} else {
		err = s.Clear()
	}
	if err != nil {
		s.log.Warn("cannot forget the configuration that did not work", slog.Any("error", err))
		return
	}
	s.stale = false
}
