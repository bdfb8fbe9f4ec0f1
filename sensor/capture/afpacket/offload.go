//go:build linux

package afpacket

import (
	"fmt"
	"runtime"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Numbers of linux/ethtool.h.
const (
	ethtoolGFlags = 0x25
	ethtoolGGRO   = 0x2b
	flagLRO       = 1 << 15
)

// Offloads names the receive offloads of an interface that merge frames before they are captured,
// and the command that turns them off; both are "" when there are none or that is not known.
// Merged frames are counted as one packet, longer than any on the wire.
func Offloads(name string) (reason, remedy string) {
	var on, off []string
	if value, ok := ethtool(name, ethtoolGGRO); ok && value != 0 {
		on, off = append(on, "GRO"), append(off, "gro off")
	}
	if value, ok := ethtool(name, ethtoolGFlags); ok && value&flagLRO != 0 {
		on, off = append(on, "LRO"), append(off, "lro off")
	}
	if len(on) == 0 {
		return "", ""
	}
	return "merges frames before they are captured (" + strings.Join(on, " and ") + "), so packets are counted too few and too long",
		fmt.Sprintf("ethtool -K %s %s", name, strings.Join(off, " "))
}

// ethtool asks a driver for one value (struct ethtool_value behind struct ifreq).
func ethtool(name string, command uint32) (value uint32, ok bool) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, false
	}
	defer func() { _ = unix.Close(fd) }()
	question := [2]uint32{command, 0}
	var request struct {
		name [unix.IFNAMSIZ]byte
		data unsafe.Pointer
		_    [16]byte // struct ifreq is larger than the pointer
	}
	copy(request.name[:unix.IFNAMSIZ-1], name)
	request.data = unsafe.Pointer(&question)
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&request)))
	runtime.KeepAlive(&question)
	return question[1], errno == 0
}
