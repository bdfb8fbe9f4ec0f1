package fleet

import (
	"bytes"
	"context"
	_ "embed" // the sample configuration
	"errors"
	"fmt"
	"log/slog"
	"text/template"
	"time"

	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
)

// Registry remembers sensors; package state has it.
type Registry interface {
	RegisterSensor(ctx context.Context, id mtls.Identity, c state.Certificate) error
	Deny(ctx context.Context, d state.Denial) error
	ReplaceSensor(ctx context.Context, id mtls.Identity, c state.Certificate, asked time.Time) error
	Sensors(ctx context.Context) ([]state.Sensor, error)
	Sensor(ctx context.Context, id model.SensorID) (state.Sensor, error)
	Denial(ctx context.Context, id model.SensorID) (state.Denial, error)
	Denials(ctx context.Context) ([]state.Denial, error)
	PutEnrolment(ctx context.Context, e state.Enrolment) error
	Enrolment(ctx context.Context, secret string) (state.Enrolment, uint64, error)
	UseEnrolment(ctx context.Context, e state.Enrolment, revision uint64) error
	Enrolments(ctx context.Context) ([]state.Enrolment, error)
}

// Roll knows when this hub refuses a sensor; package state has it.
type Roll interface {
	AwaitDenial(ctx context.Context, id model.SensorID) error
}

// Gate is where sensors are connected; package receive has it.
type Gate interface {
	SensorURL() string
	Kick(ctx context.Context, id model.SensorID) (int, error)
}

// Deps is what a Fleet works with.
type Deps struct {
	Authority *mtls.Authority
	Registry  Registry
	Gate      Gate
	Ways      func() Ways // beside the gate's own; nil: none
	Roll      Roll
	EnrolURL  func() string // at which new sensors enrol
	Life      time.Duration // of a sensor's certificate
	Log       *slog.Logger
	Now       func() time.Time
}

// Ways are URLs by which sensors reach the hub where NATS over TLS does not get through; empty: no
// such way.
type Ways struct{ WebSocket, GRPC string }

// Fleet adds and removes sensors.
type Fleet struct{ deps Deps }

// New makes a Fleet.
func New(deps Deps) *Fleet { return &Fleet{deps} }

// Enrolled is everything that a new sensor needs.
type Enrolled struct {
	Site           model.SiteID
	Sensor         model.SensorID
	CertificatePEM []byte
	PrivateKeyPEM  []byte // kept nowhere else
	CAPEM          []byte
	NATSURL        string
	Ways           Ways
	ConfigYAML     string // names the three files beside it as SENSOR.pem, SENSOR-key.pem and ca.pem
	Expires        time.Time
}

//go:embed sensor.yaml
var sampleText string

var sample = template.Must(template.New("sensor.yaml").Parse(sampleText))

// Add registers a sensor and makes its certificate. Adding one again makes another certificate;
// the ones before stay valid until there are more than a few. state.ErrExists when the sensor
// belongs to another site.
func (f *Fleet) Add(ctx context.Context, site model.SiteID, sensor model.SensorID) (Enrolled, error) {
	id := mtls.Identity{Site: site, Sensor: sensor}
	if err := id.Check(); err != nil {
		return Enrolled{}, err
	}
	now := f.deps.Now()
	if denial, err := f.deps.Registry.Denial(ctx, sensor); err == nil {
		return Enrolled{}, fmt.Errorf("add sensor %s: %w since %s: %s", sensor, ErrRevoked, denial.Since.UTC().Format(time.RFC3339), denial.Reason)
	} else if !errors.Is(err, state.ErrNotFound) {
		return Enrolled{}, err
	}
	pair, err := f.deps.Authority.ClientFor(id, now, f.deps.Life)
	if err != nil {
		return Enrolled{}, err
	}
	certificate := state.Certificate{Serial: pair.Serial, Issued: now, Expires: pair.Expires}
	if err := f.deps.Registry.RegisterSensor(ctx, id, certificate); err != nil {
		return Enrolled{}, fmt.Errorf("add sensor: %w", err)
	}
	out := Enrolled{
		Site: site, Sensor: sensor, CertificatePEM: pair.CertPEM, PrivateKeyPEM: pair.KeyPEM, CAPEM: f.deps.Authority.PEM(),
		NATSURL: f.deps.Gate.SensorURL(), Expires: pair.Expires,
	}
	out.Ways = f.ways()
	var text bytes.Buffer
	if err := sample.Execute(&text, out); err != nil {
		return Enrolled{}, fmt.Errorf("add sensor: write configuration: %w", err)
	}
	out.ConfigYAML = text.String()
	f.deps.Log.Info("sensor added", slog.String("site", string(site)), slog.String("sensor", string(sensor)), slog.String("serial", pair.Serial))
	return out, nil
}

// ErrRevoked says that a sensor is shut out: only a new enrolment lets it in.
var ErrRevoked = errors.New("revoked")

// awaitRoll is how long the hub's own watch may take to bring what it wrote itself.
const awaitRoll = 2 * time.Second

// Revoke shuts a sensor out and cuts its connections. It returns after the last of them, some
// seconds later; the sensor is cut within the first of these seconds.
func (f *Fleet) Revoke(ctx context.Context, sensor model.SensorID, reason string) error {
	if err := model.CheckID("sensor", string(sensor)); err != nil {
		return err
	}
	if _, err := f.deps.Registry.Sensor(ctx, sensor); err != nil {
		return fmt.Errorf("revoke sensor %s: %w", sensor, err)
	}
	if err := f.deps.Registry.Deny(ctx, state.Denial{Sensor: sensor, Since: f.deps.Now(), Reason: model.Text(reason)}); err != nil {
		return fmt.Errorf("revoke sensor: %w", err)
	}
	soon, cancel := context.WithTimeout(ctx, awaitRoll)
	defer cancel()
	if err := f.deps.Roll.AwaitDenial(soon, sensor); err != nil {
		f.deps.Log.Warn("the watch of sensors is late", slog.Any("error", err)) // when it comes, it cuts again
	}
	n, err := f.deps.Gate.Kick(ctx, sensor)
	if err != nil {
		return fmt.Errorf("revoke sensor: it is shut out, but perhaps still connected: %w", err)
	}
	f.deps.Log.Info("sensor revoked", slog.String("sensor", string(sensor)), slog.Int("connections", n))
	return nil
}

// List returns the registered sensors by site and id.
func (f *Fleet) List(ctx context.Context) ([]state.Sensor, error) {
	return f.deps.Registry.Sensors(ctx)
}

// Denials lists who is shut out.
func (f *Fleet) Denials(ctx context.Context) ([]state.Denial, error) {
	return f.deps.Registry.Denials(ctx)
}

func (f *Fleet) ways() Ways {
	if f.deps.Ways == nil {
		return Ways{}
	}
	return f.deps.Ways()
}
