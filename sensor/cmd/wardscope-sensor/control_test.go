package main

import (
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wardscope/wardscope/internal/mtls"
	uplinkv1 "github.com/wardscope/wardscope/proto/wardscope/uplink/v1"
	"github.com/wardscope/wardscope/sensor/capture/valve"
)

// own is a site's configuration that is valid.
func own(t *testing.T) *settings {
	t.Helper()
	s := defaultSettings()
	s.base, s.Site, s.Sensor, s.Hub.NATS, s.Capture.Simulate = t.TempDir(), "north", "n1", "tls://hub:4222", "demo"
	for _, file := range []*string{&s.Hub.CA, &s.Hub.Certificate, &s.Hub.Key} {
		*file = "x.pem"
	}
	if err := os.WriteFile(filepath.Join(s.base, "x.pem"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s.Privacy.Networks = []networkSettings{{Prefix: netip.MustParsePrefix("10.99.0.0/16"), Mode: "none"}}
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestHubSetsOnlyWhatItMay(t *testing.T) {
	s := own(t)
	got, err := s.overlay("log:\n  level: debug\nlimits:\n  flows: 4096\ncapture:\n  vlans: [10, 20]\nprivacy:\n  networks:\n    - {vlan: 666, mode: counts}\n")
	if err != nil {
		t.Fatal(err)
	}
	if got.Log.Level != "debug" || got.Limits.Flows != 4096 || len(got.Capture.VLANs) != 2 || got.Hub != s.Hub {
		t.Errorf("got %+v", got)
	}
	if n := got.Privacy.Networks; len(n) != 2 || n[0].Mode != "none" || n[1].VLAN != 666 {
		t.Errorf("private networks %+v, want the site's own and the hub's", n)
	}
	if s.Log.Level != "info" || len(s.Privacy.Networks) != 1 || len(s.Capture.VLANs) != 0 {
		t.Errorf("the site's own was changed: %+v", s)
	}
	if got, err = s.overlay("privacy:\n  networks: []\n"); err != nil || len(got.Privacy.Networks) != 1 {
		t.Errorf("a hub takes the site's private networks away: %v", err)
	}
	for text, says := range map[string]string{
		"hub:\n  nats: tls://elsewhere:4222\n":   "hub: is the site's own",
		"uplink:\n  rate: []\n":                  "uplink: is the site's own",
		"spool:\n  dir: /etc\n":                  "spool: is the site's own",
		"capture:\n  interfaces: [eth0]\n":       "capture.interfaces: is the site's own",
		"limits:\n  reassembly: 1GiB\n":          "limits.reassembly: is the site's own",
		"limits:\n  flows: 3\n":                  "at least 1024",
		"limits:\n  flows: 90000000\n":           "exceeds the site's own",
		"limits:\n  claims: 90000000\n":          "exceeds the site's own",
		"log:\n  level: loud\n":                  "debug, info, warn or error",
		"log: [":                                 "read configuration",
		"privacy:\n  networks: [{mode: full}]\n": "a prefix, a vlan or a domain",
	} {
		if _, err := s.overlay(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: got %v, want %q", text, err, says)
		}
	}
}

// What the hub gave is in force from the next start on, and taken back when it wants nothing.
func TestHubsConfigurationIsTakenAndTakenBack(t *testing.T) {
	s, log := own(t), slog.New(slog.DiscardHandler)
	stopped := 0
	begin := func() (*settings, *steward) {
		t.Helper()
		got, w := s.effective(log)
		w.stop = func(error) { stopped++ }
		w.renewal, w.valve = &renewal{Renewal: mtls.NewRenewal(s.files()), log: log, now: time.Now}, valve.New()
		return got, w
	}
	_, w := begin()
	if err := w.blame(errors.New("no interface")); err == nil || exitCode(err) != 0 {
		t.Errorf("a fault of the site's own: %v", err)
	}
	w.apply(&uplinkv1.Answer{Configuration: 7, ConfigurationYaml: "hub:\n  nats: tls://elsewhere:4222\n"})
	if n, why := w.managed.Refused(); n != 7 || stopped != 0 || !strings.Contains(why, "site's own") {
		t.Fatalf("refused %d (%s), stopped %d times", n, why, stopped)
	}
	w.apply(&uplinkv1.Answer{Configuration: 8, ConfigurationYaml: "log:\n  level: debug\n"})
	got, w := begin()
	if n, _ := w.managed.InForce(); n != 8 || stopped != 1 || got.Log.Level != "debug" || s.Log.Level != "info" {
		t.Fatalf("version %d in force, level %s, stopped %d times", n, got.Log.Level, stopped)
	}
	w.apply(&uplinkv1.Answer{Configuration: 8})
	w.apply(&uplinkv1.Answer{Configuration: 9, ConfigurationYaml: "log:\n  level: warn\n"})
	_, w = begin()
	if err := w.blame(&codedError{code: exitUsage, err: errors.New("the kernel refuses the filter")}); exitCode(err) != exitRestart {
		t.Errorf("a version that ends the program: %v", err)
	}
	got, w = begin()
	if n, _ := w.managed.InForce(); n != 8 || got.Log.Level != "debug" {
		t.Fatalf("version %d in force, level %s", n, got.Log.Level)
	}
	if n, why := w.managed.Refused(); n != 9 || !strings.Contains(why, "the kernel refuses the filter") {
		t.Errorf("refused %d: %s", n, why)
	}
	stopped--
	w.apply(&uplinkv1.Answer{})
	got, w = begin()
	if n, _ := w.managed.InForce(); n != 0 || stopped != 2 || got.Log.Level != "info" {
		t.Fatalf("version %d in force, level %s, stopped %d times", n, got.Log.Level, stopped)
	}
}

func exitCode(err error) int {
	if coded, ok := errors.AsType[*codedError](err); ok {
		return coded.code
	}
	return 0
}
