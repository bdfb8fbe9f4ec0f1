package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/wardscope/wardscope/internal/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestServe(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var health telemetry.Health
	broken := true
	health.Check("store", func(context.Context) error {
		if broken {
			return errors.New("disk is full; free some")
		}
		return nil
	})
	health.Check("another", func(context.Context) error { return nil })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- telemetry.Serve(ctx, listener, telemetry.Handler(telemetry.Registry(), &health)) }()

	base := "http://" + listener.Addr().String()
	if code, body := get(t, base+"/readyz"); code != http.StatusServiceUnavailable || !strings.Contains(body, "store: disk is full") {
		t.Errorf("broken: %d %s", code, body)
	}
	broken = false
	for path, want := range map[string]string{"/readyz": "ready", "/healthz": "ok", "/metrics": "go_goroutines"} {
		if code, body := get(t, base+path); code != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d, no %q", path, code, want)
		}
	}
	http.DefaultClient.CloseIdleConnections()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func TestLogger(t *testing.T) {
	var out bytes.Buffer
	telemetry.Logger(&out, slog.LevelInfo, true).Info("started", slog.Int("sensors", 3))
	telemetry.Logger(&out, slog.LevelWarn, false).Info("hidden")
	if got := out.String(); !strings.Contains(got, `"sensors":3`) || strings.Contains(got, "hidden") {
		t.Errorf("got %s", got)
	}
}
