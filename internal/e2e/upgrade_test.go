package e2e_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// nextSchema builds a program as its next version may be: with batches of the schema after ours.
func nextSchema(t *testing.T, module, name, cgo string) string {
	t.Helper()
	encode, err := filepath.Abs(filepath.Join("..", "event", "encode.go"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(encode)
	if err != nil {
		t.Fatal(err)
	}
	next := strings.Replace(string(raw), "const SchemaVersion = 2", "const SchemaVersion = 3", 1)
	if next == string(raw) {
		t.Fatal("encode.go has another schema version than this test knows")
	}
	dir := t.TempDir()
	changed, overlay, out := filepath.Join(dir, "encode.go"), filepath.Join(dir, "overlay.json"), filepath.Join(dir, name)
	if err := os.WriteFile(changed, []byte(next), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]map[string]string{"Replace": {encode: changed}})
	if err == nil {
		err = os.WriteFile(overlay, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-overlay", overlay, "-o", out, "./cmd/"+name)
	build.Dir = filepath.Join("..", "..", module)
	build.Env = append(os.Environ(), "CGO_ENABLED="+cgo)
	if log, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", name, err, log)
	}
	return out
}

// A site upgrades its sensor before the hub: the hub keeps every batch in quarantine, and says why. The
// upgraded hub takes them in again, each once, however often it is asked. Two programs are built for
// it: make upgrade.
func TestNewerSensorWaitsForTheHubsUpgrade(t *testing.T) {
	if os.Getenv("WARDSCOPE_UPGRADE") == "" {
		t.Skip("builds a sensor and a hub of the next schema: make upgrade")
	}
	h := newHub(t)
	demo, err := os.ReadFile(filepath.Join("..", "..", "sensor", "capture", "hospital", "scenarios", "demo.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	small, captured := h.file(t, "small.yaml", string(demo)+"scale: 0.1\n"), filepath.Join(h.dir, "captures")
	must(t, nil, "wardscope-sensor", "simulate", "--scenario", small, "--site", "north", "--out", captured)
	capture := "files: [" + filepath.Join(captured, "north.pcap") + "]"
	ours := bin
	t.Cleanup(func() { bin = ours })
	sent := func(folder, sensor string) (events uint64) {
		t.Helper()
		config := h.enrol(t, "north", sensor, capture)
		bin = folder
		r := runSensor(config)
		bin = ours
		if r.err != nil || r.events == 0 || r.sealed != r.sent {
			t.Fatalf("%v, sealed %d, sent %d\n%s", r.err, r.sealed, r.sent, tail(r.log, 10))
		}
		return r.events
	}
	old := sent(bin, "old-1")
	newer := sent(filepath.Dir(nextSchema(t, "sensor", "wardscope-sensor", "0")), "new-1")
	eventually(t, waitStored, "the old sensor's events are stored", func() bool { return h.sql(t, storedEvents) == old })
	inQuarantine := func() (batches uint64) {
		for _, e := range h.ledger(t, "new-1") {
			batches += e.Quarantined
		}
		return batches
	}
	eventually(t, waitStored, "the newer sensor's batches are in quarantine", func() bool { return inQuarantine() > 0 })
	list := must(t, h.env(), "wardscope", "sensors", "quarantine")
	if !strings.Contains(list, "new-1") || !strings.Contains(list, "newer schema") || strings.Contains(list, "old-1") {
		t.Errorf("the list says\n%s", list)
	}
	before := must(t, h.env(), "wardscope", "sensors", "quarantine", "retake")
	if !strings.Contains(before, "0 batches taken in again") || !strings.Contains(before, "still cannot be read") {
		t.Errorf("the hub that cannot read them says\n%s", before)
	}
	h.stop(t)
	bin = filepath.Dir(nextSchema(t, "hub", "wardscope-hub", "1"))
	for _, name := range []string{"wardscope", "wardscope-sensor"} {
		if err := os.Symlink(filepath.Join(ours, name), filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	h.start(t)
	after := must(t, h.env(), "wardscope", "sensors", "quarantine", "retake")
	eventually(t, waitStored, "all is stored", func() bool { return h.sql(t, storedEvents) >= old+newer })
	again := must(t, h.env(), "wardscope", "sensors", "quarantine", "retake")
	eventually(t, waitStored, "nothing is left in quarantine", func() bool { return inQuarantine() == 0 })
	if got := h.sql(t, storedEvents); got != old+newer {
		t.Errorf("%d events are stored, %d were sent", got, old+newer)
	}
	if !strings.Contains(again, "0 batches taken in again, 0 batches left") {
		t.Errorf("asked once more, it says\n%s", again)
	}
	if audit := must(t, h.env(), "wardscope", "audit"); !strings.Contains(audit, "RetakeQuarantine") {
		t.Errorf("the audit lacks it\n%s", audit)
	}
	t.Logf("events: %d of the old sensor, %d of the newer one, each once\n%s\n%s\n%s\n%s", old, newer, list, before, after, again)
}
