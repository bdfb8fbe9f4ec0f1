package trial

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/observe"
	"github.com/wardscope/wardscope/sensor/uplink"
)

// relay stands before an outbox, which hands out each batch once, and hands those out again that a
// link had taken when it was given up.
type relay struct {
	box uplink.Outbox

	mu   sync.Mutex
	away map[model.BatchID]observe.Sealed // guarded by mu, as back
	back []observe.Sealed
}

func newRelay(box uplink.Outbox) *relay {
	return &relay{box: box, away: map[model.BatchID]observe.Sealed{}}
}

// Next implements uplink.Outbox.
func (r *relay) Next(ctx context.Context) (observe.Sealed, error) {
	if b, ok := r.again(); ok {
		return b, nil
	}
	b, err := r.box.Next(ctx)
	if err == nil {
		r.mu.Lock()
		r.away[b.ID] = b
		r.mu.Unlock()
	}
	return b, err
}

func (r *relay) again() (b observe.Sealed, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.back) == 0 {
		return b, false
	}
	b, r.back = r.back[0], r.back[1:]
	r.away[b.ID] = b
	return b, true
}

// Ack implements uplink.Outbox.
func (r *relay) Ack(id model.BatchID) error {
	r.mu.Lock()
	delete(r.away, id)
	r.mu.Unlock()
	return r.box.Ack(id)
}

// takeBack makes what is away the next to be handed out, in the order of their numbers. No link
// may be at work.
func (r *relay) takeBack() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, b := range r.away {
		r.back = append(r.back, b)
	}
	clear(r.away)
	slices.SortFunc(r.back, func(a, b observe.Sealed) int {
		return cmp.Or(cmp.Compare(a.ID.Epoch, b.ID.Epoch), cmp.Compare(a.ID.Sequence, b.ID.Sequence))
	})
}
