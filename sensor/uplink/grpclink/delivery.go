package grpclink

import (
	"context"
	"errors"
	"sync"

	"github.com/wardscope/wardscope/internal/model"
	uplinkv1 "github.com/wardscope/wardscope/proto/wardscope/uplink/v1"
	"github.com/wardscope/wardscope/sensor/observe"
)

// delivery is one stream to the hub.
type delivery struct {
	stream stream
	cancel context.CancelFunc
	send   sync.Mutex // one message at a time

	mu      sync.Mutex
	waiting map[model.BatchID]chan error // by epoch and number; guarded by mu
	ended   chan struct{}
	cause   error // valid once ended is closed
}

// put sends a batch and waits for its answer.
func (d *delivery) put(ctx context.Context, b observe.Sealed) error {
	key := model.BatchID{Epoch: b.ID.Epoch, Sequence: b.ID.Sequence}
	answer := make(chan error, 1)
	d.mu.Lock()
	d.waiting[key] = answer
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		delete(d.waiting, key)
		d.mu.Unlock()
	}()
	if err := d.write(ctx, &uplinkv1.DeliverRequest{Epoch: key.Epoch, Sequence: key.Sequence, Batch: b.Data}); err != nil {
		return err
	}
	select {
	case err := <-answer:
		return err
	case <-d.ended:
		return d.cause
	case <-ctx.Done():
		return ctx.Err()
	}
}

// write sends one message. It blocks while the hub takes nothing in; a hub that takes nothing for
// as long as a batch may take is as good as gone, and the stream with it.
func (d *delivery) write(ctx context.Context, request *uplinkv1.DeliverRequest) error {
	d.send.Lock()
	defer d.send.Unlock()
	if err := ctx.Err(); err != nil { // its time went by while others were sent: nothing was sent of it
		return err
	}
	stop := context.AfterFunc(ctx, d.cancel)
	err := d.stream.Send(request)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	return err
}

// read takes answers until the stream ends, and returns why it did.
func (d *delivery) read() error {
	for {
		r, err := d.stream.Recv()
		if err != nil {
			return err
		}
		var refusal error
		if r.GetOutcome() != uplinkv1.Outcome_OUTCOME_STORED {
			refusal = errors.New(r.GetReason())
		}
		d.mu.Lock()
		answer := d.waiting[model.BatchID{Epoch: r.GetEpoch(), Sequence: r.GetSequence()}]
		d.mu.Unlock()
		if answer != nil {
			select {
			case answer <- refusal:
			default: // answered twice
			}
		}
	}
}

// end tells those who wait that no answer will come.
func (d *delivery) end(cause error) {
	if cause == nil {
		cause = errEnded
	}
	d.cause = cause
	d.cancel()
	close(d.ended)
}
