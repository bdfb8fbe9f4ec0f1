package wiring

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/wardscope/wardscope/hub/control"
	"github.com/wardscope/wardscope/hub/fleet"
	"github.com/wardscope/wardscope/hub/fleet/enrol"
	"github.com/wardscope/wardscope/hub/ingest"
	"github.com/wardscope/wardscope/hub/inventory/knowledge"
	"github.com/wardscope/wardscope/hub/inventory/live"
	"github.com/wardscope/wardscope/hub/inventory/ownrules"
	"github.com/wardscope/wardscope/hub/receive"
	"github.com/wardscope/wardscope/hub/receive/gateway"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	oui "github.com/wardscope/wardscope/internal/knowledge"
	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/internal/telemetry"
)

// Hub is all parts of a hub, opened. Make it by Open, let it work by Run, end it by Close.
type Hub struct {
	cfg       *Config
	log       *slog.Logger
	authority *mtls.Authority
	store     *store.Store
	receiver  *receive.Receiver
	state     *state.State
	roll      *state.Roll
	ingest    *ingest.Ingest
	keeper    *live.Keeper
	library   *library
	ownRules  *ownrules.Folder
	fleet     *fleet.Fleet
	health    telemetry.Health
	service   *service
	listener  net.Listener
	metrics   net.Listener
	door      net.Listener // of enrolment; nil: at the API
	enrol     *enrol.Door
	newToken  string
	version   string
	desk      *control.Desk
	rollouts  *fleet.Rollouts
	gateway   *gateway.Gateway // nil when there is none
	uplinks   net.Listener     // of the gateway
	shown     *mtls.Rotating   // by the API, enrolment and metrics
}

// Folders below the data directory.
const (
	authorityDir = "ca"
	engineDir    = "engine"
	natsDir      = "nats"
	knowledgeDir = "knowledge"
)

// Open opens every part, in the order of their needs. After an error nothing stays open.
func Open(ctx context.Context, cfg *Config, version string, log *slog.Logger) (h *Hub, err error) {
	h = &Hub{cfg: cfg, log: log, version: version}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.Close())
			h = nil
		}
	}()
	if cfg.DataDir, err = filepath.Abs(cfg.DataDir); err != nil {
		return h, fmt.Errorf("find data directory: %w", err)
	}
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return h, fmt.Errorf("make data directory: %w; choose another with --data-dir", err)
	}
	if h.store, err = store.Open(ctx, cfg.store()); err != nil {
		return h, err
	}
	if h.authority, err = cfg.openAuthority(); err != nil {
		return h, err
	}
	config, err := h.tls()
	if err != nil {
		return h, err
	}
	// Before anything is made that is shown once: a port in use must not cost the administrator's token.
	if err := h.listen(ctx, config); err != nil {
		return h, err
	}
	if err := h.openTransport(ctx); err != nil {
		return h, err
	}
	if err := h.openInventory(ctx); err != nil {
		return h, err
	}
	//nolint:contextcheck // the gateway's handlers live as long as the server, not as this start
	h.service, err = newService(h, config, version)
	return h, err
}

func (h *Hub) openTransport(ctx context.Context) (err error) {
	if h.receiver, err = receive.New(h.cfg.receive(), receive.Deps{Authority: h.authority, Log: h.log, Now: time.Now}); err != nil {
		return err
	}
	if err := h.receiver.Start(ctx); err != nil {
		h.receiver = nil
		return err
	}
	replicas := 1
	if h.cfg.NATS.External.URL != "" {
		replicas = h.cfg.NATS.External.Replicas
	}
	if h.state, err = state.Open(ctx, h.receiver.JetStream(), state.Config{Replicas: replicas}); err != nil {
		return err
	}
	h.roll = h.state.Roll()
	token, made, err := h.state.EnsureAdminToken(ctx, time.Now())
	if err != nil {
		return err
	}
	if made {
		h.newToken = token
	}
	h.fleet = fleet.New(fleet.Deps{Authority: h.authority, Registry: h.state, Gate: h.receiver, Ways: h.ways, Roll: h.roll, EnrolURL: h.enrolURL, Life: h.cfg.Enrolment.CertificateLife, Log: h.log, Now: time.Now})
	h.enrol = enrol.New(enrol.Deps{Fleet: h.fleet, Audit: h.auditSensor, Log: h.log, Now: time.Now})
	h.desk = control.New(control.Deps{Wishes: h.state, Renew: h.enrol.Renew, Now: time.Now})
	h.rollouts = fleet.NewRollouts(fleet.DefaultRolloutConfig(), fleet.RolloutDeps{State: h.state, Look: h.looks, Audit: h.auditRollout, Log: h.log, Now: time.Now})
	return h.openGateway(ctx)
}

func (h *Hub) openInventory(ctx context.Context) error {
	rules, err := knowledge.Builtin()
	if err != nil {
		return err
	}
	h.keeper = live.New(live.DefaultConfig(), live.Deps{Reader: h.store, Writer: h.store, Knowledge: rules, Vendor: oui.Vendor, Now: time.Now, Log: h.log})
	if h.library, err = h.newLibrary(h.keeper.Poke); err != nil {
		return err
	}
	h.ownRules = ownrules.New(ownrules.Config{Dir: h.cfg.ownRules()}, ownrules.Deps{Take: h.keeper.SetKnowledge, Log: h.log, Now: time.Now})
	if h.cfg.Sites != "" {
		if err := h.declareSites(ctx, h.cfg.Sites); err != nil {
			return err
		}
	}
	config := ingest.DefaultConfig()
	if h.cfg.NATS.External.URL != "" {
		// Two hubs on one cluster must not take each other's leases for their own.
		if config.Instance, err = os.Hostname(); err != nil {
			return fmt.Errorf("find host name: %w", err)
		}
	}
	h.ingest, err = ingest.New(config, ingest.Deps{
		JetStream: h.receiver.JetStream(), State: h.state, Store: h.store, Log: h.log, Committed: func(ingest.Commit) { h.keeper.Poke() },
	})
	return err
}

// tls makes the certificate of the API, under every name by which it may be reached.
func (h *Hub) tls() (*tls.Config, error) {
	names := append([]string{"localhost", "127.0.0.1", "::1"}, h.cfg.Names...)
	if host, _, err := net.SplitHostPort(h.cfg.Listen); err == nil && host != "" && !unspecified(host) {
		names = append(names, host)
	}
	if host, err := os.Hostname(); err == nil {
		names = append(names, host)
	}
	var err error
	// With the authority's own: a new sensor knows it by its fingerprint only.
	if h.shown, err = h.authority.Rotating(names, true, time.Now); err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS13, GetCertificate: h.shown.Get}, nil
}

// listen opens the API's and the metrics' listeners. The metrics need TLS only where others reach them.
func (h *Hub) listen(ctx context.Context, config *tls.Config) (err error) {
	var listener net.ListenConfig
	if h.listener, err = listener.Listen(ctx, "tcp", h.cfg.Listen); err != nil {
		return portError("API", "listen", h.cfg.Listen, err)
	}
	if h.metrics, err = listener.Listen(ctx, "tcp", h.cfg.Metrics.Listen); err != nil {
		return portError("metrics", "metrics.listen", h.cfg.Metrics.Listen, err)
	}
	if err := h.listenDoor(ctx, config); err != nil {
		return err
	}
	if host, _, err := net.SplitHostPort(h.cfg.Metrics.Listen); err != nil || !loopback(host) {
		h.metrics = tls.NewListener(h.metrics, config)
	}
	return nil
}

func unspecified(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsUnspecified()
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// PortError says that an address cannot be listened on.
type PortError struct{ what, key, address, cause string }

// Error names the key that moves it.
func (e *PortError) Error() string {
	return fmt.Sprintf("listen for the %s on %s: %s; free the port or set %s", e.what, e.address, e.cause, e.key)
}

func portError(what, key, address string, err error) error {
	var op *net.OpError
	cause := err.Error()
	if errors.As(err, &op) && op.Err != nil {
		cause = op.Err.Error()
	}
	return &PortError{what: what, key: key, address: address, cause: cause}
}

// Run works until the context ends or a part fails, and then stops the others and waits for them.
func (h *Hub) Run(ctx context.Context) error {
	registry := telemetry.Registry()
	registerMetrics(registry, h)
	h.health.Check("store", h.store.Ping)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return h.roll.Run(ctx) })
	group.Go(func() error { return h.receiver.Serve(ctx, h.roll) })
	group.Go(func() error { return h.receiver.Enforce(ctx, h.roll) })
	group.Go(func() error { return h.state.WatchSites(ctx, h.keeper.SetSites) })
	group.Go(func() error { return h.state.WatchCorrections(ctx, h.keeper.SetDecisions) })
	group.Go(func() error { return h.state.WatchRegisters(ctx, h.keeper.SetRegisters) })
	group.Go(func() error { return h.ingest.Run(ctx) })
	group.Go(func() error { return h.keeper.Run(ctx) })
	group.Go(func() error { return h.library.Run(ctx) })
	group.Go(func() error { return h.ownRules.Run(ctx) })
	group.Go(func() error { return h.local(ctx) })
	group.Go(func() error { return h.receiver.Reports(ctx, h.desk.Answer) })
	group.Go(func() error { return h.runGateway(ctx) })
	group.Go(func() error { return h.rollouts.Run(ctx) })
	group.Go(func() error { return h.receiver.Guard(ctx) })
	group.Go(func() error { return h.service.run(ctx, h.listener) })
	group.Go(func() error { return h.enrolment(ctx) })
	group.Go(func() error { return telemetry.Serve(ctx, h.metrics, telemetry.Handler(registry, &h.health)) })
	return group.Wait()
}

// Close ends every part that was opened, the last one first.
func (h *Hub) Close() error {
	var errs []error
	for _, l := range []net.Listener{h.listener, h.metrics, h.uplinks, h.door} {
		if l != nil {
			if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
				errs = append(errs, err)
			}
		}
	}
	if h.service != nil {
		errs = append(errs, h.service.close())
	}
	if h.receiver != nil {
		h.receiver.Close()
	}
	if h.store != nil {
		errs = append(errs, h.store.Close())
	}
	return errors.Join(errs...)
}

// NewToken is the administrator's token if this start made it; it is shown that once.
func (h *Hub) NewToken() string { return h.newToken }

// Address is where the API answers.
func (h *Hub) Address() string { return h.listener.Addr().String() }

// AuthorityFile is the certificate that clients must trust.
func (h *Hub) AuthorityFile() string {
	return filepath.Join(h.cfg.DataDir, authorityDir, mtls.AuthorityCertFile)
}

// SensorURL is where sensors connect.
func (h *Hub) SensorURL() string { return h.receiver.SensorURL() }
