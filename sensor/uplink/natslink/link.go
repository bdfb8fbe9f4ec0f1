package natslink

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/internal/subject"
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

	conn    atomic.Pointer[nats.Conn] // while Run runs; for Ask
	session atomic.Pointer[session]   // of the present connection
}

// session ends with its connection: no answer comes to what was published on it.
type session struct {
	over chan struct{}
	once sync.Once
}

func (s *session) end() { s.once.Do(func() { close(s.over) }) }

var errCut = errors.New("the connection was cut before the hub answered")

// New checks the configuration; nothing is opened before Run.
func New(cfg Config, deps Deps) (*Link, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Link{cfg: cfg, deps: deps, Standing: uplink.NewStanding(cfg.over(), deps.Log)}, nil
}

// Run implements uplink.Link.
func (l *Link) Run(ctx context.Context) error {
	l.session.Store(&session{over: make(chan struct{})})
	nc, err := l.connect()
	if err != nil {
		return err
	}
	defer nc.Close()
	l.conn.Store(nc)
	js, err := jetstream.New(nc)
	if err != nil {
		return fmt.Errorf("open JetStream: %w", err)
	}
	pump := &uplink.Pump{
		Outbox: l.deps.Outbox, Ceiling: l.deps.Ceiling, Retry: l.cfg.Retry, Timeout: l.cfg.AckTimeout, Standing: l.Standing, Log: l.deps.Log,
		Ready: func(ctx context.Context) error { return l.ready(ctx, nc) },
		Try:   func(ctx context.Context, b observe.Sealed) error { return l.publish(ctx, js, b) },
	}
	return pump.Run(ctx)
}

// ready waits for the connection: a publish without one would only hide why there is none.
func (l *Link) ready(ctx context.Context, nc *nats.Conn) error {
	for !nc.IsConnected() && ctx.Err() == nil {
		uplink.Sleep(ctx, l.cfg.Retry.Pause(1))
	}
	return ctx.Err()
}

// connect never waits: the client library goes on trying by itself.
func (l *Link) connect() (*nats.Conn, error) {
	options, err := l.cfg.options()
	if err != nil {
		return nil, err
	}
	want := mtls.Identity{Site: l.cfg.Site, Sensor: l.cfg.Sensor}
	id, err := l.cfg.TLS.Identity()
	if err != nil {
		return nil, err
	}
	if id != want {
		return nil, fmt.Errorf("certificate %s is %s, but the configuration says %s", l.cfg.TLS.Cert, id, want)
	}
	options = append(options,
		nats.IgnoreAuthErrorAbort(), // else two refusals in a row would end it for ever
		nats.MaxReconnects(-1),
		nats.RetryOnFailedConnect(true),
		nats.ReconnectBufSize(-1), // batches wait in the Outbox, where they are counted
		nats.CustomReconnectDelay(func(attempts int) time.Duration { return l.cfg.Retry.Pause(attempts) }),
		nats.PingInterval(20*time.Second),
		nats.ConnectHandler(func(nc *nats.Conn) { l.Up(nc.ConnectedAddr()) }),
		nats.ReconnectHandler(func(nc *nats.Conn) { l.Up(nc.ConnectedAddr()) }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			l.session.Swap(&session{over: make(chan struct{})}).end()
			l.Down("hub disconnected", plain(err))
		}),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) { l.Down("hub not reached", plain(err)) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { l.Trouble("hub refuses", plain(err)) }),
	)
	nc, err := nats.Connect(l.cfg.URL, options...)
	if err != nil {
		return nil, fmt.Errorf("connect to hub %s: %w", l.cfg.URL, err)
	}
	if nc.IsConnected() {
		l.Up(nc.ConnectedAddr())
	}
	return nc, nil
}

// plain adds what a refusal may mean: the protocol itself tells no more, and a hub that is starting
// cannot say so.
func plain(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, nats.ErrAuthorization):
		return fmt.Errorf("%w: the hub does not admit this sensor, or is just starting; its log has the reason, and it is tried again", err)
	case strings.Contains(err.Error(), "remote error: tls: internal error"):
		return fmt.Errorf("%w: the hub is starting, it is tried again", err)
	}
	return err
}

// publish makes one attempt; the message id keeps the batch from being counted twice.
func (l *Link) publish(ctx context.Context, js jetstream.JetStream, b observe.Sealed) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	over := l.session.Load().over
	answered := make(chan struct{})
	defer close(answered)
	go func() { // ends with this attempt
		select {
		case <-over:
			cancel(errCut)
		case <-answered:
		}
	}()
	msg := &nats.Msg{Subject: subject.Events(l.cfg.Site, l.cfg.Sensor), Data: b.Data}
	ack, err := js.PublishMsg(ctx, msg, jetstream.WithMsgID(subject.MessageID(b.ID)), jetstream.WithRetryAttempts(0))
	if errors.Is(context.Cause(ctx), errCut) && err != nil {
		return fmt.Errorf("publish batch %d: %w", b.ID.Sequence, errCut)
	}
	if err != nil {
		return fmt.Errorf("publish batch %d: %w", b.ID.Sequence, err)
	}
	if ack.Stream != subject.Stream {
		return fmt.Errorf("publish batch %d: acknowledged by stream %q, want %s", b.ID.Sequence, ack.Stream, subject.Stream)
	}
	return nil
}
