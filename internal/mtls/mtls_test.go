package mtls_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/internal/mtls"
)

var sensor = mtls.Identity{Site: "north", Sensor: "n-1"}

func authority(t *testing.T) *mtls.Authority {
	t.Helper()
	a, err := mtls.NewAuthority("test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func pair(t *testing.T, p mtls.Pair, err error) tls.Certificate {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	c, err := p.TLS()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// handshake lets the client send one byte; under TLS 1.3 a refused client learns of it only
// when it reads. It returns what the server saw and the error of each side.
func handshake(t *testing.T, server, client *tls.Config) (state tls.ConnectionState, serverErr, clientErr error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	done := make(chan struct{})
	go func() {
		defer close(done)
		raw, err := l.Accept()
		if err != nil {
			serverErr = err
			return
		}
		defer func() { _ = raw.Close() }()
		conn := tls.Server(raw, server)
		if serverErr = conn.HandshakeContext(context.Background()); serverErr == nil {
			state = conn.ConnectionState()
			_, serverErr = conn.Write([]byte{1})
		}
	}()
	conn, err := tls.Dial("tcp", l.Addr().String(), client)
	if err == nil {
		_, err = io.ReadFull(conn, make([]byte, 1))
		_ = conn.Close()
	}
	<-done
	return state, serverErr, err
}

func TestHandshake(t *testing.T) {
	ours, theirs := authority(t), authority(t)
	now := time.Now()
	srv, err := ours.Server([]string{"127.0.0.1", "localhost"}, now)
	serverPair := pair(t, srv, err)
	server := mtls.Server(serverPair, ours.Pool())
	cli, err := ours.Client(sensor, now)
	good := pair(t, cli, err)
	forged, err := theirs.Client(sensor, now)
	forgedPair := pair(t, forged, err)
	expired, err := ours.Client(sensor, now.Add(-2*mtls.ClientLife))
	expiredPair := pair(t, expired, err)

	t.Run("the right one", func(t *testing.T) {
		state, serverErr, clientErr := handshake(t, server, mtls.Client(good, ours.Pool()))
		if serverErr != nil || clientErr != nil {
			t.Fatal(serverErr, clientErr)
		}
		if state.Version != tls.VersionTLS13 {
			t.Errorf("version: got %x, want %x", state.Version, tls.VersionTLS13)
		}
		got, err := mtls.PeerIdentity(state.VerifiedChains[0][0])
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(sensor, got); d != "" {
			t.Error(d)
		}
	})
	old := mtls.Client(good, ours.Pool())
	old.MinVersion, old.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
	for _, tc := range []struct {
		name   string
		client *tls.Config
		fault  string
	}{
		{name: "no certificate", client: &tls.Config{RootCAs: ours.Pool()}, fault: "certificate required"},
		{name: "another authority's certificate", client: mtls.Client(forgedPair, ours.Pool()), fault: ""},
		{name: "expired", client: mtls.Client(expiredPair, ours.Pool()), fault: ""},
		{name: "a server's certificate", client: mtls.Client(serverPair, ours.Pool()), fault: ""},
		{name: "TLS 1.2", client: old, fault: "protocol version"},
		{name: "client trusts another authority", client: mtls.Client(good, theirs.Pool()), fault: "unknown authority"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, _, clientErr := handshake(t, server, tc.client)
			if clientErr == nil || !strings.Contains(clientErr.Error(), tc.fault) {
				t.Errorf("client: got %v, want an error about %q", clientErr, tc.fault)
			}
		})
	}
}

func TestOpenAuthorityKeepsIt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "authority")
	first, err := mtls.OpenAuthority(dir, "hub", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	again, err := mtls.OpenAuthority(dir, "hub", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(first.PEM()), string(again.PEM())); d != "" {
		t.Error(d)
	}
	info, err := os.Stat(filepath.Join(dir, mtls.AuthorityKeyFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: got %v %v, want mode 0600", info, err)
	}
	if _, err := mtls.OpenAuthority(dir, "hub", time.Now().Add(2*mtls.AuthorityLife)); err == nil || !strings.Contains(err.Error(), "expired") {
		t.Errorf("expired: got %v", err)
	}
	for _, name := range []string{mtls.AuthorityCertFile, mtls.AuthorityKeyFile} {
		half := t.TempDir()
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(half, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := mtls.OpenAuthority(half, "hub", time.Now()); err == nil || !strings.Contains(err.Error(), "belong together") {
			t.Errorf("folder with %s alone: got %v", name, err)
		}
	}
}

func TestPeerIdentityRefusesWhatIsNotExactlyOne(t *testing.T) {
	for _, tc := range []struct {
		name string
		uris []string
	}{
		{name: "none"},
		{name: "two", uris: []string{"wardscope://a/b", "wardscope://a/c"}},
		{name: "another scheme", uris: []string{"spiffe://a/b"}},
		{name: "user part", uris: []string{"wardscope://x@a/b"}},
		{name: "port", uris: []string{"wardscope://a:1/b"}},
		{name: "query", uris: []string{"wardscope://a/b?c"}},
		{name: "deeper path", uris: []string{"wardscope://a/b/c"}},
		{name: "wildcard", uris: []string{"wardscope://a/*"}},
		{name: "subject part", uris: []string{"wardscope://a/b.c"}},
		{name: "upper case", uris: []string{"wardscope://A/b"}},
		{name: "no site", uris: []string{"wardscope:///b"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cert := &x509.Certificate{}
			for _, s := range tc.uris {
				u, err := url.Parse(s)
				if err != nil {
					t.Fatal(err)
				}
				cert.URIs = append(cert.URIs, u)
			}
			if id, err := mtls.PeerIdentity(cert); err == nil {
				t.Errorf("got %v, want an error", id)
			}
		})
	}
}

func TestFilesLoadSaysWhatIsWrong(t *testing.T) {
	a := authority(t)
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		p := filepath.Join(dir, name)
		if err := mtls.WriteFile(p, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	p, err := a.Client(sensor, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	other, err := a.Client(sensor, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	cert, key, ca := write("c.pem", p.CertPEM), write("k.pem", p.KeyPEM), write("ca.pem", a.PEM())
	otherKey, junk := write("other.pem", other.KeyPEM), write("junk.pem", []byte("no PEM"))
	good := mtls.Files{Cert: cert, Key: key, CA: ca}
	if _, err := good.Load(time.Now()); err != nil {
		t.Fatal(err)
	}
	if id, err := good.Identity(); err != nil || id != sensor {
		t.Errorf("identity: got %v %v, want %v", id, err, sensor)
	}
	for _, tc := range []struct {
		name  string
		files mtls.Files
		at    time.Time
		want  []string
	}{
		{name: "nothing named", want: []string{"no cert file", "no key file", "no ca file"}},
		{name: "missing", files: mtls.Files{Cert: cert, Key: filepath.Join(dir, "none"), CA: ca}, want: []string{"read key", "none"}},
		{name: "key of another", files: mtls.Files{Cert: cert, Key: otherKey, CA: ca}, want: []string{"c.pem", "other.pem", "match"}},
		{name: "junk authority", files: mtls.Files{Cert: cert, Key: key, CA: junk}, want: []string{"junk.pem", "no certificate"}},
		{name: "expired", files: good, at: p.Expires.Add(time.Second), want: []string{"c.pem", "expired on", "sensors enroll-token"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := tc.files.Load(tc.at)
			if err == nil {
				t.Fatal("got no error")
			}
			for _, w := range tc.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("got %q, want %q in it", err, w)
				}
			}
		})
	}
}
