package receive_test

import (
	"context"
	"crypto/tls"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"github.com/wardscope/wardscope/hub/receive"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/internal/subject"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// Process-wide goroutines of the NATS server that it never ends.
		goleak.IgnoreAnyFunction("github.com/nats-io/nats-server/v2/server.init.0.func1"),
	)
}

// hub is a running receiver with its control state.
type hub struct {
	*receive.Receiver
	state     *state.State
	authority *mtls.Authority
	web       bool // sensors of the test come over WebSocket
}

// both runs a test over each listener.
func both(t *testing.T, f func(t *testing.T, h hub)) {
	t.Helper()
	for _, over := range []string{"nats", "websocket"} {
		t.Run(over, func(t *testing.T) {
			cfg := config(t)
			cfg.WebSocket = "127.0.0.1:0"
			h := start(t, cfg)
			h.web = over == "websocket"
			f(t, h)
		})
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func config(t *testing.T) receive.Config {
	t.Helper()
	cfg := receive.DefaultConfig()
	cfg.Dir, cfg.Listen = filepath.Join(t.TempDir(), "stream"), "127.0.0.1:0"
	return cfg
}

func newReceiver(t *testing.T, cfg receive.Config) (*receive.Receiver, *mtls.Authority) {
	t.Helper()
	authority, err := mtls.NewAuthority("test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	r, err := receive.New(cfg, receive.Deps{Authority: authority, Log: quiet(), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return r, authority
}

func start(t *testing.T, cfg receive.Config) hub {
	t.Helper()
	authority, err := mtls.NewAuthority("test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, cfg, authority)
}

// serve runs a receiver and its logins until the test ends.
func serve(t *testing.T, cfg receive.Config, authority *mtls.Authority) hub {
	t.Helper()
	r, err := receive.New(cfg, receive.Deps{Authority: authority, Log: quiet(), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	st, err := state.Open(t.Context(), r.JetStream(), state.Config{Replicas: 1})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	roll := st.Roll()
	done := make(chan error, 3)
	for _, run := range []func() error{
		func() error { return roll.Run(ctx) }, func() error { return r.Serve(ctx, roll) }, func() error { return r.Enforce(ctx, roll) },
	} {
		go func() { done <- run() }()
	}
	t.Cleanup(func() {
		cancel()
		for range 3 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		r.Close()
	})
	return hub{Receiver: r, state: st, authority: authority}
}

// sensor registers a sensor and returns its TLS configuration.
func (h hub) sensor(t *testing.T, site, name string) *tls.Config {
	t.Helper()
	id := mtls.Identity{Site: model.SiteID(site), Sensor: model.SensorID(name)}
	p, err := h.authority.Client(id, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := h.state.RegisterSensor(t.Context(), id, state.Certificate{Serial: p.Serial, Issued: time.Now(), Expires: p.Expires}); err != nil {
		t.Fatal(err)
	}
	return h.client(t, p)
}

func (h hub) client(t *testing.T, p mtls.Pair) *tls.Config {
	t.Helper()
	c, err := p.TLS()
	if err != nil {
		t.Fatal(err)
	}
	return mtls.Client(c, h.authority.Pool())
}

func (h hub) connect(t *testing.T, cfg *tls.Config, name string, opts ...nats.Option) (*nats.Conn, jetstream.JetStream, error) {
	t.Helper()
	opts = append(opts, nats.Secure(cfg), nats.CustomInboxPrefix(subject.InboxPrefix(model.SensorID(name))))
	url := h.SensorURL()
	if h.web {
		url = h.WebURL()
	}
	nc, err := nats.Connect(url, opts...)
	if err != nil {
		return nil, nil, err
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return nc, js, nil
}

func (h hub) stream(t *testing.T) *jetstream.StreamInfo {
	t.Helper()
	s, err := h.JetStream().Stream(t.Context(), subject.Stream)
	if err != nil {
		t.Fatal(err)
	}
	return s.CachedInfo()
}
