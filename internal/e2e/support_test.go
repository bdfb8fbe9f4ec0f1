package e2e_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// unpacked is every file of a support bundle.
func unpacked(t *testing.T, file string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) > 192<<10 {
		t.Errorf("%s has %d bytes", file, len(raw))
	}
	zip, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for archive := tar.NewReader(zip); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		var body []byte
		if err == nil {
			body, err = io.ReadAll(archive)
		}
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(h.Name)] = string(body)
	}
}

// A sensor whose traffic carries marked patients, whose proxy wants a password and whose log was fed
// tokens is asked for its support bundle, by the hub and by hand: it says how the sensor is, and not
// one of the marks.
func TestSupportBundleHoldsNoSecret(t *testing.T) {
	t.Parallel() // it mostly waits
	h := newHub(t)
	demo, err := os.ReadFile(filepath.Join("..", "..", "sensor", "capture", "hospital", "scenarios", "demo.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	scenario := filepath.Join(h.dir, "paced.yaml")
	if err := os.WriteFile(scenario, append(demo, []byte("speed: 20\nscale: 0.1\n")...), 0o600); err != nil {
		t.Fatal(err)
	}
	captures := filepath.Join(h.dir, "captures")
	must(t, nil, "wardscope-sensor", "simulate", "--scenario", scenario, "--site", "north", "--out", captures)
	traffic, err := os.ReadFile(filepath.Join(captures, "north.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	marks := []string{"CANARY^PATIENT", "CANARYMRN0042", "CANARYACC"}
	for _, m := range marks {
		if !bytes.Contains(traffic, []byte(m)) {
			t.Errorf("the traffic does not carry %s", m)
		}
	}
	config := h.enrol(t, "north", "north-1", "simulate: "+scenario)
	metrics := freePort(t)
	spooled(t, config, metrics, "200ms")
	change(t, config, map[string]string{"proxy": "http://site:s3cret@" + newProxy(t).address})
	raw, err := os.ReadFile(config)
	if err == nil {
		err = os.WriteFile(config, append(raw, []byte("log:\n  level: debug\n")...), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(filepath.Join(filepath.Dir(config), "north-1-key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	token := must(t, h.env(), "wardscope", "sensors", "enroll-token", "--site", "north", "--sensor", "north-9", "-o", "json")
	_, token, _ = strings.Cut(token, `"token": "`)
	token, _, _ = strings.Cut(token, `"`)
	marks = append(marks, "CANARY", "s3cret", strings.Split(string(key), "\n")[1], token, h.token)
	supervise(t, config)
	eventually(t, time.Minute, "the sensor reports", func() bool { return h.sensorLine(t, "north-1").Report.ClockError != "" })
	eventually(t, time.Minute, "it has seen traffic", func() bool { return sealed(metrics) > 0 })

	file := filepath.Join(h.dir, "by-hub.tar.gz")
	must(t, h.env(), "wardscope", "sensors", "support-bundle", "north-1", "--out", file)
	bundles := map[string]map[string]string{"by the hub": unpacked(t, file)}
	for name, want := range map[string]string{"report.json": `"packets"`, "log.txt": "sensor started", "config.yaml": "site: north", "machine.txt": "version ", "interfaces.txt": "lo:"} {
		if got := bundles["by the hub"][name]; !strings.Contains(got, want) {
			t.Errorf("%s lacks %q:\n%s", name, want, tail(got, 10))
		}
	}
	log := filepath.Join(h.dir, "poisoned.log")
	text := "level=WARN msg=x token=" + token + "\nuse --token " + h.token + "\n" + string(key) + "\nAuthorization: Bearer " + h.token + "\ndial http://site:s3cret@proxy:3128: refused\nthe end\n"
	if err := os.WriteFile(log, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(h.dir, "by-hand.tar.gz")
	must(t, nil, "wardscope-sensor", "support-bundle", "--config", config, "--out", file, "--log", log)
	bundles["by hand"] = unpacked(t, file)
	if b := bundles["by hand"]; !strings.Contains(b["log.txt"], "the end") || !strings.Contains(b["metrics.txt"], "sensor_batches_sealed_total") {
		t.Errorf("by hand: log %q, metrics %.80q", b["log.txt"], b["metrics.txt"])
	}
	for way, files := range bundles {
		for name, body := range files {
			for _, m := range marks {
				if m == "" || strings.Contains(body, m) {
					t.Errorf("%s: %s holds %q", way, name, m)
				}
			}
		}
		t.Logf("%s: %d files, the log ends\n%s", way, len(files), tail(files["log.txt"], 3))
	}
	o := tool(t, h.env(), "wardscope", "sensors", "support-bundle", "north-9", "--wait", "1s")
	if o.code == 0 {
		t.Errorf("a sensor that is none has a bundle: %s", o.out)
	}
	if audit := must(t, h.env(), "wardscope", "audit", "--object", "north-1"); !strings.Contains(audit, "GetSupportBundle") {
		t.Errorf("the audit lacks it:\n%s", audit)
	}
}
