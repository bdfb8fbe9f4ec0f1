package managed_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wardscope/wardscope/sensor/control/managed"
)

// sensor starts again and again with what lies on disk.
type sensor struct {
	t    *testing.T
	file string
	bad  string // text that does not fit
}

func newSensor(t *testing.T) *sensor {
	t.Helper()
	return &sensor{t: t, file: filepath.Join(t.TempDir(), "managed.yaml")}
}

func (s *sensor) start() *managed.Store {
	return managed.Open(s.file, func(text string) error {
		if text == s.bad {
			return errors.New("does not fit")
		}
		return nil
	}, slog.New(slog.DiscardHandler))
}

// is compares the version in force and the one refused.
func (s *sensor) is(what string, m *managed.Store, force, refused uint64, why string) {
	s.t.Helper()
	got, _ := m.InForce()
	gotRefused, gotWhy := m.Refused()
	if got != force || gotRefused != refused || !strings.Contains(gotWhy, why) {
		s.t.Fatalf("%s: version %d in force, %d refused (%s); want %d, %d (%s)", what, got, gotRefused, gotWhy, force, refused, why)
	}
}

// A version that kills the sensor before the hub has answered is tried three times; then the one
// before it is in force again, and the refusal says why, until the hub wants another.
func TestVersionThatNeverReportsIsGivenUp(t *testing.T) {
	s := newSensor(t)
	m := s.start()
	s.is("nothing given", m, 0, 0, "")
	if err := m.Take(7, "seven"); err != nil {
		t.Fatal(err)
	}
	s.is("taken, not started", m, 0, 0, "")
	m = s.start()
	s.is("started", m, 7, 0, "")
	m.Answered(7)
	if err := m.Take(8, "eight"); err != nil {
		t.Fatal(err)
	}
	for range managed.MaxStarts {
		s.is("on trial", s.start(), 8, 0, "")
	}
	m = s.start()
	s.is("given up", m, 7, 8, "never came as far")
	if _, text := m.InForce(); text != "seven" {
		t.Errorf("text %q", text)
	}
	m.Answered(8) // the hub still wants it
	s.is("still wanted", m, 7, 8, "never came as far")
	s.is("and after another start", s.start(), 7, 8, "never came as far")
	m.Answered(7)
	s.is("forgotten", m, 7, 0, "")
	for range 2 * managed.MaxStarts { // one that is proven may be started often
		m = s.start()
	}
	s.is("proven", m, 7, 0, "")
	if err := m.Clear(); err != nil {
		t.Fatal(err)
	}
	if err := m.Clear(); err != nil {
		t.Errorf("cleared twice: %v", err)
	}
	s.is("cleared", s.start(), 0, 0, "")
}

// The first version that the hub ever gives is given up too, and leaves no file behind.
func TestFirstVersionIsGivenUp(t *testing.T) {
	s := newSensor(t)
	if err := s.start().Take(1, "one"); err != nil {
		t.Fatal(err)
	}
	for range managed.MaxStarts {
		s.start()
	}
	m := s.start()
	s.is("given up", m, 0, 1, "never came as far")
	m.Answered(0)
	s.is("forgotten", m, 0, 0, "")
	if _, err := os.Stat(s.file); !os.IsNotExist(err) {
		t.Errorf("the file is there: %v", err)
	}
}

// An error with which the program ends is the reason of the refusal, at once; a version that was proven
// is not to blame.
func TestVersionThatEndsTheProgramIsGivenUp(t *testing.T) {
	s := newSensor(t)
	m := s.start()
	if m.Failed(errors.New("no network")) {
		t.Error("nothing was given, and it is to blame")
	}
	if err := m.Take(1, "one"); err != nil {
		t.Fatal(err)
	}
	m = s.start()
	m.Answered(1)
	if m.Failed(errors.New("disk full")) {
		t.Error("a proven version is to blame")
	}
	if err := m.Take(2, "two"); err != nil {
		t.Fatal(err)
	}
	m = s.start()
	s.is("on trial", m, 2, 0, "")
	if !m.Failed(errors.New("the kernel refuses the filter")) {
		t.Error("a version on trial is not to blame")
	}
	m = s.start()
	s.is("given up", m, 1, 2, "the kernel refuses the filter")
	if m.Failed(errors.New("something else")) {
		t.Error("the version of before is to blame")
	}
	s.is("still", s.start(), 1, 2, "the kernel refuses the filter")
}

func TestWhatDoesNotFitIsRefused(t *testing.T) {
	s := newSensor(t)
	s.bad = "bad"
	m := s.start()
	if err := m.Take(3, "bad"); err == nil {
		t.Fatal("taken")
	}
	s.is("refused", m, 0, 3, "does not fit")
	m.Answered(3)
	s.is("still wanted", m, 0, 3, "does not fit")
	m.Answered(0)
	s.is("not wanted", m, 0, 0, "")
	// A version that fitted once may not fit any more: the site's own file was changed.
	if err := m.Take(4, "good"); err != nil {
		t.Fatal(err)
	}
	s.bad = "good"
	s.is("does not fit any more", s.start(), 0, 4, "does not fit")
	if err := os.WriteFile(s.file, []byte("version: [\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.is("no YAML", s.start(), 0, 0, "")
}
