package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

var errMissing = errors.New("program not installed")

// measurement is what one run took.
type measurement struct {
	Seconds float64 // user and system
	RSS     int64   // bytes
}

// command runs a program quietly, on one thread if it is written in Go.
func command(ctx context.Context, name string, arguments ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, arguments...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1", "LC_ALL=C")
	return cmd
}

func measure(o options, c contestant, file string) (measurement, error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return measurement{}, fmt.Errorf("make a folder for %s: %w", c.name, err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := os.Chmod(dir, 0o777); err != nil { // some peers give up root first
		return measurement{}, fmt.Errorf("open the folder for %s: %w", c.name, err)
	}
	if c.setup != nil {
		name, text := c.setup(file, dir)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return measurement{}, fmt.Errorf("configure %s: %w", c.name, err)
		}
	}
	arguments := c.arguments(file, dir)
	if _, err := exec.LookPath(arguments[0]); err != nil {
		return measurement{}, errMissing
	}
	ctx, cancel := context.WithTimeout(context.Background(), o.limit)
	defer cancel()
	cmd := command(ctx, "taskset", append([]string{"-c", o.core}, arguments...)...)
	err = cmd.Run()
	if ctx.Err() != nil {
		return measurement{}, fmt.Errorf("stopped after %v, %.0f s of processor time", o.limit, processor(cmd))
	}
	var exit *exec.ExitError
	if err != nil && (c.own || !errors.As(err, &exit)) {
		return measurement{}, fmt.Errorf("%s: %w", strings.Join(arguments, " "), err)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return measurement{}, errors.New("this system gives no resource usage")
	}
	return measurement{Seconds: processor(cmd), RSS: usage.Maxrss << 10}, nil
}

func processor(cmd *exec.Cmd) float64 {
	if cmd.ProcessState == nil {
		return 0
	}
	return (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
}

// result is what the runs of a contestant took.
type result struct {
	contestant `json:"-"`

	Name, What string
	Runs       map[int]measurement // by round
	Failed     string
}

func (r *result) add(round int, m measurement) {
	if r.Runs == nil {
		r.Runs = map[int]measurement{}
	}
	r.Runs[round] = m
}

func (r *result) seconds() []float64 {
	var all []float64
	for _, m := range r.Runs {
		all = append(all, m.Seconds)
	}
	slices.Sort(all)
	return all
}

func (r *result) rss() int64 {
	most := int64(0)
	for _, m := range r.Runs {
		most = max(most, m.RSS)
	}
	return most
}

// against is the median, over the rounds that both ran, of how much longer r took than base.
func (r *result) against(base *result) float64 {
	var ratios []float64
	for round, m := range r.Runs {
		if b, ok := base.Runs[round]; ok {
			ratios = append(ratios, m.Seconds/b.Seconds)
		}
	}
	return median(ratios)
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	if n := len(values); n%2 == 0 {
		return (values[n/2-1] + values[n/2]) / 2
	}
	return values[len(values)/2]
}
