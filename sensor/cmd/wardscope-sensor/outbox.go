package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/pipeline"
	"github.com/wardscope/wardscope/sensor/spool"
	"github.com/wardscope/wardscope/sensor/uplink"
)

// outbox is where batches wait for the hub: on disk iff the configuration names a folder.
type outbox interface {
	pipeline.Outbox
	uplink.Outbox
	Close()
	Held() spool.Held
	Totals() spool.Totals
}

// waiting is an outbox with what its kind needs around it.
type waiting struct {
	outbox
	epoch uint64
	disk  *spool.Queue // nil: in memory
}

func openOutbox(s *settings, log *slog.Logger) (waiting, error) {
	if s.Spool.Dir == "" {
		memory, err := uplink.NewMemory(int(s.Limits.UplinkQueue))
		return waiting{outbox: memory, epoch: uint64(time.Now().UnixNano())}, err
	}
	q, err := spool.Open(s.spool(), spool.Deps{Log: log})
	switch {
	case errors.Is(err, spool.ErrLocked):
		return waiting{}, &codedError{code: exitLocked, err: err}
	case errors.Is(err, spool.ErrForeign):
		return waiting{}, &codedError{code: exitUsage, err: err}
	case err != nil:
		return waiting{}, &codedError{code: exitMissing, err: fmt.Errorf("%w; spool.dir must be a folder on a disk that the sensor may write", err)}
	}
	return waiting{outbox: q, epoch: q.Epoch(), disk: q}, nil
}

func (s *settings) spool() spool.Config {
	c := spool.DefaultConfig()
	c.Dir, c.MaxBytes, c.Fsync = s.beside(s.Spool.Dir), int64(s.Spool.MaxBytes), s.Spool.Fsync
	c.Site, c.Sensor, c.Version = model.SiteID(s.Site), model.SensorID(s.Sensor), version
	c.Reach = s.stages().Track.ActiveTimeout + pipeline.FlushEvery
	return c
}

// run does what has to happen beside Put and Next.
func (w waiting) run(ctx context.Context, feeds []pipeline.Feed) error {
	if w.disk == nil {
		return nil
	}
	return w.disk.Run(ctx, func() []spool.Counter { return counted(feeds) })
}

// counted sums the packets of live sources by domain; those of files are known from the files.
func counted(feeds []pipeline.Feed) (out []spool.Counter) {
	at := map[model.DomainID]int{}
	for _, f := range feeds {
		if !f.Live {
			continue
		}
		i, ok := at[f.Domain]
		if !ok {
			i = len(out)
			at[f.Domain] = i
			out = append(out, spool.Counter{Domain: f.Domain})
		}
		out[i].Packets += f.Source.Stats().Frames
	}
	return out
}

// shut ends the outbox. What a disk holds waits for the next start.
func (w waiting) shut() error {
	if w.disk == nil {
		return nil
	}
	return w.disk.Shut()
}

// drainTime is how long a stopping sensor waits for the hub to take what it still holds.
func (w waiting) drainTime() time.Duration {
	if w.disk != nil {
		return 5 * time.Second
	}
	return 15 * time.Second
}

// left says what the hub has not taken when the time is over: an error iff that is lost.
func (w waiting) left(hub, fault string, log *slog.Logger) error {
	held := w.Held()
	if w.disk != nil {
		log.Info("batches wait on disk for the next start", slog.Int("batches", held.Batches), slog.Int("events", held.Events), slog.String("fault", fault))
		return nil
	}
	return &codedError{code: exitMissing, err: fmt.Errorf("the hub at %s did not take the last %d batches with %d events (%s); they are lost", hub, held.Batches, held.Events, fault)}
}

// ceilingOfQueue is how many octets may wait for the hub.
func (s *settings) ceilingOfQueue() uint64 {
	if s.Spool.Dir != "" {
		return uint64(s.Spool.MaxBytes)
	}
	return uint64(s.Limits.UplinkQueue)
}

func (s *settings) ceiling() *uplink.Ceiling {
	var windows []uplink.Window
	for _, r := range s.Uplink.Rate {
		windows = append(windows, uplink.Window{From: r.From, To: r.To, Max: int64(r.Max)})
	}
	return uplink.NewCeiling(windows)
}
