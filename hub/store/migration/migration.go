package migration

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
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/wardscope/wardscope/hub/store/engine"
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

// Form is what the schema templates differ in.
type Form struct {
	DB       string
	Cluster  string // "" for a single server
	Embedded bool
}

// OnCluster renders the clause by which a statement reaches all of a cluster.
func (f Form) OnCluster() string {
	if f.Cluster == "" {
		return ""
	}
	return " ON CLUSTER " + f.Cluster
}

// Engine renders a table engine: ReplicatedX in a cluster.
func (f Form) Engine(name string, args ...string) string {
	if f.Cluster != "" {
		args = append([]string{"'/clickhouse/tables/{uuid}/{shard}'", "'{replica}'"}, args...)
		name = "Replicated" + name
	}
	return name + "(" + strings.Join(args, ", ") + ")"
}

// Insertable renders the table settings that make inserts exact.
func (f Form) Insertable() string {
	switch {
	case f.Cluster != "": // the default window of one hour would insert twice after a longer outage
		return "replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 2592000"
	case f.Embedded: // an acknowledged group survives power loss
		return "non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1"
	}
	return "non_replicated_deduplication_window = 10000"
}

func (m migration) render(f Form) (string, error) {
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

// Database is where the schema is brought to.
type Database struct {
	Form
	Conn driver.Conn
}

// Statements renders the whole schema by name.
func Statements(f Form) (map[string]string, error) {
	all, err := migrations()
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, m := range all {
		if out[m.name], err = m.render(f); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Run brings the database to this program's schema, under a lock.
func (d Database) Run(ctx context.Context) (err error) {
	all, err := migrations()
	if err != nil {
		return err
	}
	err = d.Conn.Exec(ctx, "CREATE TABLE IF NOT EXISTS "+d.DB+".schema_migrations"+d.OnCluster()+
		" (number UInt32, name String, checksum String, applied DateTime64(6, 'UTC')) ENGINE = "+
		d.Engine("MergeTree")+" ORDER BY number")
	if err != nil {
		return fmt.Errorf("create table of migrations: %w", err)
	}
	done, err := d.applied(ctx, all)
	if err != nil || done == len(all) {
		return err
	}
	unlock, err := d.lock(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if done, err = d.applied(ctx, all); err != nil { // another hub may have finished before our lock
		return err
	}
	for _, m := range all[done:] {
		if err := d.apply(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// applied counts the migrations that the database has, and refuses a schema
// that is newer than this program or was made from other files.
func (d Database) applied(ctx context.Context, all []migration) (int, error) {
	rows, err := d.Conn.Query(ctx, "SELECT number, any(checksum) FROM schema_migrations GROUP BY number ORDER BY number")
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

func (d Database) apply(ctx context.Context, m migration) error {
	sql, err := m.render(d.Form)
	if err != nil {
		return err
	}
	// A crash between the statement and its record leaves the object behind.
	sql = strings.Replace(sql, "CREATE TABLE ", "CREATE TABLE IF NOT EXISTS ", 1)
	sql = strings.Replace(sql, "CREATE MATERIALIZED VIEW ", "CREATE MATERIALIZED VIEW IF NOT EXISTS ", 1)
	if err := d.Conn.Exec(ctx, sql); err != nil {
		return fmt.Errorf("apply migration %04d_%s: %w", m.number, m.name, err)
	}
	err = d.Conn.Exec(ctx, "INSERT INTO schema_migrations SELECT {number:UInt32}, {name:String}, {checksum:String}, now64(6, 'UTC')",
		clickhouse.Named("number", m.number), clickhouse.Named("name", m.name), clickhouse.Named("checksum", m.checksum))
	if err != nil {
		return fmt.Errorf("record migration %04d_%s: %w", m.number, m.name, err)
	}
	return nil
}

const schemaLock = "schema_lock"

// lock makes a table whose existence is the lock: the one thing that
// every form creates atomically. The embedded form is alone by its folder's
// lock, so what a crash left behind is only cleared there.
func (d Database) lock(ctx context.Context) (func() error, error) {
	if d.Embedded {
		if err := d.Conn.Exec(ctx, "DROP TABLE IF EXISTS "+schemaLock); err != nil {
			return nil, fmt.Errorf("clear schema lock: %w", err)
		}
	}
	host, _ := os.Hostname() // only for the message
	holder := fmt.Sprintf("process %d on %s since %s", os.Getpid(), host, time.Now().UTC().Format(time.RFC3339))
	err := d.Conn.Exec(ctx, "CREATE TABLE "+schemaLock+d.OnCluster()+" (holder String) ENGINE = Memory COMMENT "+engine.Literal(holder))
	var ex *clickhouse.Exception
	if errors.As(err, &ex) && ex.Code == 57 { // TABLE_ALREADY_EXISTS
		var who string
		_ = d.Conn.QueryRow(ctx, "SELECT comment FROM system.tables WHERE database = currentDatabase() AND name = '"+schemaLock+"'").Scan(&who)
		return nil, &SchemaError{Reason: "another hub migrates (" + who + "); if it is gone: DROP TABLE " + d.DB + "." + schemaLock}
	}
	if err != nil {
		return nil, fmt.Errorf("lock schema: %w", err)
	}
	return func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if err := d.Conn.Exec(ctx, "DROP TABLE IF EXISTS "+schemaLock+d.OnCluster()); err != nil {
			return fmt.Errorf("unlock schema: %w", err)
		}
		return nil
	}, nil
}
