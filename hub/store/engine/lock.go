package engine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// lockName also marks a folder as ours, so that a path typed wrongly does not
// fill somebody's home with tables.
const lockName = "wardscope.lock"

// LockedError says that a data directory is in use. A program ends with exit
// code 4 (locked) on it.
type LockedError struct {
	Dir    string
	Holder string // what the holder wrote: its process id and command line; may be empty
}

func (e *LockedError) Error() string {
	holder := e.Holder
	if holder == "" {
		holder = "an unknown process"
	}
	return fmt.Sprintf("data directory %s is in use by %s", e.Dir, holder)
}

// ForeignError says that a folder holds files but is no data directory.
type ForeignError struct{ Dir string }

func (e *ForeignError) Error() string {
	return fmt.Sprintf("data directory %s is not empty and not wardscope's: choose an empty one", e.Dir)
}

// lock takes the folder for this process, making it when it is missing.
func lock(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create data directory: %w", err)
	}
	name := filepath.Join(dir, lockName)
	if _, err := os.Stat(name); errors.Is(err, os.ErrNotExist) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil, fmt.Errorf("read data directory: %w", err)
		}
		if len(entries) > 0 {
			return nil, &ForeignError{Dir: dir}
		}
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock of data directory: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		holder, _ := os.ReadFile(name) // best effort: it only makes the message better
		_ = f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, &LockedError{Dir: dir, Holder: strings.TrimSpace(string(holder))}
		}
		return nil, fmt.Errorf("lock data directory %s: %w", dir, err)
	}
	text := fmt.Sprintf("process %d (%s)\n", os.Getpid(), filepath.Base(os.Args[0]))
	if err := writeHolder(f, text); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

func writeHolder(f *os.File, text string) error {
	if err := f.Truncate(0); err != nil {
		return fmt.Errorf("write lock of data directory: %w", err)
	}
	if _, err := f.WriteAt([]byte(text), 0); err != nil {
		return fmt.Errorf("write lock of data directory: %w", err)
	}
	return nil
}
