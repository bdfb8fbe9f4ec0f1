package gateway

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
	uplinkv1 "github.com/wardscope/wardscope/proto/wardscope/uplink/v1"
)

// Gateway serves sensors over gRPC. Make it by New; Run does the work.
type Gateway struct {
	uplinkv1.UnimplementedUplinkServiceServer
	cfg   Config
	deps  Deps
	bytes *semaphore.Weighted // batches under way into the stream
	group sync.WaitGroup      // goroutines of calls

	mu        sync.Mutex
	connected map[model.SensorID][]*session // oldest first; guarded by mu
}

// session is one delivery that is going on.
type session struct {
	id     mtls.Identity
	cert   *x509.Certificate
	cancel context.CancelCauseFunc
}

var (
	errReplaced  = errors.New("the sensor has connected again")
	errNoLonger  = errors.New("not admitted any more")
	errLifeEnded = errors.New("time to log in again")
)

// New checks the configuration; nothing is opened before Run.
func New(cfg Config, deps Deps) (*Gateway, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Gateway{cfg: cfg, deps: deps, bytes: semaphore.NewWeighted(cfg.MaxBytes), connected: map[model.SensorID][]*session{}}, nil
}

// Run serves until the context ends, and then returns nil. It closes the listener.
func (g *Gateway) Run(ctx context.Context, listener net.Listener) error {
	server := grpc.NewServer(
		grpc.Creds(credentials.NewTLS(g.deps.TLS)),
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.MaxConcurrentStreams(2*maxStreams),
		grpc.InitialWindowSize(window), grpc.InitialConnWindowSize(2*window),
		grpc.ConnectionTimeout(helloTimeout), grpc.WaitForHandlers(true),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: pingFloor, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: pingEvery, Timeout: pingTimeout, MaxConnectionAge: g.cfg.MaxLife, MaxConnectionAgeGrace: pingEvery}),
	)
	uplinkv1.RegisterUplinkServiceServer(server, g)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return g.enforce(ctx) })
	group.Go(func() error {
		if err := server.Serve(listener); err != nil {
			return fmt.Errorf("serve sensors over gRPC: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		server.Stop() // what is not answered comes again
		return nil
	})
	err := group.Wait()
	g.group.Wait()
	return err
}

// who is at the other end: what the verified certificate says, and nothing else.
func who(ctx context.Context) (mtls.Identity, *x509.Certificate, error) {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return mtls.Identity{}, nil, errors.New("no peer")
	}
	info, ok := p.AuthInfo.(credentials.TLSInfo)
	if !ok || len(info.State.VerifiedChains) == 0 || len(info.State.VerifiedChains[0]) == 0 {
		return mtls.Identity{}, nil, errors.New("no verified certificate")
	}
	cert := info.State.VerifiedChains[0][0]
	id, err := mtls.PeerIdentity(cert)
	return id, cert, err
}

// enter says who calls, once the certificate is valid by the hub's clock and the sensor admitted.
// The reason of a refusal is the hub's own affair.
func (g *Gateway) enter(ctx context.Context) (mtls.Identity, *x509.Certificate, error) {
	id, cert, err := who(ctx)
	if err == nil {
		err = g.check(ctx, id, cert)
	}
	if err != nil {
		g.deps.Log.Warn("login refused", slog.String("remote", remote(ctx)), slog.Any("error", err))
		return id, cert, status.Error(codes.PermissionDenied, "not admitted")
	}
	return id, cert, nil
}

func (g *Gateway) check(ctx context.Context, id mtls.Identity, cert *x509.Certificate) error {
	if g.deps.Now().After(cert.NotAfter) { // a connection may outlive its certificate
		return fmt.Errorf("sensor %s: certificate expired on %s", id, cert.NotAfter)
	}
	ctx, cancel := context.WithTimeout(ctx, g.cfg.AckTimeout)
	defer cancel()
	return g.deps.Admit.Admit(ctx, id, mtls.Serial(cert))
}

func remote(ctx context.Context) string {
	if p, ok := peer.FromContext(ctx); ok && p.Addr != nil {
		return p.Addr.String()
	}
	return ""
}

// Report answers a sensor's report.
func (g *Gateway) Report(ctx context.Context, request *uplinkv1.ReportRequest) (*uplinkv1.ReportResponse, error) {
	id, _, err := g.enter(ctx)
	if err != nil {
		return nil, err
	}
	raw, err := proto.Marshal(request.GetReport())
	if err == nil {
		raw, err = g.deps.Report(ctx, id, raw)
	}
	var answer uplinkv1.Answer
	if err == nil {
		err = proto.Unmarshal(raw, &answer)
	}
	if err != nil {
		g.deps.Log.Warn("report not answered", slog.String("sensor", string(id.Sensor)), slog.Any("error", err))
		return nil, status.Error(codes.Unavailable, "report not answered")
	}
	return &uplinkv1.ReportResponse{Answer: &answer}, nil
}

// enforce cuts every session of sensors that have lost their admission, whichever hub took it away.
func (g *Gateway) enforce(ctx context.Context) error {
	return g.deps.Admit.Withdrawn(ctx, func(id model.SensorID) {
		g.mu.Lock()
		sessions := slices.Clone(g.connected[id])
		g.mu.Unlock()
		for _, s := range sessions {
			g.judge(ctx, s)
		}
	})
}

// judge cuts a session that is not admitted any more. A look-up that fails changes nothing: while
// the control state is away, so is the stream.
func (g *Gateway) judge(ctx context.Context, s *session) {
	if err := g.check(ctx, s.id, s.cert); errors.Is(err, state.ErrNotAdmitted) {
		s.cancel(errNoLonger)
	}
}

// Connected tells how many sensors are connected.
func (g *Gateway) Connected() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.connected)
}

// add remembers a session. Of too many of one sensor the oldest goes.
func (g *Gateway) add(s *session) {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := append(g.connected[s.id.Sensor], s)
	for _, old := range all[:max(0, len(all)-maxStreams)] {
		old.cancel(errReplaced)
	}
	g.connected[s.id.Sensor] = all
}

func (g *Gateway) remove(s *session) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var rest []*session
	for _, other := range g.connected[s.id.Sensor] {
		if other != s {
			rest = append(rest, other)
		}
	}
	if g.connected[s.id.Sensor] = rest; len(rest) == 0 {
		delete(g.connected, s.id.Sensor)
	}
}
