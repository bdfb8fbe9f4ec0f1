package fleet

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
)

// Lives of enrolment tokens.
const (
	TokenLife    = time.Hour
	MinTokenLife = time.Second
	MaxTokenLife = 7 * 24 * time.Hour
)

// Wanted says for whom a token is.
type Wanted struct {
	Site    model.SiteID
	Sensor  model.SensorID // empty: the next free name of the site
	Life    time.Duration  // 0: TokenLife
	Replace bool           // the sensor exists and is not shut out: enrolling ends its present certificates
	By      string
}

// Token is a token that was made; its text exists in the answer only.
type Token struct {
	Text        string
	Sensor      model.SensorID
	Expires     time.Time
	URL         string // at which the sensor enrols
	Fingerprint string // of the authority, hexadecimal
}

// ErrInUse says that a sensor exists and is not shut out.
var ErrInUse = errors.New("in use")

// MakeToken makes a token by which one sensor enrols, once. state.ErrExists when the sensor belongs
// to another site, ErrInUse when it is there already and nobody said that it shall be replaced.
func (f *Fleet) MakeToken(ctx context.Context, w Wanted) (Token, error) {
	if w.Life == 0 {
		w.Life = TokenLife
	}
	if w.Life < MinTokenLife || w.Life > MaxTokenLife {
		return Token{}, fmt.Errorf("make enrolment token: its life must be %s to %s", MinTokenLife, MaxTokenLife)
	}
	sensors, err := f.deps.Registry.Sensors(ctx)
	if err != nil {
		return Token{}, fmt.Errorf("make enrolment token: %w", err)
	}
	now := f.deps.Now()
	if w.Sensor == "" {
		if w.Sensor, err = f.nextName(ctx, w.Site, sensors, now); err != nil {
			return Token{}, err
		}
	}
	id := mtls.Identity{Site: w.Site, Sensor: w.Sensor}
	if err := id.Check(); err != nil {
		return Token{}, fmt.Errorf("make enrolment token: %w", err)
	}
	if err := f.free(ctx, id, sensors, w.Replace); err != nil {
		return Token{}, fmt.Errorf("make enrolment token: %w", err)
	}
	t := mtls.NewToken(f.deps.Authority.Fingerprint())
	e := state.Enrolment{Digest: state.EnrolmentDigest(t.SecretText()), Site: w.Site, Sensor: w.Sensor, Made: now, By: w.By, Expires: now.Add(w.Life)}
	if err := f.deps.Registry.PutEnrolment(ctx, e); err != nil {
		return Token{}, fmt.Errorf("make enrolment token: %w", err)
	}
	f.deps.Log.Info("enrolment token made", slog.String("site", string(w.Site)), slog.String("sensor", string(w.Sensor)), slog.String("token", e.Short()), slog.Time("expires", e.Expires))
	return Token{Text: t.String(), Sensor: w.Sensor, Expires: e.Expires, URL: f.deps.EnrolURL(), Fingerprint: hex.EncodeToString(t.Fingerprint[:])}, nil
}

// nextName is the first of site-1, site-2 … that no sensor has and no open token is for.
func (f *Fleet) nextName(ctx context.Context, site model.SiteID, sensors []state.Sensor, now time.Time) (model.SensorID, error) {
	tokens, err := f.deps.Registry.Enrolments(ctx)
	if err != nil {
		return "", fmt.Errorf("make enrolment token: %w", err)
	}
	taken := map[model.SensorID]bool{}
	for i := range sensors {
		taken[sensors[i].ID] = true
	}
	for i := range tokens {
		if tokens[i].Used.IsZero() && now.Before(tokens[i].Expires) {
			taken[tokens[i].Sensor] = true
		}
	}
	for n := 1; ; n++ {
		if id := model.SensorID(fmt.Sprintf("%s-%d", site, n)); !taken[id] {
			return id, nil
		}
	}
}

func (f *Fleet) free(ctx context.Context, id mtls.Identity, sensors []state.Sensor, replace bool) error {
	i := slices.IndexFunc(sensors, func(s state.Sensor) bool { return s.ID == id.Sensor })
	if i < 0 {
		return nil
	}
	if sensors[i].Site != id.Site {
		return fmt.Errorf("sensor %s: %w, at site %s", id.Sensor, state.ErrExists, sensors[i].Site)
	}
	switch _, err := f.deps.Registry.Denial(ctx, id.Sensor); {
	case err == nil || replace:
		return nil
	case !errors.Is(err, state.ErrNotFound):
		return err
	}
	return fmt.Errorf("sensor %s: %w", id.Sensor, ErrInUse)
}

// Refusal is why a sensor cannot enrol, for the person in front of it.
type Refusal struct {
	Cause  string // for machines: expired, used, unknown, site, sensor, revoked, request
	Text   string
	Remedy string
}

// Error is the text.
func (r *Refusal) Error() string { return r.Text }

// Asked is what a new sensor sends.
type Asked struct {
	Secret  string
	Request []byte // certificate signing request, PEM
	Site    model.SiteID
	Sensor  model.SensorID
	Remote  string
}

// Enrol gives the holder of a token what a sensor needs, once; to the holder of the same key again,
// because an answer can get lost. It also returns for whom the token is, as far as it is known. Errors
// are a *Refusal, or say that nothing can be decided now.
func (f *Fleet) Enrol(ctx context.Context, a Asked) (Enrolled, mtls.Identity, error) {
	for {
		e, revision, err := f.deps.Registry.Enrolment(ctx, a.Secret)
		id := mtls.Identity{Site: e.Site, Sensor: e.Sensor}
		switch {
		case errors.Is(err, state.ErrNotFound):
			return Enrolled{}, id, &Refusal{"unknown", "the hub knows no such token", "make a new one at this hub: wardscope sensors enroll-token"}
		case err != nil:
			return Enrolled{}, id, err
		}
		out, err := f.redeem(ctx, e, revision, a)
		if !errors.Is(err, state.ErrConflict) {
			return out, id, err
		}
	}
}

// redeem returns state.ErrConflict when somebody else was quicker: what they did decides.
func (f *Fleet) redeem(ctx context.Context, e state.Enrolment, revision uint64, a Asked) (Enrolled, error) {
	again := "make a new one: wardscope sensors enroll-token --site " + string(e.Site) + " --sensor " + string(e.Sensor)
	key, err := mtls.RequestKey(a.Request)
	if err != nil {
		return Enrolled{}, &Refusal{"request", err.Error(), "use wardscope-sensor of this hub's version"}
	}
	keyID, err := mtls.KeyID(key)
	if err != nil {
		return Enrolled{}, err
	}
	now := f.deps.Now()
	switch {
	case a.Site != "" && a.Site != e.Site:
		return Enrolled{}, &Refusal{"site", fmt.Sprintf("the token is for site %s, not %s", e.Site, a.Site), "use the token of this site, or leave --site out"}
	case a.Sensor != "" && a.Sensor != e.Sensor:
		return Enrolled{}, &Refusal{"sensor", fmt.Sprintf("the token is for sensor %s, not %s", e.Sensor, a.Sensor), "use the token of this sensor, or leave --sensor out"}
	case !e.Used.IsZero() && e.KeyID != keyID:
		return Enrolled{}, &Refusal{"used", fmt.Sprintf("the token was used on %s, from %s", e.Used.UTC().Format(time.RFC3339), e.Remote),
			"if that was not you, revoke the sensor: wardscope sensors revoke " + string(e.Sensor) + "; then " + again}
	case now.After(e.Expires):
		return Enrolled{}, &Refusal{"expired", fmt.Sprintf("the token expired on %s, and it is %s at the hub", e.Expires.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339)), again}
	}
	id := mtls.Identity{Site: e.Site, Sensor: e.Sensor}
	if e.Used.IsZero() {
		signed, err := f.deps.Authority.Sign(a.Request, id, now, f.deps.Life)
		if err != nil {
			return Enrolled{}, err
		}
		e.Used, e.Remote, e.KeyID, e.PEM = now, a.Remote, keyID, string(signed.CertPEM)
		e.Certificate = state.Certificate{Serial: signed.Serial, Issued: now, Expires: signed.Expires, KeyID: keyID}
		if err := f.deps.Registry.UseEnrolment(ctx, e, revision); err != nil {
			return Enrolled{}, err
		}
	}
	err = f.deps.Registry.ReplaceSensor(ctx, id, e.Certificate, e.Made)
	switch {
	case errors.Is(err, state.ErrNotAdmitted):
		return Enrolled{}, &Refusal{"revoked", "sensor " + string(e.Sensor) + " was revoked after the token was made", again}
	case errors.Is(err, state.ErrExists):
		return Enrolled{}, &Refusal{"sensor", "sensor " + string(e.Sensor) + " belongs to another site by now", "make a token for another name"}
	case err != nil:
		return Enrolled{}, err
	}
	f.deps.Log.Info("sensor enrolled", slog.String("site", string(id.Site)), slog.String("sensor", string(id.Sensor)), slog.String("serial", e.Certificate.Serial), slog.String("remote", a.Remote))
	return Enrolled{
		Site: id.Site, Sensor: id.Sensor, CertificatePEM: []byte(e.PEM), CAPEM: f.deps.Authority.PEM(), NATSURL: f.deps.Gate.SensorURL(), Ways: f.ways(), Expires: e.Certificate.Expires,
	}, nil
}
