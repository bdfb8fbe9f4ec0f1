package wiring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"time"

	"github.com/wardscope/wardscope/hub/backup"
	"github.com/wardscope/wardscope/hub/ingest"
	"github.com/wardscope/wardscope/hub/receive"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/hub/wiring/socket"
)

// BackupRequest asks a running hub for a backup.
type BackupRequest struct {
	To string `json:"to"` // absolute: a folder or a file
}

// BackupResult tells of a backup that was made.
type BackupResult struct {
	Path     string          `json:"path"`
	Bytes    int64           `json:"bytes"`
	Manifest backup.Manifest `json:"manifest"`
	Running  bool            `json:"running"` // made by a running hub
}

func (h *Hub) answerBackup(w http.ResponseWriter, r *http.Request) {
	var ask BackupRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&ask); err != nil {
		reply(w, nil, fmt.Errorf("back up: read request: %w", err))
		return
	}
	if !filepath.IsAbs(ask.To) {
		reply(w, nil, fmt.Errorf("back up: %q is no absolute path", ask.To))
		return
	}
	m, err := backup.Write(r.Context(), h.source(), ask.To)
	if err == nil {
		h.log.Info("backup made", slog.String("path", m.Path), slog.Int64("bytes", m.Bytes), slog.Duration("ingest_paused", m.Paused))
	}
	reply(w, BackupResult{Path: m.Path, Bytes: m.Bytes, Manifest: m, Running: true}, err)
}

func (h *Hub) source() backup.Source {
	s := backup.Source{
		Store: h.store, State: h.state, Authority: filepath.Join(h.cfg.DataDir, authorityDir), Version: h.version, Now: time.Now,
		Knowledge: h.cfg.packs(),
		Unread: func(ctx context.Context, fn func(ingest.Unread) error) error {
			return ingest.EachUnread(ctx, h.receiver.JetStream(), h.state, fn)
		},
	}
	if h.ingest != nil {
		s.Ingest = h.ingest
	}
	return s
}

// Backup makes a backup of the hub on the data directory, running or stopped, in a folder or file.
func Backup(ctx context.Context, cfg *Config, to, version string, log *slog.Logger) (out BackupResult, err error) {
	if to, err = absolute(to); err != nil {
		return out, err
	}
	err = socket.Ask(ctx, cfg.DataDir, http.MethodPost, "/backup", BackupRequest{To: to}, &out)
	if !errors.Is(err, socket.ErrStopped) {
		return out, err
	}
	h := &Hub{cfg: cfg, log: log, version: version}
	defer func() { err = errors.Join(err, h.Close()) }()
	if err := h.openStopped(ctx); err != nil {
		return out, err
	}
	out.Manifest, err = backup.Write(ctx, h.source(), to)
	out.Path, out.Bytes = out.Manifest.Path, out.Manifest.Bytes
	return out, err
}

// absolute keeps what says that a path is a folder.
func absolute(path string) (string, error) {
	if path == "" {
		return "", errors.New("back up: --to names no file or folder")
	}
	out, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("back up: %w", err)
	}
	if path[len(path)-1] == '/' {
		out += "/"
	}
	return out, nil
}

// openStopped opens what holds data, without what answers anybody.
func (h *Hub) openStopped(ctx context.Context) (err error) {
	if h.cfg.DataDir, err = filepath.Abs(h.cfg.DataDir); err != nil {
		return fmt.Errorf("find data directory: %w", err)
	}
	if h.store, err = store.Open(ctx, h.cfg.store()); err != nil {
		return err
	}
	if h.authority, err = h.cfg.openAuthority(); err != nil {
		return err
	}
	cfg := h.cfg.receive()
	cfg.Listen = "127.0.0.1:0" // sensors shall not find it
	receiver, err := receive.New(cfg, receive.Deps{Authority: h.authority, Log: h.log, Now: time.Now})
	if err != nil {
		return err
	}
	if err := receiver.Start(ctx); err != nil {
		return err
	}
	h.receiver = receiver
	h.state, err = state.Open(ctx, receiver.JetStream(), state.Config{Replicas: cfg.Replicas})
	return err
}

// Restore makes a hub in an empty data directory.
func Restore(ctx context.Context, cfg *Config, from string, log *slog.Logger) (backup.Manifest, error) {
	dir, err := filepath.Abs(cfg.DataDir)
	if err != nil {
		return backup.Manifest{}, fmt.Errorf("find data directory: %w", err)
	}
	cfg.DataDir = dir
	packs := ""
	if cfg.Knowledge.Dir == "" { // else they lie outside of the data directory, and stay what they are
		packs = cfg.packs()
	}
	passphrases, err := cfg.Authority.passphrases()
	if err != nil {
		return backup.Manifest{}, err
	}
	return backup.Restore(ctx, from, backup.Target{
		Passphrases: passphrases, Dir: dir, Authority: filepath.Join(dir, authorityDir), Knowledge: packs, Store: cfg.store(), Receive: cfg.receive(), Log: log,
	})
}
