package receive_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/wardscope/wardscope/hub/receive"
	"github.com/wardscope/wardscope/internal/subject"
)

// While the disk has little room, batches are refused as by a full stream; with room again they are
// taken. When all of it is gone, the server stops its storage, and Guard says so.
func TestGuardOnASmallDisk(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("not root: a small disk cannot be mounted")
	}
	disk := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=600m", "none", disk).CombinedOutput(); err != nil {
		t.Skipf("a small disk cannot be mounted: %v %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", disk).CombinedOutput(); err != nil {
			t.Errorf("unmount: %v %s", err, out)
		}
	})
	cfg := config(t)
	cfg.Dir = filepath.Join(disk, "stream")
	h := start(t, cfg)
	_, js, err := h.connect(t, h.sensor(t, "north", "n1"), "n1")
	if err != nil {
		t.Fatal(err)
	}
	guarded := make(chan error, 1)
	go func() { guarded <- h.Guard(t.Context()) }()
	publish := func(size int) error {
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		_, err := js.Publish(ctx, subject.Events("north", "n1"), make([]byte, size))
		return err
	}
	until := func(what string, ok func(error) bool, size int) {
		t.Helper()
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for end := time.Now().Add(20 * time.Second); ; <-tick.C {
			if err := publish(size); ok(err) {
				return
			} else if time.Now().After(end) {
				t.Fatalf("%s: %v", what, err)
			}
		}
	}
	full := func(err error) bool {
		api, ok := errors.AsType[*jetstream.APIError](err)
		return ok && api.ErrorCode == 10077
	}
	if err := publish(1000); err != nil {
		t.Fatal(err)
	}
	ballast := filepath.Join(disk, "ballast")
	write := func(mib int) {
		t.Helper()
		if err := os.WriteFile(ballast, make([]byte, mib<<20), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(400)
	until("little room: refused", full, 1000)
	if n := h.stream(t).State.Msgs; n == 0 {
		t.Error("what was there is gone")
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	until("room again: taken", func(err error) bool { return err == nil }, 1000)

	f, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 1<<20); err == nil; {
		_, err = f.Write(block)
	}
	for range 6 { // before Guard has looked again
		_ = publish(500_000)
	}
	select {
	case err := <-guarded:
		if !errors.Is(err, receive.ErrStorageStopped) {
			t.Errorf("got %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Errorf("not noticed; publish: %v", publish(1000))
	}
}
