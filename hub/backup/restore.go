package backup

import (
	"archive/tar"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/wardscope/wardscope/hub/ingest"
	"github.com/wardscope/wardscope/hub/receive"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/mtls"
)

// Target is where a hub is made: the folders of an empty data directory.
type Target struct {
	Dir       string // the data directory itself
	Authority string // folder below it
	// Passphrases open the authority's key; none when the folder has its own.
	Passphrases [][]byte
	Knowledge   string // folder below it for imported packs; "" leaves those of the backup out
	Store       store.Config
	Receive     receive.Config
	Log         *slog.Logger
}

// Restore makes a hub of a backup. Nobody else may use the target. After an error the target is
// as empty as before.
func Restore(ctx context.Context, path string, to Target) (m Manifest, err error) {
	if to.Receive.External != nil || to.Store.DSN != "" {
		return m, errors.New("restore: only a hub with the embedded engine and the embedded NATS server can be restored; servers outside of it have means of their own")
	}
	if err := empty(to.Dir); err != nil {
		return m, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, wipe(to.Dir))
		}
	}()
	staging := filepath.Join(to.Dir, "restoring")
	for _, folder := range []string{authorityDir, knowledgeDir} {
		if err := os.MkdirAll(filepath.Join(staging, folder), 0o700); err != nil {
			return m, fmt.Errorf("restore: %w", err)
		}
	}
	if m, err = extract(path, staging); err != nil {
		return m, err
	}
	if err := os.Rename(filepath.Join(staging, authorityDir), to.Authority); err != nil {
		return m, fmt.Errorf("restore: %w", err)
	}
	if to.Knowledge != "" {
		if err := os.Rename(filepath.Join(staging, knowledgeDir), to.Knowledge); err != nil {
			return m, fmt.Errorf("restore: %w", err)
		}
	}
	if err := store.Restore(ctx, to.Store, filepath.Join(staging, storeName)); err != nil {
		return m, err
	}
	if err := prove(ctx, to.Store, m); err != nil {
		return m, err
	}
	if err := restoreStream(ctx, staging, to, m); err != nil {
		return m, err
	}
	if err := os.RemoveAll(staging); err != nil {
		return m, fmt.Errorf("restore: %w", err)
	}
	return m, nil
}

// empty refuses a folder that holds anything.
func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("restore into %s: %w: it holds %s; name another folder with --data-dir, or move this one away", dir, ErrNotEmpty, entries[0].Name())
	}
	return nil
}

// wipe empties the folder that was empty before.
func wipe(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
	return err
}

// extract unpacks and checks everything before anything is made of it.
func extract(path, into string) (m Manifest, err error) {
	f, err := os.Open(path)
	if err != nil {
		return m, fmt.Errorf("restore: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	sums := map[string]string{}
	for in := tar.NewReader(bufio.NewReaderSize(f, 1<<20)); ; {
		head, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return m, fmt.Errorf("restore: %s is %w: %w", path, ErrDamaged, err)
		}
		if !known(head.Name) {
			return m, fmt.Errorf("restore: %s is %w: it holds %q", path, ErrDamaged, head.Name)
		}
		if sums[head.Name], err = unpack(in, filepath.Join(into, head.Name)); err != nil {
			return m, fmt.Errorf("restore: unpack %s of %s: %w", head.Name, path, err)
		}
	}
	text, err := os.ReadFile(filepath.Join(into, manifestName))
	if err != nil {
		return m, fmt.Errorf("restore: %s is %w: it was cut off", path, ErrDamaged)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("restore: %s is %w: manifest: %w", path, ErrDamaged, err)
	}
	if m.Format != format {
		return m, fmt.Errorf("restore: %s has layout %d, and this version knows %d: restore it with version %s", path, m.Format, format, m.Version)
	}
	for name, want := range m.Checksum {
		if sums[name] != want {
			return m, fmt.Errorf("restore: %s is %w: %s has another checksum than when it was written", path, ErrDamaged, name)
		}
	}
	return m, nil
}

// known keeps a forged file from writing outside of the folder.
func known(name string) bool {
	for _, folder := range []string{authorityDir, knowledgeDir} {
		if file, ok := strings.CutPrefix(name, folder); ok {
			return file != "" && file != "." && file != ".." && filepath.Base(file) == file
		}
	}
	return slices.Contains([]string{storeName, stateName, batchesName, manifestName}, name)
}

func unpack(from io.Reader, path string) (sum string, err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(f, h), from)
	return hex.EncodeToString(h.Sum(nil)), errors.Join(err, f.Close())
}

// prove opens the restored database and compares its counts. Opening brings tables of an older
// version up to date.
func prove(ctx context.Context, cfg store.Config, m Manifest) (err error) {
	s, err := store.Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	rows, err := s.IngestRows(ctx)
	if err != nil {
		return err
	}
	for table, want := range m.Rows {
		if rows[table] != want {
			return fmt.Errorf("restore: table %s has %d rows, the backup was made of %d", table, rows[table], want)
		}
	}
	return nil
}

// restoreStream gives the declarations, the journal and the batches to a new stream. It listens
// where no sensor looks.
func restoreStream(ctx context.Context, staging string, to Target, m Manifest) error {
	authority, err := mtls.Folder{Dir: to.Authority, Name: "Wardscope", Passphrases: to.Passphrases}.Open(time.Now())
	if err != nil {
		return err
	}
	cfg := to.Receive
	cfg.Listen = "127.0.0.1:0"
	rx, err := receive.New(cfg, receive.Deps{Authority: authority, Log: to.Log, Now: time.Now})
	if err != nil {
		return err
	}
	if err := rx.Start(ctx); err != nil {
		return err
	}
	defer rx.Close()
	st, err := state.Open(ctx, rx.JetStream(), state.Config{Replicas: 1})
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(staging, stateName))
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	var entries []state.Entry
	if err := json.Unmarshal(text, &entries); err != nil {
		return fmt.Errorf("restore: control state is %w: %w", ErrDamaged, err)
	}
	if len(entries) != m.Entries {
		return fmt.Errorf("restore: control state is %w: %d of %d documents", ErrDamaged, len(entries), m.Entries)
	}
	if err := st.Import(ctx, entries); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	f, err := os.Open(filepath.Join(staging, batchesName))
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	lines := json.NewDecoder(bufio.NewReaderSize(f, 1<<20))
	for n := uint64(0); ; n++ {
		var u ingest.Unread
		switch err := lines.Decode(&u); {
		case errors.Is(err, io.EOF) && n == m.Batches:
			return nil
		case err != nil:
			return fmt.Errorf("restore: batch %d of %d is %w: %w", n+1, m.Batches, ErrDamaged, err)
		}
		if err := ingest.PutUnread(ctx, rx.JetStream(), u); err != nil {
			return fmt.Errorf("restore: %w", err)
		}
	}
}
