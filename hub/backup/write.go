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
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/wardscope/wardscope/hub/ingest"
	"github.com/wardscope/wardscope/hub/state"
)

// Store is the database; package store has it.
type Store interface {
	Backup(ctx context.Context, name string) (string, error)
	IngestRows(ctx context.Context) (map[string]uint64, error)
}

// Pauser keeps groups from being stored; package ingest has it.
type Pauser interface {
	Pause(ctx context.Context) (resume func(), err error)
}

// Source is a hub to back up.
type Source struct {
	Store  Store
	State  *state.State
	Ingest Pauser // nil: nothing is being ingested
	// Unread hands out the batches that the stream holds and the journal does not call stored.
	Unread    func(ctx context.Context, fn func(ingest.Unread) error) error
	Authority string // folder
	Knowledge string // folder of imported packs; "" or absent when there are none
	Version   string
	Now       func() time.Time
}

// pauseTime is how long groups under way may take to end.
const pauseTime = time.Minute

// Write makes a backup. A path that is a folder, or ends as one, gets a file named by the time.
// The file appears under its name when it is whole; one that exists is not replaced.
func Write(ctx context.Context, src Source, path string) (m Manifest, err error) {
	m = Manifest{Format: format, Version: src.Version, Made: src.Now().UTC(), Checksum: map[string]string{}}
	if m.Path, err = target(path, m.Made); err != nil {
		return m, err
	}
	file, err := os.OpenFile(m.Path+".part", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return m, fmt.Errorf("back up: %s.part exists: another backup is under way, or was cut off and can be removed", m.Path)
	}
	if err != nil {
		return m, fmt.Errorf("back up: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	out := bufio.NewWriterSize(file, 1<<20)
	err = fill(ctx, src, &m, tar.NewWriter(out))
	for _, step := range []func() error{out.Flush, file.Sync, file.Close} {
		if e := step(); err == nil && e != nil {
			err = fmt.Errorf("back up: %w", e)
		}
	}
	if err != nil {
		return m, err
	}
	if info, e := os.Stat(file.Name()); e == nil {
		m.Bytes = info.Size()
	}
	if err := os.Rename(file.Name(), m.Path); err != nil {
		return m, fmt.Errorf("back up: %w", err)
	}
	return m, nil
}

// target chooses the file.
func target(path string, now time.Time) (string, error) {
	info, err := os.Stat(path)
	if strings.HasSuffix(path, "/") || err == nil && info.IsDir() {
		if err := os.MkdirAll(path, 0o700); err != nil {
			return "", fmt.Errorf("back up: %w", err)
		}
		path = filepath.Join(path, "wardscope-"+now.Format("20060102T150405Z")+".tar")
	}
	switch _, err := os.Stat(path); {
	case errors.Is(err, os.ErrNotExist):
		return path, nil
	case err != nil:
		return "", fmt.Errorf("back up: %w", err)
	}
	return "", fmt.Errorf("back up: %s exists; name another file, or a folder", path)
}

// fill writes the parts while ingest stands still.
func fill(ctx context.Context, src Source, m *Manifest, out *tar.Writer) (err error) {
	begin := src.Now()
	if src.Ingest != nil {
		soon, cancel := context.WithTimeout(ctx, pauseTime)
		resume, err := src.Ingest.Pause(soon)
		cancel()
		if err != nil {
			return fmt.Errorf("back up: %w; mend the store first, `wardscope-hub doctor` says what is wrong", err)
		}
		defer resume()
	}
	m.Made = src.Now().UTC()
	if m.Rows, err = src.Store.IngestRows(ctx); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	// First, because it takes long: what arrives meanwhile is still in the batches below.
	copied, err := src.Store.Backup(ctx, "wardscope-"+m.Made.Format("20060102T150405.000000000")+".tar.zst")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(copied)) }()
	w := &writer{tar: out, m: m}
	entries, err := src.State.Export(ctx)
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	m.Entries = len(entries)
	if err := w.document(stateName, entries); err != nil {
		return err
	}
	if err := w.batches(ctx, src, filepath.Dir(copied)); err != nil {
		return err
	}
	m.Paused = src.Now().Sub(begin)
	if err := w.folder(authorityDir, src.Authority); err != nil {
		return err
	}
	if _, err := os.Stat(src.Knowledge); err == nil {
		if err := w.folder(knowledgeDir, src.Knowledge); err != nil {
			return err
		}
	}
	if err := w.file(storeName, copied); err != nil {
		return err
	}
	if err := w.document(manifestName, m); err != nil {
		return err
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return nil
}

// writer adds parts and their checksums.
type writer struct {
	tar *tar.Writer
	m   *Manifest
}

func (w *writer) add(name string, size int64, from io.Reader) error {
	if err := w.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, ModTime: w.m.Made}); err != nil {
		return fmt.Errorf("back up %s: %w", name, err)
	}
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(w.tar, sum), from); err != nil {
		return fmt.Errorf("back up %s: %w", name, err)
	}
	w.m.Checksum[name] = hex.EncodeToString(sum.Sum(nil))
	return nil
}

func (w *writer) document(name string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("back up %s: %w", name, err)
	}
	return w.add(name, int64(len(text)), strings.NewReader(string(text)))
}

func (w *writer) file(name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("back up %s: %w", name, err)
	}
	defer f.Close() //nolint:errcheck // only read
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("back up %s: %w", name, err)
	}
	return w.add(name, info.Size(), f)
}

// folder adds the plain files of a folder.
func (w *writer) folder(name, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("back up %s: %w", name, err)
	}
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue
		}
		if err := w.file(name+e.Name(), filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// batches goes through a file, because a tar wants to know sizes first and these may be gigabytes.
func (w *writer) batches(ctx context.Context, src Source, dir string) (err error) {
	f, err := os.CreateTemp(dir, "batches-*")
	if err != nil {
		return fmt.Errorf("back up batches: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	buffered := bufio.NewWriterSize(f, 1<<20)
	line := json.NewEncoder(buffered)
	err = src.Unread(ctx, func(u ingest.Unread) error {
		w.m.Batches++
		return line.Encode(u)
	})
	if err == nil {
		err = buffered.Flush()
	}
	if err != nil {
		return fmt.Errorf("back up batches: %w", err)
	}
	return w.file(batchesName, f.Name())
}
