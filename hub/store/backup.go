package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/wardscope/wardscope/hub/store/engine"
)

// backupName ends in the one archive form that the bundled engine can write.
var backupName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}\.tar\.zst$`)

// Backup writes the whole database as one file of that name and returns its
// path. Reads and inserts go on. Only the embedded form has a folder for it. It
// does not hold the tables' memory of tokens: the journal of ingest must be
// restored from the same moment, or emptied.
func (s *Store) Backup(ctx context.Context, name string) (string, error) {
	if s.engine == nil {
		return "", errors.New("backup: an external server is backed up by its own means")
	}
	if !backupName.MatchString(name) {
		return "", fmt.Errorf("backup: name %q: want letters, digits, '.', '_' and '-', and .tar.zst at its end", name)
	}
	path := filepath.Join(s.engine.BackupDir(), name)
	if _, err := os.Stat(path); err == nil {
		return "", fmt.Errorf("backup: %s exists", path)
	}
	if err := s.writer.Exec(ctx, "BACKUP DATABASE "+s.cfg.Database+" TO File("+engine.Literal(path)+")"); err != nil {
		_ = os.Remove(path) // a part of a backup is worth nothing
		return "", fmt.Errorf("backup to %s: %w", path, err)
	}
	return path, nil
}

// IngestRows counts the rows of each table that ingest writes.
func (s *Store) IngestRows(ctx context.Context) (map[string]uint64, error) {
	out := map[string]uint64{}
	err := s.read(ctx, "ingest_rows.sql", nil, nil, func(rows driver.Rows) error {
		var table string
		var n uint64
		err := rows.Scan(&table, &n)
		out[table] = n
		return err
	})
	return out, err
}

// Restore makes the database anew from a file that Backup wrote. Its data
// directory must hold no database of that name. Nothing else may have it open.
func Restore(ctx context.Context, cfg Config, path string) (err error) {
	if cfg.DataDir == "" {
		return errors.New("restore: only the embedded form can be restored")
	}
	if err := cfg.Validate(); err != nil {
		return err
	}
	path, err = filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	e, err := engine.Open(engine.Config{Library: cfg.Library, Dir: cfg.DataDir, MaxMemory: cfg.MaxMemory, BackupDir: filepath.Dir(path)})
	if err != nil {
		return err
	}
	s := &Store{cfg: cfg, engine: e}
	defer func() { err = errors.Join(err, s.Close()) }()
	if s.writer, err = s.pool("default", nil, 1); err != nil {
		return err
	}
	var n uint64
	if err := s.writer.QueryRow(ctx, "SELECT count() FROM system.databases WHERE name = "+engine.Literal(cfg.Database)).Scan(&n); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if n > 0 {
		return fmt.Errorf("restore: data directory %s already holds database %s", cfg.DataDir, cfg.Database)
	}
	if err := s.writer.Exec(ctx, "RESTORE DATABASE "+cfg.Database+" FROM File("+engine.Literal(path)+")"); err != nil {
		return fmt.Errorf("restore from %s: %w", path, err)
	}
	return nil
}
