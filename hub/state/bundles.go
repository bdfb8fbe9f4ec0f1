package state

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/subject"
)

// Bounds of the bucket of support bundles: each is kept for a day, and no sensor can fill the disk.
const (
	bundleLife = 24 * time.Hour
	bundleMax  = 512 << 10 // one, as JSON
	bundlesMax = 128 << 20 // all
)

// Bundle is a support bundle that a sensor sent.
type Bundle struct {
	Sensor   model.SensorID `json:"sensor"`
	Number   uint64         `json:"number"` // under which it was asked for
	Received time.Time      `json:"received"`
	Archive  []byte         `json:"archive"`
}

// KeepBundle keeps a sensor's bundle in place of the one before, and asks for it no more.
func (s *State) KeepBundle(ctx context.Context, b Bundle) error {
	w, err := s.Wish(ctx, b.Sensor)
	if err != nil || w.Bundle != b.Number {
		return err // it was not asked for, or has come already
	}
	if _, err := replace(ctx, s.support, subject.BundleKey(b.Sensor), b, 0); err != nil {
		return err
	}
	return s.ChangeWish(ctx, b.Sensor, func(w *Wish) {
		if w.Bundle == b.Number {
			w.Bundle = 0
		}
	})
}

// Bundle reads the last bundle of a sensor, or ErrNotFound.
func (s *State) Bundle(ctx context.Context, id model.SensorID) (Bundle, error) {
	b, _, err := get[Bundle](ctx, s.support, subject.BundleKey(id))
	return b, err
}

// openSupport makes the bucket of support bundles, which no backup needs.
func (s *State) openSupport(ctx context.Context, replicas int) error {
	cfg := jetstream.KeyValueConfig{
		Bucket: subject.BucketSupport, History: 1, TTL: bundleLife, MaxBytes: bundlesMax, MaxValueSize: bundleMax, Replicas: replicas,
		Storage: jetstream.FileStorage, Description: "support bundles of sensors, for a day",
	}
	kv, err := s.js.KeyValue(ctx, cfg.Bucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		kv, err = s.js.CreateOrUpdateKeyValue(ctx, cfg)
	}
	if err != nil {
		return fmt.Errorf("open bucket %s: %w", cfg.Bucket, err)
	}
	s.support = kv
	return nil
}
