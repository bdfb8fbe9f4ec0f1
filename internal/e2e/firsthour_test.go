package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// shellIn makes a command line run in a network namespace, through a shell as people type it.
func shellIn(ns, line string, env ...string) *exec.Cmd {
	cmd := exec.Command("ip", "netns", "exec", ns, "sh", "-c", line)
	cmd.Env = append(os.Environ(), env...)
	return cmd
}

// firstHour reads the four commands of the transcript in deploy/README.md.
func firstHour(t *testing.T) (commands []string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "deploy", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(raw), "\n## A site's first hour\n")
	_, block, ok2 := strings.Cut(section, "```console\n")
	block, _, ok3 := strings.Cut(block, "```")
	if !ok || !ok2 || !ok3 {
		t.Fatal("deploy/README.md has no transcript of the first hour")
	}
	for line := range strings.Lines(block) {
		if command, ok := strings.CutPrefix(line, "sensor# "); ok {
			commands = append(commands, strings.TrimSpace(command))
		}
	}
	return commands
}

// hubIn runs a hub in a namespace: the API on loopback there, the sensors' listeners on an address.
func hubIn(t *testing.T, ns, address string) *hub {
	t.Helper()
	needEngine(t)
	h := &hub{dir: t.TempDir(), api: "127.0.0.1:8443", nats: address + ":4222"}
	config := h.file(t, "hub.yaml", fmt.Sprintf("data_dir: %s/data\nnames: [%s]\nnats:\n  listen: %s:4222\nenrolment:\n  listen: %s:8445\n", h.dir, address, address, address))
	log, err := os.Create(filepath.Join(h.dir, "hub.log"))
	if err != nil {
		t.Fatal(err)
	}
	h.log = log
	h.process = exec.Command("ip", "netns", "exec", ns, filepath.Join(bin, "wardscope-hub"), "serve", "--config", config)
	h.process.Stdout, h.process.Stderr = log, log
	if err := h.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.stop(t) })
	eventually(t, time.Minute, "hub answers", func() bool {
		h.learnToken()
		return h.token != "" && shellIn(ns, filepath.Join(bin, "wardscope")+" status", h.env()...).Run() == nil
	})
	return h
}

// From a copied file to the first device: the four commands that deploy/README.md shows and that
// `wardscope sensors enroll-token` prints, at a site whose mirror carries a hospital's traffic.
func TestFirstHour(t *testing.T) {
	t.Parallel() // it mostly waits
	if os.Geteuid() != 0 {
		t.Skip("not root: network namespaces cannot be made")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("ip (Debian package iproute2) is absent")
	}
	far, site, center := netns(t, "wsfar"), netns(t, "wssite"), netns(t, "wshub")
	ip(t, "link", "add", "wscable", "netns", far, "type", "veth", "peer", "name", "eth1", "netns", site)
	ip(t, "link", "add", "wan", "netns", center, "type", "veth", "peer", "name", "eth0", "netns", site)
	for _, end := range [][2]string{{far, "wscable"}, {site, "eth1"}} {
		ip(t, "netns", "exec", end[0], "sysctl", "-qw", "net.ipv6.conf."+end[1]+".disable_ipv6=1")
		ip(t, "-n", end[0], "link", "set", end[1], "mtu", "9000", "arp", "off", "up")
	}
	for _, end := range [][3]string{{center, "wan", "192.0.2.1/24"}, {site, "eth0", "192.0.2.2/24"}} {
		ip(t, "-n", end[0], "addr", "add", end[2], "dev", end[1])
		ip(t, "-n", end[0], "link", "set", end[1], "up")
		ip(t, "-n", end[0], "link", "set", "lo", "up")
	}
	h := hubIn(t, center, "192.0.2.1")
	out, err := shellIn(center, filepath.Join(bin, "wardscope")+" sensors enroll-token --site north", h.env()...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var printed []string
	for _, m := range regexp.MustCompile(`(?m)^  (\S.*)$`).FindAllStringSubmatch(string(out), -1) {
		printed = append(printed, m[1])
	}
	documented := firstHour(t)
	token := regexp.MustCompile(`wset_\S+`).FindString(string(out))
	if len(printed) != 4 || len(documented) != 4 {
		t.Fatalf("printed %q\ndocumented %q\nwant four commands", printed, documented)
	}
	for i, line := range printed {
		line = strings.ReplaceAll(strings.ReplaceAll(line, token, "wset_…"), "https://192.0.2.1:8445", "https://hub.health.example:8445")
		if line != documented[i] {
			t.Errorf("deploy/README.md says\n%s\nand enroll-token prints\n%s", documented[i], line)
		}
	}
	h.pasteAtSite(t, far, site, center, printed)
}

// pasteAtSite runs the commands one after the other as a person would, with the folders of a test.
func (h *hub) pasteAtSite(t *testing.T, far, site, center string, commands []string) {
	t.Helper()
	carried, local, lib := t.TempDir(), t.TempDir(), t.TempDir()
	raw, err := os.ReadFile(filepath.Join(bin, "wardscope-sensor"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(carried, "wardscope-sensor"), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	captures := t.TempDir()
	must(t, nil, "wardscope-sensor", "simulate", "--scenario", "demo", "--site", "north", "--out", captures)
	traffic := func() { replay(t, far, "wscable", filepath.Join(captures, "north.pcap"), 20_000) }
	at := func(line string) *exec.Cmd {
		line = strings.NewReplacer("/usr/local/bin/", local+"/", "/var/lib/wardscope", lib).Replace(line)
		cmd := shellIn(site, line, "PATH="+local+":"+os.Getenv("PATH"))
		cmd.Dir = carried
		return cmd
	}
	begin := time.Now()
	transcript := ""
	for _, line := range commands[:3] {
		cmd := at(line)
		var text strings.Builder
		cmd.Stdout, cmd.Stderr = &text, &text
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() { _ = cmd.Wait(); close(done) }()
		for ended := false; !ended; {
			if strings.Contains(line, " check ") {
				traffic()
			}
			select {
			case <-done:
				ended = true
			case <-time.After(500 * time.Millisecond):
			}
		}
		transcript += "sensor# " + line + "\n" + text.String()
		if code := cmd.ProcessState.ExitCode(); code != 0 {
			t.Fatalf("%s: exit %d\n%s", line, code, text.String())
		}
	}
	run := at("exec " + commands[3])
	log, err := os.Create(filepath.Join(h.dir, "sensor.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	run.Stdout, run.Stderr = log, log
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = run.Process.Signal(syscall.SIGTERM)
		if err := run.Wait(); err != nil {
			t.Errorf("sensor ended with %v", err)
		}
	}()
	devices := ""
	eventually(t, 2*time.Minute, "the first device", func() bool {
		traffic()
		out, err := shellIn(center, filepath.Join(bin, "wardscope")+" devices list --limit 5", h.env()...).Output()
		devices = string(out)
		return err == nil && strings.Contains(devices, "10.")
	})
	took := time.Since(begin)
	if took > time.Minute {
		t.Errorf("the first device was there after %v, want under a minute", took)
	}
	if got := counter(t, far, "wscable", "rx"); got != 0 {
		t.Errorf("%d frames went out to the mirror", got)
	}
	t.Logf("from the copied file to the first device: %v\n%ssensor# %s\n%s", took.Round(100*time.Millisecond), transcript, commands[3], devices)
}
