package store

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/wardscope/wardscope/hub/store/migration"
)

// Config tells where the data lives. Exactly one of DataDir and DSN is set.
type Config struct {
	// DataDir is the folder of the embedded engine.
	DataDir string
	// Library is the path of the engine's libchdb.so; empty searches
	// engine.Candidates. Valid iff DataDir is set.
	Library string
	// DSN names a ClickHouse server ("clickhouse://user:password@host:9000" or "https://…").
	DSN string
	// Cluster names the cluster whose replicated tables are used; empty means a
	// single server. Valid iff DSN is set.
	Cluster string
	// Database holds all tables; made when missing.
	Database string
	// MaxMemory caps the embedded engine's whole process, bytes.
	MaxMemory uint64
	// MaxQueryMemory caps one read, bytes; inserts are not capped by it.
	MaxQueryMemory uint64
	// MaxQueryTime caps one read.
	MaxQueryTime time.Duration
	// Retention says for how long events are kept, counted from their receipt.
	Retention Retention
}

// Retention is in whole days, by table; see migration.Retention.
type Retention = migration.Retention

// DefaultConfig is the embedded form; DataDir must still be set.
func DefaultConfig() Config {
	return Config{
		Database:       "wardscope",
		MaxMemory:      4 << 30,
		MaxQueryMemory: 2 << 30,
		MaxQueryTime:   60 * time.Second,
		Retention:      Retention{Flows: 90, Edges: 90, Observations: 90, Findings: 90},
	}
}

var identifier = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// Validate reports all faults at once.
func (c Config) Validate() error {
	var errs []error
	if (c.DataDir == "") == (c.DSN == "") {
		errs = append(errs, errors.New("store: set one of data_dir and dsn"))
	}
	if c.Cluster != "" && c.DSN == "" {
		errs = append(errs, errors.New("store.cluster: needs store.dsn"))
	}
	if c.Cluster != "" && !identifier.MatchString(c.Cluster) {
		errs = append(errs, fmt.Errorf("store.cluster: %q is no lower-case identifier", c.Cluster))
	}
	if !identifier.MatchString(c.Database) {
		errs = append(errs, fmt.Errorf("store.database: %q is no lower-case identifier", c.Database))
	}
	if c.MaxMemory < 512<<20 && c.DataDir != "" {
		errs = append(errs, fmt.Errorf("store.max_memory: %d is under 512 MiB", c.MaxMemory))
	}
	if c.MaxQueryMemory < 64<<20 {
		errs = append(errs, fmt.Errorf("store.max_query_memory: %d is under 64 MiB", c.MaxQueryMemory))
	}
	if c.MaxQueryTime <= 0 {
		errs = append(errs, errors.New("store.max_query_time: must be positive"))
	}
	if err := c.Retention.Validate(); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
