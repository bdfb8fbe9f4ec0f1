package enrol

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/wardscope/wardscope/hub/fleet"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
	uplinkv1 "github.com/wardscope/wardscope/proto/wardscope/uplink/v1"
)

// Path is where sensors enrol.
const Path = "/enrol/v1"

// Bounds of what strangers may ask for.
const (
	maxRequest = 32 << 10 // bytes
	maxAtOnce  = 16       // requests
	askTime    = 10 * time.Second
	maxRefused = 100 // refusals that are written down in a burst; one more a second
)

// Fleet knows the tokens.
type Fleet interface {
	Enrol(ctx context.Context, a fleet.Asked) (fleet.Enrolled, mtls.Identity, error)
	Renew(ctx context.Context, id mtls.Identity, request []byte) (text []byte, made bool, err error)
}

// Deed is what goes into the audit.
type Deed struct {
	Time                    time.Time
	Method                  string // Enrol or RenewCertificate
	Site                    model.SiteID
	Sensor                  model.SensorID
	Remote, Outcome, Detail string
}

// Deps is what a Door works with.
type Deps struct {
	Fleet Fleet
	Audit func(ctx context.Context, d Deed) error
	Log   *slog.Logger
	Now   func() time.Time
}

// Door answers new sensors.
type Door struct {
	deps   Deps
	atOnce chan struct{}

	mu         sync.Mutex
	spare      float64 // refusals that may be written down now
	counted    time.Time
	unrecorded int
}

// New makes one.
func New(deps Deps) *Door {
	return &Door{deps: deps, atOnce: make(chan struct{}, maxAtOnce), spare: maxRefused}
}

// ServeHTTP answers one request.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != Path {
		http.Error(w, "sensors enrol here: wardscope-sensor enroll --help", http.StatusNotFound)
		return
	}
	if r.Method != http.MethodPost {
		http.Error(w, "POST only", http.StatusMethodNotAllowed)
		return
	}
	select {
	case d.atOnce <- struct{}{}:
		defer func() { <-d.atOnce }()
	default:
		d.answer(w, http.StatusServiceUnavailable, &uplinkv1.EnrolRefusal{Cause: "busy", Text: "too many sensors enrol at this moment", Remedy: "try again in a moment"})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), askTime)
	defer cancel()
	out, err := d.enrol(ctx, r, w)
	var refusal *fleet.Refusal
	switch {
	case err == nil:
		d.answer(w, http.StatusOK, out)
	case errors.As(err, &refusal):
		d.answer(w, http.StatusForbidden, &uplinkv1.EnrolRefusal{Cause: refusal.Cause, Text: refusal.Text, Remedy: refusal.Remedy})
	default:
		d.deps.Log.Error("enrolment failed", slog.Any("error", err))
		d.answer(w, http.StatusServiceUnavailable, &uplinkv1.EnrolRefusal{Cause: "busy", Text: "the hub cannot decide now", Remedy: "try again with the same token; the hub's log has the reason"})
	}
}

// Serve answers on a listener of its own, with TLS, until the context ends; it closes the listener.
func (d *Door) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler: d, ReadTimeout: askTime, WriteTimeout: 2 * askTime, IdleTimeout: askTime, MaxHeaderBytes: 8 << 10,
		ErrorLog: slog.NewLogLogger(d.deps.Log.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve enrolment: %w", err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), askTime)
	defer cancel()
	err := server.Shutdown(stop)
	if served := <-ended; err == nil && !errors.Is(served, http.ErrServerClosed) {
		err = served
	}
	if err != nil {
		return fmt.Errorf("end enrolment: %w", err)
	}
	return nil
}

func (d *Door) enrol(ctx context.Context, r *http.Request, w http.ResponseWriter) (*uplinkv1.EnrolResponse, error) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	var ask uplinkv1.EnrolRequest
	if err == nil {
		err = (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(raw, &ask) // of a newer sensor
	}
	if err != nil {
		return nil, &fleet.Refusal{Cause: "request", Text: "the request cannot be read", Remedy: "use wardscope-sensor of this hub's version"}
	}
	remote, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		remote = r.RemoteAddr
	}
	out, id, err := d.deps.Fleet.Enrol(ctx, fleet.Asked{
		Secret: ask.GetSecret(), Request: []byte(ask.GetRequestPem()), Site: model.SiteID(ask.GetSite()), Sensor: model.SensorID(ask.GetSensor()), Remote: remote,
	})
	d.record(ctx, id, remote, model.Text(ask.GetVersion()), err)
	if err != nil {
		return nil, err
	}
	return &uplinkv1.EnrolResponse{
		Site: string(out.Site), Sensor: string(out.Sensor), CertificatePem: string(out.CertificatePEM), CaPem: string(out.CAPEM), NatsUrl: out.NATSURL,
		WebsocketUrl: out.Ways.WebSocket, GrpcUrl: out.Ways.GRPC, SentNs: uint64(d.deps.Now().UnixNano()),
	}, nil
}

// record writes into the audit. Strangers may knock often, so refusals are written down at a bounded
// rate, and the ones between are counted.
func (d *Door) record(ctx context.Context, id mtls.Identity, remote, version string, err error) {
	deed := Deed{Time: d.deps.Now(), Method: "Enrol", Site: id.Site, Sensor: id.Sensor, Remote: remote, Outcome: "ok", Detail: "sensor version " + version}
	if err != nil {
		if !d.spend(deed.Time) {
			return
		}
		deed.Outcome, deed.Detail = "error", err.Error()
		if refusal, ok := errors.AsType[*fleet.Refusal](err); ok {
			deed.Outcome, deed.Detail = "refused", refusal.Cause+": "+refusal.Text
		}
		if n := d.silent(); n > 0 {
			deed.Detail += fmt.Sprintf(" (%d refusals before it were not written down)", n)
		}
	}
	d.write(ctx, deed)
}

func (d *Door) write(ctx context.Context, deed Deed) {
	if err := d.deps.Audit(context.WithoutCancel(ctx), deed); err != nil {
		d.deps.Log.Error("audit not written", slog.Any("error", err))
	}
}

// Renew signs the next certificate of a sensor that some transport knows, and writes down that it did
// or why not. What was asked for twice is written down once.
func (d *Door) Renew(ctx context.Context, from mtls.Identity, request []byte) ([]byte, error) {
	text, made, err := d.deps.Fleet.Renew(ctx, from, request)
	deed := Deed{Time: d.deps.Now(), Method: "RenewCertificate", Site: from.Site, Sensor: from.Sensor, Outcome: "ok"}
	if err != nil {
		deed.Outcome, deed.Detail = "refused", err.Error()
	}
	if made || err != nil && !errors.Is(err, fleet.ErrTooSoon) && d.spend(deed.Time) {
		d.write(ctx, deed)
	}
	return text, err
}

func (d *Door) spend(now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.counted.IsZero() {
		d.spare = min(maxRefused, d.spare+max(now.Sub(d.counted).Seconds(), 0))
	}
	d.counted = now
	if d.spare < 1 {
		d.unrecorded++
		return false
	}
	d.spare--
	return true
}

func (d *Door) silent() (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, d.unrecorded = d.unrecorded, 0
	return n
}

func (d *Door) answer(w http.ResponseWriter, code int, m proto.Message) {
	raw, err := protojson.Marshal(m)
	if err != nil {
		d.deps.Log.Error("enrolment not answered", slog.Any("error", err))
		code = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_, _ = w.Write(raw) // the asker has gone: it may ask again
}
