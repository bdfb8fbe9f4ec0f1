package enrol_test

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/wardscope/wardscope/internal/mtls"
	uplinkv1 "github.com/wardscope/wardscope/proto/wardscope/uplink/v1"
	"github.com/wardscope/wardscope/sensor/control/enrol"
)

var id = mtls.Identity{Site: "north", Sensor: "n1"}

func authority(t *testing.T, name string) *mtls.Authority {
	t.Helper()
	a, err := mtls.NewAuthority(name, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// hub answers as one does; names and time are those of its certificate.
func hub(t *testing.T, a *mtls.Authority, at time.Time, answer http.HandlerFunc, names ...string) string {
	t.Helper()
	if len(names) == 0 {
		names = []string{"127.0.0.1"}
	}
	pair, err := a.Server(names, at)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := pair.TLS()
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(answer)
	s.Config.ErrorLog = nil
	s.TLS = &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{a.Chain(cert)}}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

// enrols answers as the hub of an authority whose clock is at another time.
func enrols(t *testing.T, a *mtls.Authority, secret string, skew time.Duration) http.HandlerFunc {
	t.Helper()
	return func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		var ask uplinkv1.EnrolRequest
		if err := errors.Join(err, protojson.Unmarshal(raw, &ask)); err != nil || r.URL.Path != "/enrol/v1" || ask.GetSecret() != secret {
			http.Error(w, "bad", http.StatusBadRequest)
			return
		}
		signed, err := a.Sign([]byte(ask.GetRequestPem()), id, time.Now().Add(skew), 24*time.Hour)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		out, err := protojson.Marshal(&uplinkv1.EnrolResponse{
			Site: "north", Sensor: "n1", CertificatePem: string(signed.CertPEM), CaPem: string(a.PEM()), NatsUrl: "tls://hub.example:4222", WebsocketUrl: "wss://hub.example:443", GrpcUrl: "grpc://hub.example:443", SentNs: uint64(time.Now().Add(skew).UnixNano()),
		})
		if err == nil {
			_, _ = w.Write(out)
		}
	}
}

func TestEnrol(t *testing.T) {
	a := authority(t, "Wardscope")
	token := mtls.NewToken(a.Fingerprint())
	out := filepath.Join(t.TempDir(), "sensor")
	cfg := enrol.Config{Hub: hub(t, a, time.Now(), enrols(t, a, token.SecretText(), -3*time.Hour)), Token: token.String(), Out: out, Interface: "eth1", Version: "test"}
	r, err := enrol.Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if r.Identity != id || r.Hub != "tls://hub.example:4222" || r.Config != filepath.Join(out, "sensor.yaml") || r.Expires.Before(time.Now()) {
		t.Errorf("got %+v", r)
	}
	if off := r.Clock - 3*time.Hour; off.Abs() > r.Error+time.Second {
		t.Errorf("clock %v ± %v, want 3h ahead", r.Clock, r.Error)
	}
	files := mtls.Files{Cert: filepath.Join(out, "sensor.pem"), Key: filepath.Join(out, "sensor.pem"), CA: filepath.Join(out, "ca.pem")}
	if _, err := files.Load(time.Now()); err != nil {
		t.Errorf("files: %v", err)
	}
	if got, err := files.Identity(); err != nil || got != id {
		t.Errorf("identity: %v %v", got, err)
	}
	text, err := os.ReadFile(r.Config)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"site: north\n", "sensor: n1\n", "nats: tls://hub.example:4222\n", "websocket: wss://hub.example:443\n", "grpc: grpc://hub.example:443\n", "interfaces: [eth1]", "dir: spool"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	entries, err := os.ReadDir(out)
	if err != nil || len(entries) != 3 {
		t.Errorf("folder: %v %v, want certificate, CA and configuration", entries, err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode().Perm()&0o077 != 0 && e.Name() != "ca.pem" {
			t.Errorf("%s: %v %v", e.Name(), info.Mode(), err)
		}
	}
	_, err = enrol.Run(t.Context(), cfg)
	fault(t, err, "enrolled", "--replace")
	cfg.Replace = true
	if _, err := enrol.Run(t.Context(), cfg); err != nil {
		t.Errorf("again, as was asked: %v", err)
	}
}

// fault fails unless err is a fault of a cause, in one line, with words.
func fault(t *testing.T, err error, cause string, words ...string) {
	t.Helper()
	f, ok := errors.AsType[*enrol.Fault](err)
	if !ok || f.Cause != cause || f.Remedy == "" || strings.Contains(f.Error(), "\n") {
		t.Fatalf("got %+v (%v), want cause %s", f, err, cause)
	}
	for _, w := range words {
		if !strings.Contains(f.Error(), w) {
			t.Errorf("no %q in %q", w, f.Error())
		}
	}
	t.Log(f.Error())
}

func TestFaultsAreNamed(t *testing.T) {
	a, proxy := authority(t, "Wardscope"), authority(t, "Inspecting Proxy CA")
	token := mtls.NewToken(a.Fingerprint())
	asked := false
	hears := func(http.ResponseWriter, *http.Request) { asked = true }
	says := func(code int, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			_, _ = w.Write([]byte(text))
		}
	}
	other := authority(t, "Wardscope")
	now := time.Now()
	for _, c := range []struct {
		name, hub, token, cause string
		words                   []string
	}{
		{name: "re-signed", hub: hub(t, proxy, now, hears), cause: "authority", words: []string{"Inspecting Proxy CA", "re-signs TLS", "the token was not sent", "exempt 127.0.0.1"}},
		{name: "another hub", hub: hub(t, other, now, hears), cause: "authority", words: []string{"another hub", "not sent"}},
		{name: "clock far behind", hub: hub(t, a, now.Add(72*time.Hour), hears), cause: "clock", words: []string{"one of the clocks is wrong", "set this machine's clock"}},
		{name: "clock far ahead", hub: hub(t, a, now.Add(-2*mtls.ServerLife), hears), cause: "clock", words: []string{"one of the clocks is wrong"}},
		{name: "another name", hub: hub(t, a, now, hears, "hub.example"), cause: "hub_name", words: []string{"hub.example", "--hub"}},
		{name: "refused", hub: hub(t, a, now, says(403, `{"cause":"expired","text":"the token expired","remedy":"make a new one"}`)), cause: "expired", words: []string{"the hub refuses: the token expired; make a new one"}},
		{name: "no hub", hub: hub(t, a, now, says(404, "not found")), cause: "protocol", words: []string{"404"}},
		{name: "junk", hub: hub(t, a, now, says(200, "<html>")), cause: "protocol"},
		{name: "useless answer", hub: hub(t, a, now, says(200, `{"site":"north","sensor":"n1"}`)), cause: "answer"},
		{name: "nobody there", hub: "https://127.0.0.1:1", cause: "unreachable", words: []string{"127.0.0.1:1", "firewall"}},
		{name: "no such name", hub: "https://hub.invalid:8443", cause: "name", words: []string{"hub.invalid"}},
		{name: "no address", hub: "tls://hub:4222", cause: "address", words: []string{"https://"}},
		{name: "cut token", hub: "https://127.0.0.1:1", token: token.String()[:50], cause: "token", words: []string{"cut off or mistyped"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.token == "" {
				c.token = token.String()
			}
			_, err := enrol.Run(t.Context(), enrol.Config{Hub: c.hub, Token: c.token, Out: t.TempDir(), Interface: "eth1"})
			fault(t, err, c.cause, c.words...)
		})
	}
	if asked {
		t.Error("something was said to one who is not the hub")
	}
}

// The key outlives an answer that got lost: the hub gives the same key its certificate again.
func TestTheKeyOutlivesALostAnswer(t *testing.T) {
	a := authority(t, "Wardscope")
	token := mtls.NewToken(a.Fingerprint())
	var requests []string
	answer := enrols(t, a, token.SecretText(), 0)
	url := hub(t, a, time.Now(), func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		var ask struct{ RequestPem string }
		if err := errors.Join(err, json.Unmarshal(raw, &ask)); err != nil {
			t.Error(err)
		}
		key, err := mtls.RequestKey([]byte(ask.RequestPem))
		if err != nil {
			t.Error(err)
		}
		keyID, err := mtls.KeyID(key)
		if err != nil {
			t.Error(err)
		}
		if requests = append(requests, keyID); len(requests) == 1 {
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(strings.NewReader(string(raw)))
		answer(w, r)
	})
	cfg := enrol.Config{Hub: url, Token: token.String(), Out: t.TempDir(), Interface: "eth1"}
	_, err := enrol.Run(t.Context(), cfg)
	fault(t, err, "unreachable")
	if _, err := enrol.Run(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	if len(requests) != 2 || requests[0] != requests[1] {
		t.Errorf("keys: %v, want the same twice", requests)
	}
}

func TestThroughAProxy(t *testing.T) {
	a := authority(t, "Wardscope")
	token := mtls.NewToken(a.Fingerprint())
	url := hub(t, a, time.Now(), enrols(t, a, token.SecretText(), 0), "hub.test")
	to := strings.TrimPrefix(url, "https://")
	asked := ""
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.Method + " " + r.Host
		conn, err := net.Dial("tcp", to)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		client, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(client, "HTTP/1.1 200 OK\r\n\r\n")
		done := make(chan struct{})
		go func() { _, _ = io.Copy(conn, client); close(done) }()
		_, _ = io.Copy(client, conn)
		_ = client.Close()
		<-done
	}))
	defer proxy.Close()
	r, err := enrol.Run(t.Context(), enrol.Config{Hub: "https://hub.test:8443", Proxy: proxy.URL, Token: token.String(), Out: t.TempDir(), Interface: "eth1"})
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(r.Config); err != nil || !strings.Contains(string(text), `proxy: "`+proxy.URL+`"`) || asked != "CONNECT hub.test:8443" {
		t.Errorf("asked %q, configuration %v\n%s", asked, err, text)
	}
	_, err = enrol.Run(t.Context(), enrol.Config{Hub: "hub.test", Proxy: "::", Token: token.String(), Out: t.TempDir()})
	fault(t, err, "proxy")
}

func TestMirrorPort(t *testing.T) {
	lo, mgmt := enrol.Port{Name: "lo", Up: true, Loopback: true, Addressed: true}, enrol.Port{Name: "eth0", Up: true, Addressed: true}
	mirror, down := enrol.Port{Name: "eth1", Up: true}, enrol.Port{Name: "eth2"}
	for _, c := range []struct {
		name, named, want, cause string
		ports                    []enrol.Port
	}{
		{name: "the only one", ports: []enrol.Port{lo, mgmt, mirror, down}, want: "eth1"},
		{name: "named", named: "eth2", ports: []enrol.Port{lo, mgmt, mirror, down}, want: "eth2"},
		{name: "absent", named: "eth9", ports: []enrol.Port{lo, mgmt}, cause: "interface"},
		{name: "none", ports: []enrol.Port{lo, mgmt, down}, cause: "interface"},
		{name: "two", ports: []enrol.Port{mirror, {Name: "eth3", Up: true}}, cause: "interface"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := enrol.MirrorPort(c.named, c.ports)
			if c.cause != "" {
				fault(t, err, c.cause, "name")
			} else if err != nil || got != c.want {
				t.Errorf("got %q %v, want %q", got, err, c.want)
			}
		})
	}
	if ports, err := enrol.Ports(); err != nil || len(ports) == 0 {
		t.Errorf("of this machine: %v %v", ports, err)
	}
}
