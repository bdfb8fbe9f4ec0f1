package ingest

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/wardscope/wardscope/internal/subject"
)

// mark says that everything up to a sequence had been stored at a time.
type mark struct {
	at        time.Time
	committed uint64
}

// trimmer removes stored batches from the stream when they are old or fill it.
func (in *Ingest) trimmer(ctx context.Context) {
	tick := time.NewTicker(in.cfg.TrimEvery)
	defer tick.Stop()
	var marks [subject.Partitions][]mark
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if err := in.trim(ctx, now, &marks); err != nil && ctx.Err() == nil {
				in.deps.Log.Warn("stream not trimmed", slog.Any("error", err))
			}
		}
	}
}

func (in *Ingest) trim(ctx context.Context, now time.Time, marks *[subject.Partitions][]mark) error {
	stream, err := in.deps.JetStream.Stream(ctx, subject.Stream)
	if err != nil {
		return fmt.Errorf("ask stream %s: %w", subject.Stream, err)
	}
	info := stream.CachedInfo()
	pressed := float64(info.State.Bytes) > in.cfg.KeepShare*float64(info.Config.MaxBytes)
	for _, s := range in.Status() {
		if !s.Owned || s.Committed == 0 {
			continue
		}
		upTo := old(&marks[s.Partition], now.Add(-in.cfg.Keep), mark{now, s.Committed})
		if pressed {
			upTo = s.Committed
		}
		if upTo < info.State.FirstSeq {
			continue
		}
		// Exclusive: the last stored message stays, by which the journal knows the stream again.
		err := stream.Purge(ctx, jetstream.WithPurgeSubject(subject.Partition(s.Partition)), jetstream.WithPurgeSequence(upTo))
		if err != nil {
			return fmt.Errorf("trim partition %d: %w", s.Partition, err)
		}
	}
	return nil
}

// old adds a mark and returns the sequence up to which all was stored before limit; 0 when none.
// One mark an hour is kept, so a day of them is short.
func old(marks *[]mark, limit time.Time, latest mark) (upTo uint64) {
	list := *marks
	if n := len(list); n == 0 || latest.at.Sub(list[n-1].at) >= time.Hour || limit.After(list[n-1].at) {
		list = append(list, latest)
	}
	for len(list) > 0 && !list[0].at.After(limit) {
		upTo, list = list[0].committed, list[1:]
	}
	*marks = list
	return upTo
}
