package mtls_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wardscope/wardscope/internal/mtls"
)

func TestRenewAt(t *testing.T) {
	a, now := authority(t), time.Now().Truncate(time.Second)
	for _, life := range []time.Duration{30 * 24 * time.Hour, 25 * time.Hour, 24 * time.Hour, time.Hour, 30 * time.Second} {
		p, err := a.ClientFor(sensor, now, life)
		if err != nil {
			t.Fatal(err)
		}
		cert, err := mtls.ParseCertificate(p.CertPEM)
		if err != nil {
			t.Fatal(err)
		}
		if got := mtls.RenewAt(cert).Sub(now); (got - life*2/3).Abs() > time.Second {
			t.Errorf("a life of %v is renewed after %v", life, got)
		}
	}
}

func TestRenewal(t *testing.T) {
	a, now := authority(t), time.Now()
	dir := t.TempDir()
	p, err := a.ClientFor(sensor, now, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	f := mtls.Files{Cert: filepath.Join(dir, "c.pem"), Key: filepath.Join(dir, "k.pem"), CA: filepath.Join(dir, "ca.pem")}
	for name, text := range map[string][]byte{f.Cert: p.CertPEM, f.Key: p.KeyPEM, f.CA: a.PEM()} {
		if err := mtls.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config, err := f.Load(now)
	if err != nil {
		t.Fatal(err)
	}
	serial := func() string {
		pair, err := config.GetClientCertificate(nil)
		if err != nil {
			t.Fatal(err)
		}
		return mtls.Serial(pair.Leaf)
	}
	if serial() != p.Serial {
		t.Errorf("presents %s, want %s", serial(), p.Serial)
	}
	r := mtls.NewRenewal(f)
	if early, err := r.Request(now.Add(39 * time.Minute)); early != nil || err != nil {
		t.Errorf("asks too early: %s %v", early, err)
	}
	if _, err := r.Take(p.CertPEM); err == nil {
		t.Error("took what was not asked for")
	}
	request, err := r.Request(now.Add(41 * time.Minute))
	if err != nil || request == nil {
		t.Fatalf("does not ask: %v", err)
	}
	if again, err := r.Request(now.Add(42 * time.Minute)); err != nil || string(again) != string(request) {
		t.Errorf("asks for another key each time: %v", err)
	}
	sign := func(a *mtls.Authority, request []byte, id mtls.Identity) []byte {
		signed, err := a.Sign(request, id, now, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		return signed.CertPEM
	}
	key, err := mtls.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := mtls.NewRequest(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{
		"junk": []byte("x"), "another's name": sign(a, request, mtls.Identity{Site: "north", Sensor: "n9"}),
		"another key": sign(a, foreign, sensor), "another authority": sign(authority(t), request, sensor),
	} {
		if _, err := r.Take(bad); err == nil || !strings.HasPrefix(err.Error(), "take new certificate: ") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	fresh := sign(a, request, sensor)
	if _, err := r.Take(fresh); err != nil {
		t.Fatal(err)
	}
	cert, err := mtls.ParseCertificate(fresh)
	if err != nil {
		t.Fatal(err)
	}
	if serial() != mtls.Serial(cert) {
		t.Error("the next connection still presents the old certificate")
	}
	if _, err := f.Load(now); err != nil { // the file of the key is of before, and does not matter
		t.Errorf("a restart: %v", err)
	}
	if next, err := mtls.NewRenewal(f).Request(now.Add(41 * time.Minute)); err != nil || string(next) == string(request) {
		t.Errorf("the same key again: %v", err)
	}
	if err := mtls.WriteFile(f.Cert, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if serial() != mtls.Serial(cert) {
		t.Error("a broken file takes the certificate away")
	}
}
