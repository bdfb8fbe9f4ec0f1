package e2e_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// mirror is what a switch makes of the traffic, and what `sensors list` says of it.
type mirror struct {
	name, state, word string
	vlans             string
	change            func(f []byte) [][]byte // nil: not a frame
}

// broken are the six mirrors that a switch gets wrong, and a whole one.
var broken = []mirror{
	{name: "silent", state: "BLIND", word: "silent"},
	{name: "one-direction", state: "HALF_BLIND", word: "one direction", change: func(f []byte) [][]byte {
		if f[0]&1 == 0 && string(f[:6]) < string(f[6:12]) {
			return nil
		}
		return [][]byte{f}
	}},
	{name: "broadcast-only", state: "BLIND", word: "broadcast only", change: func(f []byte) [][]byte {
		if f[0]&1 == 0 {
			return nil
		}
		return [][]byte{f}
	}},
	{name: "duplicated", state: "HALF_BLIND", word: "duplicated", change: func(f []byte) [][]byte { return [][]byte{f, f} }},
	{name: "truncated", state: "HALF_BLIND", word: "truncated", change: func(f []byte) [][]byte { return [][]byte{f[:min(len(f), 80)]} }},
	{name: "wrong-vlan", state: "HALF_BLIND", word: "wrong VLAN: its mirror should carry 999", vlans: "999", change: func(f []byte) [][]byte { return [][]byte{f} }},
	{name: "whole", state: "OK", change: func(f []byte) [][]byte { return [][]byte{f} }},
}

// Sensors at once, each at an interface of its own: broken mirrors, each named by `wardscope sensors
// list`, and a whole one that is well. All six take three minutes: make mirrors.
func TestSensorsListNamesBrokenMirrors(t *testing.T) {
	t.Parallel() // it mostly waits
	if os.Geteuid() != 0 {
		t.Skip("not root: network namespaces cannot be made")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("ip (Debian package iproute2) is absent")
	}
	mirrors := broken
	if os.Getenv("WARDSCOPE_MIRRORS") == "" { // the others are judged by whole minutes
		mirrors = slices.DeleteFunc(slices.Clone(broken), func(m mirror) bool { return m.state == "HALF_BLIND" })
	}
	far, near := netns(t, "wsfar"), netns(t, "wsnear")
	ip(t, "link", "add", "wan", "netns", far, "type", "veth", "peer", "name", "eth0", "netns", near)
	for _, end := range [][3]string{{far, "wan", "192.0.2.1/24"}, {near, "eth0", "192.0.2.2/24"}} {
		ip(t, "-n", end[0], "addr", "add", end[2], "dev", end[1])
		ip(t, "-n", end[0], "link", "set", end[1], "up")
		ip(t, "-n", end[0], "link", "set", "lo", "up")
	}
	h := hubIn(t, far, "192.0.2.1")
	captures := t.TempDir()
	must(t, nil, "wardscope-sensor", "simulate", "--scenario", "demo", "--site", "north", "--out", captures)
	files := map[string]string{}
	for i, m := range mirrors {
		iface, cable := fmt.Sprintf("m%d", i), fmt.Sprintf("c%d", i)
		ip(t, "link", "add", cable, "netns", far, "type", "veth", "peer", "name", iface, "netns", near)
		for _, end := range [][2]string{{far, cable}, {near, iface}} {
			ip(t, "netns", "exec", end[0], "sysctl", "-qw", "net.ipv6.conf."+end[1]+".disable_ipv6=1")
			ip(t, "-n", end[0], "link", "set", end[1], "mtu", "9000", "arp", "off", "up")
		}
		if m.change != nil {
			files[cable] = filepath.Join(captures, m.name+".pcap")
			rewrite(t, filepath.Join(captures, "north.pcap"), files[cable], m.change)
		}
		h.mirrored(t, far, near, m.name, iface, m.vlans)
	}
	tick := time.NewTicker(3 * time.Second)
	defer tick.Stop()
	var list map[string][2]string
	deadline := time.Now().Add(4 * time.Minute)
	for done := false; !done; <-tick.C {
		for cable, file := range files {
			replay(t, far, cable, file, 4_000)
		}
		list = h.states(t, far)
		done = true
		for _, m := range mirrors {
			got := list[m.name]
			done = done && got[0] == "SENSOR_STATE_"+m.state && strings.Contains(got[1], m.word)
		}
		if time.Now().After(deadline) {
			break
		}
	}
	for _, m := range mirrors {
		if got := list[m.name]; got[0] != "SENSOR_STATE_"+m.state || !strings.Contains(got[1], m.word) {
			t.Errorf("%s: shown as %v, want %s about %q", m.name, got, m.state, m.word)
		} else {
			t.Logf("%-15s %s: %s", m.name, strings.TrimPrefix(got[0], "SENSOR_STATE_"), got[1])
		}
	}
}

// mirrored enrols a sensor in a namespace and runs it at an interface until the test ends.
func (h *hub) mirrored(t *testing.T, center, site, name, iface, vlans string) {
	t.Helper()
	out, err := shellIn(center, filepath.Join(bin, "wardscope")+" sensors enroll-token -o json --site north --sensor "+name, h.env()...).Output()
	var answer struct{ Token, HubURL string }
	if err == nil {
		err = json.Unmarshal(out, &answer)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	dir := filepath.Join(h.dir, name)
	enroll := fmt.Sprintf("%s enroll --hub %s --token %s --out %s --interface %s", filepath.Join(bin, "wardscope-sensor"), answer.HubURL, answer.Token, dir, iface)
	if out, err := shellIn(site, enroll).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	config := filepath.Join(dir, "sensor.yaml")
	captures(t, config, "interfaces: ["+iface+"]\n  ring_bytes: 16MiB\n  vlans: ["+vlans+"]")
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	run := shellIn(site, "exec "+filepath.Join(bin, "wardscope-sensor")+" run --config "+config)
	run.Stdout, run.Stderr = log, log
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = run.Process.Signal(syscall.SIGTERM) // it may have ended
		if err := run.Wait(); err != nil {
			raw, _ := os.ReadFile(log.Name())
			t.Errorf("%s ended with %v\n%s", name, err, tail(string(raw), 10))
		}
		_ = log.Close()
	})
}

// states asks for every sensor's state and why.
func (h *hub) states(t *testing.T, center string) map[string][2]string {
	t.Helper()
	out, err := shellIn(center, filepath.Join(bin, "wardscope")+" sensors list -o json", h.env()...).Output()
	var answer struct {
		Sensors []struct{ ID, State, Reason string }
	}
	if err == nil {
		err = json.Unmarshal(out, &answer)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	list := map[string][2]string{}
	for _, s := range answer.Sensors {
		list[s.ID] = [2]string{s.State, s.Reason}
	}
	return list
}
