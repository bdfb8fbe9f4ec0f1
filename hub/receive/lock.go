package receive

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Decisions of the caller.
var (
	// ErrLocked says that another hub works on the folder (exit code 4).
	ErrLocked = errors.New("in use")
	// ErrForeign says that the folder holds something else than a hub's stream.
	ErrForeign = errors.New("not a folder of wardscope")
	// ErrPortInUse says that somebody listens there already.
	ErrPortInUse = errors.New("port in use")
)

const lockName = "wardscope.lock" // also marks the folder as ours

// lock takes the folder, making it when missing. The file stays locked until it is closed.
func lock(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make stream folder: %w", err)
	}
	name := filepath.Join(dir, lockName)
	if _, err := os.Stat(name); errors.Is(err, os.ErrNotExist) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil, fmt.Errorf("read stream folder: %w", err)
		}
		if len(entries) > 0 {
			return nil, fmt.Errorf("stream folder %s: %w: it holds %s; choose an empty one", dir, ErrForeign, entries[0].Name())
		}
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock stream folder: %w; it must be writable by this user", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		holder, _ := os.ReadFile(name) // best effort: it only makes the message better
		_ = f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("stream folder %s: %w by %s", dir, ErrLocked, orUnknown(strings.TrimSpace(string(holder))))
		}
		return nil, fmt.Errorf("lock stream folder %s: %w", dir, err)
	}
	if err := f.Truncate(0); err == nil {
		_, err = fmt.Fprintf(f, "process %d (%s)\n", os.Getpid(), filepath.Base(os.Args[0]))
		if err == nil {
			return f, nil
		}
	}
	_ = f.Close()
	return nil, fmt.Errorf("write lock of stream folder %s: %w", dir, err)
}

func orUnknown(holder string) string {
	if holder == "" {
		return "an unknown process"
	}
	return holder
}
