package fleet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/mtls"
)

// renewalGap is the part of a certificate's life in which a sensor gets one new certificate at most:
// one that loses each again, as in a loop of crashes, cannot make the hub sign without end.
const renewalGap = 20

// ErrTooSoon says that a sensor got a certificate for another key a moment ago.
var ErrTooSoon = errors.New("renewed a moment ago")

// Renew signs a new certificate for a sensor that proved who it is; the one before stays valid until
// its end. Asked twice for one key, it gives the same certificate, and made is false.
func (f *Fleet) Renew(ctx context.Context, id mtls.Identity, request []byte) (text []byte, made bool, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("renew certificate of sensor %s: %w", id, err)
		}
	}()
	key, err := mtls.RequestKey(request)
	if err != nil {
		return nil, false, err
	}
	keyID, err := mtls.KeyID(key)
	if err != nil {
		return nil, false, err
	}
	if _, err := f.deps.Registry.Denial(ctx, id.Sensor); err == nil {
		return nil, false, ErrRevoked
	} else if !errors.Is(err, state.ErrNotFound) {
		return nil, false, err
	}
	sensor, err := f.deps.Registry.Sensor(ctx, id.Sensor)
	if err != nil {
		return nil, false, err
	}
	now := f.deps.Now()
	for _, c := range sensor.Certificates {
		switch {
		case c.KeyID == keyID && c.PEM != "" && now.Before(c.Expires):
			return []byte(c.PEM), false, nil
		case now.Sub(c.Issued) < f.deps.Life/renewalGap:
			return nil, false, ErrTooSoon
		}
	}
	signed, err := f.deps.Authority.Sign(request, id, now, f.deps.Life)
	if err != nil {
		return nil, false, err
	}
	c := state.Certificate{Serial: signed.Serial, Issued: now, Expires: signed.Expires, KeyID: keyID, PEM: string(signed.CertPEM)}
	if err := f.deps.Registry.RegisterSensor(ctx, id, c); err != nil {
		return nil, false, err
	}
	f.deps.Log.Info("certificate renewed", slog.String("site", string(id.Site)), slog.String("sensor", string(id.Sensor)), slog.String("serial", c.Serial), slog.Time("expires", c.Expires))
	return signed.CertPEM, true, nil
}
