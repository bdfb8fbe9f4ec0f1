package grpclink

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/wardscope/wardscope/internal/model"
	uplinkv1 "github.com/wardscope/wardscope/proto/wardscope/uplink/v1"
	"github.com/wardscope/wardscope/sensor/observe"
	"github.com/wardscope/wardscope/sensor/uplink"
)

// Deps is what a Link works with.
type Deps struct {
	Outbox  uplink.Outbox
	Ceiling *uplink.Ceiling // nil: as fast as it goes
	Log     *slog.Logger
}

// Link is the way to one hub. Make it by New; Run does the work.
type Link struct {
	cfg  Config
	deps Deps
	*uplink.Standing

	client atomic.Pointer[uplinkv1.UplinkServiceClient] // while Run runs; for Ask

	mu   sync.Mutex
	open *delivery     // guarded by mu; nil while the hub is away
	came chan struct{} // closed when open is set; guarded by mu
}

// New checks the configuration; nothing is opened before Run.
func New(cfg Config, deps Deps) (*Link, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Link{cfg: cfg, deps: deps, Standing: uplink.NewStanding("grpc", deps.Log), came: make(chan struct{})}, nil
}

// Run implements uplink.Link.
func (l *Link) Run(ctx context.Context) error {
	conn, err := l.cfg.client()
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // every call has ended
	client := uplinkv1.NewUplinkServiceClient(conn)
	l.client.Store(&client)
	keeping, stop := context.WithCancel(ctx)
	var keeper sync.WaitGroup
	keeper.Go(func() { l.keep(keeping, client) })
	pump := &uplink.Pump{
		Outbox: l.deps.Outbox, Ceiling: l.deps.Ceiling, Retry: l.cfg.Retry, Timeout: l.cfg.AckTimeout, Standing: l.Standing, Log: l.deps.Log,
		Ready: func(ctx context.Context) error {
			_, err := l.delivery(ctx)
			return err
		},
		Try: l.try,
	}
	err = pump.Run(ctx)
	stop()
	keeper.Wait()
	return err
}

// keep holds a stream open until the context ends.
func (l *Link) keep(ctx context.Context, client uplinkv1.UplinkServiceClient) {
	for attempt := 1; ctx.Err() == nil; attempt++ {
		d, err := connect(ctx, l.cfg, client)
		if err == nil {
			attempt = 1
			l.set(d)
			l.Up(l.cfg.URL)
			err = d.read()
			l.set(nil)
			d.end(err)
		}
		if ctx.Err() != nil {
			return
		}
		l.Down("hub disconnected", plain(err))
		uplink.Sleep(ctx, l.cfg.Retry.Pause(attempt))
	}
}

// connect opens a stream and waits until the hub has admitted the sensor.
func connect(ctx context.Context, cfg Config, client uplinkv1.UplinkServiceClient) (*delivery, error) {
	ctx, cancel := context.WithCancel(ctx)
	// A stream that is open outlives the time for opening it, so that time is not its context's.
	timer := time.AfterFunc(cfg.dialTimeout(), cancel)
	stream, err := client.Deliver(ctx)
	if err == nil {
		var header metadata.MD
		if header, err = stream.Header(); err == nil && header == nil { // refused: it ended without one
			_, err = stream.Recv()
		}
	}
	if !timer.Stop() {
		err = errTooLate
	}
	if err != nil {
		cancel()
		return nil, err
	}
	return &delivery{stream: stream, cancel: cancel, ended: make(chan struct{}), waiting: map[model.BatchID]chan error{}}, nil
}

func (l *Link) set(d *delivery) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open = d; d != nil {
		close(l.came)
		return
	}
	l.came = make(chan struct{})
}

// delivery waits for a stream.
func (l *Link) delivery(ctx context.Context) (*delivery, error) {
	for {
		l.mu.Lock()
		d, came := l.open, l.came
		l.mu.Unlock()
		if d != nil {
			return d, nil
		}
		select {
		case <-came:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// try makes one attempt.
func (l *Link) try(ctx context.Context, b observe.Sealed) error {
	if len(b.Data) > uplink.MaxBatch {
		return fmt.Errorf("batch %d has %d bytes, the hub takes %d", b.ID.Sequence, len(b.Data), uplink.MaxBatch)
	}
	d, err := l.delivery(ctx)
	if err == nil {
		err = d.put(ctx, b)
	}
	if err != nil {
		return fmt.Errorf("deliver batch %d: %w", b.ID.Sequence, plain(err))
	}
	return nil
}

// Ask implements uplink.Link.
func (l *Link) Ask(ctx context.Context, report []byte) ([]byte, error) {
	client := l.client.Load()
	if client == nil || !l.Connected() {
		return nil, fmt.Errorf("ask hub %s: %w", l.cfg.URL, uplink.ErrAway)
	}
	var r uplinkv1.Report
	if err := proto.Unmarshal(report, &r); err != nil {
		return nil, fmt.Errorf("ask hub %s: %w", l.cfg.URL, err)
	}
	answer, err := (*client).Report(ctx, &uplinkv1.ReportRequest{Report: &r})
	if err != nil {
		return nil, fmt.Errorf("ask hub %s: %w", l.cfg.URL, plain(err))
	}
	return proto.Marshal(answer.GetAnswer())
}

// plain says an error of the library in the words that people need.
func plain(err error) error {
	if errors.Is(err, io.EOF) {
		return errEnded
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return err
	}
	if s, ok := status.FromError(err); ok && err != nil {
		return fmt.Errorf("%s (%s)", s.Message(), s.Code())
	}
	return err
}

var (
	errEnded   = errors.New("the hub has ended the stream")
	errTooLate = errors.New("the hub took too long to let the sensor in")
)

type stream = grpc.BidiStreamingClient[uplinkv1.DeliverRequest, uplinkv1.DeliverResponse]
