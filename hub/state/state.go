package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/wardscope/wardscope/internal/subject"
)

// Decisions of the caller.
var (
	// ErrConflict says that somebody changed the document since it was read.
	ErrConflict = errors.New("changed by somebody else since it was read")
	// ErrNotFound says that there is no such document.
	ErrNotFound = errors.New("not found")
	// ErrExists says that there is such a document already.
	ErrExists = errors.New("exists already")
)

// Config says how the buckets are made.
type Config struct {
	Replicas int // copies of each bucket; 1 on the embedded server, 3 on a cluster
}

// history is how many revisions of a declaration stay readable; 64 is the most that a bucket keeps.
const history = 64

// State is the hub's control state.
type State struct {
	js      jetstream.JetStream
	control jetstream.KeyValue
	ingest  jetstream.KeyValue
	lease   jetstream.KeyValue
	support jetstream.KeyValue
}

// Open makes the buckets where they are missing. Settings of existing ones stay.
func Open(ctx context.Context, js jetstream.JetStream, cfg Config) (*State, error) {
	s := &State{js: js}
	for _, b := range []struct {
		into *jetstream.KeyValue
		cfg  jetstream.KeyValueConfig
	}{
		{&s.control, jetstream.KeyValueConfig{Bucket: subject.BucketControl, History: history, Description: "sites, zones, sensors, deny list"}},
		{&s.ingest, jetstream.KeyValueConfig{Bucket: subject.BucketIngest, History: 1, Description: "journal of ingest, one record a partition"}},
		// LimitMarkerTTL is what allows a key to expire by itself.
		{&s.lease, jetstream.KeyValueConfig{Bucket: subject.BucketLease, History: 1, LimitMarkerTTL: time.Second, Description: "owners of partitions"}},
	} {
		b.cfg.Replicas, b.cfg.Storage = max(cfg.Replicas, 1), jetstream.FileStorage
		kv, err := js.KeyValue(ctx, b.cfg.Bucket)
		if errors.Is(err, jetstream.ErrBucketNotFound) {
			kv, err = js.CreateOrUpdateKeyValue(ctx, b.cfg)
		}
		if err != nil {
			return nil, fmt.Errorf("open bucket %s: %w", b.cfg.Bucket, err)
		}
		*b.into = kv
	}
	return s, s.openSupport(ctx, max(cfg.Replicas, 1))
}

// get reads a document; ErrNotFound when there is none.
func get[T any](ctx context.Context, kv jetstream.KeyValue, key string) (v T, revision uint64, err error) {
	e, err := kv.Get(ctx, key)
	if err != nil {
		return v, 0, fmt.Errorf("read %s: %w", key, plain(err))
	}
	if err := json.Unmarshal(e.Value(), &v); err != nil {
		return v, 0, fmt.Errorf("read %s: %w", key, err)
	}
	return v, e.Revision(), nil
}

// put replaces the document of a revision; revision 0 means that there must be none.
func put[T any](ctx context.Context, kv jetstream.KeyValue, key string, v T, revision uint64) (uint64, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", key, err)
	}
	return putBytes(ctx, kv, key, text, revision)
}

func putBytes(ctx context.Context, kv jetstream.KeyValue, key string, text []byte, revision uint64) (next uint64, err error) {
	if revision == 0 {
		next, err = kv.Create(ctx, key, text)
	} else {
		next, err = kv.Update(ctx, key, text, revision)
	}
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", key, plain(err))
	}
	return next, nil
}

// replace writes a document over the expected revision, or over whatever is there when expected is 0.
func replace[T any](ctx context.Context, kv jetstream.KeyValue, key string, v T, expected uint64) (uint64, error) {
	if expected != 0 {
		return put(ctx, kv, key, v, expected)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", key, err)
	}
	next, err := kv.Put(ctx, key, text)
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", key, err)
	}
	return next, nil
}

// rewatch is the pause after a watch that the server ended or was too busy to begin.
const rewatch = time.Second

// watch calls fn with each value of key, the present one first (a zero value and revision 0
// when there is none), until the context ends, and then returns nil. A watch that breaks off
// begins anew, with the present value: a busy server must not end the hub. Only a value that
// cannot be read ends it.
func watch[T any](ctx context.Context, kv jetstream.KeyValue, key string, fn func(v T, revision uint64)) error {
	for {
		err := watchOnce(ctx, kv, key, fn)
		var syntax *json.SyntaxError
		var kind *json.UnmarshalTypeError
		if errors.As(err, &syntax) || errors.As(err, &kind) {
			return err
		}
		t := time.NewTimer(rewatch)
		select {
		case <-ctx.Done():
			t.Stop()
			return nil
		case <-t.C:
		}
	}
}

// watchOnce returns nil when the context has ended.
func watchOnce[T any](ctx context.Context, kv jetstream.KeyValue, key string, fn func(v T, revision uint64)) error {
	w, err := kv.Watch(ctx, key)
	if err != nil {
		return fmt.Errorf("watch %s: %w", key, err)
	}
	defer func() { _ = w.Stop() }()
	for seen := false; ; {
		select {
		case <-ctx.Done():
			return nil
		case e, open := <-w.Updates():
			var v T
			switch {
			case !open:
				return fmt.Errorf("watch %s: the server closed it", key)
			case e == nil: // all present values have come
				if !seen {
					fn(v, 0)
				}
			case e.Operation() != jetstream.KeyValuePut:
				fn(v, 0)
			default:
				seen = true
				if err := json.Unmarshal(e.Value(), &v); err != nil {
					return fmt.Errorf("watch %s: %w", key, err)
				}
				fn(v, e.Revision())
			}
		}
	}
}

// list reads all documents under a wildcard, in no order.
func list[T any](ctx context.Context, kv jetstream.KeyValue, keys string) (out []T, err error) {
	w, err := kv.Watch(ctx, keys, jetstream.IgnoreDeletes())
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", keys, err)
	}
	defer func() { _ = w.Stop() }()
	for {
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("list %s: %w", keys, ctx.Err())
		case e, open := <-w.Updates():
			if !open {
				return nil, fmt.Errorf("list %s: the server closed the listing", keys)
			}
			if e == nil {
				return out, nil
			}
			var v T
			if err := json.Unmarshal(e.Value(), &v); err != nil {
				return nil, fmt.Errorf("list %s: %s: %w", keys, e.Key(), err)
			}
			out = append(out, v)
		}
	}
}

// plain replaces the client library's errors that are decisions by ours.
func plain(err error) error {
	switch {
	case errors.Is(err, jetstream.ErrKeyNotFound), errors.Is(err, jetstream.ErrKeyDeleted):
		return ErrNotFound
	case errors.Is(err, jetstream.ErrKeyRevisionMismatch), errors.Is(err, jetstream.ErrKeyExists):
		return ErrConflict
	}
	return err
}
