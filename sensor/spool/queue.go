package spool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/observe"
)

// MaxInFlight is how many batches may be under way to the hub at a time.
const MaxInFlight = 64

// backlogShare is the lanes' share: of so many batches one is from the backlog while both wait.
const backlogShare = 4

// markAhead is how many batches are marked as handed out by one write and fsync.
const markAhead = 16

// heartbeat is how often the state file says that the sensor runs.
const heartbeat = 2 * time.Second

// Totals count since start.
type Totals struct {
	Batches, Events         uint64 // put in
	SentBatches, SentEvents uint64 // acknowledged
	ShedBatches, ShedEvents uint64
}

// Held is what a queue holds now.
type Held struct {
	Batches, InFlight, Bytes, Events int
}

// boot is the account of one epoch.
type boot struct {
	high    uint64
	done    spans
	account *Account     // not yet told
	told    []model.Loss // given to the sealer, and in no batch yet
	live    int          // batches on disk that are not done
	records int          // batches on disk
}

// Queue is the spool. Make it by Open.
type Queue struct {
	cfg  Config
	log  *slog.Logger
	lock *os.File

	mu       sync.Mutex
	state    stateFile
	running  *running
	epoch    uint64
	boots    map[uint64]*boot
	codec    *event.Codec
	segments []*segment // oldest first; the last is the active one, iff active is open
	active   *os.File
	number   uint64 // of the last segment
	bytes    int64  // of all segments
	dirty    []*entry

	backlog, fresh []*entry // ascending
	away           map[model.BatchID]*entry
	taken          int // since the backlog had its turn
	jump           time.Duration
	split          bool // fresh batches were handed out since the last jump
	total          Totals
	closed         bool
	full           bool          // the last batch found no room: say so once
	ready          chan struct{} // capacity 1: there may be something to take
}

// Epoch is this boot's: the clock in nanoseconds, or one more than the last epoch when the clock
// stands before that.
func (q *Queue) Epoch() uint64 { return q.epoch }

// Run syncs at the interval of the configuration and says every two seconds in the state file
// that the sensor runs and what it has counted, until the context ends. Counters may be nil.
func (q *Queue) Run(ctx context.Context, counters func() []Counter) error {
	alive := time.NewTicker(heartbeat)
	defer alive.Stop()
	var due <-chan time.Time
	if q.cfg.Fsync > 0 {
		sync := time.NewTicker(time.Duration(q.cfg.Fsync))
		defer sync.Stop()
		due = sync.C
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-due:
			q.mu.Lock()
			q.warn("sync", q.sync())
			q.mu.Unlock()
		case <-alive.C:
			q.beat(counters)
		}
	}
}

func (q *Queue) beat(counters func() []Counter) {
	var now []Counter
	if counters != nil {
		now = counters()
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.running == nil {
		return // shut
	}
	q.running.Alive, q.running.Counters = time.Now().UnixNano(), now
	q.warn("say that the sensor runs", q.save(false))
	q.closeBoots() // what found no room on the disk before
}

func (q *Queue) warn(what string, err error) {
	if err != nil {
		q.log.Warn("spool in trouble", slog.String("operation", what), slog.Any("error", err))
	}
}

// Put takes a batch of this boot. On return it is on disk, to survive a power cut as the
// configuration says, or in the account of losses; it never waits for room.
func (q *Queue) Put(b observe.Sealed) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.total.Batches++
	q.total.Events += uint64(b.Events)
	own := q.boot(b.ID.Epoch)
	own.high = max(own.high, b.ID.Sequence)
	told := q.carried(own, b)
	e, reason := q.store(b, len(told) > 0)
	if e == nil {
		q.total.ShedBatches++
		q.total.ShedEvents += uint64(b.Events)
		own.account.Shed(b, model.PlaceSpool, reason)
		own.told = slices.DeleteFunc(own.told, func(l model.Loss) bool { return slices.Contains(told, l) }) // saved from the batch
		q.warn("save what was lost", q.save(false))
		return
	}
	if len(told) > 0 {
		own.tell(told)
		q.warn("save what was told", q.save(false))
	}
	q.fresh = append(q.fresh, e)
	q.wake()
}

// carried finds which of the losses that were given to the sealer a batch holds.
func (q *Queue) carried(own *boot, b observe.Sealed) (told []model.Loss) {
	if len(own.told) == 0 {
		return nil
	}
	batch, err := q.codec.Decode(b.Data)
	if err != nil {
		return nil
	}
	for _, l := range batch.Losses {
		if slices.Contains(own.told, l) {
			told = append(told, l)
		}
	}
	return told
}

// Losses returns what was shed since the last call, for the next batch. What it returned before
// and no batch has carried since comes again.
func (q *Queue) Losses() []model.Loss {
	q.mu.Lock()
	defer q.mu.Unlock()
	own := q.boots[q.epoch]
	for _, l := range own.told {
		own.account.Save(l)
	}
	own.told = own.account.Drain()
	if len(own.told) > 0 { // they may have been joined: what the state says is what the batch will say
		q.warn("save what was lost", q.save(false))
	}
	return slices.Clone(own.told)
}

// Next waits for a batch and hands it out. It returns io.EOF when the queue was closed and holds
// nothing that was not handed out, or the context's error.
func (q *Queue) Next(ctx context.Context) (observe.Sealed, error) {
	for {
		b, ok, end := q.take(time.Now())
		if ok {
			return b, nil
		}
		if end {
			return observe.Sealed{}, io.EOF
		}
		select {
		case <-ctx.Done():
			return observe.Sealed{}, ctx.Err()
		case <-q.ready:
		}
	}
}

// Ack lets go of a batch that the hub has. Unknown ids are ignored.
func (q *Queue) Ack(id model.BatchID) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	e, ok := q.away[id]
	if !ok {
		return nil
	}
	delete(q.away, id)
	q.total.SentBatches++
	q.total.SentEvents += uint64(e.events)
	err := e.setMarks(markDone, 1, false) // a lost mark only sends the batch again
	q.finish(e)
	q.wake()
	return err
}

// finish counts an entry as done, and removes what is done as a whole.
func (q *Queue) finish(e *entry) {
	s, own := e.segment, q.boots[e.epoch]
	if e.away || e.mark == markHandedOut {
		s.away--
	}
	e.away, e.gone, e.mark = false, true, markDone
	if !own.owes(e.sequence) {
		own.done = own.done.add(e.sequence, e.sequence)
	}
	s.live--
	own.live--
	if s.live == 0 && (q.active == nil || s != q.segments[len(q.segments)-1]) {
		q.warn("remove segment", q.remove(s))
	}
	q.closeBoots()
}

// Close says that no more batches come.
func (q *Queue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.warn("sync", q.sync())
	q.wake()
}

// Shut gives the folder back, noting that the stop was a clean one. The queue is of no use after.
func (q *Queue) Shut() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for _, own := range q.boots {
		for _, l := range own.told {
			own.account.Save(l)
		}
		own.told = nil
	}
	q.running = nil
	err := errors.Join(q.sync(), q.save(true), q.endActive())
	return errors.Join(err, q.lock.Close())
}

// Held tells what the queue holds.
func (q *Queue) Held() Held {
	q.mu.Lock()
	defer q.mu.Unlock()
	h := Held{InFlight: len(q.away), Bytes: int(q.bytes)}
	for _, s := range q.segments {
		h.Batches += s.live
		for _, e := range s.entries {
			if !e.gone {
				h.Events += int(e.events)
			}
		}
	}
	return h
}

// Totals tells what went through the queue since it was opened.
func (q *Queue) Totals() Totals {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.total
}

// wake lets one Next look again.
func (q *Queue) wake() {
	select {
	case q.ready <- struct{}{}:
	default: // somebody is about to look
	}
}

// save writes the state file.
func (q *Queue) save(twice bool) error {
	s := state{Epoch: q.epoch, Running: q.running}
	for epoch, own := range q.boots {
		s.Epochs = append(s.Epochs, epochState{Epoch: epoch, High: own.high, Done: own.done, Losses: append(own.account.list(), own.told...)})
	}
	slices.SortFunc(s.Epochs, func(a, b epochState) int {
		if a.Epoch < b.Epoch {
			return -1
		}
		return 1
	})
	return q.state.save(s, twice)
}

// acquire takes the folder for this process.
func acquire(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make spool folder: %w", err)
	}
	lock, err := os.OpenFile(dir+"/lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open spool: %w", err)
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("%w: %s", ErrLocked, dir)
	}
	return lock, nil
}

// ErrLocked says that another process has the folder.
var ErrLocked = errors.New("spool is in use by another sensor process")

// ErrForeign says that the folder holds batches of another sensor.
var ErrForeign = errors.New("spool holds batches of another sensor")
