package main

import (
	"fmt"
	"os"
	"strings"
)

const (
	ownName   = "wardscope-sensor"
	flowsName = ownName + ", flows only"

	begin = "<!-- bench: begin -->\n"
	end   = "<!-- bench: end -->\n"
)

// goal is a line of the contract that this program measures: how many times faster than a peer.
type goal struct {
	what            string
	load, peer      string
	flows           bool // with --flows-only
	target, stretch float64
}

var goals = []goal{
	{"mix, everything on, against ndpiReader", "mix", "ndpiReader", false, 2, 3},
	{"mix, everything on, against PRADS", "mix", "prads", false, 5, 0},
	{"mix, everything on, against tshark", "mix", "tshark", false, 18, 27},
	{"mix, everything on, against p0f", "mix", "p0f", false, 0.6, 1},
	{"mix, flows only, against softflowd", "mix", "softflowd", true, 2, 4},
	{"mix, flows only, against ndpiReader", "mix", "ndpiReader", true, 5, 0},
	{"mix, flows only, against argus", "mix", "argus", true, 5, 0},
	{"1,048,576 flows, everything on, against softflowd", "flows4m", "softflowd", false, 1, 0},
	{"1,048,576 flows, flows only, against softflowd", "flows4m", "softflowd", true, 2, 0},
	{"262,144 flows, everything on, against ndpiReader", "flows1m", "ndpiReader", false, 5, 0},
	{"262,144 flows, flows only, against argus", "flows1m", "argus", true, 5, 0},
}

// ceiling is a line of the contract about the sensor alone.
type ceiling struct {
	what            string
	load, name      string
	value           func(l load, r *result) float64
	unit            string
	least           bool // the value is to be at least the target, not at most
	target, stretch float64
}

func rss(_ load, r *result) float64 { return float64(r.rss() >> 20) }

var ceilings = []ceiling{
	{"mix, everything on, time a packet", "mix", ownName, func(l load, r *result) float64 { return median(r.seconds()) / float64(l.packets) * 1e9 }, "ns", false, 1500, 1000},
	{"mix, everything on, largest memory", "mix", ownName, rss, "MiB", false, 100, 60},
	{"1,048,576 flows, everything on, rate", "flows4m", ownName, func(l load, r *result) float64 { return float64(l.packets) / median(r.seconds()) / 1e6 }, "Mpackets a CPU s", true, 0.7, 1.5},
	{"1,048,576 flows, everything on, largest memory", "flows4m", ownName, rss, "MiB", false, 400, 250},
	{"1,048,576 flows, flows only, largest memory", "flows4m", flowsName, rss, "MiB", false, 400, 250},
}

// contract is the table of goals with what was measured last.
func (r *record) contract() string {
	var b strings.Builder
	b.WriteString("| what | measured | target | stretch | n | date |\n|---|---|---|---|---|---|\n")
	for _, g := range goals {
		s, p := r.latest(g.load, g.peer)
		if p == nil {
			fmt.Fprintf(&b, "| %s | not measured | %s | | | |\n", g.what, times(g.target))
			continue
		}
		own := 0
		if g.flows {
			own = 1
		}
		x := p.against(&s.Results[own])
		fmt.Fprintf(&b, "| %s | %s%s | ≥ %s | %s | %d | %s |\n", g.what, times(x), missed(x < g.target), factor(g.target), optional(g.stretch, "≥ ", " ×"), len(p.Runs), s.Date)
	}
	for _, c := range ceilings {
		s, p := r.latest(c.load, c.name)
		if p == nil {
			fmt.Fprintf(&b, "| %s | not measured | %g %s | | | |\n", c.what, c.target, c.unit)
			continue
		}
		x := c.value(*loadOf(c.load), p)
		sign, bad := "≤ ", x > c.target
		if c.least {
			sign, bad = "≥ ", x < c.target
		}
		fmt.Fprintf(&b, "| %s | %s %s%s | %s%g | %s | %d | %s |\n", c.what, plain(x), c.unit, missed(bad), sign, c.target, optional(c.stretch, sign, ""), len(p.Runs), s.Date)
	}
	return b.String()
}

func loadOf(name string) *load {
	for i := range loads {
		if loads[i].name == name {
			return &loads[i]
		}
	}
	return nil
}

func missed(yes bool) string {
	if yes {
		return ", **missed**"
	}
	return ""
}

// plain is a number of three digits, or whole.
func plain(x float64) string {
	if x >= 100 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.3g", x)
}

func factor(x float64) string { return fmt.Sprintf("%g ×", x) }

func optional(x float64, sign, unit string) string {
	if x == 0 {
		return ""
	}
	return fmt.Sprintf("%s%g%s", sign, x, unit)
}

// renew writes the contract and the latest row of every program between the document's marks.
func (r *record) renew(file string) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("renew tables: %w", err)
	}
	before, rest, ok := strings.Cut(string(raw), begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return fmt.Errorf("renew tables: %s has no %q and %q", file, strings.TrimSpace(begin), strings.TrimSpace(end))
	}
	var b strings.Builder
	b.WriteString(before + begin + r.contract())
	for _, l := range loads {
		fmt.Fprintf(&b, "\n%s, one core:\n\n%s", strings.ToUpper(l.what[:1])+l.what[1:], head)
		for _, name := range append([]string{ownName, flowsName}, peerNames()...) {
			if s, p := r.latest(l.name, name); p != nil {
				b.WriteString(s.row(l, p))
			}
		}
	}
	if err := os.WriteFile(file, []byte(b.String()+end+after), 0o644); err != nil {
		return fmt.Errorf("renew tables: %w", err)
	}
	return nil
}

func peerNames() (names []string) {
	for _, p := range peers {
		names = append(names, p.name)
	}
	return names
}
