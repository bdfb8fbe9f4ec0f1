package e2e_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// ledgerEpoch is what `wardscope sensors ledger` says of one boot, over all days.
type ledgerEpoch struct {
	Epoch, Sealed, Stored, Missing, Quarantined, Dropped uint64
}

func (h *hub) ledger(t *testing.T, sensor string) (epochs []ledgerEpoch) {
	t.Helper()
	var answer struct {
		Days []struct {
			Epoch, Sealed, Stored, Missing, Quarantined uint64 `json:",string"`
			Dropped                                     []struct {
				Batches uint64 `json:",string"`
			}
		}
	}
	out := must(t, h.env(), "wardscope", "sensors", "ledger", sensor, "-o", "json")
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		t.Fatalf("ledger: %v\n%s", err, out)
	}
	for _, d := range answer.Days { // by boot, then day
		if n := len(epochs); n == 0 || epochs[n-1].Epoch != d.Epoch {
			epochs = append(epochs, ledgerEpoch{Epoch: d.Epoch})
		}
		e := &epochs[len(epochs)-1]
		e.Sealed, e.Stored, e.Missing, e.Quarantined = e.Sealed+d.Sealed, e.Stored+d.Stored, e.Missing+d.Missing, e.Quarantined+d.Quarantined
		for _, l := range d.Dropped {
			e.Dropped += l.Batches
		}
	}
	return epochs
}

// spooled gives a sensor's configuration a spool and a metrics port.
func spooled(t *testing.T, config, metrics, fsync string) {
	t.Helper()
	raw, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for _, section := range []string{"spool", "metrics"} {
		text = regexp.MustCompile(`(?m)^`+section+`:.*\n(?:[ \t]+.*\n)*`).ReplaceAllString(text, "")
	}
	text += fmt.Sprintf("spool:\n  dir: spool\n  max_bytes: 256MiB\n  fsync: %s\nmetrics:\n  listen: %s\n", fsync, metrics)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// sealed asks a running sensor how many batches it has sealed; 0 while it does not answer.
func sealed(address string) uint64 { return metric(address, "sensor_batches_sealed_total") }

// metric asks a running program for a number; 0 while it does not answer.
func metric(address, name string) uint64 {
	response, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if m := regexp.MustCompile(`(?m)^` + name + ` (\S+)`).FindSubmatch(text); err == nil && m != nil {
		n, _ := strconv.ParseFloat(string(m[1]), 64) // the form has a number only
		return uint64(n)
	}
	return 0
}

// A sensor with a spool is killed at random moments while it captures, once while the hub is away.
// In the end all that it had sealed is stored, each batch once, the numbers of each boot without
// a gap, and each kill is told as an unclean stop.
func TestSensorKillsLoseNothingSealed(t *testing.T) {
	t.Parallel() // it mostly waits
	h := newHub(t)
	scenario := filepath.Join(h.dir, "paced.yaml")
	demo, err := os.ReadFile(filepath.Join("..", "..", "sensor", "capture", "hospital", "scenarios", "demo.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(scenario, append(demo, []byte("speed: 400\nscale: 0.4\n")...), 0o600); err != nil {
		t.Fatal(err)
	}
	config := h.enrol(t, "north", "north-1", "simulate: "+scenario)
	metrics := freePort(t)
	const kills = 6
	var floor uint64 // batches sealed for certain
	for i := range kills {
		spooled(t, config, metrics, []string{"batch", "200ms"}[i%2])
		if i == 3 {
			h.kill(t)
		}
		floor += killSensor(t, config, metrics)
		if i == 3 {
			h.start(t)
		}
	}
	// The last boot ends in peace, and takes along what is left.
	out := filepath.Join(h.dir, "captures")
	must(t, nil, "wardscope-sensor", "simulate", "--scenario", scenario, "--site", "north", "--out", out)
	raw, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(raw), "simulate: "+scenario, "files: ["+filepath.Join(out, "north.pcap")+"]", 1)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var last sensorRun
	for range 3 { // the time to drain is bounded; what is left then comes with the next start
		if last = runSensor(config); last.err != nil {
			t.Fatalf("last run: %v\n%s", last.err, tail(last.log, 10))
		}
		floor += last.sealed
		if !strings.Contains(last.log, "batches wait on disk") {
			break
		}
	}
	stored := func() uint64 { return h.sql(t, "SELECT count() FROM losses WHERE place = 'unclean_stop'") }
	eventually(t, time.Minute, "every kill is told", func() bool { return stored() >= kills })
	if got := stored(); got != kills {
		t.Errorf("%d unclean stops told, %d kills", got, kills)
	}
	checkLedger(t, h, floor)
}

// killSensor runs a sensor until a random moment after its first batch, and returns how many it
// said that it had sealed.
func killSensor(t *testing.T, config, metrics string) (n uint64) {
	t.Helper()
	cmd := exec.Command(filepath.Join(bin, "wardscope-sensor"), "run", "--config", config)
	log, err := os.Create(config + ".log")
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, time.Minute, "sensor seals", func() bool { return sealed(metrics) > 0 })
	random := time.NewTimer(time.Duration(rand.IntN(7000)) * time.Millisecond)
	<-random.C
	n = sealed(metrics)
	if err := cmd.Process.Kill(); err != nil {
		raw, _ := os.ReadFile(log.Name())
		t.Fatalf("kill sensor: %v\n%s", err, tail(string(raw), 10))
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the sensor ended before it was killed")
	}
	return n
}

// checkLedger demands that what is stored is what was sealed, boot by boot, and each batch once.
func checkLedger(t *testing.T, h *hub, floor uint64) {
	t.Helper()
	var batches uint64
	eventually(t, time.Minute, "all batches are stored", func() bool {
		batches = 0
		for _, e := range h.ledger(t, "north-1") {
			batches += e.Stored
		}
		return batches >= floor
	})
	epochs := h.ledger(t, "north-1")
	for _, e := range epochs {
		if e.Missing != 0 || e.Quarantined != 0 || e.Stored != e.Sealed {
			t.Errorf("boot %d: %d batches up to %d, %d missing, %d in quarantine", e.Epoch, e.Stored, e.Sealed, e.Missing, e.Quarantined)
		}
	}
	if got := h.sql(t, "SELECT count() - uniqExact(epoch, sequence) FROM batches"); got != 0 {
		t.Errorf("%d batches stand twice in the ledger", got)
	}
	for _, table := range []string{"flows", "observations", "findings", "losses"} {
		if got, want := h.sql(t, "SELECT count() FROM "+table), h.sql(t, "SELECT sum(sealed_"+table+") FROM batches"); got != want {
			t.Errorf("%d %s stored, %d sealed", got, table, want)
		}
	}
	t.Logf("boots %d, batches stored %d (the sensor had said %d before the kills), missing 0, twice 0", len(epochs), batches, floor)
}
