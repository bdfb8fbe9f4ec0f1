package enrol

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
	uplinkv1 "github.com/wardscope/wardscope/proto/wardscope/uplink/v1"
)

// Files in the folder.
const (
	ConfigFile   = "sensor.yaml"
	IdentityFile = "sensor.pem" // certificate and key in one file, so that both change at once
	CAFile       = "ca.pem"
	pendingFile  = "enrolling-key.pem"
)

// Config says where to enrol, as what.
type Config struct {
	Hub       string // https://hub.example.org:8443
	Proxy     string // http://[user:password@]host:port for HTTP CONNECT; empty: none
	Token     string
	Out       string // folder, made when missing
	Interface string // of the mirror
	Site      string // empty: what the token says
	Sensor    string
	Version   string
	Replace   bool // the folder may hold an enrolled sensor
}

// Fault says what is wrong, in one line, and what to do, in another.
type Fault struct {
	Cause  string // for machines
	Text   string
	Remedy string
	Err    error // nil when the text says it all
}

// Error is the text with the remedy.
func (f *Fault) Error() string { return f.Text + "; " + f.Remedy }

// Unwrap is the cause.
func (f *Fault) Unwrap() error { return f.Err }

// Result is a sensor that was enrolled.
type Result struct {
	Identity mtls.Identity
	Config   string // file
	Hub      string // address for batches
	Web      string // the same over WebSocket, and over gRPC; empty: none
	GRPC     string
	Expires  time.Time
	Clock    time.Duration // this machine's clock minus the hub's
	Error    time.Duration // how wrong Clock can be
}

// Run enrols. Errors are a *Fault, or say that the folder cannot be written.
func Run(ctx context.Context, cfg Config) (Result, error) {
	token, err := mtls.ParseToken(cfg.Token)
	if err != nil {
		return Result{}, &Fault{"token", err.Error(), "copy it whole from what `wardscope sensors enroll-token` printed", err}
	}
	if !cfg.Replace {
		if _, err := os.Stat(filepath.Join(cfg.Out, IdentityFile)); err == nil {
			return Result{}, &Fault{"enrolled", cfg.Out + " holds an enrolled sensor", "name another folder with --out, or say --replace", nil}
		}
	}
	if err := os.MkdirAll(cfg.Out, 0o700); err != nil {
		return Result{}, fmt.Errorf("make folder: %w", err)
	}
	key, err := pendingKey(filepath.Join(cfg.Out, pendingFile))
	if err != nil {
		return Result{}, err
	}
	request, err := mtls.NewRequest(key)
	if err != nil {
		return Result{}, err
	}
	d, err := newDoor(cfg, token.Fingerprint)
	if err != nil {
		return Result{}, err
	}
	sent := time.Now()
	answer, err := d.ask(ctx, &uplinkv1.EnrolRequest{
		Secret: token.SecretText(), RequestPem: string(request), Site: cfg.Site, Sensor: cfg.Sensor, Version: cfg.Version,
	})
	if err != nil {
		return Result{}, err
	}
	back := time.Now()
	r := Result{
		Identity: mtls.Identity{Site: model.SiteID(answer.GetSite()), Sensor: model.SensorID(answer.GetSensor())},
		Config:   filepath.Join(cfg.Out, ConfigFile), Hub: answer.GetNatsUrl(), Web: answer.GetWebsocketUrl(), GRPC: answer.GetGrpcUrl(),
	}
	if r.Expires, err = verify(answer, r.Identity, key, token.Fingerprint); err != nil {
		return Result{}, &Fault{"answer", fmt.Sprintf("the hub's answer is of no use: %v", err), "see that hub and sensor are of versions that fit", err}
	}
	half := back.Sub(sent) / 2
	r.Clock, r.Error = back.Round(0).Add(-half).Sub(time.Unix(0, int64(answer.GetSentNs()))), half
	return r, write(cfg, r, answer, key)
}

// pendingKey is the key of an enrolment that was not finished, or a new one, on disk.
func pendingKey(file string) (crypto.Signer, error) {
	text, err := os.ReadFile(file)
	if err == nil {
		if key, err := mtls.ParseKey(text); err == nil {
			return key, nil
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("read key: %w", err)
	}
	key, err := mtls.NewKey()
	if err != nil {
		return nil, err
	}
	if text, err = mtls.KeyPEM(key); err != nil {
		return nil, err
	}
	return key, mtls.WriteFile(file, text, 0o600)
}

// verify checks that the certificate is of the token's authority, for this key and these names.
func verify(answer *uplinkv1.EnrolResponse, id mtls.Identity, key crypto.Signer, fingerprint [32]byte) (time.Time, error) {
	if err := id.Check(); err != nil {
		return time.Time{}, err
	}
	cert, err := mtls.ParseCertificate([]byte(answer.GetCertificatePem()))
	if err != nil {
		return time.Time{}, err
	}
	ca, err := mtls.ParseCertificate([]byte(answer.GetCaPem()))
	if err != nil {
		return time.Time{}, err
	}
	if hashOf(ca) != fingerprint {
		return time.Time{}, errors.New("its authority is not the token's")
	}
	if err := cert.CheckSignatureFrom(ca); err != nil {
		return time.Time{}, err
	}
	if got, err := mtls.PeerIdentity(cert); err != nil || got != id {
		return time.Time{}, fmt.Errorf("the certificate is %v, not %v", got, id)
	}
	theirs, err := mtls.KeyID(cert.PublicKey)
	if err != nil {
		return time.Time{}, err
	}
	if mine, err := mtls.KeyID(key.Public()); err != nil || mine != theirs {
		return time.Time{}, errors.New("the certificate is for another key")
	}
	return cert.NotAfter, nil
}

// write puts the files into the folder, the configuration last: where it is, all is.
func write(cfg Config, r Result, answer *uplinkv1.EnrolResponse, key crypto.Signer) error {
	text, err := mtls.KeyPEM(key)
	if err != nil {
		return err
	}
	config, err := configuration(cfg, r)
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		text []byte
		mode os.FileMode
	}{
		{CAFile, []byte(answer.GetCaPem()), 0o644},
		{IdentityFile, append([]byte(answer.GetCertificatePem()), text...), 0o600},
		{ConfigFile, config, 0o600},
	} {
		if err := mtls.WriteFile(filepath.Join(cfg.Out, f.name), f.text, f.mode); err != nil {
			return err
		}
	}
	if err := os.Remove(filepath.Join(cfg.Out, pendingFile)); err != nil {
		return fmt.Errorf("remove %s: %w", pendingFile, err)
	}
	return nil
}

func issuer(c *x509.Certificate) string {
	if c.Issuer.CommonName != "" {
		return c.Issuer.CommonName
	}
	return c.Issuer.String()
}
