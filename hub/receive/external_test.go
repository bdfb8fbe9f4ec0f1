package receive_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"github.com/wardscope/wardscope/hub/receive"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/internal/subject"
)

// seeds makes a key pair and returns its seed and its public key.
func seeds(t *testing.T, create func() (nkeys.KeyPair, error)) (seed, public string) {
	t.Helper()
	pair, err := create()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := pair.Seed()
	if err != nil {
		t.Fatal(err)
	}
	if public, err = pair.PublicKey(); err != nil {
		t.Fatal(err)
	}
	return string(raw), public
}

// cluster is one NATS server of its own, with the accounts that receive asks for.
func cluster(t *testing.T, a *mtls.Authority, accounts receive.Accounts) *server.Server {
	t.Helper()
	text, err := accounts.Text()
	if err != nil {
		t.Fatal(err)
	}
	opts := &server.Options{}
	if err := opts.ProcessConfigString(text); err != nil {
		t.Fatal(err)
	}
	p, err := a.Server([]string{"127.0.0.1"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	cert, err := p.TLS()
	if err != nil {
		t.Fatal(err)
	}
	opts.TLS, opts.TLSVerify, opts.TLSConfig = true, true, mtls.Server(cert, a.Pool())
	opts.Host, opts.Port, opts.NoSigs, opts.NoLog = "127.0.0.1", server.RANDOM_PORT, true, true
	opts.JetStream, opts.StoreDir = true, t.TempDir()
	s, err := server.NewServer(opts)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("server not ready")
	}
	return s
}

func TestExternalServersSameCode(t *testing.T) {
	for _, tc := range []struct {
		name      string
		encrypted bool
	}{{name: "plain"}, {name: "login requests encrypted", encrypted: true}} {
		t.Run(tc.name, func(t *testing.T) {
			a, err := mtls.NewAuthority("test", time.Now())
			if err != nil {
				t.Fatal(err)
			}
			x := &receive.External{HubPassword: "hub-password", SysPassword: "sys-password"}
			accounts := receive.Accounts{HubPassword: x.HubPassword, SysPassword: x.SysPassword}
			x.IssuerSeed, accounts.Issuer = seeds(t, nkeys.CreateAccount)
			if tc.encrypted {
				x.XKeySeed, accounts.XKey = seeds(t, nkeys.CreateCurveKeys)
			}
			s := cluster(t, a, accounts)
			x.URL = "tls://" + s.Addr().String()
			x.SensorURL = x.URL
			x.TLS = hubFiles(t, a)
			cfg := receive.DefaultConfig()
			cfg.External = x
			h := serve(t, cfg, a)
			_, js, err := h.connect(t, h.sensor(t, "north", "n1"), "n1")
			if err != nil {
				t.Fatal(err)
			}
			ack, err := js.Publish(t.Context(), subject.Events("north", "n1"), []byte("x"), jetstream.WithMsgID("n1/1/1"))
			if err != nil || ack.Sequence != 1 {
				t.Errorf("publish: got %+v %v", ack, err)
			}
			p, err := a.Client(mtls.Identity{Site: "north", Sensor: "n9"}, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := h.connect(t, h.client(t, p), "n9"); err == nil {
				t.Error("a sensor that nobody added got in")
			}
			if n, err := h.Kick(t.Context(), "n1"); err != nil || n < 1 {
				t.Errorf("kick: got %d %v", n, err)
			}
			// A denial alone, as another hub would write it: the servers cut the sensor, and let it in no more.
			cut, second := make(chan struct{}), h.sensor(t, "north", "n2")
			if _, _, err := h.connect(t, second, "n2", nats.NoReconnect(), nats.ClosedHandler(func(*nats.Conn) { close(cut) })); err != nil {
				t.Fatal(err)
			}
			begin := time.Now()
			if err := h.state.Deny(t.Context(), state.Denial{Sensor: "n2", Since: begin, Reason: "stolen"}); err != nil {
				t.Fatal(err)
			}
			select {
			case <-cut:
				t.Logf("cut %v after the denial was written", time.Since(begin).Round(time.Millisecond))
			case <-time.After(5 * time.Second):
				t.Error("a revoked sensor is still connected after 5s")
			}
			if _, _, err := h.connect(t, second, "n2", nats.NoReconnect()); err == nil {
				t.Error("a revoked sensor got in again")
			}
		})
	}
}

// hubFiles is a client certificate for the hub itself: the cluster asks everybody for one.
func hubFiles(t *testing.T, a *mtls.Authority) mtls.Files {
	t.Helper()
	p, err := a.Client(mtls.Identity{Site: "hub", Sensor: "hub"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	f := mtls.Files{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem"), CA: filepath.Join(dir, "ca.pem")}
	for name, data := range map[string][]byte{f.Cert: p.CertPEM, f.Key: p.KeyPEM, f.CA: a.PEM()} {
		if err := mtls.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func TestExternalUnreachableSaysSo(t *testing.T) {
	a, err := mtls.NewAuthority("test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	x := &receive.External{URL: "tls://127.0.0.1:1", HubPassword: "a", SysPassword: "b", SensorURL: "tls://hub", TLS: hubFiles(t, a)}
	x.IssuerSeed, _ = seeds(t, nkeys.CreateAccount)
	cfg := receive.DefaultConfig()
	cfg.External = x
	r, err := receive.New(cfg, receive.Deps{Authority: a, Log: quiet(), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(t.Context()); err == nil {
		t.Error("started")
	} else if want := "connect to NATS tls://127.0.0.1:1"; len(err.Error()) < len(want) || err.Error()[:len(want)] != want {
		t.Errorf("got %q, want it to begin with %q", err, want)
	}
	x.IssuerSeed = "nonsense"
	if err := r.Start(context.Background()); err == nil {
		t.Error("started with a broken seed")
	}
}
