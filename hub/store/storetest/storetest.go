package storetest

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/hub/store/engine"
)

// turn is held by the test that has the engine.
var turn sync.Mutex

// Open returns an empty store for this test.
func Open(t testing.TB) *store.Store {
	t.Helper()
	Engine(t)
	s, err := store.Open(t.Context(), Config(t))
	if err != nil {
		t.Fatalf("open store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return s
}

// Engine takes the process's engine for this test, for tests that open their
// own stores: it waits for its turn, and skips when the library is missing.
func Engine(t testing.TB) {
	t.Helper()
	Library(t)
	turn.Lock()
	t.Cleanup(turn.Unlock)
}

// Library skips the test when the engine's library is missing, or fails it
// when E2E_REQUIRED=1.
func Library(t testing.TB) {
	t.Helper()
	_, err := engine.Locate("")
	var missing *engine.MissingError
	switch {
	case err == nil:
	case errors.As(err, &missing) && os.Getenv("E2E_REQUIRED") != "1":
		t.Skip(err)
	default:
		t.Fatal(err)
	}
}

// Config is what Open uses: the default on a folder of the test's own.
func Config(t testing.TB) store.Config {
	t.Helper()
	cfg := store.DefaultConfig()
	cfg.DataDir = filepath.Join(t.TempDir(), "store")
	return cfg
}
