package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/wardscope/wardscope/hub/store/engine"
	"github.com/wardscope/wardscope/hub/store/migration"
	"github.com/wardscope/wardscope/hub/store/people"
)

// Store is an open database. See the package comment for who owns what.
type Store struct {
	cfg    Config
	engine *engine.Engine // nil in the external form
	// One pool a purpose, because settings stick to connections.
	writer driver.Conn
	reader driver.Conn
	locked driver.Conn // SQL from people; each request brings its own limits
	people *people.Reader
}

// SchemaError says that the database's schema is not one this program can use.
type SchemaError = migration.SchemaError

// Open starts the engine or connects to the server, and migrates the database
// to this program's schema. Its errors can be *engine.MissingError,
// *engine.LockedError, *engine.ForeignError and *SchemaError.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	s, err := connect(ctx, cfg)
	if err != nil {
		return nil, err
	}
	db := s.schema()
	if err := db.Run(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := db.Retain(ctx, cfg.Retention); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// connect opens the pools on a database that exists.
func connect(ctx context.Context, cfg Config) (*Store, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s := &Store{cfg: cfg}
	if cfg.DataDir != "" {
		e, err := engine.Open(engine.Config{Library: cfg.Library, Dir: cfg.DataDir, MaxMemory: cfg.MaxMemory})
		if err != nil {
			return nil, err
		}
		s.engine = e
	}
	if err := s.pools(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) pools(ctx context.Context) error {
	admin, err := s.pool("default", nil, 1)
	if err != nil {
		return err
	}
	err = admin.Exec(ctx, "CREATE DATABASE IF NOT EXISTS "+s.cfg.Database+s.schema().OnCluster())
	if err = errors.Join(err, admin.Close()); err != nil {
		return fmt.Errorf("create database %s: %w", s.cfg.Database, err)
	}
	if s.writer, err = s.pool(s.cfg.Database, s.writerSettings(), 4); err != nil {
		return err
	}
	if s.reader, err = s.pool(s.cfg.Database, s.readerSettings(), 8); err != nil {
		return err
	}
	s.locked, err = s.pool(s.cfg.Database, nil, 4)
	s.people = people.New(s.locked, s.cfg.Database, s.avoidFaults(clickhouse.Settings{}))
	return err
}

// schema says where migrations go.
func (s *Store) schema() migration.Database {
	return migration.Database{Form: migration.Form{DB: s.cfg.Database, Cluster: s.cfg.Cluster, Embedded: s.engine != nil}, Conn: s.writer}
}

// blockRows is more than any group holds, so that each insert is one block.
const blockRows = 1 << 24

// writerSettings make an insert cut the same blocks each time, so that its
// deduplication token covers tables and views alike.
func (s *Store) writerSettings() clickhouse.Settings {
	set := clickhouse.Settings{
		"max_insert_threads":                                 1,
		"max_insert_block_size":                              blockRows,
		"min_insert_block_size_rows":                         blockRows,
		"min_insert_block_size_bytes":                        0,
		"insert_deduplicate":                                 1,
		"deduplicate_blocks_in_dependent_materialized_views": 1,
		"async_insert":                                       0,
		"date_time_overflow_behavior":                        "saturate",
	}
	if s.cfg.Cluster != "" {
		set["insert_quorum"] = "auto"
	}
	return set
}

func (s *Store) readerSettings() clickhouse.Settings {
	return s.avoidFaults(clickhouse.Settings{
		"max_execution_time":                          int(s.cfg.MaxQueryTime.Seconds()),
		"max_memory_usage":                            s.cfg.MaxQueryMemory,
		"max_bytes_before_external_group_by":          s.cfg.MaxQueryMemory / 2,
		"max_bytes_before_external_sort":              s.cfg.MaxQueryMemory / 2,
		"use_skip_indexes_if_final":                   1,
		"do_not_merge_across_partitions_select_final": 1,
	})
}

// avoidFaults adds settings against faults of the bundled engine. A server of
// another version may not know them.
func (s *Store) avoidFaults(set clickhouse.Settings) clickhouse.Settings {
	if s.engine != nil {
		// 26.5 compares its filter for ORDER BY start DESC, sensor … LIMIT with the
		// wrong column and fails with CANNOT_PARSE_DATETIME (TestFlowsFilters).
		set["use_top_k_dynamic_filtering"] = 0
	}
	return set
}

// pool opens one driver on the engine or the server.
func (s *Store) pool(database string, settings clickhouse.Settings, conns int) (driver.Conn, error) {
	opt := &clickhouse.Options{Protocol: clickhouse.HTTP, Addr: []string{"engine"}}
	if s.engine == nil {
		var err error
		if opt, err = clickhouse.ParseDSN(s.cfg.DSN); err != nil {
			return nil, fmt.Errorf("store.dsn: %w", err)
		}
	} else {
		opt.TransportFunc = func(*http.Transport) (http.RoundTripper, error) { return s.engine, nil }
	}
	opt.Auth.Database = database
	opt.MaxOpenConns, opt.MaxIdleConns = conns, conns
	opt.DialTimeout = 10 * time.Second
	if opt.Settings == nil {
		opt.Settings = clickhouse.Settings{}
	}
	maps.Copy(opt.Settings, settings)
	db, err := clickhouse.Open(opt)
	if err != nil {
		return nil, fmt.Errorf("open clickhouse pool: %w", err)
	}
	return db, nil
}

// Ping asks the engine for an answer.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.reader.Ping(ctx); err != nil {
		return fmt.Errorf("ping clickhouse: %w", err)
	}
	return nil
}

// Close ends the pools and the engine. It waits for statements that run.
func (s *Store) Close() error {
	var errs []error
	for _, p := range []driver.Conn{s.writer, s.reader, s.locked} {
		if p != nil {
			errs = append(errs, p.Close())
		}
	}
	if s.engine != nil {
		errs = append(errs, s.engine.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}
