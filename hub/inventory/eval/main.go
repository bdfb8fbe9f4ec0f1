package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/wardscope/wardscope/hub/inventory/knowledge"
)

// options are the command's flags.
type options struct {
	sensor, captures, out, readme, thresholds string
	proven, also                              string
	simulate, misses, unread                  bool
}

func main() {
	var o options
	flag.StringVar(&o.sensor, "sensor", "bin/wardscope-sensor", "sensor program")
	flag.StringVar(&o.captures, "captures", "../shared/pcaps", "folder with captures, DEVICES.jsonl and score_devices.py")
	flag.StringVar(&o.out, "out", "", "folder to keep the result files in")
	flag.StringVar(&o.readme, "readme", "", "file whose table between the eval markers is renewed")
	flag.StringVar(&o.thresholds, "thresholds", "", "JSON file of counts that must be reached")
	flag.BoolVar(&o.simulate, "simulate", false, "also hold the inventory against the simulated hospitals of the demo")
	flag.BoolVar(&o.misses, "misses", false, "list each device that is not exact and each wrong answer")
	flag.StringVar(&o.proven, "proven", "", "TSV file of labels that are shown to be wrong, with what shows it")
	flag.BoolVar(&o.unread, "unread", false, "instead of judging, count by kind and source what sensors tell and no rule reads")
	flag.StringVar(&o.also, "also", "", "with -unread: a folder of more captures")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, &o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "eval:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o *options, w io.Writer) error {
	ruler := filepath.Join(o.captures, "score_devices.py")
	if _, err := os.Stat(ruler); errors.Is(err, os.ErrNotExist) {
		_, err := fmt.Fprintf(w, "eval: skipped, the labelled captures (%s) are absent\n", o.captures)
		return err
	}
	if o.out == "" {
		dir, err := os.MkdirTemp("", "wardscope-eval-")
		if err != nil {
			return fmt.Errorf("make a folder for results: %w", err)
		}
		defer func() { _ = os.RemoveAll(dir) }() // what stays is a temporary file
		o.out = dir
	}
	set, err := knowledge.Builtin()
	if err != nil {
		return err
	}
	truth := filepath.Join(o.captures, "DEVICES.jsonl")
	if o.unread {
		return unread(ctx, o, set, truth, w)
	}
	captured, err := measure(ctx, o, set, ruler, truth, o.captures, "result.json")
	if err != nil {
		return err
	}
	sections := []section{{"Labelled captures", captured}}
	if o.simulate {
		text, err := simulated(ctx, o, set, ruler)
		if err != nil {
			return err
		}
		sections = append(sections, section{"Simulated hospitals of `make demo`", text})
	}
	for _, s := range sections {
		if _, err := fmt.Fprintf(w, "%s\n\n%s\n", s.title, s.text); err != nil {
			return err
		}
	}
	if o.readme != "" {
		if err := renew(o.readme, sections); err != nil {
			return err
		}
	}
	if o.thresholds != "" {
		return enforce(o.thresholds, captured)
	}
	return nil
}
