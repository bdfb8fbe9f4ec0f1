//go:build linux

package bundle

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// classNet is where Linux shows interfaces.
const classNet = "/sys/class/net"

// Interfaces is the state of every network interface of this machine: no addresses, no names of peers.
func Interfaces() string {
	names, err := os.ReadDir(classNet)
	if err != nil {
		return "cannot be read: " + err.Error() + "\n"
	}
	var b strings.Builder
	for _, n := range names {
		fmt.Fprintf(&b, "%s:", n.Name())
		for _, what := range []string{"operstate", "carrier", "mtu", "flags", "speed", "statistics/rx_packets", "statistics/rx_dropped", "statistics/rx_errors", "statistics/rx_missed_errors", "statistics/tx_packets"} {
			raw, err := os.ReadFile(filepath.Join(classNet, n.Name(), what)) //nolint:gosec // names come from the kernel
			if err == nil {
				fmt.Fprintf(&b, " %s %s", filepath.Base(what), strings.TrimSpace(string(raw)))
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Machine says what the program runs on, and how much room there is in some folders.
func Machine(version string, started, now time.Time, folders ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "version %s\n%s %s/%s, %d processors\ntime %s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), now.UTC().Format(time.RFC3339))
	if !started.IsZero() {
		fmt.Fprintf(&b, "runs for %s\n", now.Sub(started).Round(time.Second))
	}
	for _, file := range []string{"/proc/sys/kernel/osrelease", "/proc/loadavg", "/proc/meminfo"} {
		raw, err := os.ReadFile(file)
		if err == nil {
			fmt.Fprintf(&b, "%s\n%s\n", file, strings.TrimSpace(string(raw)))
		}
	}
	for _, dir := range folders {
		var s unix.Statfs_t
		if err := unix.Statfs(dir, &s); err == nil {
			fmt.Fprintf(&b, "room in %s: %d of %d MiB\n", dir, s.Bavail*uint64(s.Bsize)>>20, s.Blocks*uint64(s.Bsize)>>20)
		}
	}
	return b.String()
}

// Journal is the end of what the service manager keeps of a unit's log.
func Journal(ctx context.Context, unit string) string {
	out, err := exec.CommandContext(ctx, "journalctl", "--unit", unit, "--lines", "2000", "--no-pager", "--output", "short-iso").Output()
	if err != nil {
		return "the service manager's log cannot be read here (" + err.Error() + "); name a file with --log\n"
	}
	return string(out)
}
