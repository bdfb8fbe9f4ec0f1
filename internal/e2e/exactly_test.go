package e2e_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"
)

var sentForm = regexp.MustCompile(`msg="sensor stopped" sealed_batches=(\d+) sent_batches=(\d+) shed_batches=(\d+) sent_events=(\d+)`)

// sensorRun is a sensor process to its end.
type sensorRun struct {
	sealed, sent, shed, events uint64
	err                        error
	log                        string
}

func runSensor(config string) (r sensorRun) {
	cmd := exec.Command(filepath.Join(bin, "wardscope-sensor"), "run", "--config", config)
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	r.err = cmd.Run()
	r.log = log.String()
	m := sentForm.FindStringSubmatch(r.log)
	if m == nil {
		return r
	}
	for i, into := range []*uint64{&r.sealed, &r.sent, &r.shed, &r.events} {
		*into, _ = strconv.ParseUint(m[i+1], 10, 64) // the form has digits only
	}
	return r
}

const storedEvents = "SELECT (SELECT count() FROM flows) + (SELECT count() FROM observations) + (SELECT count() FROM findings) + (SELECT count() FROM losses) + (SELECT count() FROM sensor_stats)"

// Two sites through two sensors; the hub is killed again and again while they send. In the end
// the rows are the events that the sensors say they sent, exactly.
func TestEveryEventOnceThroughKills(t *testing.T) {
	h := newHub(t)
	sites := filepath.Join(h.dir, "sites.yaml")
	if err := os.WriteFile(sites, []byte("sites:\n  - id: north\n    name: North\n    realm: campus\n    prefixes: [10.10.0.0/16]\n  - id: south\n    name: South\n    realm: campus\n    prefixes: [10.20.0.0/16]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, h.env(), "wardscope", "sites", "apply", sites)

	// Two hours of traffic in about fifteen seconds, so that there are batches to interrupt.
	scenario := filepath.Join(h.dir, "paced.yaml")
	demo, err := os.ReadFile(filepath.Join("..", "..", "sensor", "capture", "hospital", "scenarios", "demo.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(scenario, append(demo, []byte("speed: 480\nscale: 0.4\n")...), 0o600); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	runs := make([]sensorRun, 2)
	for i, site := range []string{"north", "south"} {
		config := h.enrol(t, site, site+"-1", "simulate: "+scenario)
		group.Go(func() { runs[i] = runSensor(config) })
	}
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()
	kills := 0
	for pause := time.NewTicker(5 * time.Second); ; {
		select {
		case <-done:
		case <-pause.C:
			if kills < 3 {
				h.kill(t)
				h.start(t)
				kills++
			}
			continue
		}
		pause.Stop()
		break
	}
	var want uint64
	for i, r := range runs {
		if r.err != nil || r.sealed != r.sent || r.shed != 0 || r.events == 0 {
			t.Fatalf("sensor %d: %v, sealed %d, sent %d, shed %d\n%s", i, r.err, r.sealed, r.sent, r.shed, tail(r.log, 10))
		}
		want += r.events
	}
	eventually(t, time.Minute, "everything is stored", func() bool { return h.sql(t, storedEvents) >= want })
	if got := h.sql(t, storedEvents); got != want {
		t.Errorf("%d events stored, sensors sent %d", got, want)
	}
	if got, want := h.sql(t, "SELECT count() FROM batches"), runs[0].sent+runs[1].sent; got != want {
		t.Errorf("%d batches in the ledger, sensors sent %d", got, want)
	}
	h.kill(t)
	h.start(t)
	if got := h.sql(t, storedEvents); got != want {
		t.Errorf("after another kill: %d events stored, want %d", got, want)
	}
	t.Logf("events %d, batches %d, kills of the hub %d, lost 0, duplicated 0", want, runs[0].sent+runs[1].sent, kills+1)
	if kills == 0 {
		t.Error("the sensors ended before the hub was killed once")
	}
}

// A capture of 2006 is kept: retention counts from receipt.
func TestOldCapturesStay(t *testing.T) {
	h := newHub(t)
	out := filepath.Join(h.dir, "captures")
	old := filepath.Join(h.dir, "old.yaml")
	demo, err := os.ReadFile(filepath.Join("..", "..", "sensor", "capture", "hospital", "scenarios", "demo.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(old, append(demo, []byte("start: 2006-06-26T10:00:00Z\nscale: 0.1\n")...), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, nil, "wardscope-sensor", "simulate", "--scenario", old, "--site", "east", "--out", out)
	config := h.enrol(t, "east", "east-1", "files: ["+filepath.Join(out, "east.pcap")+"]")
	r := runSensor(config)
	if r.err != nil {
		t.Fatalf("%v\n%s", r.err, r.log)
	}
	eventually(t, time.Minute, "everything is stored", func() bool { return h.sql(t, storedEvents) >= r.events })
	if got := h.sql(t, "SELECT count() FROM flows WHERE toYear(start) = 2006"); got == 0 {
		t.Error("no flow of 2006 is there")
	}
	if got := h.sql(t, storedEvents); got != r.events {
		t.Errorf("%d events stored, sensor sent %d", got, r.events)
	}
}
