//go:build linux

package check

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Privileges says whether capture sockets can be opened.
func Privileges() Result {
	status, err := os.ReadFile("/proc/thread-self/status")
	if err == nil {
		for line := range bytes.Lines(status) {
			if text, ok := bytes.CutPrefix(line, []byte("CapEff:")); ok {
				set, err := strconv.ParseUint(string(bytes.TrimSpace(text)), 16, 64)
				if err == nil && set>>unix.CAP_NET_RAW&1 == 1 {
					return fine("privileges", "CAP_NET_RAW is there")
				}
			}
		}
	}
	return Result{
		Fault, "privileges", "no_net_raw", "CAP_NET_RAW is missing: capture sockets cannot be opened",
		"run by the systemd unit, as root, or: setcap cap_net_raw+ep /usr/local/bin/wardscope-sensor",
	}
}

// Link says whether an interface is up.
func Link(name string) Result {
	iface, err := net.InterfaceByName(name)
	switch {
	case err != nil:
		var there []string
		if all, err := net.Interfaces(); err == nil {
			for _, i := range all {
				there = append(there, i.Name)
			}
		}
		return Result{Fault, "link", "absent", "there is no interface " + name, "name one of: " + strings.Join(there, ", ")}
	case iface.Flags&net.FlagUp == 0:
		return Result{Fault, "link", "down", name + " is switched off", "ip link set dev " + name + " up"}
	case iface.Flags&net.FlagRunning == 0:
		return Result{Fault, "link", "no_carrier", name + " has no carrier", "see that the cable is in, the optics match, and the switch's port is not shut"}
	}
	return fine("link", name+" is up"+speed(name))
}

func speed(name string) string {
	text, err := os.ReadFile(filepath.Join("/sys/class/net", filepath.Base(name), "speed"))
	if mbit, parseErr := strconv.Atoi(string(bytes.TrimSpace(text))); err == nil && parseErr == nil && mbit > 0 {
		return fmt.Sprintf(", %d Mb/s", mbit)
	}
	return ""
}

const lroFlag = 1 << 15 // ETH_FLAG_LRO of linux/ethtool.h

// Offloads says whether the machine joins packets before the sensor sees them.
func Offloads(name string) Result {
	var on []string
	for _, o := range []struct {
		command uint32
		mask    uint32
		name    string
	}{{unix.ETHTOOL_GGRO, 1, "gro"}, {unix.ETHTOOL_GFLAGS, lroFlag, "lro"}} {
		if value, err := ethtool(name, o.command); err == nil && value&o.mask != 0 {
			on = append(on, o.name)
		}
	}
	if len(on) == 0 {
		return fine("offloads", name+" does not merge packets")
	}
	return Result{
		Warning, "offloads", "merge", fmt.Sprintf("%s merges packets (%s): sizes, counts and duplicates are not those of the wire", name, strings.Join(on, ", ")),
		"ethtool -K " + name + " " + strings.Join(on, " off ") + " off",
	}
}

// ethtool asks for one value (struct ethtool_value of linux/ethtool.h).
func ethtool(name string, command uint32) (uint32, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("ask interface: %w", err)
	}
	defer func() { _ = unix.Close(fd) }() // it was only asked through
	value := struct{ command, data uint32 }{command: command}
	request := struct {
		name [unix.IFNAMSIZ]byte
		data unsafe.Pointer
		rest [16]byte
	}{data: unsafe.Pointer(&value)}
	copy(request.name[:unix.IFNAMSIZ-1], name)
	if _, _, code := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&request))); code != 0 {
		return 0, fmt.Errorf("ask interface: %w", code)
	}
	return value.data, nil
}

// RingMemory says whether the rings fit into the machine.
func RingMemory(ring int64) Result {
	file, err := os.Open("/proc/meminfo")
	if err != nil {
		return fine("memory", "cannot tell how much there is")
	}
	defer func() { _ = file.Close() }() // only read
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var kib int64
		if n, err := fmt.Sscanf(lines.Text(), "MemAvailable: %d kB", &kib); n != 1 || err != nil {
			continue
		}
		text := fmt.Sprintf("capture rings take %d MiB of %d MiB available", ring>>20, kib>>10)
		if ring > kib<<10/2 {
			return Result{Fault, "memory", "ring", text, "lower capture.ring_bytes or capture.workers, or give the machine more memory"}
		}
		return fine("memory", text)
	}
	return fine("memory", "cannot tell how much there is")
}

// Disk says whether the spool's folder takes data, how fast, and whether its ceiling fits. Used is
// what it holds already.
func Disk(dir string, ceiling int64) Result {
	if dir == "" {
		return Result{Warning, "disk", "no_spool", "no spool: batches wait in memory, and a restart loses them", "set spool.dir, e.g. to /var/lib/wardscope/spool"}
	}
	fault := func(name, text, remedy string) Result { return Result{Fault, "disk", name, text, remedy} }
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fault("unwritable", fmt.Sprintf("the spool's folder cannot be made: %v", err), "make "+dir+" and give it to the sensor's user")
	}
	took, err := tryWrite(dir)
	if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) {
		return fault("full", "the disk of "+dir+" is full: new events are shed", "free space there, or lower spool.max_bytes")
	}
	if err != nil {
		return fault("unwritable", fmt.Sprintf("the spool's folder takes no data: %v", err), "give "+dir+" to the sensor's user, on a file system that is not read-only")
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return fault("unwritable", fmt.Sprintf("cannot ask the disk of %s: %v", dir, err), "see the kernel's log for disk faults")
	}
	free, used := int64(fs.Bavail)*fs.Bsize, folderSize(dir)
	text := fmt.Sprintf("%d MiB free for a spool of at most %d MiB; a write that lasts takes %v", free>>20, ceiling>>20, took.Round(100*time.Microsecond))
	if free+used < ceiling {
		return Result{Warning, "disk", "small", text, "lower spool.max_bytes below what is free: a full disk sheds events as a full spool does, but harms its neighbours"}
	}
	if took > 100*time.Millisecond {
		return Result{Warning, "disk", "slow", text, "put the spool on another disk, or set spool.fsync: 1s"}
	}
	return fine("disk", text)
}

func tryWrite(dir string) (took time.Duration, err error) {
	file, err := os.CreateTemp(dir, "check-*.tmp")
	if err != nil {
		return 0, err
	}
	begin := time.Now()
	_, err = file.Write(make([]byte, 64<<10))
	if err == nil {
		err = file.Sync()
	}
	took = time.Since(begin)
	return took, errors.Join(err, file.Close(), os.Remove(file.Name()))
}

func folderSize(dir string) (sum int64) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return 0
	}
	for _, f := range files {
		if info, err := f.Info(); err == nil {
			sum += info.Size()
		}
	}
	return sum
}

// Clock says whether the machine's clock follows a server.
func Clock() Result {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	switch {
	case err != nil:
		return fine("clock", "cannot tell whether it follows a server")
	case state == unix.TIME_ERROR || t.Status&unix.STA_UNSYNC != 0:
		return Result{
			Warning, "clock", "unsynchronised", fmt.Sprintf("the clock (%s) follows no time server", time.Now().Format(time.RFC3339)),
			"set up chrony or systemd-timesyncd with the site's time server; the hub corrects an offset, but certificates fail when it is large",
		}
	}
	return fine("clock", fmt.Sprintf("synchronised, at most %d ms off", t.Maxerror/1000))
}
