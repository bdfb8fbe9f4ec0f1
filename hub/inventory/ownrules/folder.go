package ownrules

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wardscope/wardscope/hub/inventory/knowledge"
)

// Config says where the files lie.
type Config struct {
	Dir   string
	Every time.Duration // how often the folder is looked at; 0 means 10 s
}

// Deps is what a Folder works with.
type Deps struct {
	Take func(*knowledge.Set) // puts rules to use
	Log  *slog.Logger
	Now  func() time.Time
}

// Status is what became of the files.
type Status struct {
	Files    []string // in use, ascending
	Rules    []string // ids of own rules in use, ascending
	Disabled []string // ids of the program's rules that are not used
	Since    time.Time
	Fault    string // of the files as they are now; "" when they are in use
}

// Folder keeps the files of a folder in use.
type Folder struct {
	cfg  Config
	deps Deps

	mu     sync.Mutex // guards the rest
	stamp  string     // of the files that were read last
	status Status
}

// New returns a folder that was not looked at yet.
func New(cfg Config, deps Deps) *Folder {
	cfg.Every = cmp.Or(cfg.Every, 10*time.Second)
	return &Folder{cfg: cfg, deps: deps}
}

// Run looks at the folder until the context ends. A fault is logged once.
func (f *Folder) Run(ctx context.Context) error {
	tick := time.NewTicker(f.cfg.Every)
	defer tick.Stop()
	for {
		if err := f.Load(); err != nil {
			f.deps.Log.Warn("own rules not taken", slog.String("error", err.Error()))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Load reads the files if they changed since the last time, and takes them if they hold no fault.
func (f *Folder) Load() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	files, stamp, err := f.files()
	if err == nil && stamp == f.stamp {
		return nil
	}
	if err != nil {
		stamp = err.Error()
		if stamp == f.stamp {
			return nil // it was told
		}
	}
	f.stamp = stamp
	var set *knowledge.Set
	if err == nil {
		set, err = knowledge.Extend(files)
	}
	if err != nil {
		f.status.Fault = err.Error()
		return err
	}
	f.status = Status{Files: slices.Sorted(maps.Keys(files)), Rules: set.Own(), Disabled: set.Disabled(), Since: f.deps.Now()}
	f.deps.Take(set)
	return nil
}

// files reads the folder; one that is not there holds none.
func (f *Folder) files() (map[string][]byte, string, error) {
	names, err := filepath.Glob(filepath.Join(f.cfg.Dir, "*.yaml"))
	if err != nil {
		return nil, "", fmt.Errorf("read own rules: %w", err)
	}
	out := map[string][]byte{}
	var stamp strings.Builder
	for _, name := range names {
		info, err := os.Stat(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, "", fmt.Errorf("read own rules: %w", err)
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			return nil, "", fmt.Errorf("read own rules: %w", err)
		}
		fmt.Fprintf(&stamp, "%s %d %d\n", name, info.Size(), info.ModTime().UnixNano())
		out[filepath.Base(name)] = raw
	}
	return out, stamp.String() + "read", nil
}

// With reads the files as they would be with one of them replaced or added; an empty text takes it
// away.
func (f *Folder) With(name, text string) (*knowledge.Set, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	files, _, err := f.files()
	if err != nil {
		return nil, err
	}
	if name = filepath.Base(name); filepath.Ext(name) != ".yaml" {
		return nil, fmt.Errorf("%s: own rules are files that end in .yaml", name)
	}
	delete(files, name)
	if text != "" {
		files[name] = []byte(text)
	}
	return knowledge.Extend(files)
}

// Status is what became of the files.
func (f *Folder) Status() Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.status
}
