package socket_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/wardscope/wardscope/hub/wiring/socket"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A hub answers, with its own errors and their exit codes, however deep its folder lies; a folder
// without one says so, and a socket that a killed hub left is taken over.
func TestAskAndAnswer(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("deep/", 30))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	var got struct{ Said string }
	if err := socket.Ask(t.Context(), dir, http.MethodGet, "/echo", nil, &got); !errors.Is(err, socket.ErrStopped) {
		t.Errorf("no hub: got %v", err)
	}
	if err := socket.Ask(t.Context(), filepath.Join(dir, "none"), http.MethodGet, "/echo", nil, &got); err == nil || !strings.Contains(err.Error(), "--data-dir") {
		t.Errorf("no folder: got %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, socket.Name), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /echo", func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		socket.Reply(w, map[string]string{"said": string(raw)}, err, nil)
	})
	mux.HandleFunc("GET /fails", func(w http.ResponseWriter, _ *http.Request) {
		socket.Reply(w, nil, fmt.Errorf("the disk is full"), func(error) int { return 3 })
	})
	mux.HandleFunc("GET /old", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- socket.Serve(ctx, dir, mux, slog.New(slog.DiscardHandler)) }()
	deadline := time.After(10 * time.Second)
	for {
		err := socket.Ask(t.Context(), dir, http.MethodPost, "/echo", "hello", &got)
		if err == nil {
			break
		}
		select {
		case <-deadline:
			t.Fatal(err)
		case <-time.After(10 * time.Millisecond):
		}
	}
	if got.Said != `"hello"` {
		t.Errorf("got %q", got.Said)
	}
	err := socket.Ask(t.Context(), dir, http.MethodGet, "/fails", nil, &got)
	if remote, ok := errors.AsType[*socket.RemoteError](err); !ok || remote.Code() != 3 || remote.Error() != "the disk is full" {
		t.Errorf("the hub's own error: got %v", err)
	}
	if err := socket.Ask(t.Context(), dir, http.MethodGet, "/old", nil, &got); err == nil || !strings.Contains(err.Error(), "same version") {
		t.Errorf("a hub that does not know the command: got %v", err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
