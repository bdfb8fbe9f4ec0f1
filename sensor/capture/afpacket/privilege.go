//go:build linux

package afpacket

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// DropPrivileges gives up all capabilities, on all threads and for good, and checks that it
// happened. Call it once the sockets are open. It works in programs built without cgo only.
func DropPrivileges() error {
	if _, _, code := syscall.AllThreadsSyscall6(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0); code != 0 {
		if code == syscall.ENOTSUP {
			return errors.New("drop capabilities: this program was built with cgo; build it with CGO_ENABLED=0")
		}
		return fmt.Errorf("drop capabilities: forbid new ones: %w", code)
	}
	if _, _, code := syscall.AllThreadsSyscall6(unix.SYS_PRCTL, unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0, 0); code != 0 && code != syscall.EINVAL {
		return fmt.Errorf("drop capabilities: clear the ambient set: %w", code)
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	if _, _, code := syscall.AllThreadsSyscall(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&none[0])), 0); code != 0 {
		return fmt.Errorf("drop capabilities: %w", code)
	}
	return checkDropped()
}

// checkDropped looks at each thread's effective and permitted set.
func checkDropped() error {
	threads, err := filepath.Glob("/proc/self/task/*/status")
	if err != nil || len(threads) == 0 {
		return errors.New("drop capabilities: cannot list threads to check")
	}
	for _, path := range threads {
		text, err := os.ReadFile(filepath.Clean(path))
		if errors.Is(err, os.ErrNotExist) {
			continue // the thread ended meanwhile
		}
		if err != nil {
			return fmt.Errorf("drop capabilities: check: %w", err)
		}
		for line := range bytes.Lines(text) {
			for _, set := range [...]string{"CapEff:", "CapPrm:"} {
				if rest, ok := bytes.CutPrefix(line, []byte(set)); ok && len(bytes.Trim(bytes.TrimSpace(rest), "0")) != 0 {
					return fmt.Errorf("drop capabilities: %s still has %s", path, bytes.TrimSpace(line))
				}
			}
		}
	}
	return nil
}
