//go:build linux

package afpacket_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/wardscope/wardscope/sensor/capture/afpacket"
)

const dropped = "WARDSCOPE_TEST_DROP"

// TestMain lets the test binary play a program that drops its privileges.
func TestMain(m *testing.M) {
	if os.Getenv(dropped) == "" {
		os.Exit(m.Run())
	}
	if err := afpacket.DropPrivileges(); err != nil {
		os.Stdout.WriteString(err.Error())
		os.Exit(1)
	}
	if _, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0); err != unix.EPERM {
		os.Stdout.WriteString("a new capture socket could still be opened")
		os.Exit(1)
	}
}

func TestDropPrivileges(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("absent: root, who has privileges to drop")
	}
	self := exec.Command(os.Args[0])
	self.Env = append(os.Environ(), dropped+"=1")
	out, err := self.CombinedOutput()
	if strings.Contains(string(out), "cgo") {
		t.Skip("absent: a test binary without cgo (CGO_ENABLED=0)")
	}
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
