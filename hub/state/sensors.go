package state

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/internal/subject"
)

// Sensor is a sensor that may send, with the certificates it may show.
type Sensor struct {
	Site         model.SiteID   `json:"site"`
	ID           model.SensorID `json:"id"`
	Added        time.Time      `json:"added"`
	Certificates []Certificate  `json:"certificates"`
}

// Certificate is one that the hub gave out.
type Certificate struct {
	Serial  string    `json:"serial"` // lower-case hexadecimal
	Issued  time.Time `json:"issued"`
	Expires time.Time `json:"expires"`
	KeyID   string    `json:"key_id,omitempty"` // of its key; see mtls.KeyID
	PEM     string    `json:"pem,omitempty"`    // of a renewal, which may have to be given again
}

// Denial says since when and why a sensor is shut out.
type Denial struct {
	Sensor model.SensorID `json:"sensor"`
	Since  time.Time      `json:"since"`
	Reason string         `json:"reason"`
}

// ErrNotAdmitted is why a sensor with a valid certificate may not log in.
var ErrNotAdmitted = errors.New("not admitted")

// maxCertificates is how many certificates of one sensor stay valid at a time, so that an old
// one still works until the sensor has taken over its new one.
const maxCertificates = 4

// RegisterSensor adds a sensor, or another certificate to one that exists. A sensor id belongs to
// one site for ever: ErrExists when it is another's. Expired certificates are forgotten.
func (s *State) RegisterSensor(ctx context.Context, id mtls.Identity, c Certificate) error {
	return s.changeSensor(ctx, id, c, func(sensor *Sensor) {
		sensor.Certificates = slices.DeleteFunc(sensor.Certificates, func(old Certificate) bool {
			return !old.Expires.IsZero() && old.Expires.Before(c.Issued)
		})
		sensor.Certificates = append(sensor.Certificates, c)
		if extra := len(sensor.Certificates) - maxCertificates; extra > 0 {
			// The oldest is the one that the sensor is known to use: those between were never taken over.
			sensor.Certificates = slices.Delete(sensor.Certificates, 1, 1+extra)
		}
	})
}

// ReplaceSensor adds a sensor with one certificate, which is the only one it has from then on, and
// takes back a denial that is older than asked. ErrNotAdmitted when it was shut out since then.
func (s *State) ReplaceSensor(ctx context.Context, id mtls.Identity, c Certificate, asked time.Time) error {
	key := subject.DenyKey(id.Sensor)
	denial, revision, err := get[Denial](ctx, s.control, key)
	switch denied := err == nil; {
	case denied && !denial.Since.Before(asked):
		return refuse(id, "revoked on "+denial.Since.Format(time.DateTime))
	case !denied && !errors.Is(err, ErrNotFound):
		return err
	}
	if err := s.changeSensor(ctx, id, c, func(sensor *Sensor) { sensor.Certificates = []Certificate{c} }); err != nil || revision == 0 {
		return err
	}
	err = s.control.Delete(ctx, key, jetstream.LastRevision(revision))
	switch {
	case errors.Is(plain(err), ErrConflict) || outdated(err):
		return refuse(id, "revoked at this moment")
	case err != nil:
		return fmt.Errorf("delete %s: %w", key, err)
	}
	return nil
}

func (s *State) changeSensor(ctx context.Context, id mtls.Identity, c Certificate, change func(*Sensor)) error {
	key := subject.SensorKey(id.Sensor)
	for {
		sensor, revision, err := get[Sensor](ctx, s.control, key)
		switch {
		case errors.Is(err, ErrNotFound):
			sensor = Sensor{Site: id.Site, ID: id.Sensor, Added: c.Issued}
		case err != nil:
			return err
		case sensor.Site != id.Site:
			return fmt.Errorf("register sensor %s at site %s: %w, at site %s", id.Sensor, id.Site, ErrExists, sensor.Site)
		}
		if sensor.holds(c.Serial) {
			return nil
		}
		change(&sensor)
		if _, err = put(ctx, s.control, key, sensor, revision); !errors.Is(err, ErrConflict) {
			return err
		}
	}
}

// Sensor reads one registered sensor, or ErrNotFound.
func (s *State) Sensor(ctx context.Context, id model.SensorID) (Sensor, error) {
	v, _, err := get[Sensor](ctx, s.control, subject.SensorKey(id))
	return v, err
}

// Sensors lists the registered sensors by site and id.
func (s *State) Sensors(ctx context.Context) ([]Sensor, error) {
	out, err := list[Sensor](ctx, s.control, subject.Sensors)
	slices.SortFunc(out, func(a, b Sensor) int {
		if c := strings.Compare(string(a.Site), string(b.Site)); c != 0 {
			return c
		}
		return strings.Compare(string(a.ID), string(b.ID))
	})
	return out, err
}

// Deny shuts a sensor out from its next login on; package receive cuts what is connected.
func (s *State) Deny(ctx context.Context, d Denial) error {
	_, err := replace(ctx, s.control, subject.DenyKey(d.Sensor), d, 0)
	return err
}

// Denial reads why a sensor is shut out, or ErrNotFound.
func (s *State) Denial(ctx context.Context, id model.SensorID) (Denial, error) {
	d, _, err := get[Denial](ctx, s.control, subject.DenyKey(id))
	return d, err
}

// Denials lists who is shut out.
func (s *State) Denials(ctx context.Context) ([]Denial, error) {
	return list[Denial](ctx, s.control, subject.Denied)
}

// Admit is Roll.Admit by asking the bucket.
func (s *State) Admit(ctx context.Context, id mtls.Identity, serial string) error {
	switch d, _, err := get[Denial](ctx, s.control, subject.DenyKey(id.Sensor)); {
	case err == nil:
		return refuse(id, "revoked on "+d.Since.Format(time.DateTime))
	case !errors.Is(err, ErrNotFound):
		return err
	}
	sensor, err := s.Sensor(ctx, id.Sensor)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	return admitted(id, serial, sensor, err == nil)
}

func refuse(id mtls.Identity, why string) error {
	return fmt.Errorf("sensor %s: %w: %s", id, ErrNotAdmitted, why)
}

// admitted judges a certificate by what is registered.
func admitted(id mtls.Identity, serial string, sensor Sensor, registered bool) error {
	switch {
	case !registered:
		return refuse(id, "never added at this hub")
	case sensor.Site != id.Site:
		return refuse(id, "belongs to site "+string(sensor.Site))
	case !sensor.holds(serial):
		return refuse(id, "certificate "+serial+" is not one of its present ones")
	}
	return nil
}

func (s *Sensor) holds(serial string) bool {
	return slices.ContainsFunc(s.Certificates, func(c Certificate) bool { return c.Serial == serial })
}

type admin struct {
	SHA256 string    `json:"sha256"` // of the token, which is random: no slow hash is needed
	Made   time.Time `json:"made"`
}

// EnsureAdminToken makes the administrator's token when there is none. The token is returned
// that once; made is false, and token empty, when there was one.
func (s *State) EnsureAdminToken(ctx context.Context, now time.Time) (token string, made bool, err error) {
	if _, _, err := get[admin](ctx, s.control, subject.KeyAdmin); !errors.Is(err, ErrNotFound) {
		return "", false, err
	}
	token, err = s.ReplaceAdminToken(ctx, now)
	return token, err == nil, err
}

// ReplaceAdminToken makes a new token; the old one is worth nothing from then on.
func (s *State) ReplaceAdminToken(ctx context.Context, now time.Time) (string, error) {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never fails: crypto/rand ends the program instead
	token := "ws_" + base64.RawURLEncoding.EncodeToString(raw[:])
	if _, err := replace(ctx, s.control, subject.KeyAdmin, admin{SHA256: digest(token), Made: now}, 0); err != nil {
		return "", err
	}
	return token, nil
}

// CheckAdminToken reports whether token is the administrator's.
func (s *State) CheckAdminToken(ctx context.Context, token string) (bool, error) {
	a, _, err := get[admin](ctx, s.control, subject.KeyAdmin)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil && subtle.ConstantTimeCompare([]byte(a.SHA256), []byte(digest(token))) == 1, err
}

func digest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
