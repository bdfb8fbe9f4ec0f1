package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
)

// Config bounds a group and says how long things may take.
type Config struct {
	Instance      string        // name of this hub; a restarted hub of the same name takes its partitions back at once
	MaxRows       int           // rows of a group; one batch more may be in it
	MaxBytes      int           // compressed bytes of a group; one batch more may be in it
	Linger        time.Duration // how long a group is kept open for more batches, at least
	LeaseTTL      time.Duration // after which another hub takes a dead one's partitions
	InsertTimeout time.Duration // one attempt to store a group
	RetryMin      time.Duration // first pause after a refused insert; doubles up to RetryMax
	RetryMax      time.Duration
	Slots         int           // groups that are decoded and inserted at a time
	Keep          time.Duration // how long stored batches stay in the stream, for ingesting anew
	KeepShare     float64       // share of the stream that stored batches may fill
	TrimEvery     time.Duration
}

// maxLinger is how long a group is kept open at most, however slow the store is.
const maxLinger = 5 * time.Second

// DefaultConfig suits one hub on a small machine.
func DefaultConfig() Config {
	return Config{
		Instance: "hub", MaxRows: 50_000, MaxBytes: 1 << 20, Linger: time.Second, LeaseTTL: 30 * time.Second,
		InsertTimeout: 2 * time.Minute, RetryMin: 500 * time.Millisecond, RetryMax: 30 * time.Second,
		Slots: 3, Keep: 24 * time.Hour, KeepShare: 0.5, TrimEvery: time.Minute,
	}
}

// Validate reports all faults at once.
func (c Config) Validate() error {
	var errs []error
	if c.Instance == "" {
		errs = append(errs, errors.New("ingest.instance: is empty"))
	}
	for _, f := range []struct {
		key      string
		got, min int64
	}{
		{"max_rows", int64(c.MaxRows), 1}, {"max_bytes", int64(c.MaxBytes), 1}, {"slots", int64(c.Slots), 1},
		{"linger", int64(c.Linger), 0}, {"lease_ttl", int64(c.LeaseTTL), int64(time.Second)}, {"insert_timeout", int64(c.InsertTimeout), 1},
		{"retry_min", int64(c.RetryMin), 1}, {"retry_max", int64(c.RetryMax), int64(c.RetryMin)}, {"trim_every", int64(c.TrimEvery), 1},
		{"keep", int64(c.Keep), 0},
	} {
		if f.got < f.min {
			errs = append(errs, fmt.Errorf("ingest.%s: %d is under %d", f.key, f.got, f.min))
		}
	}
	if c.KeepShare < 0 || c.KeepShare > 0.9 {
		errs = append(errs, fmt.Errorf("ingest.keep_share: %g is not 0 to 0.9", c.KeepShare))
	}
	return errors.Join(errs...)
}

// Store takes groups. The same token with the same rows again must change nothing.
type Store interface {
	InsertGroup(ctx context.Context, g store.Group) error
}

// Deps is what ingest works with.
type Deps struct {
	JetStream jetstream.JetStream
	State     *state.State
	Store     Store
	Committed func(Commit) // called after each stored group by many goroutines; must not block; may be nil
	Log       *slog.Logger
}

// Commit tells of a group that is stored.
type Commit struct {
	Partition  int
	Batches    int       // stored ones, those in quarantine included
	Duplicates int       // batches that were there already
	Quarantine int       // batches that could not be read
	Rows       int       // events stored
	Received   time.Time // when the stream got the last batch
}
