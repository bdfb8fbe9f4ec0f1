package natslink

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/internal/subject"
	"github.com/wardscope/wardscope/sensor/observe"
	"github.com/wardscope/wardscope/sensor/spool"
	"github.com/wardscope/wardscope/sensor/uplink"
)

// Outbox holds batches. Next waits for one and hands it out, each once; io.EOF means that no more
// come. Ack lets go of one.
type Outbox interface {
	Next(ctx context.Context) (observe.Sealed, error)
	Ack(id model.BatchID) error
}

// Deps is what a Link works with.
type Deps struct {
	Outbox  Outbox
	Ceiling *uplink.Ceiling // nil: as fast as it goes
	Log     *slog.Logger
}

// Link is the way to one hub. Make it by New; Run does the work.
type Link struct {
	cfg  Config
	deps Deps

	conn      atomic.Pointer[nats.Conn] // while Run runs; for Ask
	connected atomic.Bool
	acked     atomic.Uint64
	refused   atomic.Uint64
	mu        sync.Mutex
	fault     string // guarded by mu
}

// Status is how a Link stands.
type Status struct {
	Connected bool
	Acked     uint64 // batches that the hub holds, since start
	Refused   uint64 // attempts that failed, since start
	Fault     string // the last one; "" when the last attempt went well
}

// New checks the configuration; nothing is opened before Run.
func New(cfg Config, deps Deps) (*Link, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Link{cfg: cfg, deps: deps}, nil
}

// Run sends until the Outbox has ended and everything is acknowledged, and then returns nil; or
// until the context ends, and then returns its error: what the Outbox still holds is not at the
// hub for certain. To stop without loss, close the Outbox and give Run a deadline.
func (l *Link) Run(ctx context.Context) error {
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
	var sending sync.WaitGroup
	defer sending.Wait()
	slots := make(chan struct{}, spool.MaxInFlight)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case slots <- struct{}{}:
		}
		if err := l.deps.Ceiling.Ready(ctx); err != nil {
			return err
		}
		b, err := l.deps.Outbox.Next(ctx)
		if errors.Is(err, io.EOF) {
			sending.Wait()
			return ctx.Err()
		}
		if err != nil {
			return err
		}
		sending.Go(func() {
			l.send(ctx, nc, js, b)
			<-slots
		})
	}
}

// connect never waits: the client library goes on trying by itself.
func (l *Link) connect() (*nats.Conn, error) {
	tlsConfig, err := l.cfg.TLS.Load(time.Now())
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
	options := []nats.Option{
		nats.Name("wardscope-sensor " + string(l.cfg.Sensor)),
		nats.Secure(tlsConfig),
		nats.CustomInboxPrefix(subject.InboxPrefix(l.cfg.Sensor)),
		nats.IgnoreAuthErrorAbort(), // else two refusals in a row would end it for ever
		nats.MaxReconnects(-1),
		nats.RetryOnFailedConnect(true),
		nats.ReconnectBufSize(-1), // batches wait in the Outbox, where they are counted
		nats.CustomReconnectDelay(func(attempts int) time.Duration { return l.pause(attempts) }),
		nats.Timeout(l.cfg.AckTimeout),
		nats.PingInterval(20 * time.Second),
		nats.ConnectHandler(func(nc *nats.Conn) { l.up(nc) }),
		nats.ReconnectHandler(func(nc *nats.Conn) { l.up(nc) }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { l.down("hub disconnected", err) }),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) { l.down("hub not reached", err) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { l.down("hub refuses", err) }),
	}
	if l.cfg.Proxy != "" {
		u, err := url.Parse(l.cfg.Proxy)
		if err != nil {
			return nil, fmt.Errorf("hub.proxy: %w", err)
		}
		// The proxy resolves the hub's name: a sensor behind one often cannot.
		options = append(options, nats.SetCustomDialer(&proxy{url: u, timeout: l.cfg.AckTimeout}), nats.SkipHostLookup())
	}
	nc, err := nats.Connect(l.cfg.URL, options...)
	if err != nil {
		return nil, fmt.Errorf("connect to hub %s: %w", l.cfg.URL, err)
	}
	if nc.IsConnected() {
		l.up(nc)
	}
	return nc, nil
}

// send repeats one batch until the hub has it or the context ends.
func (l *Link) send(ctx context.Context, nc *nats.Conn, js jetstream.JetStream, b observe.Sealed) {
	for attempt := 1; ctx.Err() == nil; {
		if !nc.IsConnected() { // a publish now would only hide why it is not
			sleep(ctx, l.pause(1))
			continue
		}
		if l.deps.Ceiling.Take(ctx, len(b.Data)) != nil {
			return
		}
		err := l.publish(ctx, js, b)
		if err == nil {
			l.acked.Add(1)
			l.note("")
			if err := l.deps.Outbox.Ack(b.ID); err != nil {
				l.deps.Log.Warn("outbox keeps an acknowledged batch", slog.Any("error", err))
			}
			return
		}
		if ctx.Err() != nil {
			return
		}
		l.refused.Add(1)
		l.note(err.Error())
		l.deps.Log.Debug("batch not taken: trying again", slog.Uint64("sequence", b.ID.Sequence), slog.Any("error", err))
		sleep(ctx, l.pause(attempt))
		attempt++
	}
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// publish makes one attempt. An error says nothing about whether the hub has the batch; the
// message id and the batch's number keep it from being counted twice.
func (l *Link) publish(ctx context.Context, js jetstream.JetStream, b observe.Sealed) error {
	ctx, cancel := context.WithTimeout(ctx, l.cfg.AckTimeout)
	defer cancel()
	msg := &nats.Msg{Subject: subject.Events(l.cfg.Site, l.cfg.Sensor), Data: b.Data}
	ack, err := js.PublishMsg(ctx, msg, jetstream.WithMsgID(subject.MessageID(b.ID)), jetstream.WithRetryAttempts(0))
	if err != nil {
		return fmt.Errorf("publish batch %d: %w", b.ID.Sequence, err)
	}
	if ack.Stream != subject.Stream {
		return fmt.Errorf("publish batch %d: acknowledged by stream %q, want %s", b.ID.Sequence, ack.Stream, subject.Stream)
	}
	return nil
}

// pause grows with the attempts and is spread, so that sixty sensors do not come back in step.
func (l *Link) pause(attempts int) time.Duration {
	d := l.cfg.RetryMin << min(max(attempts-1, 0), 16)
	d = min(max(d, l.cfg.RetryMin), l.cfg.RetryMax)
	return d/2 + rand.N(d/2+1)
}

func (l *Link) up(nc *nats.Conn) {
	if !l.connected.Swap(true) {
		l.deps.Log.Info("hub connected", slog.String("server", nc.ConnectedAddr()))
	}
	l.note("")
}

func (l *Link) down(what string, err error) {
	was := l.connected.Load()
	if what != "hub refuses" {
		l.connected.Store(false)
	}
	if err == nil { // closed by ourselves
		return
	}
	if l.note(err.Error()) || was { // not again and again while the hub is away
		l.deps.Log.Warn("hub link in trouble", slog.String("what", what), slog.Any("error", err))
	}
}

// note remembers a fault and reports whether it is another one than before.
func (l *Link) note(fault string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	changed := l.fault != fault
	l.fault = fault
	return changed
}

// Status tells how the link stands.
func (l *Link) Status() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Status{Connected: l.connected.Load(), Acked: l.acked.Load(), Refused: l.refused.Load(), Fault: l.fault}
}
