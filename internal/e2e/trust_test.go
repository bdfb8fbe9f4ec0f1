package e2e_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/wardscope/wardscope/internal/mtls"
)

// enrolled makes a sensor by a token and returns its folder.
func (h *hub) enrolled(t *testing.T, sensor string, more ...string) string {
	t.Helper()
	token, url := h.tokenFor(t, "--site", "north", "--sensor", sensor)
	dir := filepath.Join(h.dir, sensor)
	must(t, nil, "wardscope-sensor", append([]string{"enroll", "--hub", url, "--token", token, "--out", dir, "--interface", anInterface(t)}, more...)...)
	return dir
}

// files are the ones that enroll wrote.
func files(dir string) mtls.Files {
	pem := filepath.Join(dir, "sensor.pem")
	return mtls.Files{Cert: pem, Key: pem, CA: filepath.Join(dir, "ca.pem")}
}

// dial logs in at the hub's NATS listener.
func (h *hub) dial(t *testing.T, config *tls.Config, more ...nats.Option) (*nats.Conn, error) {
	t.Helper()
	nc, err := nats.Connect("tls://"+h.nats, append([]nats.Option{nats.Secure(config), nats.Timeout(5 * time.Second), nats.NoReconnect(), nats.CustomInboxPrefix("_INBOX.n1")}, more...)...)
	if err == nil {
		t.Cleanup(nc.Close)
	}
	return nc, err
}

// What a stolen or forged sensor can do: nothing but speak as itself, until it is revoked. Each
// refusal and each deed of an administrator is in the audit.
func TestSensorsAreTrustedAsThemselvesOnly(t *testing.T) {
	h := newHub(t)
	dir := h.enrolled(t, "n1")
	h.enrolled(t, "n2")
	good, err := files(dir).Load(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	refused := make(chan error, 8)
	nc, err := h.dial(t, good, nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err }))
	if err != nil {
		t.Fatal(err)
	}
	if state, err := nc.TLSConnectionState(); err != nil || state.Version != tls.VersionTLS13 {
		t.Errorf("TLS %x %v, want 1.3", state.Version, err)
	}
	for _, other := range []string{"events.north.n2", "control.north.n2", "events.south.n1", "$KV.CONTROL.deny.n2"} {
		if err := errors.Join(nc.Publish(other, []byte("x")), nc.Flush()); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-refused:
			if !errors.Is(err, nats.ErrPermissionViolation) {
				t.Errorf("%s: got %v", other, err)
			}
		case <-time.After(5 * time.Second):
			t.Errorf("%s: nothing refused", other)
		}
	}
	h.refusesForgeries(t, good)
	h.cutsWhoIsRevoked(t, dir)
	audit := must(t, h.env(), "wardscope", "audit", "--object", "n1")
	for _, want := range []string{"CreateEnrolmentToken", "Enrol ", "RevokeSensor", "stolen from the cabinet"} {
		if !strings.Contains(audit, want) {
			t.Errorf("the audit lacks %q\n%s", want, audit)
		}
	}
	t.Log("\n" + audit)
}

// refusesForgeries tries certificates of another authority, none, an old TLS, and a certificate that
// the authority signed for somebody it never enrolled.
func (h *hub) refusesForgeries(t *testing.T, good *tls.Config) {
	t.Helper()
	other, err := mtls.NewAuthority("Wardscope", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	pair, err := other.Client(mtls.Identity{Site: "north", Sensor: "n1"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	forged, err := pair.TLS()
	if err != nil {
		t.Fatal(err)
	}
	old := good.Clone()
	old.MinVersion, old.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
	for name, config := range map[string]*tls.Config{
		"forged certificate": mtls.Client(forged, good.RootCAs), "no certificate": {RootCAs: good.RootCAs, MinVersion: tls.VersionTLS13}, "TLS 1.2": old,
	} {
		if _, err := h.dial(t, config); err == nil {
			t.Errorf("%s: got in", name)
		} else {
			t.Logf("%s: %v", name, err)
		}
	}
	if _, err := h.dial(t, mtls.Client(good.Certificates[0], x509.NewCertPool())); err == nil {
		t.Error("a sensor that trusts another authority connected")
	}
}

// cutsWhoIsRevoked measures from the command to the cut of a connection and of a real sensor.
func (h *hub) cutsWhoIsRevoked(t *testing.T, dir string) {
	t.Helper()
	good, err := files(dir).Load(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	good.GetClientCertificate = nil // this very certificate, whatever the file holds later
	closed := make(chan time.Time, 1)
	if _, err := h.dial(t, good, nats.ClosedHandler(func(*nats.Conn) { closed <- time.Now() })); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "sensor.yaml")
	captures(t, config, "simulate: "+h.paced(t))
	s := supervise(t, config)
	t.Cleanup(func() {
		if raw, err := os.ReadFile(s.log); err == nil && t.Failed() {
			t.Log(tail(string(raw), 20))
		}
	})
	eventually(t, time.Minute, "the sensor reports", func() bool { return h.sensorLine(t, "n1").State == "SENSOR_STATE_OK" })
	if o := tool(t, h.env(), "wardscope", "sensors", "revoke", "n1"); o.code != 2 || !strings.Contains(o.errOut, "--why") {
		t.Errorf("without a reason: exit %d %s", o.code, o.errOut)
	}
	if o := tool(t, h.env(), "wardscope", "sensors", "revoke", "n9", "--why", "x"); o.code != 2 || !strings.Contains(o.errOut, "no sensor n9") {
		t.Errorf("unknown: exit %d %s", o.code, o.errOut)
	}
	begin := time.Now()
	must(t, h.env(), "wardscope", "sensors", "revoke", "n1", "--why", "stolen from the cabinet, INC-231")
	cut := (<-closed).Sub(begin)
	if cut > 5*time.Second {
		t.Errorf("cut after %v, want under 5s", cut)
	}
	t.Logf("revoked: the connection was cut %v after the command began, which includes the start of the command", cut)
	if _, err := h.dial(t, good); err == nil {
		t.Error("came back")
	}
	log := func() string {
		raw, err := os.ReadFile(s.log)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	eventually(t, 15*time.Second, "the sensor says that it is refused", func() bool { return strings.Contains(log(), "authorization violation") })
	if l := h.sensorLine(t, "n1"); l.State != "SENSOR_STATE_REVOKED" || !strings.Contains(l.Reason, "stolen from the cabinet") {
		t.Errorf("shown as %+v", l)
	}
	if o := tool(t, h.env(), "wardscope", "sensors", "add", "n1", "--site", "north", "--out", filepath.Join(h.dir, "again")); o.code != 2 || !strings.Contains(o.errOut, "only a new enrolment") {
		t.Errorf("added although revoked: exit %d %s", o.code, o.errOut)
	}
	s.end()
	h.enrolled(t, "n1", "--replace")
	captures(t, config, "simulate: "+h.paced(t))
	supervise(t, config)
	eventually(t, time.Minute, "enrolled anew, it sends again", func() bool { return h.sensorLine(t, "n1").State == "SENSOR_STATE_OK" })
	if _, err := h.dial(t, good); err == nil {
		t.Error("the certificate of before the revocation works again")
	}
}

// A real sensor on each transport is cut within 5 s of the command, and says so.
func TestRevocationCutsEveryTransport(t *testing.T) {
	h := newHub(t)
	for _, transport := range []string{"nats", "websocket", "grpc"} {
		name := "by-" + transport
		config := filepath.Join(h.enrolled(t, name), "sensor.yaml")
		captures(t, config, "simulate: "+h.paced(t))
		raw, err := os.ReadFile(config)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(config, []byte(strings.Replace(string(raw), "hub:\n", "hub:\n  transport: "+transport+"\n", 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		s := supervise(t, config)
		eventually(t, time.Minute, name+" reports", func() bool { return h.sensorLine(t, name).State == "SENSOR_STATE_OK" })
		begin := time.Now()
		done := make(chan outcome, 1)
		go func() {
			done <- tool(t, h.env(), "wardscope", "sensors", "revoke", name, "--why", "drill")
		}()
		tick := time.NewTicker(5 * time.Millisecond)
		for cut := false; !cut && time.Since(begin) < time.Minute; <-tick.C {
			log, err := os.ReadFile(s.log)
			cut = err == nil && strings.Contains(string(log), "hub link in trouble")
		}
		tick.Stop()
		took := time.Since(begin)
		if o := <-done; o.code != 0 || took > 5*time.Second {
			t.Errorf("%s: cut after %v, want under 5s; exit %d %s", transport, took, o.code, o.errOut)
		}
		t.Logf("%s: the sensor was cut %v after the command began", transport, took.Round(time.Millisecond))
		s.end()
	}
}

// paced is a scenario that lasts for minutes.
func (h *hub) paced(t *testing.T) string {
	t.Helper()
	demo, err := os.ReadFile(filepath.Join("..", "..", "sensor", "capture", "hospital", "scenarios", "demo.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return h.file(t, "paced.yaml", string(demo)+"speed: 20\nscale: 0.1\n")
}

// Certificates of 15 seconds: the sensor renews its own again and again, is never refused, never away
// but for the moment in which a login ends with its certificate, and every batch arrives once.
func TestCertificatesRotateWithoutAGap(t *testing.T) {
	t.Parallel() // it mostly waits
	h := newHub(t)
	h.stop(t)
	h.set(t, "enrolment:\n  certificate_life: 15s\n")
	h.start(t)
	dir := h.enrolled(t, "n1")
	config := filepath.Join(dir, "sensor.yaml")
	captures(t, config, "simulate: "+h.paced(t))
	spooled(t, config, freePort(t), "200ms")
	s := supervise(t, config)
	serials := map[string]bool{}
	serial := func() int {
		raw, err := os.ReadFile(filepath.Join(dir, "sensor.pem"))
		if err != nil {
			t.Fatal(err)
		}
		cert, err := mtls.ParseCertificate(raw)
		if err != nil {
			t.Fatal(err)
		}
		serials[mtls.Serial(cert)] = true
		return len(serials)
	}
	serial()
	eventually(t, time.Minute, "a second certificate", func() bool { return serial() == 2 })
	eventually(t, 2*time.Minute, "four certificates", func() bool { return serial() >= 4 })
	if l := h.sensorLine(t, "n1"); l.State != "SENSOR_STATE_OK" {
		t.Errorf("shown as %+v", l)
	}
	s.end()
	eventually(t, time.Minute, "all is stored", func() bool {
		for _, e := range h.ledger(t, "n1") {
			if e.Missing != 0 || e.Dropped != 0 || e.Quarantined != 0 {
				return false
			}
		}
		return true
	})
	raw, err := os.ReadFile(s.log)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(raw), "authorization violation"); n != 0 {
		t.Errorf("refused %d times\n%s", n, tail(string(raw), 20))
	}
	if ends, expired := strings.Count(string(raw), "hub disconnected"), strings.Count(string(raw), "authentication expired"); ends > expired {
		t.Errorf("disconnected %d times, %d of them because a login had ended\n%s", ends, expired, tail(string(raw), 20))
	}
	audit := must(t, h.env(), "wardscope", "audit", "--object", "n1")
	if n := strings.Count(audit, "RenewCertificate"); n < 3 {
		t.Errorf("the audit has %d renewals\n%s", n, audit)
	}
	t.Logf("%d certificates, boots %d, refused 0\n%s", len(serials), len(h.ledger(t, "n1")), audit)
}

// set adds to the hub's configuration.
func (h *hub) set(t *testing.T, text string) {
	t.Helper()
	raw, err := os.ReadFile(h.config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(h.config, append(raw, text...), 0o600); err != nil {
		t.Fatal(err)
	}
}

// The authority's key is encrypted: under a key file of its own at first, which one that lay in the
// clear becomes too, and under a passphrase when one is set. A backup restores with what it needs.
func TestAuthorityKeyIsEncrypted(t *testing.T) {
	t.Parallel() // it mostly waits
	h := newHub(t)
	h.enrolled(t, "n1")
	ca := filepath.Join(h.dir, "data", "ca")
	key := func() string {
		raw, err := os.ReadFile(filepath.Join(ca, "ca-key.pem"))
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	if !strings.Contains(key(), "ENCRYPTED") {
		t.Errorf("the key lies in the clear:\n%s", key())
	}
	h.stop(t)
	passphrase := h.file(t, "passphrase", "correct horse battery staple\n")
	h.set(t, "authority:\n  passphrase_file: "+passphrase+"\n")
	h.start(t)
	if _, err := os.Stat(filepath.Join(ca, "unlock.key")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder's own key file is still there: %v", err)
	}
	h.enrolled(t, "n2")
	backup := filepath.Join(h.dir, "backup.tar")
	must(t, nil, "wardscope-hub", "backup", "--config", h.config, "--to", backup)
	h.stop(t)

	raw, err := os.ReadFile(h.config)
	if err != nil {
		t.Fatal(err)
	}
	wrong := h.file(t, "wrong", "not the passphrase\n")
	other := h.file(t, "wrong.yaml", strings.Replace(string(raw), passphrase, wrong, 1))
	tool(t, nil, "wardscope-hub", "serve", "--config", other).line(t, 2, "none of the passphrases opens it", "authority.passphrase_file")
	bare := h.file(t, "bare.yaml", strings.Replace(string(raw), "authority:\n  passphrase_file: "+passphrase+"\n", "", 1))
	tool(t, nil, "wardscope-hub", "serve", "--config", bare).line(t, 2, "set authority.passphrase_file")

	if err := os.Rename(filepath.Join(h.dir, "data"), filepath.Join(h.dir, "lost")); err != nil {
		t.Fatal(err)
	}
	if o := tool(t, nil, "wardscope-hub", "restore", "--config", other, "--from", backup); o.code == 0 {
		t.Error("restored with the wrong passphrase")
	}
	must(t, nil, "wardscope-hub", "restore", "--config", h.config, "--from", backup)
	h.start(t)
	if got, err := files(filepath.Join(h.dir, "n1")).Load(time.Now()); err != nil {
		t.Error(err)
	} else if _, err := h.dial(t, got); err != nil {
		t.Errorf("a sensor of before the restore: %v", err)
	}
	h.enrolled(t, "n3")
}

// file writes a file into the hub's folder and returns its name.
func (h *hub) file(t *testing.T, name, text string) string {
	t.Helper()
	name = filepath.Join(h.dir, name)
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
