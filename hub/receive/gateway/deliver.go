package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/internal/subject"
	uplinkv1 "github.com/wardscope/wardscope/proto/wardscope/uplink/v1"
)

type stream = grpc.BidiStreamingServer[uplinkv1.DeliverRequest, uplinkv1.DeliverResponse]

// Deliver takes batches until the sensor or the hub ends it. What was not answered by then may or
// may not be in the stream: the sensor sends it again, and it is known by its number.
func (g *Gateway) Deliver(s stream) error {
	id, cert, err := g.enter(s.Context())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(s.Context())
	defer cancel(nil)
	this := &session{id: id, cert: cert, cancel: cancel}
	g.add(this)
	defer g.remove(this)
	g.judge(ctx, this)                        // admission that was withdrawn before the session was known has been told to nobody
	if err := s.SendHeader(nil); err != nil { // the sensor sees that it is admitted before it sends
		return err
	}
	g.deps.Log.Info("sensor connected", slog.String("site", string(id.Site)), slog.String("sensor", string(id.Sensor)), slog.String("remote", remote(s.Context())),
		slog.String("over", "grpc"))

	// Receiving ends only after this function has: the library offers no other way to cut it off.
	d := &delivery{Gateway: g, id: id, stream: s, answers: make(chan *uplinkv1.DeliverResponse, maxInFlight), slots: make(chan struct{}, maxInFlight)}
	received := make(chan error, 1)
	g.group.Go(func() { received <- d.receive(ctx) })
	g.group.Go(func() { g.watch(ctx, this) })
	for open := true; ; {
		select {
		case answer := <-d.answers:
			if err := s.Send(answer); err != nil {
				return err
			}
			<-d.slots
			if !open && len(d.slots) == 0 {
				return nil
			}
		case err := <-received:
			if !errors.Is(err, io.EOF) {
				return err
			}
			if open = false; len(d.slots) == 0 { // the sensor is done; what it sent is still answered
				return nil
			}
		case <-ctx.Done():
			return g.cut(id, context.Cause(ctx))
		}
	}
}

// cut says why a delivery ends.
func (g *Gateway) cut(id mtls.Identity, cause error) error {
	switch {
	case errors.Is(cause, errNoLonger):
		g.deps.Log.Warn("sensor cut", slog.String("sensor", string(id.Sensor)), slog.Any("cause", cause))
		return status.Error(codes.PermissionDenied, "not admitted")
	case errors.Is(cause, errReplaced), errors.Is(cause, errLifeEnded):
		return status.Error(codes.Unavailable, cause.Error())
	}
	return status.FromContextError(cause).Err()
}

// watch ends a session when its time is over, and asks now and then whether the sensor is still
// admitted: the one who tells may be away.
func (g *Gateway) watch(ctx context.Context, s *session) {
	tick := time.NewTicker(g.cfg.Recheck)
	defer tick.Stop()
	end := g.deps.Now().Add(g.cfg.MaxLife)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := g.deps.Now()
		if now.After(end) || now.After(s.cert.NotAfter) {
			s.cancel(errLifeEnded)
			return
		}
		g.judge(ctx, s)
	}
}

// delivery is one call of Deliver.
type delivery struct {
	*Gateway
	id      mtls.Identity
	stream  stream
	slots   chan struct{}                  // one a batch that is not answered yet
	answers chan *uplinkv1.DeliverResponse // as many fit as there are slots
}

// receive takes batches in, and starts their way into the stream. It returns io.EOF when the
// sensor sends no more.
func (d *delivery) receive(ctx context.Context) error {
	for {
		select {
		case d.slots <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		request, err := d.stream.Recv()
		if err != nil {
			<-d.slots
			return err
		}
		size := int64(len(request.GetBatch()))
		if err := d.bytes.Acquire(ctx, size); err != nil {
			return err
		}
		d.group.Go(func() {
			defer d.bytes.Release(size)
			d.answers <- d.put(ctx, request) // never blocks: there is room for every slot
		})
	}
}

// put brings one batch into the stream.
func (d *delivery) put(ctx context.Context, request *uplinkv1.DeliverRequest) *uplinkv1.DeliverResponse {
	answer := &uplinkv1.DeliverResponse{Epoch: request.GetEpoch(), Sequence: request.GetSequence(), Outcome: uplinkv1.Outcome_OUTCOME_STORED}
	id := model.BatchID{Site: d.id.Site, Sensor: d.id.Sensor, Epoch: request.GetEpoch(), Sequence: request.GetSequence()}
	ctx, cancel := context.WithTimeout(ctx, d.cfg.AckTimeout)
	defer cancel()
	msg := &nats.Msg{Subject: subject.Events(d.id.Site, d.id.Sensor), Data: request.GetBatch()}
	ack, err := d.deps.Publisher.PublishMsg(ctx, msg, jetstream.WithMsgID(subject.MessageID(id)), jetstream.WithRetryAttempts(0))
	if err == nil && ack.Stream != subject.Stream {
		err = fmt.Errorf("confirmed by stream %q, not by %s", ack.Stream, subject.Stream)
	}
	if err == nil {
		return answer
	}
	answer.Outcome, answer.Reason = uplinkv1.Outcome_OUTCOME_FAILED, model.Text(err.Error())
	if refused(err) {
		answer.Outcome = uplinkv1.Outcome_OUTCOME_FULL
	}
	return answer
}

// refused says whether the stream itself said that it takes nothing.
func refused(err error) bool {
	const storeFailed, noResources = 10077, 10023 // nats-server, errors.json: JSStreamStoreFailedF, JSInsufficientResourcesErr
	api, ok := errors.AsType[*jetstream.APIError](err)
	return ok && (api.ErrorCode == storeFailed || api.ErrorCode == noResources)
}
