package receive

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"github.com/wardscope/wardscope/internal/subject"
)

// Receiver is the hub's side towards sensors. Make it by New, use it between Start and Close.
type Receiver struct {
	cfg    Config
	deps   Deps
	lock   *os.File
	server *server.Server // nil with an external cluster
	hub    *nats.Conn
	sys    *nats.Conn
	js     jetstream.JetStream
	signer nkeys.KeyPair // account key that signs logins
	xkey   nkeys.KeyPair // nil when login requests are not encrypted

	serving chan struct{} // closed once logins are answered
	once    sync.Once     // closes it
}

// New checks the configuration; nothing is opened before Start.
func New(cfg Config, deps Deps) (*Receiver, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Receiver{cfg: cfg, deps: deps, serving: make(chan struct{})}, nil
}

// Start runs the embedded server or connects to the external one, and makes the stream. After an
// error nothing stays open.
func (r *Receiver) Start(ctx context.Context) error {
	err := r.open(ctx)
	if err != nil {
		r.Close()
	}
	return err
}

func (r *Receiver) open(ctx context.Context) error {
	connect := r.connectExternal
	if r.cfg.External == nil {
		connect = r.connectEmbedded
	}
	if err := connect(ctx); err != nil {
		return err
	}
	var err error
	if r.js, err = jetstream.New(r.hub); err != nil {
		return fmt.Errorf("open JetStream: %w", err)
	}
	return r.openStream(ctx)
}

func (r *Receiver) connectEmbedded(ctx context.Context) (err error) {
	if r.lock, err = lock(r.cfg.Dir); err != nil {
		return err
	}
	if r.signer, err = nkeys.CreateAccount(); err != nil {
		return fmt.Errorf("make login key: %w", err)
	}
	issuer, err := r.signer.PublicKey()
	if err != nil {
		return fmt.Errorf("make login key: %w", err)
	}
	// Passwords of this run only: nobody but this process knows them.
	accounts := Accounts{HubPassword: secret(), SysPassword: secret(), Issuer: issuer}
	opts, err := r.options(accounts)
	if err != nil {
		return err
	}
	if err := r.start(ctx, opts); err != nil {
		return err
	}
	return r.connect("", accounts.HubPassword, accounts.SysPassword, nats.InProcessServer(r.server))
}

func (r *Receiver) connectExternal(context.Context) (err error) {
	x := r.cfg.External
	if r.signer, err = nkeys.FromSeed([]byte(x.IssuerSeed)); err != nil {
		return fmt.Errorf("read receive.external.issuer_seed: %w", err)
	}
	if x.XKeySeed != "" {
		if r.xkey, err = nkeys.FromCurveSeed([]byte(x.XKeySeed)); err != nil {
			return fmt.Errorf("read receive.external.xkey_seed: %w", err)
		}
	}
	tlsConfig, err := x.TLS.Load(r.deps.Now())
	if err != nil {
		return err
	}
	return r.connect(x.URL, x.HubPassword, x.SysPassword, nats.Secure(tlsConfig))
}

// connect opens the hub's two connections: one in its own account, one in the system account.
func (r *Receiver) connect(url, hubPassword, sysPassword string, via nats.Option) (err error) {
	options := func(user, password string) []nats.Option {
		return []nats.Option{
			via, nats.UserInfo(user, password), nats.Name("wardscope-hub " + user),
			nats.MaxReconnects(-1), nats.IgnoreAuthErrorAbort(), nats.Timeout(callTimeout),
		}
	}
	if r.hub, err = nats.Connect(url, options("hub", hubPassword)...); err != nil {
		return fmt.Errorf("connect to NATS %s: %w", url, err)
	}
	if r.sys, err = nats.Connect(url, options("sys", sysPassword)...); err != nil {
		return fmt.Errorf("connect to NATS %s as sys: %w", url, err)
	}
	return nil
}

func (r *Receiver) openStream(ctx context.Context) error {
	if _, err := r.js.CreateOrUpdateStream(ctx, r.stream()); err != nil {
		return fmt.Errorf("open stream %s: %w", subject.Stream, err)
	}
	return nil
}

func (r *Receiver) stream() jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:             subject.Stream,
		Description:      "batches of sensors, by partition",
		Subjects:         []string{subject.Ingress},
		SubjectTransform: &jetstream.SubjectTransformConfig{Source: subject.Ingress, Destination: subject.IngressTransform},
		Retention:        jetstream.LimitsPolicy,
		Discard:          jetstream.DiscardNew, // full: sensors keep their batches; nothing unread is dropped
		MaxBytes:         r.cfg.MaxBytes,
		MaxMsgSize:       maxBatchBytes + maxHeaderBytes,
		Duplicates:       r.cfg.Duplicates,
		Storage:          jetstream.FileStorage,
		Replicas:         r.cfg.Replicas,
		AllowDirect:      true,
	}
}

// JetStream is the hub's access to streams and buckets, valid from Start to Close.
func (r *Receiver) JetStream() jetstream.JetStream { return r.js }

// Addr is the address on which the embedded server listens; nil with an external one.
func (r *Receiver) Addr() net.Addr {
	if r.server == nil {
		return nil
	}
	return r.server.Addr()
}

// SensorURL is what a sensor's configuration names: the first of the configured names, else the
// address that is listened on.
func (r *Receiver) SensorURL() string {
	if r.cfg.External != nil {
		return r.cfg.External.SensorURL
	}
	return "tls://" + r.Advertised(r.server.Addr().String())
}

// WebURL is SensorURL over WebSocket; empty when there is no such listener.
func (r *Receiver) WebURL() string {
	if r.cfg.External != nil {
		return r.cfg.External.WebURL
	}
	if r.cfg.WebSocket == "" {
		return ""
	}
	_, address, _ := strings.Cut(r.server.WebsocketURL(), "://")
	return "wss://" + r.Advertised(address)
}

// Advertised is the address of a listener as sensors are to name it.
func (r *Receiver) Advertised(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	switch ip := net.ParseIP(host); {
	case len(r.cfg.Names) > 0:
		host = r.cfg.Names[0]
	case ip != nil && ip.IsUnspecified():
		if name, err := os.Hostname(); err == nil {
			host = name
		}
	}
	return net.JoinHostPort(host, port)
}

// names lists what the server's certificate stands for.
func (r *Receiver) names(host string) []string {
	names := append(slices.Clone(r.cfg.Names), "localhost", "127.0.0.1", "::1")
	if ip := net.ParseIP(host); ip != nil && !ip.IsUnspecified() || ip == nil && host != "" {
		names = append(names, host)
	}
	if name, err := os.Hostname(); err == nil {
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Close ends connections and server and gives the folder free. It may be called again.
func (r *Receiver) Close() {
	for _, nc := range []*nats.Conn{r.hub, r.sys} {
		if nc != nil {
			nc.Close()
		}
	}
	if r.server != nil {
		r.server.Shutdown()
		r.server.WaitForShutdown()
	}
	if r.lock != nil {
		_ = r.lock.Close()
	}
	r.hub, r.sys, r.server, r.lock = nil, nil, nil, nil
}

// Pending says how full the stream is.
type Pending struct {
	Batches, Bytes, MaxBytes uint64
}

// Pending asks the stream for its fill; batches already stored but not yet trimmed count too.
func (r *Receiver) Pending(ctx context.Context) (Pending, error) {
	s, err := r.js.Stream(ctx, subject.Stream)
	if err != nil {
		return Pending{}, fmt.Errorf("ask stream %s: %w", subject.Stream, err)
	}
	info := s.CachedInfo()
	return Pending{Batches: info.State.Msgs, Bytes: info.State.Bytes, MaxBytes: uint64(max(info.Config.MaxBytes, 0))}, nil
}

func secret() string {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(raw[:])
}

// wait sleeps for d or until the context ends.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

var errNoChain = errors.New("no verified certificate")
