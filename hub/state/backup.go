package state

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/wardscope/wardscope/internal/subject"
)

// Entry is one document of control state or of the journal, as stored.
type Entry struct {
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
	Value  []byte `json:"value"`
}

// Export reads everything that a backup needs: all that was declared, and the journal's records.
// Pinned declarations are left out: they matter to a group under way, which a backup never has.
func (s *State) Export(ctx context.Context) ([]Entry, error) {
	var out []Entry
	for _, kv := range []jetstream.KeyValue{s.control, s.ingest} {
		if err := export(ctx, kv, func(e Entry) {
			if e.Bucket != subject.BucketIngest || journalKey(e.Key) {
				out = append(out, e)
			}
		}); err != nil {
			return nil, fmt.Errorf("export %s: %w", kv.Bucket(), err)
		}
	}
	return out, nil
}

func export(ctx context.Context, kv jetstream.KeyValue, fn func(Entry)) error {
	w, err := kv.WatchAll(ctx, jetstream.IgnoreDeletes())
	if err != nil {
		return err
	}
	defer func() { _ = w.Stop() }()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e, open := <-w.Updates():
			if !open {
				return errors.New("the server closed the listing")
			}
			if e == nil { // all present values have come
				return nil
			}
			fn(Entry{Bucket: kv.Bucket(), Key: e.Key(), Value: e.Value()})
		}
	}
}

func journalKey(key string) bool { return !strings.Contains(key, ".") }

// Import writes what Export read into empty buckets; ErrConflict when a key is there already.
func (s *State) Import(ctx context.Context, entries []Entry) error {
	for _, e := range entries {
		var kv jetstream.KeyValue
		switch e.Bucket {
		case subject.BucketControl:
			kv = s.control
		case subject.BucketIngest:
			kv = s.ingest
		default:
			return fmt.Errorf("import %s: this version knows no bucket %q", e.Key, e.Bucket)
		}
		if _, err := putBytes(ctx, kv, e.Key, e.Value, 0); err != nil {
			return err
		}
	}
	return nil
}
