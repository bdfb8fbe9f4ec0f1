package store

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// SchemaError says that the database's schema is not one this program can use.
type SchemaError struct {
	Number int // of the migration
	Reason string
}

func (e *SchemaError) Error() string {
	return fmt.Sprintf("schema migration %04d: %s", e.Number, e.Reason)
}

// migration is one file of schema/: one statement, never edited after release.
type migration struct {
	number   int
	name     string
	checksum string // of the template, which is the same in all forms
	template string
}

// migrations reads schema/ in order of number.
func migrations() ([]migration, error) {
	entries, err := schemaFiles.ReadDir("schema")
	if err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	out := make([]migration, 0, len(entries))
	for i, e := range entries {
		text, err := schemaFiles.ReadFile(path.Join("schema", e.Name()))
		if err != nil {
			return nil, fmt.Errorf("read schema: %w", err)
		}
		number, name, ok := strings.Cut(strings.TrimSuffix(e.Name(), ".sql"), "_")
		n, err := strconv.Atoi(number)
		if !ok || err != nil || n != i+1 {
			return nil, &SchemaError{Number: i + 1, Reason: "file " + e.Name() + " is out of order"}
		}
		sum := sha256.Sum256(text)
		out = append(out, migration{n, name, hex.EncodeToString(sum[:]), string(text)})
	}
	return out, nil
}

// form is what the schema templates differ in.
type form struct {
	DB        string
	OnCluster string
	embedded  bool
	cluster   bool
}

// Engine renders a table engine: ReplicatedX in a cluster.
func (f form) Engine(name string, args ...string) string {
	if f.cluster {
		args = append([]string{"'/clickhouse/tables/{uuid}/{shard}'", "'{replica}'"}, args...)
		name = "Replicated" + name
	}
	return name + "(" + strings.Join(args, ", ") + ")"
}

// Insertable renders the table settings that make inserts exact.
func (f form) Insertable() string {
	switch {
	case f.cluster: // the default window of one hour would insert twice after a longer outage
		return "replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 2592000"
	case f.embedded: // an acknowledged group survives power loss
		return "non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1"
	}
	return "non_replicated_deduplication_window = 10000"
}

func (m migration) render(f form) (string, error) {
	t, err := template.New(m.name).Option("missingkey=error").Parse(m.template)
	if err != nil {
		return "", fmt.Errorf("render migration %04d: %w", m.number, err)
	}
	var b strings.Builder
	if err := t.Execute(&b, f); err != nil {
		return "", fmt.Errorf("render migration %04d: %w", m.number, err)
	}
	return b.String(), nil
}

func (s *Store) form() form {
	return form{DB: s.cfg.Database, OnCluster: s.onCluster(), embedded: s.engine != nil, cluster: s.cfg.Cluster != ""}
}

// migrate brings the database to this program's schema, under a lock.
func (s *Store) migrate(ctx context.Context) (err error) {
	all, err := migrations()
	if err != nil {
		return err
	}
	f := s.form()
	err = s.writer.Exec(ctx, "CREATE TABLE IF NOT EXISTS "+f.DB+".schema_migrations"+f.OnCluster+
		" (number UInt32, name String, checksum String, applied DateTime64(6, 'UTC')) ENGINE = "+
		f.Engine("MergeTree")+" ORDER BY number")
	if err != nil {
		return fmt.Errorf("create table of migrations: %w", err)
	}
	done, err := s.applied(ctx, all)
	if err != nil || done == len(all) {
		return err
	}
	unlock, err := s.lockSchema(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if done, err = s.applied(ctx, all); err != nil { // another hub may have finished before our lock
		return err
	}
	for _, m := range all[done:] {
		if err := s.apply(ctx, m, f); err != nil {
			return err
		}
	}
	return nil
}

// applied counts the migrations that the database has, and refuses a schema
// that is newer than this program or was made from other files.
func (s *Store) applied(ctx context.Context, all []migration) (int, error) {
	rows, err := s.reader.Query(ctx, "SELECT number, any(checksum) FROM schema_migrations GROUP BY number ORDER BY number")
	if err != nil {
		return 0, fmt.Errorf("read migrations: %w", err)
	}
	defer func() { _ = rows.Close() }()
	n := 0
	for rows.Next() {
		var number uint32
		var checksum string
		if err := rows.Scan(&number, &checksum); err != nil {
			return 0, fmt.Errorf("read migrations: %w", err)
		}
		n++
		switch {
		case int(number) > len(all):
			return 0, &SchemaError{int(number), "is unknown here: the data belongs to a newer wardscope-hub"}
		case int(number) != n:
			return 0, &SchemaError{n, "is missing in the database"}
		case all[n-1].checksum != checksum:
			return 0, &SchemaError{n, "was made from another file: its checksum differs"}
		}
	}
	if err := rows.Err(); err != nil {
		return 0, fmt.Errorf("read migrations: %w", err)
	}
	return n, nil
}

func (s *Store) apply(ctx context.Context, m migration, f form) error {
	sql, err := m.render(f)
	if err != nil {
		return err
	}
	// A crash between the statement and its record leaves the object behind.
	sql = strings.Replace(sql, "CREATE TABLE ", "CREATE TABLE IF NOT EXISTS ", 1)
	sql = strings.Replace(sql, "CREATE MATERIALIZED VIEW ", "CREATE MATERIALIZED VIEW IF NOT EXISTS ", 1)
	if err := s.writer.Exec(ctx, sql); err != nil {
		return fmt.Errorf("apply migration %04d_%s: %w", m.number, m.name, err)
	}
	err = s.writer.Exec(ctx, "INSERT INTO schema_migrations SELECT {number:UInt32}, {name:String}, {checksum:String}, now64(6, 'UTC')",
		clickhouse.Named("number", m.number), clickhouse.Named("name", m.name), clickhouse.Named("checksum", m.checksum))
	if err != nil {
		return fmt.Errorf("record migration %04d_%s: %w", m.number, m.name, err)
	}
	return nil
}

const schemaLock = "schema_lock"

// lockSchema makes a table whose existence is the lock: the one thing that
// every form creates atomically. The embedded form is alone by its folder's
// lock, so what a crash left behind is only cleared there.
func (s *Store) lockSchema(ctx context.Context) (func() error, error) {
	f := s.form()
	if f.embedded {
		if err := s.writer.Exec(ctx, "DROP TABLE IF EXISTS "+schemaLock); err != nil {
			return nil, fmt.Errorf("clear schema lock: %w", err)
		}
	}
	host, _ := os.Hostname() // only for the message
	holder := fmt.Sprintf("process %d on %s since %s", os.Getpid(), host, time.Now().UTC().Format(time.RFC3339))
	err := s.writer.Exec(ctx, "CREATE TABLE "+schemaLock+f.OnCluster+" (holder String) ENGINE = Memory COMMENT "+literal(holder))
	var ex *clickhouse.Exception
	if errors.As(err, &ex) && ex.Code == 57 { // TABLE_ALREADY_EXISTS
		var who string
		_ = s.reader.QueryRow(ctx, "SELECT comment FROM system.tables WHERE database = currentDatabase() AND name = '"+schemaLock+"'").Scan(&who)
		return nil, &SchemaError{Reason: "another hub migrates (" + who + "); if it is gone: DROP TABLE " + f.DB + "." + schemaLock}
	}
	if err != nil {
		return nil, fmt.Errorf("lock schema: %w", err)
	}
	return func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if err := s.writer.Exec(ctx, "DROP TABLE IF EXISTS "+schemaLock+f.OnCluster); err != nil {
			return fmt.Errorf("unlock schema: %w", err)
		}
		return nil
	}, nil
}

// literal makes a string literal of ClickHouse, for the places that take no parameter.
func literal(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
