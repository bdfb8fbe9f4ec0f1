package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/knowledge"
)

// measure resolves every capture that the truth names, writes the result file and runs the ruler.
func measure(ctx context.Context, o *options, set *knowledge.Set, ruler, truth, captures, name string) (string, error) {
	files, err := captureNames(truth)
	if err != nil {
		return "", err
	}
	results := make([]any, len(files))
	if err := eachCapture(ctx, o.sensor, captures, files, func(i int, in *inventory.Input) { results[i] = answers(in, set) }); err != nil {
		return "", err
	}
	result := map[string]any{}
	for i, file := range files {
		result[file] = results[i]
	}
	raw, err := json.Marshal(result)
	if err != nil {
		return "", fmt.Errorf("write results: %w", err)
	}
	path := filepath.Join(o.out, name)
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		return "", fmt.Errorf("write results: %w", err)
	}
	raw, err = exec.CommandContext(ctx, "python3", ruler, path, "--devices", truth, "--misses").Output()
	if err != nil {
		return "", fmt.Errorf("run %s: %w", ruler, err)
	}
	text, misses := split(string(raw))
	if truth == filepath.Join(o.captures, "DEVICES.jsonl") {
		shown, err := disproved(o.proven, misses)
		if err != nil {
			return "", err
		}
		text += shown
	}
	if o.misses {
		text += strings.Join(misses, "\n") + "\n"
	}
	return text, nil
}

// eachCapture runs the sensor over captures and hands on what it said of each.
func eachCapture(ctx context.Context, sensor, dir string, files []string, do func(int, *inventory.Input)) error {
	g, each := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, file := range files {
		g.Go(func() error {
			in, err := read(each, sensor, filepath.Join(dir, file))
			if err != nil {
				return fmt.Errorf("read %s: %w", file, err)
			}
			do(i, in)
			return nil
		})
	}
	return g.Wait()
}
