package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The hub is away for longer than a sensor's queue lasts. The sensor gives up its oldest batches,
// and when the hub is back the ledger explains every number: what is not stored was dropped, with
// the reason, and nothing is missing. The queue is the one in memory, because a spool on disk,
// which tells its losses by the same records, takes 128 MiB to overflow.
func TestLedgerExplainsAQueueThatOverflowed(t *testing.T) {
	h := newHub(t)
	demo, err := os.ReadFile(filepath.Join("..", "..", "sensor", "capture", "hospital", "scenarios", "demo.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	scenario := filepath.Join(h.dir, "big.yaml")
	if err := os.WriteFile(scenario, []byte(strings.Replace(string(demo), "duration: 2h", "duration: 8h", 1)+"scale: 6\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	config := h.enrol(t, "north", "north-1", "simulate: "+scenario)
	raw, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	metrics := freePort(t)
	if err := os.WriteFile(config, append(raw, []byte("limits:\n  uplink_queue: 4MiB\nmetrics:\n  listen: "+metrics+"\n")...), 0o600); err != nil {
		t.Fatal(err)
	}
	h.kill(t)
	run := make(chan sensorRun, 1)
	go func() { run <- runSensor(config) }()
	eventually(t, time.Minute, "the sensor gives batches up", func() bool { return metric(metrics, "sensor_batches_shed_total") > 0 })
	h.start(t)
	r := <-run
	if r.err != nil || r.shed == 0 || r.sent+r.shed != r.sealed {
		t.Fatalf("sensor: %v, sealed %d, sent %d, given up %d\n%s", r.err, r.sealed, r.sent, r.shed, tail(r.log, 10))
	}
	var sum ledgerEpoch
	eventually(t, time.Minute, "every number is known", func() bool {
		if all := h.ledger(t, "north-1"); len(all) > 0 {
			sum = all[0]
		}
		return sum.Sealed >= r.sealed && sum.Stored >= r.sent
	})
	want := ledgerEpoch{Epoch: sum.Epoch, Sealed: r.sealed, Stored: r.sent, Dropped: r.shed}
	if sum != want {
		t.Errorf("ledger %+v, want %+v", sum, want)
	}
	text := must(t, h.env(), "wardscope", "sensors", "ledger", "--sensor", "north-1", "--day", time.Now().UTC().Format(time.DateOnly))
	if !strings.Contains(text, " batches, ") {
		t.Errorf("no reason is shown:\n%s", text)
	}
	t.Logf("sealed %d, stored %d, dropped with reason %d, missing 0\n%s", sum.Sealed, sum.Stored, sum.Dropped, text)
}
