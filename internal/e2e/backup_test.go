package e2e_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

var backupForm = regexp.MustCompile(`^(\S+\.tar): [0-9.]+ MiB, (\d+) batches stored, (\d+) waiting; `)

func number(t *testing.T, s string) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A hub is backed up while a sensor sends, killed some batches later, and made anew from the file on
// the same ports. The sensor goes on without being touched. At the end every batch it sent is stored
// once, but for those that the old hub had acknowledged after the backup: the ledger counts those.
func TestBackupOfARunningHubAndRestore(t *testing.T) {
	t.Parallel() // it mostly waits
	h := newHub(t)
	demo, err := os.ReadFile(filepath.Join("..", "..", "sensor", "capture", "hospital", "scenarios", "demo.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	scenario := filepath.Join(h.dir, "paced.yaml")
	if err := os.WriteFile(scenario, append(demo, []byte("speed: 240\nscale: 0.2\n")...), 0o600); err != nil {
		t.Fatal(err)
	}
	config := h.enrol(t, "north", "north-1", "simulate: "+scenario)
	raw, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, append(raw, []byte("spool:\n  dir: spool\n")...), 0o600); err != nil {
		t.Fatal(err)
	}
	run := make(chan sensorRun, 1)
	go func() { run <- runSensor(config) }()
	batches := func() uint64 { return h.sql(t, "SELECT count() FROM batches") }
	eventually(t, time.Minute, "two batches are stored", func() bool { return batches() >= 2 })
	out := must(t, nil, "wardscope-hub", "backup", "--config", h.config, "--to", filepath.Join(h.dir, "backups")+"/")
	m := backupForm.FindStringSubmatch(out)
	if m == nil || !strings.Contains(out, "storing paused for") {
		t.Fatalf("backup says %q", out)
	}
	saved := number(t, m[2]) + number(t, m[3])
	eventually(t, time.Minute, "another batch is stored", func() bool { return batches() > saved })
	h.kill(t)

	refused := tool(t, nil, "wardscope-hub", "restore", "--config", h.config, "--from", m[1])
	if refused.code != 2 || !strings.Contains(refused.errOut, "not empty") {
		t.Errorf("restore over a hub: exit %d, %s", refused.code, refused.errOut)
	}
	if err := os.Rename(filepath.Join(h.dir, "data"), filepath.Join(h.dir, "lost")); err != nil {
		t.Fatal(err)
	}
	out = must(t, nil, "wardscope-hub", "restore", "--config", h.config, "--from", m[1])
	if !strings.Contains(out, "equal to the backup's counts") {
		t.Errorf("restore says %q", out)
	}
	h.start(t)
	r := <-run
	if r.err != nil || r.shed != 0 || r.sealed != r.sent {
		t.Fatalf("sensor: %v, sealed %d, sent %d, shed %d\n%s", r.err, r.sealed, r.sent, r.shed, tail(r.log, 10))
	}
	eventually(t, time.Minute, "the last batch is stored", func() bool { return h.sql(t, "SELECT max(sequence) FROM batches") == r.sealed })
	stored, distinct := batches(), h.sql(t, "SELECT uniqExact(epoch, sequence) FROM batches")
	if stored != distinct {
		t.Errorf("%d lines of %d batches in the ledger", stored, distinct)
	}
	if stored >= r.sealed || stored < saved {
		t.Errorf("%d of %d batches stored, %d in the backup: the hub was lost after it had taken more than the backup holds", stored, r.sealed, saved)
	}
	if l := h.ledger(t, "north-1"); len(l) != 1 || l[0].Missing != r.sealed-stored || l[0].Sealed != r.sealed {
		t.Errorf("ledger %+v, want %d sealed and %d missing", l, r.sealed, r.sealed-stored)
	}
	t.Logf("backup of %d batches; %d more were lost with the hub and are listed; %d stored, each once", saved, r.sealed-stored, stored)

	h.stop(t)
	out = must(t, nil, "wardscope-hub", "backup", "--config", h.config, "--to", filepath.Join(h.dir, "stopped.tar"))
	if m := backupForm.FindStringSubmatch(out); m == nil || number(t, m[2])+number(t, m[3]) != stored || !strings.Contains(out, "the hub was stopped") {
		t.Errorf("backup of a stopped hub says %q, want %d batches", out, stored)
	}
	h.start(t)
}
