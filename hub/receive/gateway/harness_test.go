package gateway_test

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/wardscope/wardscope/hub/receive"
	"github.com/wardscope/wardscope/hub/receive/gateway"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/internal/subject"
	uplinkv1 "github.com/wardscope/wardscope/proto/wardscope/uplink/v1"

	"github.com/nats-io/nats.go/jetstream"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// Process-wide goroutines of the NATS server that it never ends.
		goleak.IgnoreAnyFunction("github.com/nats-io/nats-server/v2/server.init.0.func1"),
	)
}

// hub is a running receiver with a gateway before it.
type hub struct {
	*gateway.Gateway
	receiver  *receive.Receiver
	state     *state.State
	roll      *state.Roll
	authority *mtls.Authority
	address   string
}

// start runs a hub until the test ends; change adapts what the gateway works with.
func start(t *testing.T, change func(*gateway.Config, *gateway.Deps)) *hub {
	t.Helper()
	h := &hub{}
	h.start(t, change)
	return h
}

func (h *hub) start(t *testing.T, change func(*gateway.Config, *gateway.Deps)) {
	t.Helper()
	var err error
	if h.authority, err = mtls.NewAuthority("test", time.Now()); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	cfg := receive.DefaultConfig()
	cfg.Dir, cfg.Listen, cfg.MaxBytes = filepath.Join(t.TempDir(), "stream"), "127.0.0.1:0", 64<<20
	if h.receiver, err = receive.New(cfg, receive.Deps{Authority: h.authority, Log: log, Now: time.Now}); err != nil {
		t.Fatal(err)
	}
	if err := h.receiver.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if h.state, err = state.Open(t.Context(), h.receiver.JetStream(), state.Config{Replicas: 1}); err != nil {
		t.Fatal(err)
	}
	h.roll = h.state.Roll()
	config := gateway.DefaultConfig()
	config.Recheck = time.Minute
	deps := gateway.Deps{TLS: h.tls(t), Publisher: h.receiver.JetStream(), Admit: h.roll, Log: log, Now: time.Now}
	if change != nil {
		change(&config, &deps)
	}
	if h.Gateway, err = gateway.New(config, deps); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h.address = listener.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 2)
	go func() { done <- h.Run(ctx, listener) }()
	go func() { done <- h.roll.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, <-done); err != nil {
			t.Error(err)
		}
		h.receiver.Close()
	})
}

func (h *hub) tls(t *testing.T) *tls.Config {
	t.Helper()
	p, err := h.authority.Server([]string{"127.0.0.1"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	cert, err := p.TLS()
	if err != nil {
		t.Fatal(err)
	}
	return mtls.Server(cert, h.authority.Pool())
}

// client makes a certificate, and registers it.
func (h *hub) client(t *testing.T, id mtls.Identity) *tls.Config {
	t.Helper()
	p, err := h.authority.Client(id, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := h.state.RegisterSensor(t.Context(), id, state.Certificate{Serial: p.Serial, Issued: time.Now(), Expires: p.Expires}); err != nil {
		t.Fatal(err)
	}
	return clientOf(t, h.authority, p)
}

func clientOf(t *testing.T, a *mtls.Authority, p mtls.Pair) *tls.Config {
	t.Helper()
	cert, err := p.TLS()
	if err != nil {
		t.Fatal(err)
	}
	return mtls.Client(cert, a.Pool())
}

func (h *hub) dial(t *testing.T, cfg *tls.Config) uplinkv1.UplinkServiceClient {
	t.Helper()
	conn, err := grpc.NewClient(h.address, grpc.WithTransportCredentials(credentials.NewTLS(cfg)), grpc.WithDefaultCallOptions(grpc.MaxCallSendMsgSize(8<<20)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return uplinkv1.NewUplinkServiceClient(conn)
}

// deliver opens a delivery that the hub has admitted.
func (h *hub) deliver(t *testing.T, c uplinkv1.UplinkServiceClient) grpc.BidiStreamingClient[uplinkv1.DeliverRequest, uplinkv1.DeliverResponse] {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	s, err := c.Deliver(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Header(); err != nil {
		t.Fatal(err)
	}
	return s
}

func (h *hub) stream(t *testing.T) jetstream.Stream {
	t.Helper()
	s, err := h.receiver.JetStream().Stream(t.Context(), subject.Stream)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
