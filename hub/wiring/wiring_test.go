package wiring_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wardscope/wardscope/hub/client"
	"github.com/wardscope/wardscope/hub/store/engine"
	"github.com/wardscope/wardscope/hub/store/storetest"
	"github.com/wardscope/wardscope/hub/wiring"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// config is a hub on free ports of loopback.
func config(t *testing.T) *wiring.Config {
	t.Helper()
	storetest.Library(t)
	cfg := wiring.DefaultConfig()
	cfg.DataDir, cfg.Listen, cfg.NATS.Listen, cfg.Metrics.Listen = t.TempDir(), "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	cfg.Store.MaxMemory = 2 << 30
	return cfg
}

// What the chart grants by default holds the engine and the rest.
func TestHeapFitsBesideTheEngine(t *testing.T) {
	cfg := wiring.DefaultConfig()
	cfg.Store.MaxMemory = 2560 << 20
	if got := cfg.HeapLimit(); got < 1<<30 || got+int64(cfg.Store.MaxMemory) > 4<<30 {
		t.Errorf("%d MiB beside an engine of 2560 in 4096", got>>20)
	}
	cfg.Store.MaxMemory = 512 << 20
	if got := cfg.HeapLimit(); got != 1<<30 {
		t.Errorf("%d MiB beside the smallest engine, want room for an inventory", got>>20)
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// serve opens a hub, lets it run, asks f, and ends it.
func serve(t *testing.T, cfg *wiring.Config, f func(h *wiring.Hub)) {
	t.Helper()
	h, err := wiring.Open(t.Context(), cfg, "test", quiet())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	f(h)
	cancel()
	if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("run: %v", err)
	}
	if err := h.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

func status(t *testing.T, h *wiring.Hub, token string) (*hubv1.GetStatusResponse, error) {
	t.Helper()
	c, err := client.Dial(t.Context(), client.Config{Address: h.Address(), Token: token, CAFile: h.AuthorityFile()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	return c.System.GetStatus(t.Context(), &hubv1.GetStatusRequest{})
}

func TestStartsServesAndKeepsItsToken(t *testing.T) {
	cfg := config(t)
	sites := filepath.Join(t.TempDir(), "sites.yaml")
	if err := os.WriteFile(sites, []byte("sites:\n  - id: north\n    prefixes: [10.10.0.0/16]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg.Sites = sites
	var token string
	serve(t, cfg, func(h *wiring.Hub) {
		if token = h.NewToken(); token == "" {
			t.Fatal("the first start shows no token")
		}
		if got, err := status(t, h, token); err != nil || got.GetVersion() != "test" {
			t.Errorf("status %v, %v", got, err)
		}
		if _, err := status(t, h, "ws_wrong"); err == nil {
			t.Error("a wrong token is let in")
		}
		if !strings.HasPrefix(h.SensorURL(), "tls://127.0.0.1:") {
			t.Errorf("sensors are sent to %s", h.SensorURL())
		}
		c, err := client.Dial(t.Context(), client.Config{Address: h.Address(), Token: token, CAFile: h.AuthorityFile()})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		list, err := c.Sites.ListSites(t.Context(), &hubv1.ListSitesRequest{})
		if err != nil || len(list.GetSites()) != 1 || list.GetSites()[0].GetId() != "north" {
			t.Errorf("sites %v, %v", list, err)
		}
		_, err = wiring.Open(t.Context(), cfg, "test", quiet())
		if locked := new(engine.LockedError); !errors.As(err, &locked) || wiring.ExitCode(err) != 4 {
			t.Errorf("a second hub on the directory: %v, exit code %d", err, wiring.ExitCode(err))
		}
	})
	serve(t, cfg, func(h *wiring.Hub) {
		if h.NewToken() != "" {
			t.Error("the second start makes another token")
		}
		if _, err := status(t, h, token); err != nil {
			t.Errorf("the token of the first start: %v", err)
		}
	})
}

func TestPortInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for key, set := range map[string]func(*wiring.Config){
		"listen":         func(c *wiring.Config) { c.Listen = taken.Addr().String() },
		"nats.listen":    func(c *wiring.Config) { c.NATS.Listen = taken.Addr().String() },
		"metrics.listen": func(c *wiring.Config) { c.Metrics.Listen = taken.Addr().String() },
	} {
		t.Run(key, func(t *testing.T) {
			cfg := config(t)
			set(cfg)
			_, err := wiring.Open(t.Context(), cfg, "test", quiet())
			if err == nil || wiring.ExitCode(err) != 2 || !strings.Contains(err.Error(), taken.Addr().String()) {
				t.Errorf("got %v, exit code %d", err, wiring.ExitCode(err))
			}
			cfg.Listen, cfg.NATS.Listen, cfg.Metrics.Listen = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
			serve(t, cfg, func(h *wiring.Hub) {
				if h.NewToken() == "" {
					t.Error("the start that failed has taken the token with it")
				}
			})
		})
	}
}

func TestMigrateNeedsAStoppedHub(t *testing.T) {
	cfg := config(t)
	if err := wiring.Migrate(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	serve(t, cfg, func(*wiring.Hub) {
		if err := wiring.Migrate(t.Context(), cfg); wiring.ExitCode(err) != 4 {
			t.Errorf("got %v, exit code %d", err, wiring.ExitCode(err))
		}
	})
}

func TestMissingLibrary(t *testing.T) {
	cfg := config(t)
	cfg.Store.Library = "/nonexistent/libchdb.so"
	_, err := wiring.Open(t.Context(), cfg, "test", quiet())
	if err == nil || wiring.ExitCode(err) != 3 || !strings.Contains(err.Error(), "make deps") {
		t.Errorf("got %v, exit code %d", err, wiring.ExitCode(err))
	}
}

func TestBadSitesFile(t *testing.T) {
	for name, text := range map[string]string{"prefix": "sites:\n  - id: a\n    prefixes: [10.0.0.0/99]\n", "id": "sites:\n  - id: North Wing\n", "yaml": "sites: [\n"} {
		t.Run(name, func(t *testing.T) {
			cfg := config(t)
			cfg.Sites = filepath.Join(t.TempDir(), "sites.yaml")
			if err := os.WriteFile(cfg.Sites, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := wiring.Open(t.Context(), cfg, "test", quiet()); err == nil || !strings.Contains(err.Error(), "sites.yaml") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	if err := wiring.DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	bad := &wiring.Config{Listen: "nowhere", Log: wiring.LogConfig{Level: "loud"}}
	err := bad.Validate()
	for _, key := range []string{"data_dir", "listen", "nats.listen", "metrics.listen", "nats.max_bytes", "store.max_memory", "log.level"} {
		if err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("no word about %s in %v", key, err)
		}
	}
}

// The demonstration says what is wrong with a sensor in one line.
func TestDemoWithABrokenSensor(t *testing.T) {
	storetest.Library(t)
	script := filepath.Join(t.TempDir(), "sensor")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho 'wardscope-sensor: the disk is on fire' >&2\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err := wiring.Demo(t.Context(), wiring.DemoConfig{Dir: t.TempDir(), Sensor: script, CLI: script, Once: true, Version: "test", Out: &out})
	if err == nil || !strings.Contains(err.Error(), "the disk is on fire") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", fmt.Sprint(err))
	}
	if !strings.Contains(out.String(), "hub is up") {
		t.Errorf("showed %q", out.String())
	}
}
