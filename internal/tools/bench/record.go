package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// record is what was measured so far. Only what ran in one session is compared.
type record struct {
	Sessions []session
}

// session is one comparison on one load.
type session struct {
	Load, Date string
	Results    []result // the sensor's two first
}

func (r *record) load(file string) error {
	if file == "" {
		return nil
	}
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(raw, r)
	}
	if err != nil {
		return fmt.Errorf("read earlier measurements: %w", err)
	}
	return nil
}

func (r *record) store(file string) error {
	if file == "" {
		return nil
	}
	raw, err := json.Marshal(r)
	if err == nil {
		err = os.WriteFile(file, raw, 0o644)
	}
	if err != nil {
		return fmt.Errorf("keep measurements: %w", err)
	}
	return nil
}

// latest is the session on a load that a program took part in, and its result there: of the last day,
// that with the most runs.
func (r *record) latest(load, name string) (s *session, found *result) {
	for i := range r.Sessions {
		for j := range r.Sessions[i].Results {
			p := &r.Sessions[i].Results[j]
			if r.Sessions[i].Load != load || p.Name != name || len(p.Runs) == 0 {
				continue
			}
			if found == nil || r.Sessions[i].Date > s.Date || r.Sessions[i].Date == s.Date && len(p.Runs) >= len(found.Runs) {
				s, found = &r.Sessions[i], p
			}
		}
	}
	return s, found
}

// render makes a session's table. A ratio over 1 says that the sensor is faster.
func (s *session) render(l load) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s, one core\n\n%s", l.what, head)
	for i := range s.Results {
		b.WriteString(s.row(l, &s.Results[i]))
	}
	return b.String()
}

const head = "| program | does | n | CPU s min/median/max | kpackets a CPU s | RSS MiB | sensor is faster by | flows only is faster by |\n" +
	"|---|---|---|---|---|---|---|---|\n"

func (s *session) row(l load, r *result) string {
	if r.Failed != "" || len(r.Runs) == 0 {
		return fmt.Sprintf("| %s | %s | %s | | | | | |\n", r.Name, r.What, r.Failed)
	}
	t := r.seconds()
	var b strings.Builder
	fmt.Fprintf(&b, "| %s | %s | %d | %.2f/%.2f/%.2f | %.0f | %d |", r.Name, r.What, len(t), t[0], median(t), t[len(t)-1],
		float64(l.packets)/median(t)/1000, r.rss()>>20)
	for i := range 2 {
		if strings.HasPrefix(r.Name, ownName) {
			b.WriteString(" |")
			continue
		}
		fmt.Fprintf(&b, " %s |", times(r.against(&s.Results[i])))
	}
	b.WriteString("\n")
	return b.String()
}

func times(x float64) string { return fmt.Sprintf("%.2f ×", x) }
