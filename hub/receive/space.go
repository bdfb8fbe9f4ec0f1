package receive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wardscope/wardscope/internal/subject"
)

// ErrStorageStopped says that the embedded server has given up its storage: it does when a write
// fails. Only a new start brings it back.
var ErrStorageStopped = errors.New("NATS has stopped its storage, as it does when the disk is full: make room on it; a new start of the hub brings it back")

const (
	spaceEvery   = 2 * time.Second
	spaceReserve = 256 << 20 // bytes that batches leave to the journal and the database
)

// Guard looks after the embedded server's disk until the context ends, and then returns nil. While
// little room is left, the stream refuses batches as if it were full, so that sensors keep them
// and the journal can still be written. ErrStorageStopped ends it when that was not enough.
func (r *Receiver) Guard(ctx context.Context) error {
	if r.server == nil { // the disk is the cluster's
		return nil
	}
	tick := time.NewTicker(spaceEvery)
	defer tick.Stop()
	narrow := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := r.written(ctx); err != nil {
			return err
		}
		free, err := freeSpace(r.cfg.Dir)
		if err != nil {
			return err
		}
		// Half as much again before it takes batches again: not to and fro with each batch.
		if low := free < spaceReserve || narrow && free < spaceReserve*3/2; low != narrow {
			if err := r.narrow(ctx, low); err != nil {
				r.deps.Log.Warn("stream cannot be held back", slog.Any("error", err))
				continue
			}
			narrow = low
			r.deps.Log.Warn("room on the stream's disk", slog.Bool("batches_refused", low), slog.Int64("free_bytes", free))
		}
	}
}

// written says why the server's streams cannot be written any more. After a write that failed a
// stream takes nothing, and answers nobody, until the server starts again.
func (r *Receiver) written(ctx context.Context) error {
	if !r.server.JetStreamEnabled() {
		return ErrStorageStopped
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	msg, err := r.sys.RequestWithContext(ctx, subject.Health(r.server.ID()), nil)
	if err != nil { // it is busy, or ends
		return nil // the next look will tell
	}
	var answer struct {
		Data struct {
			Status string `json:"status"`
			Error  string `json:"error"`
		} `json:"data"`
	}
	if err := json.Unmarshal(msg.Data, &answer); err != nil {
		return fmt.Errorf("read health of NATS: %w", err)
	}
	if strings.Contains(answer.Data.Error, "write error") {
		return fmt.Errorf("%w (%s)", ErrStorageStopped, answer.Data.Error)
	}
	return nil
}

// narrow makes the stream refuse everything, or takes that back.
func (r *Receiver) narrow(ctx context.Context, on bool) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	cfg := r.stream()
	if on {
		cfg.MaxBytes = 1 // DiscardNew: what is there stays
	}
	if _, err := r.js.UpdateStream(ctx, cfg); err != nil {
		return fmt.Errorf("change limit of stream %s: %w", subject.Stream, err)
	}
	return nil
}

func freeSpace(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("look for room in %s: %w", dir, err)
	}
	return int64(s.Bavail) * s.Bsize, nil
}
