package api

import (
	"context"
	"crypto/tls"
	_ "embed" // the OpenAPI document
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/wardscope/wardscope/hub/access"
	"github.com/wardscope/wardscope/hub/api/answer"
	"github.com/wardscope/wardscope/hub/api/assets"
	"github.com/wardscope/wardscope/hub/api/curate"
	"github.com/wardscope/wardscope/hub/api/facts"
	"github.com/wardscope/wardscope/hub/api/life"
	"github.com/wardscope/wardscope/hub/api/needs"
	"github.com/wardscope/wardscope/hub/api/operate"
	"github.com/wardscope/wardscope/hub/api/outlived"
	"github.com/wardscope/wardscope/hub/api/ruling"
	"github.com/wardscope/wardscope/hub/exposure"
	"github.com/wardscope/wardscope/hub/exposure/advisory"
	"github.com/wardscope/wardscope/hub/exposure/geo"
	"github.com/wardscope/wardscope/hub/exposure/legacy"
	"github.com/wardscope/wardscope/hub/fleet"
	"github.com/wardscope/wardscope/hub/flowmap"
	"github.com/wardscope/wardscope/hub/inventory/knowledge"
	"github.com/wardscope/wardscope/hub/inventory/lifecycle"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

//go:embed openapi.yaml
var openAPI []byte

// Store is what handlers ask of the database.
type Store interface {
	answer.Store
	life.Store
	operate.Store
	Query(ctx context.Context, q store.PeopleQuery) (store.Table, error)
	InsertAudit(ctx context.Context, row store.AuditRow) error
	Audit(ctx context.Context, q store.AuditQuery) ([]store.AuditRow, error)
}

// State is what handlers ask of control state.
type State interface {
	Sites(ctx context.Context) (state.Sites, error)
	PutSites(ctx context.Context, v state.Sites, expected uint64) (uint64, error)
	answer.State
	curate.State
	operate.State
	assets.State
}

// Fleet adds and lists sensors.
type Fleet interface {
	answer.Fleet
	Add(ctx context.Context, site model.SiteID, sensor model.SensorID) (fleet.Enrolled, error)
	MakeToken(ctx context.Context, w fleet.Wanted) (fleet.Token, error)
	Revoke(ctx context.Context, sensor model.SensorID, reason string) error
}

// Keeper has the inventory.
type Keeper interface {
	curate.Keeper
	assets.Keeper
	ruling.Keeper
	SetSites(doc state.Sites)
}

// Config says how the API is served.
type Config struct {
	TLS *tls.Config // with the hub's certificate
	// MaxCalls is how many calls run at a time; more are refused. 0 means 64.
	MaxCalls int
	// CallTime bounds one call. 0 means a minute.
	CallTime time.Duration
}

// Deps is what the handlers work with.
type Deps struct {
	Store   Store
	Keeper  Keeper
	State   State
	Fleet   Fleet
	Guard   *access.Guard
	Geo     *geo.Table
	Ratings *exposure.Ratings
	Library facts.Library
	// Rules has a site's own rules; nil when there is no folder for them.
	Rules    ruling.Folder
	RulesDir string // of Rules, as shown to people
	// Advisories are those in use; nil takes those that the program carries.
	Advisories func() *advisory.Pack
	// Reports has what sensors last said of themselves; nil when they do not report here.
	Reports func() map[model.SensorID]fleet.Report
	// Rollouts give configurations out in stages; nil when there are none.
	Rollouts operate.Rollouts
	// Again takes batches out of quarantine, and Unreadable tells which of its errors are about a batch.
	Again      func(ctx context.Context, id model.BatchID, counted bool, payload []byte) error
	Unreadable func(error) bool
	// Diagnose looks at the whole hub; nil when there is none around.
	Diagnose func(ctx context.Context) (*hubv1.DiagnoseResponse, error)
	// Enrol answers sensors without a certificate below /enrol/; nil when another listener does.
	Enrol http.Handler
	// Pending counts batches received and not stored yet; nil means that nobody knows.
	Pending func(context.Context) (uint64, error)
	// Ready says why the hub cannot answer yet; nil means that it can.
	Ready   func(context.Context) error
	Version string
	Now     func() time.Time
	Log     *slog.Logger
}

// maxRequest bounds a request, bytes.
const maxRequest = 4 << 20

// Server serves the API.
type Server struct {
	cfg     Config
	deps    Deps
	grpc    *grpc.Server
	inside  *bufconn.Listener // the gateway's way to the gRPC server, so that interceptors run once
	gateway *runtime.ServeMux
	conn    *grpc.ClientConn
	calls   chan struct{}
	answers *answer.Answers
}

// New prepares a server. Nothing listens before Run.
func New(cfg Config, deps Deps) (*Server, error) {
	if cfg.TLS == nil {
		return nil, errors.New("serve API: no TLS configuration: the API never speaks in clear text")
	}
	if cfg.MaxCalls <= 0 {
		cfg.MaxCalls = 64
	}
	if cfg.CallTime <= 0 {
		cfg.CallTime = time.Minute
	}
	if deps.Advisories == nil {
		own, err := advisory.Builtin()
		if err != nil {
			return nil, fmt.Errorf("serve API: %w", err)
		}
		deps.Advisories = func() *advisory.Pack { return own }
	}
	s := &Server{cfg: cfg, deps: deps, calls: make(chan struct{}, cfg.MaxCalls), inside: bufconn.Listen(1 << 20),
		answers: answer.New(answer.Deps{Store: deps.Store, State: deps.State, Fleet: deps.Fleet, Keeper: deps.Keeper, Geo: deps.Geo, Ratings: deps.Ratings, Advisories: deps.Advisories, Reports: deps.Reports, Now: deps.Now})}
	s.grpc = grpc.NewServer(grpc.UnaryInterceptor(s.intercept), grpc.MaxRecvMsgSize(maxRequest), grpc.MaxConcurrentStreams(256))
	s.answers.Register(s.grpc)
	hubv1.RegisterSiteServiceServer(s.grpc, siteServer{s: s})
	hubv1.RegisterSensorServiceServer(s.grpc, sensorServer{s: s})
	hubv1.RegisterQueryServiceServer(s.grpc, queryServer{s: s})
	hubv1.RegisterFleetServiceServer(s.grpc, operate.New(operate.Deps{Store: deps.Store, State: deps.State, Reports: deps.Reports, Now: deps.Now, Diagnose: deps.Diagnose, Rollouts: deps.Rollouts, Again: deps.Again, Unreadable: deps.Unreadable}))
	hubv1.RegisterRolloutServiceServer(s.grpc, operate.NewStager(deps.Rollouts, deps.Reports))
	hubv1.RegisterSystemServiceServer(s.grpc, systemServer{s: s})
	hubv1.RegisterAuditServiceServer(s.grpc, auditServer{s: s})
	kinds, err := knowledge.Builtin()
	if err != nil {
		return nil, fmt.Errorf("serve API: %w", err)
	}
	hubv1.RegisterCorrectionServiceServer(s.grpc, curate.New(curate.Deps{State: deps.State, Keeper: deps.Keeper, Kinds: kinds, Now: deps.Now}))
	hubv1.RegisterRegisterServiceServer(s.grpc, assets.New(assets.Deps{State: deps.State, Keeper: deps.Keeper, Now: deps.Now}))
	patience, err := lifecycle.Builtin()
	if err != nil {
		return nil, fmt.Errorf("serve API: %w", err)
	}
	hubv1.RegisterHistoryServiceServer(s.grpc, life.New(life.Deps{Store: deps.Store, State: deps.State, Keeper: deps.Keeper, Patience: patience}))
	care, err := flowmap.LoadCare()
	if err != nil {
		return nil, fmt.Errorf("serve API: %w", err)
	}
	hubv1.RegisterNeedServiceServer(s.grpc, needs.New(needs.Deps{Store: deps.Store, Keeper: deps.Keeper, Answers: s.answers, Care: care}))
	support, err := legacy.Builtin()
	if err != nil {
		return nil, fmt.Errorf("serve API: %w", err)
	}
	hubv1.RegisterLegacyServiceServer(s.grpc, outlived.New(outlived.Deps{Keeper: deps.Keeper, Advisories: s.deps.Advisories, Table: support, Now: deps.Now}))
	hubv1.RegisterRuleServiceServer(s.grpc, ruling.New(ruling.Deps{Folder: deps.Rules, Dir: deps.RulesDir, Keeper: deps.Keeper}))
	hubv1.RegisterKnowledgeServiceServer(s.grpc, facts.New(facts.Deps{Library: deps.Library, Keeper: deps.Keeper, Advisories: s.deps.Advisories, Now: deps.Now}))
	return s, s.openGateway()
}

func (s *Server) openGateway() error {
	s.gateway = runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, &runtime.JSONPb{
			MarshalOptions:   protojson.MarshalOptions{},
			UnmarshalOptions: protojson.UnmarshalOptions{DiscardUnknown: false}, // a misspelt field is an error, not silence
		}),
		runtime.WithRoutingErrorHandler(routingError),
	)
	conn, err := grpc.NewClient("passthrough:///inside", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return s.inside.DialContext(ctx) }),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(256<<20)))
	if err != nil {
		return fmt.Errorf("serve API: %w", err)
	}
	s.conn = conn
	ctx := context.Background() // the handlers end with the connection, which Run closes
	for _, register := range []func(context.Context, *runtime.ServeMux, *grpc.ClientConn) error{
		hubv1.RegisterDeviceServiceHandler, hubv1.RegisterExposureServiceHandler, hubv1.RegisterFlowServiceHandler, hubv1.RegisterSiteServiceHandler,
		hubv1.RegisterSensorServiceHandler, hubv1.RegisterZoneServiceHandler, hubv1.RegisterAuditServiceHandler, hubv1.RegisterQueryServiceHandler, hubv1.RegisterSystemServiceHandler,
		hubv1.RegisterCorrectionServiceHandler, hubv1.RegisterRegisterServiceHandler, hubv1.RegisterFleetServiceHandler, hubv1.RegisterKnowledgeServiceHandler, hubv1.RegisterHistoryServiceHandler,
		hubv1.RegisterNeedServiceHandler, hubv1.RegisterLegacyServiceHandler, hubv1.RegisterRuleServiceHandler, hubv1.RegisterRolloutServiceHandler,
	} {
		if err := register(ctx, s.gateway, conn); err != nil {
			return errors.Join(fmt.Errorf("serve API: %w", err), conn.Close())
		}
	}
	return nil
}

// handler tells gRPC, REST and the few plain pages apart.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/v1/", http.MaxBytesHandler(s.gateway, maxRequest))
	if s.deps.Enrol != nil {
		mux.Handle("/enrol/", s.deps.Enrol)
	}
	mux.HandleFunc("GET /openapi.yaml", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/yaml")
		_, _ = w.Write(openAPI) // the reader has gone: nobody to tell
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if s.deps.Ready != nil {
			if err := s.deps.Ready(r.Context()); err != nil {
				plain(w, http.StatusServiceUnavailable, err.Error())
				return
			}
		}
		plain(w, http.StatusOK, "ready")
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor == 2 && strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc") {
			s.grpc.ServeHTTP(w, r)
			return
		}
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	})
}

func plain(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	_, _ = w.Write([]byte(text + "\n")) // the reader has gone: nobody to tell
}

// stopTime is how long open calls may take after the context ended.
const stopTime = 10 * time.Second

// Run serves on ln, which it closes, until the context ends; a Server runs once.
func (s *Server) Run(ctx context.Context, ln net.Listener) error {
	conf := s.cfg.TLS.Clone()
	conf.NextProtos = []string{"h2", "http/1.1"}
	web := &http.Server{
		Handler: s.handler(), TLSConfig: conf, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ReadTimeout: s.cfg.CallTime, WriteTimeout: s.cfg.CallTime + stopTime, ErrorLog: slog.NewLogLogger(s.deps.Log.Handler(), slog.LevelDebug),
	}
	done := make(chan error, 3)
	renew, stopRenewing := context.WithCancel(ctx)
	defer stopRenewing()
	go func() { done <- s.answers.Run(renew) }()
	go func() { done <- s.grpc.Serve(s.inside) }()
	go func() { done <- web.ServeTLS(ln, "", "") }()
	var failed error
	running := 3
	select {
	case <-ctx.Done():
	case failed = <-done:
		running--
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if err := web.Shutdown(stop); err != nil {
		s.deps.Log.Warn("open API calls were cut", slog.String("error", errors.Join(err, web.Close()).Error()))
	}
	stopRenewing()
	closing := s.conn.Close()
	s.grpc.Stop()
	for range running {
		if err := <-done; failed == nil {
			failed = err
		}
	}
	if failed != nil && !errors.Is(failed, http.ErrServerClosed) && !errors.Is(failed, grpc.ErrServerStopped) {
		return fmt.Errorf("serve API: %w", failed)
	}
	if closing != nil {
		return fmt.Errorf("close API gateway: %w", closing)
	}
	return nil
}
