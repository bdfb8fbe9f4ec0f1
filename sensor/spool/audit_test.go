package spool_test

import (
	"testing"

	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/observe"
)

// audit is a hub that stores each batch once, and compares with what was sealed.
type audit struct {
	t        testing.TB
	codec    *event.Codec
	stored   map[model.BatchID]bool
	lost     map[uint64]map[uint64]int // by epoch and sequence: how many loss records name it
	high     map[uint64]uint64         // sealed for certain
	unclean  int
	unranged []model.Loss // all other losses
}

func newAudit(t testing.TB) *audit {
	t.Helper()
	return &audit{t: t, codec: codec(t), stored: map[model.BatchID]bool{}, lost: map[uint64]map[uint64]int{}, high: map[uint64]uint64{}}
}

// store takes a delivery; repeated ones count once.
func (a *audit) store(b observe.Sealed) {
	a.t.Helper()
	batch, err := a.codec.Decode(b.Data)
	if err != nil {
		a.t.Fatalf("batch %v: %v", b.ID, err)
	}
	if batch.ID != b.ID || batch.Events() != b.Events {
		a.t.Fatalf("batch %v of %d events says it is %v of %d", b.ID, b.Events, batch.ID, batch.Events())
	}
	a.take(b.ID, batch.Losses)
}

func (a *audit) take(id model.BatchID, losses []model.Loss) {
	a.t.Helper()
	if a.stored[id] {
		return
	}
	a.stored[id] = true
	a.sealed(id.Epoch, id.Sequence)
	for _, l := range losses {
		switch {
		case l.Batches == 0 && l.Place == model.PlaceUncleanStop:
			a.unclean++
		case l.Batches == 0:
			a.unranged = append(a.unranged, l)
		case l.FirstSequence < 1 || l.LastSequence >= id.Sequence || l.Batches != l.LastSequence-l.FirstSequence+1:
			a.t.Errorf("batch %v tells %+v", id, l)
		default:
			if a.lost[id.Epoch] == nil {
				a.lost[id.Epoch] = map[uint64]int{}
			}
			for s := l.FirstSequence; s <= l.LastSequence; s++ {
				a.lost[id.Epoch][s]++
			}
		}
	}
}

// sealed says that an epoch's batches up to a number were put in for certain.
func (a *audit) sealed(epoch, high uint64) { a.high[epoch] = max(a.high[epoch], high) }

// check demands that each batch is stored once or told as lost once, and counts both.
func (a *audit) check() (stored, lost int) {
	a.t.Helper()
	for epoch, high := range a.high {
		for s := uint64(1); s <= high; s++ {
			id := model.BatchID{Site: "north", Sensor: "n1", Epoch: epoch, Sequence: s}
			told := a.lost[epoch][s]
			switch {
			case a.stored[id] && told == 0:
				stored++
			case !a.stored[id] && told == 1:
				lost++
			default:
				a.t.Errorf("epoch %d, batch %d of %d: stored %v, told as lost %d times", epoch, s, high, a.stored[id], told)
			}
		}
		for s := range a.lost[epoch] {
			if s > high {
				a.t.Errorf("epoch %d: batch %d was told as lost, but only %d were sealed", epoch, s, high)
			}
		}
	}
	return stored, lost
}
