package e2e_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// supervised is a sensor with what a service manager does: started again after exit code 75. It runs in
// a network namespace, if one is given.
type supervised struct {
	stop   chan struct{}
	ended  chan struct{}
	log    string
	starts chan int // exit codes
}

func supervise(t *testing.T, config string, ns ...string) *supervised {
	t.Helper()
	s := &supervised{stop: make(chan struct{}), ended: make(chan struct{}), log: config + ".log", starts: make(chan int, 16)}
	log, err := os.Create(s.log)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(s.ended)
		defer log.Close()
		for {
			path, args := inside(strings.Join(ns, ""), "wardscope-sensor", []string{"run", "--config", config})
			cmd := exec.Command(path, args...)
			cmd.Stdout, cmd.Stderr = log, log
			if cmd.Start() != nil {
				return
			}
			done := make(chan struct{})
			go func() { _ = cmd.Wait(); close(done) }() // the exit code is looked at
			select {
			case <-done:
			case <-s.stop:
				_ = cmd.Process.Signal(os.Interrupt) // it may have ended
				<-done
				return
			}
			s.starts <- cmd.ProcessState.ExitCode()
			if cmd.ProcessState.ExitCode() != 75 {
				return
			}
		}
	}()
	t.Cleanup(func() { s.end() })
	return s
}

func (s *supervised) end() {
	select {
	case <-s.stop:
	default:
		close(s.stop)
	}
	<-s.ended
}

type sensorLine struct {
	State, Reason string
	ClockOffset   string
	Report        struct {
		Paused                              bool
		Configuration, RefusedConfiguration uint64 `json:",string"`
		ClockError                          string
		Memory                              uint64 `json:",string"`
	}
}

func (h *hub) sensorLine(t *testing.T, sensor string) sensorLine {
	t.Helper()
	var answer struct {
		Sensors []struct {
			ID string
			sensorLine
		}
	}
	out := must(t, h.env(), "wardscope", "sensors", "list", "-o", "json")
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, s := range answer.Sensors {
		if s.ID == sensor {
			return s.sensorLine
		}
	}
	t.Fatalf("no sensor %s in\n%s", sensor, out)
	return sensorLine{}
}

// A sensor is paused, resumed, restarted, given a configuration that it refuses and one that it
// takes, and gets its own back; each time the hub shows what it reports, and nothing is lost.
func TestSensorFollowsTheHub(t *testing.T) {
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
	config := h.enrol(t, "north", "north-1", "simulate: "+scenario)
	spooled(t, config, freePort(t), "200ms")
	s := supervise(t, config)
	line := func() sensorLine { return h.sensorLine(t, "north-1") }

	eventually(t, time.Minute, "the clock is measured", func() bool { return line().Report.ClockError != "" && line().Report.ClockError != "0s" })
	if l := line(); l.State != "SENSOR_STATE_OK" || l.Report.Memory == 0 {
		t.Errorf("a good sensor is shown as %+v", l)
	}
	if o := tool(t, h.env(), "wardscope", "sensors", "pause", "north-1"); o.code != 2 || !strings.Contains(o.errOut, "reason") {
		t.Errorf("pause without a reason: exit %d, %s", o.code, o.errOut)
	}
	must(t, h.env(), "wardscope", "sensors", "pause", "north-1", "--reason", "switch is being replaced")
	eventually(t, time.Minute, "it is paused", func() bool { return line().Report.Paused })
	if l := line(); l.State != "SENSOR_STATE_PAUSED" || !strings.Contains(l.Reason, "switch is being replaced") {
		t.Errorf("a paused sensor is shown as %+v", l)
	}
	must(t, h.env(), "wardscope", "sensors", "resume", "north-1")
	eventually(t, time.Minute, "it is resumed", func() bool { return !line().Report.Paused })

	restarted := func(what string) {
		t.Helper()
		timeout := time.NewTimer(time.Minute)
		defer timeout.Stop()
		select {
		case code := <-s.starts:
			if code != 75 {
				raw, _ := os.ReadFile(s.log)
				t.Fatalf("%s: exit %d, want 75\n%s", what, code, tail(string(raw), 20))
			}
		case <-timeout.C:
			t.Fatalf("%s: not within a minute", what)
		}
	}
	must(t, h.env(), "wardscope", "sensors", "restart", "north-1")
	restarted("restart")

	give := func(name, text string) {
		t.Helper()
		file := filepath.Join(h.dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		must(t, h.env(), "wardscope", "sensors", "configure", "north-1", "--file", file, "--reference", "CHG-"+name)
	}
	give("theft.yaml", "hub:\n  nats: tls://elsewhere:4222\n")
	eventually(t, time.Minute, "a foreign hub is refused", func() bool {
		return strings.Contains(must(t, h.env(), "wardscope", "sensors", "configurations", "-o", "csv")+must(t, h.env(), "wardscope", "sensors", "configurations"), "site's own")
	})
	give("debug.yaml", "log:\n  level: debug\n")
	restarted("new configuration")
	eventually(t, time.Minute, "version 2 is in force", func() bool { return line().Report.Configuration == 2 })
	must(t, h.env(), "wardscope", "sensors", "configure", "north-1", "--version", "0")
	restarted("own configuration")
	eventually(t, time.Minute, "its own configuration is in force", func() bool { l := line(); return l.Report.Configuration == 0 && l.Report.ClockError != "0s" })
	out := must(t, h.env(), "wardscope", "sensors", "configurations")
	for _, want := range []string{"CHG-theft.yaml", "CHG-debug.yaml", "+log:", "in force"} {
		if !strings.Contains(out, want) {
			t.Errorf("configurations lack %q:\n%s", want, out)
		}
	}
	s.end()
	eventually(t, time.Minute, "all is stored", func() bool {
		for _, e := range h.ledger(t, "north-1") {
			if e.Missing != 0 || e.Dropped != 0 || e.Quarantined != 0 {
				return false
			}
		}
		return true
	})
	if n := h.sql(t, "SELECT count() FROM losses WHERE place = 'unclean_stop'"); n != 0 {
		t.Errorf("%d restarts were unclean stops", n)
	}
	t.Logf("boots %d, none unclean\n%s", len(h.ledger(t, "north-1")), out)
}
