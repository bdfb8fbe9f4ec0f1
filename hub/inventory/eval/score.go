package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wardscope/wardscope/hub/inventory/knowledge"
)

// section is one table of the report.
type section struct{ title, text string }

// simulated measures against hospitals whose truth the simulator tells.
func simulated(ctx context.Context, o *options, set *knowledge.Set, ruler string) (string, error) {
	dir, err := os.MkdirTemp("", "wardscope-simulated-")
	if err != nil {
		return "", fmt.Errorf("make a folder for captures: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // what stays is a temporary file
	if out, err := exec.CommandContext(ctx, o.sensor, "simulate", "--scenario", "demo", "--out", dir).CombinedOutput(); err != nil {
		return "", fmt.Errorf("simulate: %w: %s", err, out)
	}
	truth, err := simulatedTruth(dir)
	if err != nil {
		return "", err
	}
	return measure(ctx, o, set, ruler, truth, dir, "simulated.json")
}

// simulatedTruth rewrites what the simulator tells in the form of DEVICES.jsonl: the devices
// that can be seen at each site.
func simulatedTruth(dir string) (string, error) {
	const suffix = ".truth.json"
	names, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	if err != nil {
		return "", err
	}
	var lines []string
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			return "", fmt.Errorf("read simulated truth: %w", err)
		}
		var told struct{ Devices []map[string]any }
		if err := json.Unmarshal(raw, &told); err != nil {
			return "", fmt.Errorf("read simulated truth %s: %w", name, err)
		}
		for _, d := range told.Devices {
			if here, _ := d["here"].(bool); !here {
				continue
			}
			for _, a := range attributes {
				if d[a] == "" {
					delete(d, a)
				}
			}
			d["file"] = strings.TrimSuffix(filepath.Base(name), suffix) + ".pcap"
			line, err := json.Marshal(d)
			if err != nil {
				return "", err
			}
			lines = append(lines, string(line))
		}
	}
	path := filepath.Join(dir, "DEVICES.jsonl")
	return path, os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}

// captureNames lists the captures that a truth file has devices of.
func captureNames(truth string) ([]string, error) {
	f, err := os.Open(truth)
	if err != nil {
		return nil, fmt.Errorf("read truth: %w", err)
	}
	defer func() { _ = f.Close() }() // nothing was written
	var out []string
	for dec := json.NewDecoder(f); ; {
		var line struct{ File string }
		if err := dec.Decode(&line); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("read truth %s: %w", truth, err)
		}
		out = append(out, line.File)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

var (
	groupRow     = regexp.MustCompile(`(?m)^all\s+(\d+)\s+(\d+)[^\n]*?\s(\d+)\s+(\d+)\s+(\d+)\s+(\d+)$`)
	attributeRow = regexp.MustCompile(`(?m)^(\w+)\s+(\d+)\s+(\d+) \(\d+%\)\s+(\d+) \(\d+%\)\s+(\d+) \(\d+%\)$`)
)

// counts reads the ruler's table: devices, exact, false joins, and right and wrong by attribute.
func counts(table string) (map[string]int, error) {
	out := map[string]int{}
	m := groupRow.FindStringSubmatch(table)
	if m == nil {
		return nil, errors.New("the ruler printed no table of devices")
	}
	for i, name := range []string{"devices", "exact", "absent", "doubled", "joined", "false joins"} {
		out[name], _ = strconv.Atoi(m[i+1]) // the expression takes digits only
	}
	for _, m := range attributeRow.FindAllStringSubmatch(table, -1) {
		out[m[1]+" right"], _ = strconv.Atoi(m[3])
		out[m[1]+" wrong"], _ = strconv.Atoi(m[4])
	}
	return out, nil
}

// limits are the counts that must hold: a change may only make them better.
type limits struct {
	AtLeast map[string]int `json:"at_least"`
	AtMost  map[string]int `json:"at_most"`
}

func enforce(path, table string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read thresholds: %w", err)
	}
	var l limits
	if err := json.Unmarshal(raw, &l); err != nil {
		return fmt.Errorf("read thresholds %s: %w", path, err)
	}
	got, err := counts(table)
	if err != nil {
		return err
	}
	var errs []error
	for name, want := range l.AtLeast {
		if got[name] < want {
			errs = append(errs, fmt.Errorf("%s: got %d, want at least %d", name, got[name], want))
		}
	}
	for name, want := range l.AtMost {
		if v, told := got[name]; !told || v > want {
			errs = append(errs, fmt.Errorf("%s: got %d, want at most %d", name, v, want))
		}
	}
	return errors.Join(errs...)
}

const (
	beginMark = "<!-- eval: begin"
	endMark   = "<!-- eval: end"
)

// renew replaces what stands between the markers with today's tables.
func renew(path string, sections []section) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("renew table: %w", err)
	}
	head, rest, ok := strings.Cut(string(raw), beginMark)
	line, rest, ok2 := strings.Cut(rest, "\n")
	_, tail, ok3 := strings.Cut(rest, endMark)
	if !ok || !ok2 || !ok3 {
		return fmt.Errorf("renew table: %s lacks the markers %q and %q", path, beginMark, endMark)
	}
	var text strings.Builder
	text.WriteString("Measured on " + time.Now().UTC().Format(time.DateOnly) + ".\n")
	for _, s := range sections {
		text.WriteString("\n" + s.title + ":\n\n```\n" + strings.TrimSpace(s.text) + "\n```\n")
	}
	return os.WriteFile(path, []byte(head+beginMark+line+"\n"+text.String()+endMark+tail), 0o644)
}
