package spool

import (
	"errors"
	"fmt"
	"hash/crc32"
	"log/slog"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/observe"
)

// Why batches are lost here.
const (
	reasonFull    = "spool full: the hub was out of reach for longer than spool.max_bytes holds"
	reasonNoSpace = "disk full: free space for spool.dir"
	reasonDisk    = "the disk of spool.dir does not take data"
	reasonRotten  = "damaged on disk: spool.dir did not keep what was written"
)

// store brings a batch to disk, shedding the oldest segment when there is no room. It returns no
// entry but the reason when the batch found none.
func (q *Queue) store(b observe.Sealed, tells bool) (e *entry, reason string) {
	need := int64(recordsAt + headerBytes + len(b.Data)) // it may take a new segment
	for q.bytes+need > q.cfg.MaxBytes {
		if !q.shedOldest(reasonFull) {
			q.noteFull(reasonFull)
			return nil, reasonFull
		}
	}
	e, err := q.append(b, tells)
	// Others may be eating the disk: one segment is what a batch may cost.
	if noSpace(err) && q.shedOldest(reasonNoSpace) {
		e, err = q.append(b, tells)
	}
	switch {
	case err == nil:
		q.full = false
		return e, ""
	case noSpace(err):
		q.noteFull(reasonNoSpace)
		return nil, reasonNoSpace
	}
	q.warn("write batch", err)
	return nil, reasonDisk
}

func (q *Queue) noteFull(reason string) {
	if !q.full {
		q.log.Warn("spool has no room", slog.String("reason", reason), slog.Int64("bytes", q.bytes))
	}
	q.full = true
}

func noSpace(err error) bool { return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) }

// append writes a record to the active segment. After an error nothing of it is left there.
func (q *Queue) append(b observe.Sealed, tells bool) (*entry, error) {
	if err := q.openActive(int64(headerBytes + len(b.Data))); err != nil {
		return nil, err
	}
	s := q.segments[len(q.segments)-1]
	e := &entry{
		epoch: b.ID.Epoch, sequence: b.ID.Sequence, put: time.Now().UnixNano(), segment: s, offset: s.size, length: uint32(len(b.Data)),
		events: uint32(b.Events), checksum: crc32.Checksum(b.Data, castagnoli), index: uint16(len(s.entries)),
	}
	if tells {
		e.flags = flagTells
	}
	record := make([]byte, headerBytes+len(b.Data))
	recordHead(record, e)
	copy(record[headerBytes:], b.Data)
	_, err := q.active.WriteAt(record, s.size)
	if err == nil && (q.cfg.Fsync == 0 || tells) {
		err = q.sync()
	}
	if err != nil {
		// After a failed fsync the kernel may hold what the disk does not: never trust this file again.
		err = errors.Join(fmt.Errorf("write batch %d: %w", e.sequence, err), q.active.Truncate(s.size), q.endActive())
		return nil, err
	}
	s.entries = append(s.entries, e)
	s.size += int64(len(record))
	s.live++
	q.bytes += int64(len(record))
	own := q.boot(e.epoch)
	own.live++
	own.records++
	if q.cfg.Fsync > 0 && !tells {
		e.unsynced = true
		q.dirty = append(q.dirty, e)
	}
	return e, nil
}

// sync makes all that was written survive a power cut.
func (q *Queue) sync() error {
	if q.active == nil {
		return nil
	}
	if err := q.active.Sync(); err != nil {
		return fmt.Errorf("sync segment: %w", err)
	}
	for _, e := range q.dirty {
		e.unsynced = false
	}
	if len(q.dirty) > 0 {
		q.wake()
	}
	q.dirty = q.dirty[:0]
	return nil
}

// endActive closes the active segment for writing.
func (q *Queue) endActive() error {
	if q.active == nil {
		return nil
	}
	err := q.sync()
	err = errors.Join(err, q.active.Close())
	q.active = nil
	if s := q.segments[len(q.segments)-1]; s.live == 0 {
		err = errors.Join(err, q.remove(s))
	}
	return err
}

// openActive makes a new segment when there is none or it is full.
func (q *Queue) openActive(need int64) error {
	if q.active != nil {
		s := q.segments[len(q.segments)-1]
		if s.size+need <= q.cfg.segmentBytes() && len(s.entries) < maxRecords || len(s.entries) == 0 {
			return nil
		}
		if err := q.endActive(); err != nil {
			return err
		}
	}
	number := q.number + 1
	path := segmentPath(q.cfg.Dir, number)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("make segment: %w", err)
	}
	q.number = number
	_, err = file.Write(segmentHead(number, q.cfg.Site, q.cfg.Sensor))
	if err == nil {
		err = file.Sync()
	}
	if err == nil {
		err = syncDir(q.cfg.Dir)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("make segment: %w", err), file.Close(), os.Remove(path))
	}
	q.active = file
	q.segments = append(q.segments, &segment{number: number, path: path, size: recordsAt})
	q.bytes += recordsAt
	return nil
}

// shedOldest gives up the oldest segment of which nothing was handed out. A batch that was may
// be at the hub already: shedding it could count it as both.
func (q *Queue) shedOldest(reason string) bool {
	for i, s := range q.segments {
		if s.away > 0 || q.active != nil && i == len(q.segments)-1 {
			continue
		}
		batches, events := 0, uint64(0)
		for _, e := range s.entries {
			if e.gone {
				continue
			}
			data, err := e.payload()
			if err != nil {
				data = nil // then its own loss records are lost as well
			}
			id := model.BatchID{Site: q.cfg.Site, Sensor: q.cfg.Sensor, Epoch: e.epoch, Sequence: e.sequence}
			q.boots[e.epoch].account.Shed(observe.Sealed{ID: id, Data: data, Events: int(e.events)}, model.PlaceSpool, reason)
			batches++
			events += uint64(e.events)
			e.gone, e.mark = true, markDone
			q.boots[e.epoch].live--
		}
		s.live = 0
		q.total.ShedBatches += uint64(batches)
		q.total.ShedEvents += events
		q.log.Warn("spool sheds its oldest batches", slog.String("reason", reason), slog.Int("batches", batches), slog.Uint64("events", events))
		if err := q.remove(s); err != nil {
			q.warn("remove segment", err)
			return false
		}
		return true
	}
	return false
}

// remove deletes a segment of which everything is done, after the state file says so.
func (q *Queue) remove(s *segment) error {
	if err := q.save(true); err != nil {
		return err
	}
	q.segments = slices.DeleteFunc(q.segments, func(o *segment) bool { return o == s })
	q.bytes -= s.size
	for _, e := range s.entries {
		q.boots[e.epoch].records--
	}
	// Synced: a segment that came back after its boot was forgotten would look like a lost state.
	if err := errors.Join(os.Remove(s.path), syncDir(q.cfg.Dir)); err != nil {
		return fmt.Errorf("remove segment: %w", err)
	}
	return nil
}

// owes tells whether a batch is in a loss record that no batch on disk carries yet.
func (o *boot) owes(sequence uint64) bool {
	in := func(l model.Loss) bool {
		return l.Batches > 0 && l.FirstSequence <= sequence && sequence <= l.LastSequence
	}
	return slices.ContainsFunc(o.told, in) || slices.ContainsFunc(o.account.losses, in)
}

// closeBoots ends boots of which nothing waits any more: what is still to be told about one
// travels in a batch of its own, the last of that boot.
func (q *Queue) closeBoots() {
	for epoch, own := range q.boots {
		if epoch == q.epoch || own.live > 0 {
			continue
		}
		if len(own.account.losses) > 0 {
			q.warn("write closing batch", q.closeBoot(epoch, own))
			continue
		}
		if own.records == 0 { // else the state must still say which of its numbers are done
			delete(q.boots, epoch)
		}
	}
}

func (q *Queue) closeBoot(epoch uint64, own *boot) error {
	told := own.account.list()
	b := model.Batch{
		ID:     model.BatchID{Site: q.cfg.Site, Sensor: q.cfg.Sensor, Epoch: epoch, Sequence: own.high + 1},
		Sealed: time.Now().UnixNano(), Version: q.cfg.Version, Losses: told,
	}
	data, err := q.codec.Encode(&b)
	if err != nil {
		return err
	}
	if q.bytes+int64(recordsAt+headerBytes+len(data)) > q.cfg.MaxBytes {
		return nil // there will be room once something is acknowledged
	}
	e, err := q.append(observe.Sealed{ID: b.ID, Data: data, Events: b.Events()}, true)
	if err != nil {
		return err
	}
	own.high++
	q.total.Batches++
	q.total.Events += uint64(b.Events())
	own.tell(told)
	q.backlog = append(q.backlog, e)
	q.wake()
	return q.save(false)
}
