package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func runs(seconds ...float64) map[int]measurement {
	m := map[int]measurement{}
	for round, s := range seconds {
		if s > 0 { // 0: that round is missing
			m[round] = measurement{Seconds: s, RSS: int64(round+1) << 20}
		}
	}
	return m
}

func of(load, date string, own, flows []float64, peers map[string][]float64) session {
	s := session{Load: load, Date: date, Results: []result{{Name: ownName, What: "all", Runs: runs(own...)}, {Name: flowsName, What: "flows", Runs: runs(flows...)}}}
	for _, name := range peerNames() {
		if seconds, ok := peers[name]; ok {
			s.Results = append(s.Results, result{Name: name, What: "peer", Runs: runs(seconds...)})
		}
	}
	return s
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		in   []float64
		want float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{3, 1}, 2}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 3, 2}, 2.5}} {
		if got := median(c.in); got != c.want {
			t.Errorf("median(%v) = %v, want %v", c.in, got, c.want)
		}
	}
}

// A ratio is the median of the ratios of runs side by side: on a machine whose speed changes, that of
// the medians would compare a quiet hour with a busy one.
func TestAgainstPairsRounds(t *testing.T) {
	own, peer := result{Runs: runs(1, 10, 2)}, result{Runs: runs(3, 30, 6)}
	if x := peer.against(&own); x != 3 {
		t.Errorf("three times slower in each round: %v", x)
	}
	peer = result{Runs: runs(0, 20, 8, 100)} // of rounds 1 and 2 alone both ran
	if x := peer.against(&own); x != 3 {
		t.Errorf("2 and 4 times slower: %v", x)
	}
	if x := peer.against(&result{Runs: runs(1)}); x != 0 {
		t.Errorf("no round in common: %v", x)
	}
}

func TestLatest(t *testing.T) {
	r := record{Sessions: []session{
		of("mix", "2026-01-02", []float64{1, 1}, nil, map[string][]float64{"argus": {2, 2}}),
		of("mix", "2026-01-02", []float64{1}, nil, map[string][]float64{"argus": {3}, "prads": {5}}),
		of("mix", "2026-01-01", []float64{1, 1, 1}, nil, map[string][]float64{"argus": {4, 4, 4}}),
		of("flows1m", "2026-01-03", []float64{1}, nil, map[string][]float64{"argus": {6}, "prads": nil}),
	}}
	for _, c := range []struct {
		load, name string
		want       float64 // seconds; 0 for none
	}{{"mix", "argus", 2}, {"mix", "prads", 5}, {"flows1m", "argus", 6}, {"flows1m", "prads", 0}, {"mix", "p0f", 0}, {"flows4m", "argus", 0}} {
		s, p := r.latest(c.load, c.name)
		if (p == nil) != (c.want == 0) || p != nil && (median(p.seconds()) != c.want || s.Load != c.load) {
			t.Errorf("%s on %s: %+v, want %v s", c.name, c.load, p, c.want)
		}
	}
	r.Sessions = append(r.Sessions, of("mix", "2026-01-04", []float64{1}, nil, map[string][]float64{"argus": {7}}))
	if _, p := r.latest("mix", "argus"); median(p.seconds()) != 7 {
		t.Errorf("a later day with fewer runs: %v", p.seconds())
	}
}

func TestRecordIsKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bench.json")
	var r record
	if err := r.load(file); err != nil || len(r.Sessions) != 0 {
		t.Fatalf("without a file: %v, %+v", err, r)
	}
	r.Sessions = append(r.Sessions, of("mix", "2026-01-01", []float64{1, 2}, []float64{0.5}, map[string][]float64{"argus": {3, 0, 4}}))
	if err := r.store(file); err != nil {
		t.Fatal(err)
	}
	var again record
	if err := again.load(file); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprintf("%+v", again), fmt.Sprintf("%+v", r); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if err := os.WriteFile(file, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := again.load(file); err == nil {
		t.Error("a damaged file was taken: what was measured would be lost at the next store")
	}
	if err := (&record{}).store(""); err != nil {
		t.Error(err)
	}
}

func TestRow(t *testing.T) {
	l := load{name: "mix", packets: 1_000_000, what: "the mix"}
	s := of("mix", "2026-01-01", []float64{1, 2}, []float64{0.5, 0.5}, map[string][]float64{"argus": {2, 2}})
	s.Results = append(s.Results, result{Name: "p0f", What: "peer", Failed: "not installed"})
	want := `| wardscope-sensor | all | 2 | 1.00/1.50/2.00 | 667 | 2 | | |
| wardscope-sensor, flows only | flows | 2 | 0.50/0.50/0.50 | 2000 | 2 | | |
| argus | peer | 2 | 2.00/2.00/2.00 | 500 | 2 | 1.50 × | 4.00 × |
| p0f | peer | not installed | | | | | |
`
	if _, got, _ := strings.Cut(s.render(l), head); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// The contract says what was missed, what was met and what was not measured, by itself.
func TestContract(t *testing.T) {
	r := record{Sessions: []session{of("mix", "2026-01-01", []float64{1.2}, []float64{0.5}, map[string][]float64{"ndpiReader": {2.4}, "prads": {5.9}, "argus": {2.4}})}}
	got := r.contract()
	for _, want := range []string{
		"| mix, everything on, against ndpiReader | 2.00 × | ≥ 2 × | ≥ 3 × | 1 | 2026-01-01 |\n",
		"| mix, everything on, against PRADS | 4.92 ×, **missed** | ≥ 5 × |  | 1 | 2026-01-01 |\n",
		"| mix, flows only, against argus | 4.80 ×, **missed** | ≥ 5 × |  | 1 | 2026-01-01 |\n",
		"| mix, everything on, against tshark | not measured | 18.00 × | | | |\n",
		"| mix, everything on, time a packet | 800 ns | ≤ 1500 | ≤ 1000 | 1 | 2026-01-01 |\n",
		"| mix, everything on, largest memory | 1 MiB | ≤ 100 | ≤ 60 | 1 | 2026-01-01 |\n",
		"| 1,048,576 flows, everything on, rate | not measured | 0.7 Mpackets a CPU s | | | |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no line %sin\n%s", want, got)
		}
	}
	slow := record{Sessions: []session{of("flows4m", "2026-01-01", []float64{8}, []float64{4}, nil)}}
	if got := slow.contract(); !strings.Contains(got, "rate | 0.524 Mpackets a CPU s, **missed** | ≥ 0.7 |") {
		t.Errorf("half a million packets a second are too few:\n%s", got)
	}
	if n := strings.Count(got, "\n"); n != 2+len(goals)+len(ceilings) {
		t.Errorf("%d lines for %d goals and %d ceilings", n, len(goals), len(ceilings))
	}
}

// Every line of the contract names a load and a contestant that there are, and no peer stands twice.
func TestGoalsCanBeMeasured(t *testing.T) {
	for _, g := range goals {
		l := loadOf(g.load)
		if l == nil {
			t.Fatalf("%s: no load %s", g.what, g.load)
		}
		if !slices.ContainsFunc(contestants(options{}, *l), func(c contestant) bool { return c.name == g.peer }) {
			t.Errorf("%s: nobody runs %s on %s", g.what, g.peer, g.load)
		}
	}
	for _, c := range ceilings {
		if loadOf(c.load) == nil || c.name != ownName && c.name != flowsName {
			t.Errorf("%s: %s, %s", c.what, c.load, c.name)
		}
	}
	names := peerNames()
	slices.Sort(names)
	if len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("a peer stands twice: %q", names)
	}
}

func TestContestants(t *testing.T) {
	all := contestants(options{sensor: "S", peers: "argus,pmacctd"}, loads[0])
	var lines []string
	for _, c := range all {
		lines = append(lines, strings.Join(c.arguments("F", "D"), " "))
		if c.setup != nil {
			name, text := c.setup("F", "D")
			if name != "conf" || !strings.Contains(text, "pcap_savefile: F\n") {
				t.Errorf("%s: %s: %s", c.name, name, text)
			}
		}
	}
	want := []string{"S read --output summary F", "S read --output summary --flows-only F", "argus -F /dev/null -r F -w D/out", "pmacctd -f D/conf"}
	if !slices.Equal(lines, want) {
		t.Errorf("got %q, want %q", lines, want)
	}
	slow := contestant{slow: true}
	if n, m := slow.rounds(loads[0], 5), slow.rounds(loads[1], 5); n != 5 || m != 1 {
		t.Errorf("a slow peer runs %d times on the mix, %d times on many flows", n, m)
	}
}

func shell(name, script string, own bool) contestant {
	return contestant{name: name, own: own, arguments: func(file, dir string) []string { return []string{"sh", "-c", script, "sh", file, dir} }}
}

// measure times real processes: what they take, what becomes of those that fail, hang or are not there.
func TestMeasure(t *testing.T) {
	o := options{limit: time.Minute, core: "0"}
	m, err := measure(o, shell("busy", `test "$GOMAXPROCS" = 1 || exit 9; i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo x > "$2/out"`, true), "file")
	if err != nil || m.Seconds < 0.01 || m.RSS < 1<<18 || m.RSS > 1<<28 {
		t.Errorf("a loop of a shell: %+v, %v", m, err)
	}
	if _, err := measure(o, shell("own", "exit 3", true), ""); err == nil {
		t.Error("the sensor failed, and its time counted")
	}
	if _, err := measure(o, shell("peer", "exit 3", false), ""); err != nil {
		t.Errorf("peers end as they like: %v", err)
	}
	missing := contestant{name: "none", arguments: func(string, string) []string { return []string{"no-such-program-here"} }}
	if _, err := measure(o, missing, ""); !errors.Is(err, errMissing) {
		t.Errorf("a program that is not there: %v", err)
	}
	o.limit = 50 * time.Millisecond
	if _, err := measure(o, shell("slow", "while :; do :; done", false), ""); err == nil || !strings.Contains(err.Error(), "stopped after") {
		t.Errorf("a program that hangs: %v", err)
	}
}

// fake is a program that stands for the sensor: it writes a capture, or reads one.
const fake = `#!/bin/sh
case $1 in
simulate) while [ "$1" != --out ]; do [ "$1" = --scenario ] && name=$2; shift; done; mkdir -p "$2" && echo capture > "$2/$name.pcap" && echo made >> "$(dirname "$2")/made";;
read) i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done;;
*) exit 1;;
esac
`

func TestRunOfAll(t *testing.T) {
	dir := t.TempDir()
	sensor, readme := filepath.Join(dir, "sensor"), filepath.Join(dir, "README.md")
	if err := os.WriteFile(sensor, []byte(fake), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(readme, []byte("before\n"+begin+"old\n"+end+"after\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	o := options{sensor: sensor, cache: dir, save: filepath.Join(dir, "bench.json"), readme: readme, runs: 2, loads: "mix", peers: "none", limit: time.Minute, core: "0"}
	for range 2 { // the second takes the capture that is there, and adds to what was measured
		if err := run(o); err != nil {
			t.Fatal(err)
		}
	}
	made, _ := os.ReadFile(filepath.Join(dir, "made"))
	if string(made) != "made\n" {
		t.Errorf("captures were generated: %q", made)
	}
	var r record
	if err := r.load(o.save); err != nil || len(r.Sessions) != 2 {
		t.Fatalf("%d sessions, %v", len(r.Sessions), err)
	}
	for _, s := range r.Sessions {
		if len(s.Results) != 2 || len(s.Results[0].Runs) != 2 || len(s.Results[1].Runs) != 2 {
			t.Errorf("%+v", s)
		}
	}
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	if s := string(text); !strings.HasPrefix(s, "before\n"+begin) || !strings.HasSuffix(s, end+"after\n") || strings.Contains(s, "old\n") ||
		!strings.Contains(s, "\nHospital mix, 1,500,000 packets, one core:\n") || strings.Count(s, begin) != 1 {
		t.Errorf("the document is now\n%s", s)
	}
	if err := os.WriteFile(readme, []byte("no marks\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := r.renew(readme); err == nil {
		t.Error("a document without marks was renewed")
	}
	if text, _ := os.ReadFile(readme); string(text) != "no marks\n" {
		t.Errorf("a document without marks was changed to %q", text)
	}
}

func TestNumbers(t *testing.T) {
	for x, want := range map[float64]string{1356.4: "1356", 88: "88", 0.8712: "0.871", 99.96: "100", math.Pi: "3.14"} {
		if got := plain(x); got != want {
			t.Errorf("plain(%v) = %s, want %s", x, got, want)
		}
	}
	if got := optional(0, "≥ ", " ×") + optional(3, "≥ ", " ×"); got != "≥ 3 ×" {
		t.Errorf("optional: %s", got)
	}
}
