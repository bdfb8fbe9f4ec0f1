package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The doctor of a running hub is reached by the socket and by the API, and that of a stopped one
// opens it. Each flaw has a line with its remedy; a fault ends with exit code 3.
func TestDoctorSaysWhatIsWrong(t *testing.T) {
	h := newHub(t)
	config := h.enrol(t, "north", "north-1", "simulate: demo")
	all := func(want int, says ...string) {
		t.Helper()
		for name, o := range map[string]outcome{
			"hub": tool(t, nil, "wardscope-hub", "doctor", "--config", h.config), "api": tool(t, h.env(), "wardscope", "doctor"),
		} {
			for _, s := range says {
				if o.code != want || !strings.Contains(o.out, s) {
					t.Errorf("%s: exit %d, want %d and %q\n%s%s", name, o.code, want, s, o.out, o.errOut)
				}
			}
		}
	}
	all(0, "the store answers", "north-1 is never_seen", "wardscope-sensor check")
	eventually(t, time.Minute, "the sensor ends", func() bool { return runSensor(config).err == nil })
	data := filepath.Join(h.dir, "data")
	if err := os.Chmod(data, 0o755); err != nil { //nolint:gosec // the flaw under test
		t.Fatal(err)
	}
	all(0, "others on this machine can reach the authority's key", "chmod 700")
	if err := os.Chmod(data, 0o700); err != nil { //nolint:gosec // a folder
		t.Fatal(err)
	}
	h.stop(t)
	o := tool(t, nil, "wardscope-hub", "doctor", "--config", h.config)
	if o.code != 0 || !strings.Contains(o.out, "the store answers") || strings.Contains(o.out, "partition") {
		t.Errorf("stopped: exit %d\n%s%s", o.code, o.out, o.errOut)
	}
	if err := os.Rename(filepath.Join(data, "engine", "data"), filepath.Join(data, "engine", "away")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "engine", "data"), []byte("no folder"), 0o600); err != nil {
		t.Fatal(err)
	}
	o = tool(t, nil, "wardscope-hub", "doctor", "--config", h.config)
	if o.code != 3 || !strings.Contains(o.out, "FAULT    engine") || !strings.Contains(o.out, "do: ") {
		t.Errorf("broken store: exit %d\n%s%s", o.code, o.out, o.errOut)
	}
	if o := tool(t, nil, "wardscope-hub", "doctor", "--data-dir", filepath.Join(h.dir, "none")); o.code != 3 || !strings.Contains(o.errOut, "--data-dir") {
		t.Errorf("no data directory: exit %d, %s", o.code, o.errOut)
	}
	t.Logf("%s", o.out)
}
