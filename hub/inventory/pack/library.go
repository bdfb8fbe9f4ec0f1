package pack

import (
	"bytes"
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
	"sync/atomic"
	"time"
)

// Extension is that of pack files.
const Extension = ".wspack"

// MaxAge is from what age on a table is flagged: knowledge of weaknesses ages by the week.
const MaxAge = 90 * 24 * time.Hour

// Kind is a kind of table that somebody uses.
type Kind struct {
	// Check reads a table and lists its records, key → content, by which versions are compared.
	Check func(raw []byte) (records map[string]string, err error)
	// Take puts the tables of this kind to use, the built-in one excepted: nil when no pack has one.
	Take func(tables [][]byte)
	// BuiltIn describes what the program carries; valid iff Kind is set in it.
	BuiltIn Table
	// Base lists the records that the program carries, as Check does.
	Base func() (map[string]string, error)
}

// Entry is one table that answers rest on.
type Entry struct {
	Table
	Pack      string // "" for what the program carries
	Version   string
	Publisher string
	Key       string // that signed it
	Replaced  bool   // a pack's table stands in its place
}

// Age is how old the records are on a day.
func (e *Entry) Age(now time.Time) time.Duration {
	day, err := time.Parse(time.DateOnly, e.Date)
	if err != nil {
		return 0
	}
	return now.Sub(day)
}

// Stale reports records older than MaxAge.
func (e *Entry) Stale(now time.Time) bool { return e.Age(now) > MaxAge }

// Config says where packs lie and who may sign them.
type Config struct {
	Dir   string
	Trust Trust
	Every time.Duration // how often the folder is looked at; 0 means 10 s
}

// Library keeps the packs of a folder in use.
type Library struct {
	cfg   Config
	kinds map[string]Kind
	log   *slog.Logger

	mu     sync.Mutex // one change at a time; guards packs, stamps
	packs  map[string]*Pack
	stamps map[string]string // file → size and time when it was read
	list   atomic.Pointer[[]Entry]
}

// New returns a library that has not looked at its folder yet: what the program carries counts.
func New(cfg Config, kinds map[string]Kind, log *slog.Logger) *Library {
	cfg.Every = cmp.Or(cfg.Every, 10*time.Second)
	l := &Library{cfg: cfg, kinds: kinds, log: log, packs: map[string]*Pack{}, stamps: map[string]string{}}
	l.publish()
	return l
}

// Run looks at the folder until the context ends. A pack that cannot be read is logged once and
// leaves what was there in use.
func (l *Library) Run(ctx context.Context) error {
	tick := time.NewTicker(l.cfg.Every)
	defer tick.Stop()
	for {
		if err := l.Load(); err != nil {
			l.log.Warn("knowledge pack not taken", slog.String("error", err.Error()))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// List tells every table that answers rest on, by kind, the program's own first.
func (l *Library) List() []Entry { return *l.list.Load() }

// Load reads what changed in the folder. It reports every file that it could not take, once.
func (l *Library) Load() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	files, err := filepath.Glob(filepath.Join(l.cfg.Dir, "*"+Extension))
	if err != nil {
		return err
	}
	var errs []error
	present, changed := map[string]bool{}, false
	for _, file := range files {
		present[file] = true
		info, err := os.Stat(file)
		if err != nil {
			continue // gone meanwhile; the next look will tell
		}
		stamp := fmt.Sprint(info.Size(), info.ModTime().UnixNano())
		if l.stamps[file] == stamp {
			continue
		}
		l.stamps[file] = stamp
		p, err := l.open(file)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", file, err))
			continue
		}
		l.packs[file], changed = p, true
	}
	for file := range l.stamps {
		if !present[file] {
			delete(l.stamps, file)
			delete(l.packs, file)
			changed = true
		}
	}
	if changed {
		l.publish()
	}
	return errors.Join(errs...)
}

func (l *Library) open(file string) (*Pack, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	p, _, err := l.check(raw)
	if err != nil {
		return nil, err
	}
	if want := p.Name + Extension; filepath.Base(file) != want {
		return nil, fmt.Errorf("the pack is named %s: call the file %s", p.Name, want)
	}
	return p, nil
}

// publish puts tables to use and lists them.
func (l *Library) publish() {
	var list []Entry
	used := map[string][][]byte{}
	for _, file := range slices.Sorted(maps.Keys(l.packs)) {
		p := l.packs[file]
		for _, t := range p.Tables {
			used[t.Kind] = append(used[t.Kind], p.content[t.File])
			list = append(list, Entry{Table: t, Pack: p.Name, Version: p.Version, Publisher: p.Publisher, Key: p.Key})
		}
	}
	for name, k := range l.kinds {
		if k.BuiltIn.Kind != "" {
			list = append(list, Entry{Table: k.BuiltIn, Replaced: len(used[name]) > 0 && k.Take != nil})
		}
		if k.Take != nil {
			k.Take(used[name])
		}
	}
	slices.SortStableFunc(list, func(a, b Entry) int { return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Pack, b.Pack)) })
	l.list.Store(&list)
}

// Difference is what a table changes, by the keys of its records.
type Difference struct {
	Table                   Table
	Added, Removed, Changed []string // ascending
	Same                    int
}

// Check reads a pack without taking it: its signature, its tables, and what it changes against
// the pack of its name, or where there is none, against what the program carries.
func (l *Library) Check(raw []byte) (*Pack, []Difference, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.check(raw)
}

func (l *Library) check(raw []byte) (*Pack, []Difference, error) {
	p, err := Read(bytes.NewReader(raw), l.cfg.Trust)
	if err != nil {
		return nil, nil, err
	}
	var out []Difference
	for i, t := range p.Tables {
		k, ok := l.kinds[t.Kind]
		if !ok || k.Take == nil {
			return nil, nil, fmt.Errorf("read knowledge pack: table %s: this program uses no table of kind %q from packs", t.File, t.Kind)
		}
		after, err := k.Check(p.content[t.File])
		if err != nil {
			return nil, nil, fmt.Errorf("read knowledge pack: table %s: %w", t.File, err)
		}
		p.Tables[i].Records = len(after)
		before, replaces, err := l.before(p.Name, &t, &k)
		if err != nil {
			return nil, nil, fmt.Errorf("read knowledge pack: table %s: %w", t.File, err)
		}
		d := diff(p.Tables[i], before, after)
		if !replaces {
			d.Removed = nil // it is laid over what there is, and takes nothing away
		}
		out = append(out, d)
	}
	return p, out, nil
}

// before is what a table is compared with; replaces is false when it is laid over the program's own.
func (l *Library) before(name string, t *Table, k *Kind) (records map[string]string, replaces bool, err error) {
	for _, p := range l.packs {
		if p.Name != name {
			continue
		}
		for _, old := range p.Tables {
			if old.Kind == t.Kind {
				records, err = k.Check(p.content[old.File])
				return records, true, err
			}
		}
	}
	if k.Base == nil {
		return nil, false, nil
	}
	records, err = k.Base()
	return records, false, err
}

func diff(t Table, before, after map[string]string) Difference {
	d := Difference{Table: t}
	for key, v := range after {
		old, ok := before[key]
		switch {
		case !ok:
			d.Added = append(d.Added, key)
		case old != v:
			d.Changed = append(d.Changed, key)
		default:
			d.Same++
		}
	}
	for key := range before {
		if _, ok := after[key]; !ok {
			d.Removed = append(d.Removed, key)
		}
	}
	slices.Sort(d.Added)
	slices.Sort(d.Removed)
	slices.Sort(d.Changed)
	return d
}

// ErrOlder says that a pack is older than the one it would replace.
var ErrOlder = errors.New("the pack in use is newer")

// Install checks a pack and puts it into the folder and to use. An older pack is refused unless
// older is true.
func (l *Library) Install(raw []byte, older bool) (*Pack, []Difference, error) {
	l.mu.Lock()
	p, changes, err := l.check(raw)
	if err == nil {
		err = l.put(p, raw, older)
	}
	l.mu.Unlock()
	if err != nil {
		return nil, nil, err
	}
	return p, changes, l.Load()
}

func (l *Library) put(p *Pack, raw []byte, older bool) error {
	file := filepath.Join(l.cfg.Dir, p.Name+Extension)
	if now := l.packs[file]; now != nil && now.Date > p.Date && !older {
		return fmt.Errorf("install knowledge pack %s of %s: %w: it is of %s", p.Name, p.Date, ErrOlder, now.Date)
	}
	if err := os.MkdirAll(l.cfg.Dir, 0o700); err != nil {
		return fmt.Errorf("install knowledge pack: %w", err)
	}
	part := file + ".part"
	if err := os.WriteFile(part, raw, 0o600); err != nil {
		return fmt.Errorf("install knowledge pack: %w", err)
	}
	if err := os.Rename(part, file); err != nil {
		return fmt.Errorf("install knowledge pack: %w", err)
	}
	delete(l.stamps, file) // it may have the size and time of the one before
	return nil
}

// Remove takes a pack out of use; fs.ErrNotExist when there is none of that name.
func (l *Library) Remove(name string) error {
	if strings.ContainsAny(name, "/\\") {
		return fs.ErrNotExist
	}
	if err := os.Remove(filepath.Join(l.cfg.Dir, name+Extension)); err != nil {
		return fmt.Errorf("remove knowledge pack %s: %w", name, err)
	}
	return l.Load()
}

// Keys lists the ids of the keys that may sign packs.
func (l *Library) Keys() []string { return slices.Sorted(maps.Keys(l.cfg.Trust)) }
