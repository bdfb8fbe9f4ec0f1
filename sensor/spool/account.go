package spool

import (
	"fmt"
	"slices"
	"time"

	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/observe"
)

// Account gathers what was shed until a batch tells it. The loss records inside shed batches are
// saved from them, or a gap that one of them closed would stay open at the hub. Its size depends
// on the number of kinds of losses, not on how long the hub is away.
type Account struct {
	codec  *event.Codec
	losses []model.Loss
}

// NewAccount makes an empty one.
func NewAccount() (*Account, error) {
	codec, err := event.NewCodec()
	if err != nil {
		return nil, fmt.Errorf("make account of losses: %w", err)
	}
	return &Account{codec: codec}, nil
}

// Shed takes the loss of a whole batch.
func (a *Account) Shed(b observe.Sealed, place model.Place, reason string) {
	now := time.Now().UnixNano()
	loss := model.Loss{
		Place: place, Reason: reason, First: now, Last: now,
		Batches: 1, Events: uint64(b.Events), FirstSequence: b.ID.Sequence, LastSequence: b.ID.Sequence,
	}
	batch, err := a.codec.Decode(b.Data)
	if err != nil { // then it was no batch, and there is nothing in it to save
		a.Save(loss)
		return
	}
	loss.First, loss.Last = batch.Sealed, batch.Sealed
	loss.Events -= uint64(len(batch.Losses)) // these are not lost
	a.Save(loss)
	for _, l := range batch.Losses {
		a.Save(l)
	}
}

// Save adds a loss; it joins one of its kind, ranges of batches only when nothing lies between.
func (a *Account) Save(l model.Loss) {
	for i := range a.losses {
		sum := &a.losses[i]
		if sum.Place != l.Place || sum.Reason != l.Reason || sum.Domain != l.Domain || (sum.Batches > 0) != (l.Batches > 0) {
			continue
		}
		if l.Batches > 0 {
			if l.FirstSequence > sum.LastSequence+1 || sum.FirstSequence > l.LastSequence+1 {
				continue
			}
			sum.FirstSequence, sum.LastSequence = min(sum.FirstSequence, l.FirstSequence), max(sum.LastSequence, l.LastSequence)
		}
		sum.First, sum.Last = min(sum.First, l.First), max(sum.Last, l.Last)
		sum.Packets += l.Packets
		sum.Events += l.Events
		sum.Batches += l.Batches
		return
	}
	a.losses = append(a.losses, l)
}

// Drain returns all and forgets it.
func (a *Account) Drain() []model.Loss {
	out := a.losses
	a.losses = nil
	return out
}

// list is a copy of what is there.
func (a *Account) list() []model.Loss { return slices.Clone(a.losses) }

// without removes the losses that a batch was found to carry.
func (a *Account) without(told []model.Loss) {
	a.losses = slices.DeleteFunc(a.losses, func(l model.Loss) bool { return slices.Contains(told, l) })
}
