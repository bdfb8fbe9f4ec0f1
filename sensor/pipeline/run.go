package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/observe"
	"github.com/wardscope/wardscope/sensor/track"
)

// Identity is who a sensor is.
type Identity struct {
	Site    model.SiteID
	Sensor  model.SensorID
	Epoch   uint64 // of this boot
	Version string
}

// Outbox takes sealed batches on their way to the hub. Put never blocks: an outbox that is full
// drops its oldest batch and says so by Losses.
type Outbox interface {
	Put(b observe.Sealed)
	Losses() []model.Loss
}

// Feed is a capture source with what the sensor has to know of it.
type Feed struct {
	Source capture.Source
	Domain model.DomainID
	Live   bool // frames come in real time and cannot wait
}

// RunDeps is what Run works with.
type RunDeps struct {
	Feeds      []Feed
	Outbox     Outbox
	Log        *slog.Logger
	Interfaces func() []model.Interface // whether each capture interface could transmit; nil for none
	Offset     func() time.Duration     // sensor clock minus hub clock; nil for unknown
}

// FlushEvery is the longest time that an event stays in memory before it is sealed.
const FlushEvery = 5 * time.Second

const queuedChunks = 16

// Run takes every feed through its shard until all have ended or ctx does, and hands sealed
// batches to the outbox. On return everything that was seen is in the outbox.
func Run(ctx context.Context, cfg Config, id Identity, deps RunDeps) error {
	return run(ctx, cfg, id, deps, nil)
}

func run(ctx context.Context, cfg Config, id Identity, deps RunDeps, tally *Summary) error {
	sealer, err := observe.NewSealer(id.Site, id.Sensor, id.Epoch, id.Version)
	if err != nil {
		return err
	}
	seed := track.NewSeed()
	full := make(chan *chunk, queuedChunks)
	free := make(chan *chunk, queuedChunks)
	for range queuedChunks {
		free <- &chunk{}
	}
	group, groupCtx := errgroup.WithContext(ctx)
	var starts []func() error
	var all []*shard
	for _, feed := range deps.Feeds {
		workers := max(1, cfg.Workers)
		if feed.Live {
			workers = 1 // the kernel shares a live source out: there is one feed a worker
		}
		shards, outs := make([]*shard, workers), make([]*chunks, workers)
		for i := range shards {
			outs[i] = &chunks{open: &chunk{}, full: full, free: free, wait: !feed.Live}
			if shards[i], err = newShard(cfg, seed, outs[i]); err != nil {
				return err
			}
			shards[i].log = deps.Log
		}
		all = append(all, shards...)
		if len(shards) == 1 {
			starts = append(starts, func() error { return runShard(groupCtx, shards[0], outs[0], feed) })
			continue
		}
		starts = append(starts, func() error { return runShards(groupCtx, cfg, seed, shards, outs, feed) })
	}
	for _, start := range starts {
		group.Go(start)
	}
	loop := &sealLoop{sealer: sealer, deps: deps, full: full, free: free, drops: map[model.DomainID][]model.Drop{}, tally: tally}
	sealed := make(chan error, 1)
	go func() { sealed <- loop.run() }()
	err = group.Wait()
	close(full)
	if tally != nil {
		tally.faults(all)
	}
	return errors.Join(err, <-sealed)
}

// runShards shares a source's packets out to shards.
func runShards(ctx context.Context, cfg Config, seed track.Seed, shards []*shard, outs []*chunks, feed Feed) error {
	err := spread(ctx, cfg, seed, shards, feed.Source)
	for i, s := range shards {
		s.finish()
		outs[i].end()
	}
	if ctx.Err() == nil {
		return err
	}
	return nil // to be stopped is no fault
}

func runShard(ctx context.Context, s *shard, out *chunks, feed Feed) error {
	defer out.end()
	defer s.finish()
	beside, _ := feed.Source.(capture.Grouper)
	meter := &dropMeter{feed: feed}
	next := int64(0)
	for n := 0; ; n++ {
		if n&63 == 0 && ctx.Err() != nil {
			return nil
		}
		err := s.next(feed.Source, beside)
		switch {
		case err == nil:
		case errors.Is(err, capture.ErrTimeout):
			s.tick(time.Now().UnixNano())
		case errors.Is(err, io.EOF):
			return nil
		default:
			return fmt.Errorf("capture: %w", err)
		}
		if s.now >= next || err != nil {
			next = s.now + int64(time.Second)
			meter.report(s.now, out)
			out.hand()
		}
	}
}

// dropMeter turns a source's counters into loss records.
type dropMeter struct {
	feed Feed
	last capture.Stats
	when int64
}

func (m *dropMeter) report(now int64, out *chunks) {
	stats := m.feed.Source.Stats()
	for _, d := range []struct {
		place  model.Place
		n      uint64
		remedy string
	}{
		{model.PlaceKernel, stats.KernelDrops - m.last.KernelDrops, "capture ring full: raise capture.ring_bytes or capture.workers"},
		{model.PlaceInterface, stats.InterfaceDrops - m.last.InterfaceDrops, "network card out of buffers: raise its ring with ethtool -G"},
		{model.PlaceSoftnet, stats.SoftnetDrops - m.last.SoftnetDrops, "kernel backlog full: raise net.core.netdev_max_backlog"},
	} {
		if d.n > 0 {
			out.Loss(&model.Loss{Place: d.place, Reason: d.remedy, Domain: m.feed.Domain, First: m.when, Last: now, Packets: d.n})
		}
	}
	m.last, m.when = stats, now
}

// sealLoop is the one goroutine that drains the shards.
type sealLoop struct {
	sealer *observe.Sealer
	deps   RunDeps
	full   <-chan *chunk
	free   chan<- *chunk
	drops  map[model.DomainID][]model.Drop // of the minute under way
	tally  *Summary                        // nil: nobody counts
	err    error                           // kept until the end: a shard must never wait for a loop that has stopped
}

func (l *sealLoop) run() error {
	ticker := time.NewTicker(FlushEvery)
	defer ticker.Stop()
	for {
		select {
		case c, ok := <-l.full:
			if !ok {
				l.seal()
				return l.err
			}
			l.add(c)
			c.reset()
			l.free <- c
			if !l.sealer.Full() {
				continue
			}
		case <-ticker.C:
		}
		l.seal()
	}
}

func (l *sealLoop) add(c *chunk) {
	if l.tally != nil {
		l.tally.add(c)
	}
	for i := range c.flows {
		l.sealer.Flow(&c.flows[i])
	}
	for i := range c.observations {
		l.sealer.Observation(&c.observations[i])
	}
	for i := range c.findings {
		l.sealer.Finding(&c.findings[i])
	}
	for i := range c.losses {
		l.loss(&c.losses[i])
	}
	for i := range c.buckets {
		s := c.buckets[i].Stats()
		s.Drops = l.drops[s.Domain]
		delete(l.drops, s.Domain)
		if l.deps.Interfaces != nil {
			s.Interfaces = l.deps.Interfaces()
		}
		l.sealer.Stats(&s)
	}
}

func (l *sealLoop) loss(loss *model.Loss) {
	l.sealer.Loss(loss)
	if loss.Place == model.PlacePrivacy {
		return
	}
	if loss.Packets > 0 {
		l.drops[loss.Domain] = append(l.drops[loss.Domain], model.Drop{Place: loss.Place, Packets: loss.Packets})
	}
	l.deps.Log.Warn("data lost", slog.String("place", loss.Place.String()), slog.String("reason", loss.Reason),
		slog.Uint64("packets", loss.Packets), slog.Uint64("events", loss.Events), slog.Uint64("batches", loss.Batches))
}

func (l *sealLoop) seal() {
	for _, loss := range l.deps.Outbox.Losses() {
		l.loss(&loss)
	}
	offset := time.Duration(0)
	if l.deps.Offset != nil {
		offset = l.deps.Offset()
	}
	l.err = errors.Join(l.err, l.sealer.Seal(time.Now().UnixNano(), int64(offset), l.deps.Outbox.Put))
}
