package engine

import (
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
)

// Config tells where the engine lives and what it may take.
type Config struct {
	// Library is the path of libchdb.so; empty searches Candidates.
	Library string
	// Dir is the data directory. It is made when missing, made absolute (with
	// a relative one each insert that syncs its folder fails), and locked.
	Dir string
	// MaxMemory caps the whole process as the engine measures it, bytes; the
	// query that would pass it gets an error. 0 leaves the engine's default,
	// nine tenths of the machine.
	MaxMemory uint64
	// BackupDir is the one folder that BACKUP and RESTORE may name; empty
	// means Dir/backups.
	BackupDir string
}

// Engine is an open data directory. Its methods are safe for concurrent use.
type Engine struct {
	lib    *library
	dir    string
	backup string
	lock   *os.File
	args   []string
	root   uintptr // keeps the engine up while the idle list is empty

	nextConn atomic.Uint64
	mu       sync.Mutex
	idle     []*conn // oldest first
	streams  map[*stream]struct{}
	busy     sync.WaitGroup
	closed   bool
	killer   sync.Mutex // guards kill, the connection that only sends KILL QUERY
	kill     *conn
}

// opened is the process's engine: the library keeps one server a process.
var (
	openedMu sync.Mutex
	opened   *Engine
)

// Open starts the engine on cfg.Dir. Its errors are *MissingError,
// *LockedError and *ForeignError, or tell the failing operation.
func Open(cfg Config) (*Engine, error) {
	if cfg.Dir == "" {
		return nil, errors.New("open clickhouse engine: no data directory given")
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("open clickhouse engine: %w", err)
	}
	path, err := Locate(cfg.Library)
	if err != nil {
		return nil, err
	}
	openedMu.Lock()
	defer openedMu.Unlock()
	if opened != nil && opened.dir != dir {
		return nil, fmt.Errorf("open clickhouse engine on %s: this process already has %s open", dir, opened.dir)
	}
	lockFile, err := lock(dir)
	if err != nil {
		return nil, err
	}
	e := &Engine{dir: dir, lock: lockFile, backup: cfg.BackupDir, streams: map[*stream]struct{}{}}
	if err := e.start(path, cfg); err != nil {
		_ = lockFile.Close()
		return nil, err
	}
	opened = e
	return e, nil
}

func (e *Engine) start(library string, cfg Config) error {
	if e.backup == "" {
		e.backup = filepath.Join(e.dir, "backups")
	}
	backup, err := filepath.Abs(e.backup)
	if err != nil {
		return fmt.Errorf("open clickhouse engine: backup folder: %w", err)
	}
	e.backup = backup
	for _, d := range []string{filepath.Join(e.dir, "data"), e.backup} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return fmt.Errorf("open clickhouse engine: %w", err)
		}
	}
	conf := filepath.Join(e.dir, "engine.xml")
	if err := writeConfig(conf, e.backup, cfg.MaxMemory); err != nil {
		return err
	}
	if e.lib, err = load(library); err != nil {
		return err
	}
	e.args = []string{"wardscope", "--path=" + filepath.Join(e.dir, "data"), "--config-file=" + conf}
	if e.root = e.lib.open(e.args); e.root == 0 {
		return fmt.Errorf("open clickhouse engine on %s: the engine refused to start; its reason is on stderr", e.dir)
	}
	if e.kill, err = e.connect(session{}); err != nil {
		e.lib.closeConn(e.root)
		return err
	}
	return nil
}

func (e *Engine) remember(s *stream) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.streams[s] = struct{}{}
}

func (e *Engine) forget(s *stream) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.streams, s)
}

// BackupDir is the absolute folder that BACKUP … TO File may name.
func (e *Engine) BackupDir() string { return e.backup }

// Close ends answers that are still being read, closes all connections and
// gives the data directory back. It waits for statements that run, so cancel
// their contexts first.
func (e *Engine) Close() error {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil
	}
	e.closed = true
	idle := e.idle
	e.idle = nil
	open := slices.Collect(maps.Keys(e.streams))
	e.mu.Unlock()

	for _, s := range open {
		_ = s.Close() // a reader that has gone away holds its connection for ever
	}
	e.busy.Wait()
	for _, c := range idle {
		e.lib.closeConn(c.handle)
	}
	e.lib.closeConn(e.kill.handle)
	e.lib.closeConn(e.root)
	openedMu.Lock()
	opened = nil
	openedMu.Unlock()
	if err := e.lock.Close(); err != nil {
		return fmt.Errorf("close clickhouse engine: %w", err)
	}
	return nil
}

type xmlConfig struct {
	XMLName   xml.Name `xml:"clickhouse"`
	MaxMemory uint64   `xml:"max_server_memory_usage,omitempty"`
	Allowed   string   `xml:"backups>allowed_path"`
	Logger    string   `xml:"logger>level"`
}

func writeConfig(name, backup string, maxMemory uint64) error {
	text, err := xml.MarshalIndent(xmlConfig{MaxMemory: maxMemory, Allowed: backup + "/", Logger: "none"}, "", "  ")
	if err != nil {
		return fmt.Errorf("write engine configuration: %w", err)
	}
	if err := os.WriteFile(name, text, 0o600); err != nil {
		return fmt.Errorf("write engine configuration: %w", err)
	}
	return nil
}
