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

// rollout is the newest roll-out in words: its state, then each stage's, then why.
func (h *hub) rollout(t *testing.T) string {
	t.Helper()
	var x struct {
		State, Reason string
		Stages        []struct{ Name, State string }
	}
	out := must(t, h.env(), "wardscope", "sensors", "rollout", "show", "-o", "json")
	if err := json.Unmarshal([]byte(out), &x); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text := x.State
	for _, s := range x.Stages {
		text += " " + s.Name + ":" + s.State
	}
	return strings.ReplaceAll(text, "ROLLOUT_STATE_", "") + " " + x.Reason
}

// version keeps a text as the next version of the sensors' configuration.
func (h *hub) version(t *testing.T, reference, text string) {
	t.Helper()
	file := filepath.Join(h.dir, reference+".yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, h.env(), "wardscope", "sensors", "configurations", "add", file, "--reference", reference)
}

// The pilot gets a version, the hub is killed, and the new one goes on with the second stage. A version
// that a sensor of the second stage refuses is taken back there by itself, and stays where it does good.
func TestRolloutByStages(t *testing.T) {
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
	for _, s := range []struct{ site, name string }{{"north", "north-1"}, {"south", "south-1"}} {
		config := h.enrol(t, s.site, s.name, "simulate: "+scenario)
		spooled(t, config, freePort(t), "200ms")
		if s.name == "south-1" { // the site allows fewer flows than the version below wants
			raw, err := os.ReadFile(config)
			if err == nil {
				err = os.WriteFile(config, append(raw, []byte("limits:\n  flows: 4096\n")...), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		supervise(t, config)
	}
	running := func(sensor string) uint64 { return h.sensorLine(t, sensor).Report.Configuration }
	eventually(t, time.Minute, "both report", func() bool {
		return h.sensorLine(t, "north-1").Report.ClockError != "" && h.sensorLine(t, "south-1").Report.ClockError != ""
	})
	h.version(t, "CHG-1", "log:\n  level: debug\n")
	begin := func(version string) {
		t.Helper()
		must(t, h.env(), "wardscope", "sensors", "rollout", "start", "--version", version, "--reference", "CHG-"+version, "--observe", "10s",
			"--stage", "pilot=north-1", "--stage", "others=rest", "--window", "others=00:00-23:59")
	}
	begin("1")
	if o := tool(t, h.env(), "wardscope", "sensors", "configure", "south-1", "--version", "1"); o.code == 0 || !strings.Contains(o.errOut, "halt it first") {
		t.Errorf("a sensor is configured by hand in the middle: exit %d, %s", o.code, o.errOut)
	}
	eventually(t, time.Minute, "the pilot takes it", func() bool { return running("north-1") == 1 })
	if got := h.rollout(t); running("south-1") != 0 || !strings.HasPrefix(got, "RUNNING pilot:") || !strings.Contains(got, "others:WAITING") {
		t.Errorf("while the pilot is watched: %s, south-1 runs version %d", got, running("south-1"))
	}
	h.kill(t)
	h.start(t)
	eventually(t, 2*time.Minute, "the new hub goes on to the end", func() bool { return strings.HasPrefix(h.rollout(t), "DONE pilot:DONE others:DONE") })
	if running("north-1") != 1 || running("south-1") != 1 {
		t.Errorf("versions in force: %d and %d, want 1 at both", running("north-1"), running("south-1"))
	}

	h.version(t, "CHG-2", "limits:\n  flows: 8192\n")
	begin("2")
	eventually(t, 2*time.Minute, "the second stage is taken back", func() bool { return strings.HasPrefix(h.rollout(t), "HALTED pilot:DONE others:ROLLED_BACK") })
	if got := h.rollout(t); !strings.Contains(got, "south-1 refuses it") || !strings.Contains(got, "8192 exceeds the site's own 4096") {
		t.Errorf("the reason is %s", got)
	}
	eventually(t, time.Minute, "north-1 keeps it, south-1 has the former", func() bool { return running("north-1") == 2 && running("south-1") == 1 })
	list := must(t, h.env(), "wardscope", "sensors", "list")
	if !strings.Contains(list, "roll-out 2 of version 2 is halted, 1 of 2 stages done: stage others was rolled back: south-1 refuses it") {
		t.Errorf("the list of sensors does not tell of it:\n%s", list)
	}
	must(t, h.env(), "wardscope", "sensors", "rollout", "back", "2", "--reason", "INC-7")
	eventually(t, time.Minute, "everything is taken back", func() bool { return running("north-1") == 1 })
	audit := must(t, h.env(), "wardscope", "audit")
	for _, want := range []string{"StartRollout", "Rollout: begin", "Rollout: roll back", "ControlRollout", "INC-7"} {
		if !strings.Contains(audit, want) {
			t.Errorf("the audit lacks %q:\n%s", want, audit)
		}
	}
	t.Logf("\n%s\n%s\n%s\n%s", list, must(t, h.env(), "wardscope", "sensors", "rollout", "show"), must(t, h.env(), "wardscope", "sensors", "rollout", "list"),
		must(t, h.env(), "wardscope", "sensors", "configurations", "show", "2", "--against", "1"))
}

// A wrong filter makes a sensor blind: nobody has to notice, its former
// configuration comes back. It takes two minutes: make mirrors.
func TestRolloutOfABlindingFilterIsTakenBack(t *testing.T) {
	t.Parallel() // it mostly waits
	if os.Getenv("WARDSCOPE_MIRRORS") == "" {
		t.Skip("waits for a minute of silence: make mirrors")
	}
	if os.Geteuid() != 0 {
		t.Skip("not root: network namespaces cannot be made")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("ip (Debian package iproute2) is absent")
	}
	center := netns(t, "wsroll")
	ip(t, "-n", center, "link", "set", "lo", "up")
	ip(t, "-n", center, "link", "add", "cable", "type", "veth", "peer", "name", "mirror")
	for _, end := range []string{"cable", "mirror"} {
		ip(t, "netns", "exec", center, "sysctl", "-qw", "net.ipv6.conf."+end+".disable_ipv6=1")
		ip(t, "-n", center, "link", "set", end, "mtu", "9000", "arp", "off", "up")
	}
	h := hubIn(t, center, "127.0.0.1")
	h.ns = center
	captured := t.TempDir()
	must(t, nil, "wardscope-sensor", "simulate", "--scenario", "demo", "--site", "north", "--out", captured)
	config := h.enrol(t, "north", "north-1", "interfaces: [mirror]\n  ring_bytes: 16MiB")
	spooled(t, config, freePort(t), "200ms")
	supervise(t, config, center)
	h.version(t, "CHG-1", "capture:\n  filter: \"1,6 0 0 0\"\n") // takes no frame at all
	tick := time.NewTicker(3 * time.Second)
	defer tick.Stop()
	until := func(what string, f func() bool) {
		t.Helper()
		for deadline := time.Now().Add(4 * time.Minute); !f(); <-tick.C {
			if time.Now().After(deadline) {
				t.Fatalf("%s: not within four minutes; %s", what, h.rollout(t))
			}
			replay(t, center, "cable", filepath.Join(captured, "north.pcap"), 4_000)
		}
	}
	until("the sensor is well", func() bool {
		l := h.sensorLine(t, "north-1")
		return l.State == "SENSOR_STATE_OK" && l.Report.ClockError != ""
	})
	must(t, h.env(), "wardscope", "sensors", "rollout", "start", "--version", "1", "--reference", "CHG-1", "--observe", "2m", "--stage", "pilot=north-1")
	begin := time.Now()
	until("it is taken back", func() bool { return strings.HasPrefix(h.rollout(t), "HALTED pilot:ROLLED_BACK") })
	if got := h.rollout(t); !strings.Contains(got, "north-1 silent: its mirror has shown not one packet") {
		t.Errorf("the reason is %s", got)
	}
	took := time.Since(begin)
	until("it sees again", func() bool {
		l := h.sensorLine(t, "north-1")
		return l.State == "SENSOR_STATE_OK" && l.Report.Configuration == 0
	})
	t.Logf("taken back after %s: %s", took.Round(time.Second), h.rollout(t))
	// A program that never returns passes the sensor's checks, and the kernel refuses it: the sensor ends
	// before it could report that, and comes back with what it had.
	h.version(t, "CHG-2", "capture:\n  filter: \"1,0 0 0 0\"\n")
	must(t, h.env(), "wardscope", "sensors", "rollout", "start", "--version", "2", "--reference", "CHG-2", "--observe", "2m", "--stage", "pilot=north-1")
	begin = time.Now()
	until("the refused filter is taken back", func() bool { return strings.HasPrefix(h.rollout(t), "HALTED pilot:ROLLED_BACK") })
	if got := h.rollout(t); !strings.Contains(got, "north-1 refuses it: the sensor ended with it") {
		t.Errorf("the reason is %s", got)
	}
	t.Logf("taken back after %s: %s", time.Since(begin).Round(time.Second), h.rollout(t))
}
