package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wardscope/wardscope/internal/mtls"
)

// The hub is killed before a sensor's certificate has to be renewed and comes back after: the sensor
// renews it at the new hub, keeps its admission over one more restart with the new certificate, is
// never refused, and every batch arrives.
func TestCertificateIsRenewedAcrossHubRestarts(t *testing.T) {
	t.Parallel() // it mostly waits
	h := newHub(t)
	h.stop(t)
	h.set(t, "enrolment:\n  certificate_life: 75s\n")
	h.start(t)
	dir := h.enrolled(t, "n1")
	config := filepath.Join(dir, "sensor.yaml")
	captures(t, config, "simulate: "+h.paced(t))
	spooled(t, config, freePort(t), "200ms")
	s := supervise(t, config)
	serial := func() (string, time.Time) {
		raw, err := os.ReadFile(filepath.Join(dir, "sensor.pem"))
		if err != nil {
			t.Fatal(err)
		}
		cert, err := mtls.ParseCertificate(raw)
		if err != nil {
			t.Fatal(err)
		}
		return mtls.Serial(cert), mtls.RenewAt(cert)
	}
	first, renewAt := serial()
	eventually(t, time.Until(renewAt), "the sensor reports", func() bool { return h.sensorLine(t, "n1").Report.ClockError != "" })
	if now, _ := serial(); now != first {
		t.Fatal("renewed before the hub was killed: this machine is too slow for the test")
	}
	h.kill(t)
	eventually(t, 2*time.Minute, "the certificate has to be renewed", func() bool { return time.Now().After(renewAt) })
	h.start(t)
	eventually(t, time.Minute, "it is renewed at the new hub", func() bool { now, _ := serial(); return now != first })
	h.kill(t)
	h.start(t)
	eventually(t, time.Minute, "the sensor reports to the third hub", func() bool { return h.sensorLine(t, "n1").Report.ClockError != "" })
	if l := h.sensorLine(t, "n1"); l.State != "SENSOR_STATE_OK" && l.State != "SENSOR_STATE_LAGGING" {
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
	log := strings.ToLower(string(raw))
	if n := strings.Count(log, "authorization violation"); n != 0 || !strings.Contains(log, "certificate renewed") {
		t.Errorf("refused %d times\n%s", n, tail(string(raw), 20))
	}
	audit := must(t, h.env(), "wardscope", "audit", "--object", "n1")
	if !strings.Contains(audit, "RenewCertificate") {
		t.Errorf("the audit lacks the renewal\n%s", audit)
	}
	t.Logf("boots %d, refused 0\n%s", len(h.ledger(t, "n1")), audit)
}
