package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// smallDisk is a folder with so much room, in the form that mount takes.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("not root: a small disk cannot be mounted")
	}
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "none", dir).CombinedOutput(); err != nil {
		t.Skipf("a small disk cannot be mounted: %v %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", dir).CombinedOutput(); err != nil {
			t.Errorf("unmount: %v %s", err, out)
		}
	})
	return dir
}

// fillDisk takes all room of a disk; the file that it returns frees it when removed.
func fillDisk(t *testing.T, dir string) (ballast string) {
	t.Helper()
	ballast = filepath.Join(dir, "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 64<<10)
	for len(block) > 0 {
		if _, err := f.Write(block); err != nil {
			block = block[:len(block)/2]
		}
	}
	return ballast
}

// The hub's disk is full while a sensor sends: the sensor keeps its batches, doctor says what is
// wrong, and when there is room again everything is stored, each batch once.
func TestFullDiskOfTheHub(t *testing.T) {
	t.Parallel() // it mostly waits
	dir := smallDisk(t, "1g")
	h := newHubIn(t, dir)
	scenario := writeFile(t, "paced.yaml", "")
	demo, err := os.ReadFile(filepath.Join("..", "..", "sensor", "capture", "hospital", "scenarios", "demo.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(scenario, append(demo, []byte("speed: 200\nscale: 0.3\n")...), 0o600); err != nil {
		t.Fatal(err)
	}
	config := h.enrol(t, "north", "north-1", "simulate: "+scenario)
	metrics := freePort(t)
	spooled(t, config, metrics, "batch")
	spool := t.TempDir()
	moved, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, []byte(strings.Replace(string(moved), "  dir: spool", "  dir: "+filepath.Join(spool, "spool"), 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	sensor := &process{name: "north-1", ready: `msg="sensor started"`, path: filepath.Join(bin, "wardscope-sensor"), args: []string{"run", "--config", config}, log: filepath.Join(spool, "log")}
	sensor.start(t)
	t.Cleanup(sensor.kill)
	sent := func() uint64 { return metric(metrics, "sensor_batches_sent_total") }
	eventually(t, 30*time.Second, "the hub takes batches", func() bool { return sent() > 0 })
	ballast := fillDisk(t, dir)
	before := sealed(metrics)
	eventually(t, 60*time.Second, "batches wait", func() bool { return sealed(metrics) >= before+5 && sent() < sealed(metrics)-3 })
	t.Logf("with a full disk: sealed %d, sent %d", sealed(metrics), sent())
	doctor := tool(t, h.env(), "wardscope", "doctor")
	t.Logf("doctor, exit %d:\n%s%s", doctor.code, doctor.out, doctor.errOut)
	if doctor.code == 0 {
		t.Error("doctor sees nothing")
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	eventually(t, 2*time.Minute, "the sensor has sent everything", func() bool {
		if h.process != nil && ended(h.process.Process.Pid) { // a service manager would start it again
			_ = h.process.Wait()
			t.Log("the hub ended: started again")
			h.start(t)
		}
		return sealed(metrics) > before+5 && sent() >= sealed(metrics)-1
	})
	_ = sensor.cmd.Process.Signal(syscall.SIGTERM)
	if err := sensor.cmd.Wait(); err != nil {
		t.Error(err)
	}
	eventually(t, time.Minute, "sealed = stored", func() bool {
		var all, stored uint64
		for _, e := range h.ledger(t, "north-1") {
			all, stored = all+e.Sealed, stored+e.Stored
		}
		return all > before && all == stored
	})
	if got := h.sql(t, "SELECT count() - uniqExact(epoch, sequence) FROM batches"); got != 0 {
		t.Errorf("%d batches stand twice in the ledger", got)
	}
}
