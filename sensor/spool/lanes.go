package spool

import (
	"errors"
	"time"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/observe"
)

// Two lanes, each ascending. What was on disk at start, and what waited for longer than
// Config.FreshFor, is backlog; the rest is fresh. While both wait, one batch of backlogShare is
// from the backlog. A jump of waiting fresh batches to the backlog leaves a gap in the numbers
// that the hub has seen, of which it takes 128, so the time until the next one doubles until the
// backlog has been drained.

// take hands out the next batch; end says that none will come any more.
func (q *Queue) take(now time.Time) (b observe.Sealed, ok, end bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.away) < MaxInFlight {
		e, lane := q.choose(now)
		if e == nil {
			break
		}
		q.markHandedOut(e, *lane)
		id := model.BatchID{Site: q.cfg.Site, Sensor: q.cfg.Sensor, Epoch: e.epoch, Sequence: e.sequence}
		data, err := e.payload()
		if errors.Is(err, errRotten) {
			q.rotten(e)
			continue
		}
		if err != nil { // the disk may answer again; the batch stays where it is
			q.warn("read batch", err)
			*lane = append([]*entry{e}, *lane...)
			time.AfterFunc(heartbeat, q.wake)
			return b, false, false
		}
		if !e.away && e.mark != markHandedOut {
			e.segment.away++
		}
		e.away, e.mark = true, markHandedOut
		q.away[id] = e
		q.wake()
		return observe.Sealed{ID: id, Data: data, Events: int(e.events)}, true, false
	}
	end = q.closed && len(q.away) < MaxInFlight
	if end {
		q.wake() // for the next one who waits
	}
	return b, false, end
}

// choose takes the first entry off the lane whose turn it is.
func (q *Queue) choose(now time.Time) (*entry, *[]*entry) {
	q.backlog, q.fresh = trim(q.backlog), trim(q.fresh)
	if len(q.backlog) == 0 {
		q.jump = q.cfg.FreshFor
	}
	if len(q.fresh) > 0 && now.UnixNano()-q.fresh[0].put > int64(q.jump) {
		q.backlog, q.fresh = append(q.backlog, q.fresh...), nil
		if q.split {
			q.jump, q.split = 2*q.jump, false
		}
	}
	lane := &q.backlog
	if freshWaits := len(q.fresh) > 0 && !q.fresh[0].unsynced; freshWaits && (len(q.backlog) == 0 || q.taken < backlogShare-1) {
		lane = &q.fresh
		q.taken++
		q.split = true
	} else {
		q.taken = 0
	}
	if len(*lane) == 0 || (*lane)[0].unsynced {
		return nil, nil
	}
	e := (*lane)[0]
	(*lane)[0] = nil
	*lane = (*lane)[1:]
	return e, lane
}

// trim passes over entries that were shed meanwhile.
func trim(lane []*entry) []*entry {
	for len(lane) > 0 && lane[0].gone {
		lane[0] = nil
		lane = lane[1:]
	}
	return lane
}

// markHandedOut writes down that a batch, and those that follow it in lane and file, may be at
// the hub from now on. After a restart such batches are sent again and never shed.
func (q *Queue) markHandedOut(e *entry, lane []*entry) {
	if e.mark == markHandedOut {
		return
	}
	n := 1
	for _, next := range lane {
		if n == markAhead || next.segment != e.segment || int(next.index) != int(e.index)+n || next.mark != markWaiting || next.gone || next.unsynced {
			break
		}
		n++
	}
	if err := e.setMarks(markHandedOut, n, true); err != nil {
		q.warn("mark batches", err) // sending is what frees a disk in trouble
		return
	}
	e.mark = markHandedOut
	e.segment.away++
	for _, next := range lane[:n-1] {
		next.mark = markHandedOut
		next.segment.away++
	}
}

// rotten puts a batch that the disk did not keep into the account.
func (q *Queue) rotten(e *entry) {
	q.total.ShedBatches++
	q.total.ShedEvents += uint64(e.events)
	q.boots[e.epoch].account.Save(model.Loss{
		Place: model.PlaceSpool, Reason: reasonRotten, First: e.put, Last: e.put, Batches: 1, Events: uint64(e.events),
		FirstSequence: e.sequence, LastSequence: e.sequence,
	})
	q.warn("save what was lost", errors.Join(q.save(false), e.setMarks(markDone, 1, false)))
	q.finish(e)
}
