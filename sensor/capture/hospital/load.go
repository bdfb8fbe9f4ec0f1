package hospital

import (
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/fleet"
	"github.com/wardscope/wardscope/sensor/capture/hospital/reference"
)

//go:embed scenarios/*.yaml
var embedded embed.FS

// Scenario describes a health system, or one of the two reference loads.
type Scenario = fleet.Scenario

// Names lists the embedded scenarios.
func Names() []string {
	entries, err := embedded.ReadDir("scenarios")
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return out
}

// Load reads an embedded scenario by name, or a YAML file by path.
func Load(name string) (Scenario, error) {
	raw, err := embedded.ReadFile("scenarios/" + name + ".yaml")
	if err != nil {
		if raw, err = os.ReadFile(filepath.Clean(name)); err != nil {
			return Scenario{}, fmt.Errorf("open scenario %s (embedded: %s): %w", name, strings.Join(Names(), ", "), err)
		}
	}
	s, err := Parse(raw)
	if err != nil {
		return Scenario{}, fmt.Errorf("scenario %s: %w", name, err)
	}
	return s, nil
}

// Parse reads a scenario from YAML. Unknown keys, device types and weaknesses are errors.
func Parse(raw []byte) (Scenario, error) {
	s, err := fleet.Parse(raw)
	if err != nil {
		return Scenario{}, err
	}
	var errs []error
	for i := range s.Sites {
		for _, name := range s.Sites[i].Planted {
			if !slices.ContainsFunc(weaknesses, func(w weakness) bool { return w.name == name }) {
				errs = append(errs, fmt.Errorf("site %s: planted: unknown weakness %q", s.Sites[i].ID, name))
			}
		}
	}
	return s, errors.Join(errs...)
}

// referenceLoad adapts a reference load.
type referenceLoad struct {
	load interface {
		Next() (int64, []byte, error)
		Amounts() map[string]reference.Amount
	}
	head Truth
	last int64
}

func newReference(s Scenario, site string, seed uint64) (*referenceLoad, error) {
	start := s.Start
	if start.IsZero() {
		start = time.Now().Add(-time.Minute).Truncate(time.Second)
	}
	r := &referenceLoad{head: Truth{Scenario: s.Name, Site: site, Seed: seed, Start: start.UTC()}}
	if s.Load == "flows" {
		r.load = reference.NewFlows(s.Packets, start.UnixNano())
		return r, nil
	}
	mix, err := reference.NewMix(s.Packets, start.UnixNano(), seed)
	if err != nil {
		return nil, err
	}
	r.load = mix
	return r, nil
}

func (r *referenceLoad) next() (int64, []byte, error) {
	at, frame, err := r.load.Next()
	if err == nil {
		r.last = at
	}
	return at, frame, err
}

func (r *referenceLoad) truth() Truth {
	t := r.head
	t.End = time.Unix(0, r.last).UTC()
	t.Services = map[string]Amount{}
	for name, a := range r.load.Amounts() {
		t.Services[name] = Amount(a)
		t.Packets += a.Packets
		t.Octets += a.Octets
	}
	return t
}
