package spool

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/model"
)

// Deps is what a Queue works with.
type Deps struct {
	Log *slog.Logger
}

const (
	reasonState   = "the spool's account of what was delivered is damaged: batches of earlier boots that are missing cannot be told apart"
	reasonUnclean = "stopped without warning (killed, or power lost): flows under way and claims not yet sealed are gone"
)

// Open takes the folder of cfg, making it when absent, and repairs what an unclean stop left: a
// torn tail is cut, damage is passed over, and whatever that cost goes into the account of
// losses. Errors are ErrLocked, ErrForeign, or that the folder cannot be read or written.
func Open(cfg Config, deps Deps) (_ *Queue, err error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	codec, err := event.NewCodec()
	if err != nil {
		return nil, err
	}
	lock, err := acquire(cfg.Dir)
	if err != nil {
		return nil, err
	}
	q := &Queue{
		cfg: cfg, log: deps.Log, lock: lock, codec: codec, state: stateFile{dir: cfg.Dir}, boots: map[uint64]*boot{},
		away: map[model.BatchID]*entry{}, jump: cfg.FreshFor, ready: make(chan struct{}, 1),
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open spool %s: %w", cfg.Dir, err), lock.Close())
		}
	}()
	last, found, err := q.state.load()
	if err != nil {
		return nil, err
	}
	for _, s := range last.Epochs {
		own := q.boot(s.Epoch)
		own.high, own.done = s.High, s.Done
		own.account.losses = s.Losses
	}
	if err := q.readSegments(); err != nil {
		return nil, err
	}
	newest := last.Epoch
	for epoch := range q.boots {
		newest = max(newest, epoch)
	}
	q.epoch = max(uint64(time.Now().UnixNano()), newest+1)
	own := q.boot(q.epoch)
	q.findGaps(last, found, own)
	now := time.Now().UnixNano()
	if r := last.Running; r != nil {
		q.unclean(r, now, own)
	}
	q.running = &running{Started: now, Alive: now}
	if err := errors.Join(q.save(true), syncDir(cfg.Dir)); err != nil {
		return nil, err
	}
	q.queueUp()
	q.closeBoots()
	return q, nil
}

// boot finds or makes the account of an epoch.
func (q *Queue) boot(epoch uint64) *boot {
	own, ok := q.boots[epoch]
	if !ok {
		own = &boot{account: &Account{codec: q.codec}}
		q.boots[epoch] = own
	}
	return own
}

// unclean reports the stop of the process before, which did not shut the queue.
func (q *Queue) unclean(r *running, now int64, own *boot) {
	loss := model.Loss{
		Place: model.PlaceUncleanStop, First: max(r.Started, r.Alive-int64(q.cfg.Reach)), Last: max(now, r.Alive),
		Reason: fmt.Sprintf("%s; last seen alive %s", reasonUnclean, time.Unix(0, r.Alive).UTC().Format(time.RFC3339Nano)),
	}
	for _, c := range r.Counters {
		one := loss
		one.Domain = c.Domain
		one.Reason += fmt.Sprintf(", after %d packets of this domain", c.Packets)
		own.account.Save(one)
	}
	if len(r.Counters) == 0 {
		own.account.Save(loss)
	}
	q.log.Warn("sensor was stopped without warning", slog.Time("last_alive", time.Unix(0, r.Alive)), slog.Int("batches_kept", q.waiting()))
}

func (q *Queue) waiting() (n int) {
	for _, s := range q.segments {
		n += s.live
	}
	return n
}

func (q *Queue) readSegments() error {
	names, err := os.ReadDir(q.cfg.Dir) // sorted, and the names have leading zeros
	if err != nil {
		return err
	}
	var numbers []uint64
	for _, n := range names {
		text, ok := strings.CutSuffix(n.Name(), segmentSuffix)
		number, err := strconv.ParseUint(text, 16, 64)
		if ok && err == nil && filepath.Base(segmentPath("", number)) == n.Name() && n.Type().IsRegular() {
			numbers = append(numbers, number)
		}
	}
	for i, number := range numbers {
		if err := q.readSegment(number, i == len(numbers)-1); err != nil {
			return fmt.Errorf("segment %x: %w", number, err)
		}
		q.number = number
	}
	return nil
}

func (q *Queue) readSegment(number uint64, newest bool) error {
	s := &segment{number: number, path: segmentPath(q.cfg.Dir, number)}
	file, err := os.OpenFile(s.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // a cut tail that comes back is cut again
	info, err := file.Stat()
	if err != nil {
		return err
	}
	head := make([]byte, recordsAt)
	if _, err := file.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	_, site, sensor, ok := segmentOwner(head)
	if ok && (site != q.cfg.Site || sensor != q.cfg.Sensor) {
		return fmt.Errorf("%w: %s/%s; give this sensor another spool.dir", ErrForeign, site, sensor)
	}
	found, err := scan(file, info.Size(), s)
	if err != nil {
		return err
	}
	if found.damaged || !ok {
		q.log.Warn("spool segment is damaged", slog.String("file", s.path), slog.Int("batches_read", len(s.entries)))
	}
	if found.end < info.Size() && info.Size() > recordsAt {
		q.log.Info("spool segment had a torn tail", slog.String("file", s.path), slog.Int64("bytes", info.Size()-found.end))
		if err := file.Truncate(found.end); err != nil {
			return err
		}
	}
	s.size = found.end
	for _, e := range s.entries {
		q.adopt(e, head[pageBytes+int(e.index)], newest)
	}
	if e := found.torn; e != nil {
		q.boot(e.epoch).lose(e, reasonRotten)
	}
	if len(s.entries) == 0 {
		return os.Remove(s.path)
	}
	q.segments = append(q.segments, s)
	q.bytes += s.size
	return nil
}

// adopt counts a record that was found. Batches of the newest segment are read whole: that is
// where a power cut leaves headers without their data.
func (q *Queue) adopt(e *entry, mark byte, verify bool) {
	own := q.boot(e.epoch)
	own.high = max(own.high, e.sequence)
	own.records++
	e.mark = mark
	// Shed, but the file was not removed yet: what the batch told is in the account again.
	shed := own.owes(e.sequence)
	if mark == markDone && !shed {
		own.done = own.done.add(e.sequence, e.sequence)
	}
	e.gone = shed || own.done.has(e.sequence)
	if tells := e.flags&flagTells != 0 && !shed; tells || verify && !e.gone {
		q.verify(own, e, tells)
	}
	if e.gone {
		e.mark = markDone
		return
	}
	if e.mark != markWaiting {
		e.mark = markHandedOut
		e.segment.away++
	}
	e.segment.live++
	own.live++
}

// verify reads a batch whole, to learn that it is there, and what it tells.
func (q *Queue) verify(own *boot, e *entry, tells bool) {
	data, err := e.payload()
	if err != nil {
		if !e.gone {
			own.lose(e, reasonRotten)
			e.gone = true
		}
		return
	}
	if !tells {
		return
	}
	if batch, err := q.codec.Decode(data); err == nil {
		own.tell(batch.Losses)
	}
}

// lose puts a batch into the account that has a number but no data.
func (o *boot) lose(e *entry, reason string) {
	if o.owes(e.sequence) || o.done.has(e.sequence) {
		return
	}
	o.high = max(o.high, e.sequence)
	o.account.Save(model.Loss{
		Place: model.PlaceSpool, Reason: reason, First: e.put, Last: e.put, Batches: 1, Events: uint64(e.events),
		FirstSequence: e.sequence, LastSequence: e.sequence,
	})
}

// tell forgets losses that a batch on disk carries.
func (o *boot) tell(losses []model.Loss) {
	for _, l := range losses {
		if l.Batches > 0 {
			o.done = o.done.add(l.FirstSequence, l.LastSequence)
		}
	}
	o.account.without(losses)
	o.told = slices.DeleteFunc(o.told, func(l model.Loss) bool { return slices.Contains(losses, l) })
}

// findGaps accounts for numbers of earlier boots that are neither on disk nor done.
func (q *Queue) findGaps(last state, found bool, into *boot) {
	known := map[uint64]bool{}
	for _, s := range last.Epochs {
		known[s.Epoch] = true
	}
	unknown := !found && len(q.segments) > 0
	now := time.Now().UnixNano()
	for epoch, own := range q.boots {
		if epoch == q.epoch {
			continue
		}
		if !known[epoch] {
			unknown = true
			continue
		}
		for _, gap := range q.present(epoch, own).gaps(own.high) {
			own.account.Save(model.Loss{
				Place: model.PlaceSpool, Reason: reasonRotten, First: int64(min(epoch, uint64(now))), Last: now,
				Batches: gap.Last - gap.First + 1, FirstSequence: gap.First, LastSequence: gap.Last,
			})
		}
	}
	if unknown {
		into.account.Save(model.Loss{Place: model.PlaceSpool, Reason: reasonState, First: now, Last: now})
	}
}

func (q *Queue) present(epoch uint64, own *boot) spans {
	there := slices.Clone(own.done)
	for _, l := range own.account.losses {
		if l.Batches > 0 {
			there = there.add(l.FirstSequence, l.LastSequence)
		}
	}
	for _, s := range q.segments {
		for _, e := range s.entries {
			if e.epoch == epoch {
				there = there.add(e.sequence, e.sequence)
			}
		}
	}
	return there
}

// queueUp puts what was found into the backlog, and removes segments that are done.
func (q *Queue) queueUp() {
	for _, s := range slices.Clone(q.segments) {
		if s.live == 0 {
			q.warn("remove segment", q.remove(s))
			continue
		}
		for _, e := range s.entries {
			if !e.gone {
				q.backlog = append(q.backlog, e)
			}
		}
	}
	slices.SortStableFunc(q.backlog, func(a, b *entry) int {
		if a.epoch != b.epoch {
			return compare(a.epoch, b.epoch)
		}
		return compare(a.sequence, b.sequence)
	})
	if len(q.backlog) > 0 {
		q.wake()
	}
}

func compare(a, b uint64) int {
	if a < b {
		return -1
	}
	return 1
}

// rotten tells whether data is not what was written.
func rotten(data []byte, checksum uint32) bool { return crc32.Checksum(data, castagnoli) != checksum }
