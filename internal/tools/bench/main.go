// Command bench times the sensor against the flow meters and classifiers that Debian has, on the
// two reference captures, and prints the ratios.
//
// It writes the captures into the cache folder with `wardscope-sensor simulate`, then runs the
// sensor and each peer in turn (A B A B …), each on one core, and takes the processor time and the
// largest memory of each process from wait4. Rates are packets a second of processor time, user and
// system: they mean something on a busy machine too, though only as ratios of runs side by side. A
// peer that is not installed is named and left out.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

type options struct {
	sensor, cache string
	save, readme  string
	runs          int
	loads, peers  string
	limit         time.Duration
	core          string
}

func main() {
	var o options
	flag.StringVar(&o.sensor, "sensor", "bin/wardscope-sensor", "the program to time")
	flag.StringVar(&o.cache, "cache", os.TempDir(), "folder for the captures")
	flag.StringVar(&o.save, "save", "", "file that keeps what was measured, run after run")
	flag.StringVar(&o.readme, "readme", "", "document whose tables are renewed from that file")
	flag.IntVar(&o.runs, "runs", 3, "runs of each")
	flag.StringVar(&o.loads, "loads", "mix,flows1m,flows4m", "which of mix, flows1m, flows4m")
	flag.StringVar(&o.peers, "peers", "", "names of peers, separated by commas; empty is all")
	flag.DurationVar(&o.limit, "limit", 10*time.Minute, "longest time of one run")
	flag.StringVar(&o.core, "core", "0", "processor core that everything runs on")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "bench: "+err.Error())
		os.Exit(1)
	}
}

func run(o options) error {
	var kept record
	if err := kept.load(o.save); err != nil {
		return err
	}
	for _, l := range loads {
		if !slices.Contains(strings.Split(o.loads, ","), l.name) {
			continue
		}
		file, err := l.capture(o)
		if err != nil {
			return err
		}
		session, err := compare(o, l, file)
		if err != nil {
			return err
		}
		fmt.Print(session.render(l))
		kept.Sessions = append(kept.Sessions, session)
		if err := kept.store(o.save); err != nil {
			return err
		}
	}
	if o.readme == "" {
		return nil
	}
	return kept.renew(o.readme)
}

// load is a reference capture.
type load struct {
	name, scenario string
	packets        int
	what           string
}

var loads = []load{
	{"mix", "mix", 1_500_000, "hospital mix, 1,500,000 packets"},
	{"flows1m", "flows", 1_048_576, "262,144 live flows, 1,048,576 packets"},
	{"flows4m", "flows", 4_194_304, "1,048,576 live flows, 4,194,304 packets"},
}

// capture generates the load's file, unless it is there.
func (l load) capture(o options) (string, error) {
	dir := filepath.Join(o.cache, fmt.Sprintf("bench-%s-%d", l.scenario, l.packets))
	file := filepath.Join(dir, l.scenario+".pcap")
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	part := dir + ".part"
	err := command(context.Background(), o.sensor, "simulate", "--scenario", l.scenario, "--packets", fmt.Sprint(l.packets), "--out", part).Run()
	if err != nil {
		return "", fmt.Errorf("generate %s: %w", l.name, err)
	}
	if err := os.Rename(part, dir); err != nil {
		return "", fmt.Errorf("keep %s: %w", l.name, err)
	}
	return file, nil
}

// compare runs everybody in turn. The sensor runs once for each of its rows and round; a peer is
// held against the sensor's runs of the same round.
func compare(o options, l load, file string) (session, error) {
	all := contestants(o, l)
	results := make([]result, len(all))
	for i := range all {
		results[i].contestant, results[i].Name, results[i].What = all[i], all[i].name, all[i].what
	}
	for round := range o.runs {
		for i := range results {
			r := &results[i]
			if r.Failed != "" || round >= r.rounds(l, o.runs) {
				continue
			}
			m, err := measure(o, r.contestant, file)
			if errors.Is(err, errMissing) {
				r.Failed = "not installed"
				continue
			}
			if err != nil && r.own {
				return session{}, err
			}
			if err != nil {
				r.Failed = err.Error()
				continue
			}
			fmt.Fprintf(os.Stderr, "%s %d/%d %s: %.2f s, %d MiB\n", l.name, round+1, o.runs, r.name, m.Seconds, m.RSS>>20)
			r.add(round, m)
		}
	}
	return session{Load: l.name, Date: time.Now().Format(time.DateOnly), Results: results}, nil
}
