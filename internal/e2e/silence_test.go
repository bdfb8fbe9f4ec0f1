package e2e_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A sensor listens on one end of a cable while a hospital's traffic comes in from the other end.
// The far end must never receive a frame.
func TestCaptureInterfaceStaysSilent(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("not root: network namespaces cannot be made")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("ip (Debian package iproute2) is absent")
	}
	h := newHub(t)
	config := h.enrol(t, "north", "north-1", "interfaces: [wsmirror]")
	far, near := netns(t, "wsfar"), netns(t, "wsnear")
	ip(t, "link", "add", "wscable", "netns", far, "type", "veth", "peer", "name", "wsmirror", "netns", near)
	for _, end := range [][2]string{{far, "wscable"}, {near, "wsmirror"}} {
		ip(t, "netns", "exec", end[0], "sysctl", "-qw", "net.ipv6.conf."+end[1]+".disable_ipv6=1")
		ip(t, "-n", end[0], "link", "set", end[1], "mtu", "9000", "arp", "off", "up")
	}
	out := filepath.Join(h.dir, "captures")
	must(t, nil, "wardscope-sensor", "simulate", "--scenario", "demo", "--site", "north", "--out", out)

	sensor := exec.Command("ip", "netns", "exec", near, filepath.Join(bin, "wardscope-sensor"), "run", "--config", config)
	log, err := os.Create(filepath.Join(h.dir, "sensor.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	sensor.Stdout, sensor.Stderr = log, log
	if err := sensor.Start(); err != nil {
		t.Fatal(err)
	}
	said := func(what string) bool {
		raw, err := os.ReadFile(log.Name())
		return err == nil && strings.Contains(string(raw), what)
	}
	eventually(t, 20*time.Second, "sensor captures", func() bool { return said("sensor started") })
	if !said("capture interface is silent") {
		raw, _ := os.ReadFile(log.Name())
		t.Errorf("the sensor does not call its interface silent:\n%s", raw)
	}
	sent := replay(t, far, "wscable", filepath.Join(out, "north.pcap"), math.MaxInt)
	eventually(t, 20*time.Second, "all frames reach the sensor's interface", func() bool { return counter(t, near, "wsmirror", "rx") >= sent })
	if err := sensor.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = sensor.Wait() // exit 3: it cannot reach its hub from inside the namespace, which is right here
	if got := counter(t, far, "wscable", "rx"); got != 0 {
		t.Errorf("the far end received %d frames from the sensor's side, want 0", got)
	}
	if !said("sensor stopped") {
		raw, _ := os.ReadFile(log.Name())
		t.Errorf("the sensor did not stop as it should:\n%s", tail(string(raw), 10))
	}
	t.Logf("frames sent to the mirror interface %d, frames from it 0", sent)
}

// spaces numbers network namespaces: their names are the machine's, and tests run side by side.
var spaces atomic.Int64

func netns(t *testing.T, name string) string {
	t.Helper()
	name = fmt.Sprintf("%s-%d-%d", name, os.Getpid(), spaces.Add(1))
	ip(t, "netns", "add", name)
	t.Cleanup(func() {
		if out, err := exec.Command("ip", "netns", "del", name).CombinedOutput(); err != nil {
			t.Errorf("remove namespace %s: %v %s", name, err, out)
		}
	})
	return name
}

func ip(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("ip", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("ip %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// counter reads how many packets an interface received (rx) or sent (tx).
func counter(t *testing.T, ns, iface, way string) uint64 {
	t.Helper()
	var links []struct {
		Stats64 map[string]struct{ Packets uint64 }
	}
	if err := json.Unmarshal([]byte(ip(t, "-n", ns, "-s", "-j", "link", "show", iface)), &links); err != nil || len(links) != 1 {
		t.Fatalf("statistics of %s: %v", iface, err)
	}
	return links[0].Stats64[way].Packets
}

// replay sends the frames of a pcap file, in file order and as fast as they go, and returns how
// many it sent. It opens its socket inside the namespace on a thread of its own, which ends.
func replay(t *testing.T, ns, iface, file string, most int) uint64 {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	type opened struct {
		fd  int
		err error
	}
	ready := make(chan opened)
	go func() {
		runtime.LockOSThread() // never unlocked: a thread that changed its namespace must not be used again
		fd, err := openIn(ns, iface)
		ready <- opened{fd, err}
	}()
	socket := <-ready
	if socket.err != nil {
		t.Fatal(socket.err)
	}
	defer unix.Close(socket.fd)
	sent := uint64(0)
	for at := 24; at+16 <= len(raw) && sent < uint64(most); {
		n := int(binary.LittleEndian.Uint32(raw[at+8:]))
		frame := raw[at+16 : at+16+n]
		at += 16 + n
		for {
			err := unix.Send(socket.fd, frame, 0)
			if err == nil {
				sent++
				break
			}
			if err != unix.ENOBUFS {
				t.Fatalf("send frame %d of %d bytes: %v", sent, n, err)
			}
		}
	}
	return sent
}

func openIn(ns, iface string) (int, error) {
	handle, err := unix.Open("/var/run/netns/"+ns, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(handle)
	if err := unix.Setns(handle, unix.CLONE_NEWNET); err != nil {
		return 0, err
	}
	link, err := net.InterfaceByName(iface)
	if err != nil {
		return 0, err
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	return fd, unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: link.Index})
}
