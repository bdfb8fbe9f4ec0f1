//go:build linux

package afpacket_test

import (
	"encoding/binary"
	"errors"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/capture/afpacket"
)

// namespace moves the test's thread into a network namespace of its own, with the given veth
// pairs up and IPv6 off. The thread is never given back, so it ends with the test.
func namespace(t *testing.T, pairs ...[2]string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("absent: root, which network namespaces need")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("absent: the ip command")
	}
	runtime.LockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Skipf("absent: network namespaces: %v", err)
	}
	for _, p := range pairs {
		run(t, "ip", "link", "add", p[0], "type", "veth", "peer", "name", p[1])
		for _, name := range p {
			_ = os.WriteFile("/proc/sys/net/ipv6/conf/"+name+"/disable_ipv6", []byte("1"), 0)
			run(t, "ip", "link", "set", "dev", name, "arp", "off", "up")
		}
	}
	for _, p := range pairs {
		for _, name := range p {
			waitForLink(t, name)
		}
	}
}

// waitForLink returns when the kernel has told an interface that its peer is up.
func waitForLink(t *testing.T, name string) {
	t.Helper()
	for range 500 {
		if iface, err := net.InterfaceByName(name); err == nil && iface.Flags&net.FlagRunning != 0 {
			return
		}
		_, _ = unix.Poll(nil, 10)
	}
	t.Fatalf("interface %s did not come up", name)
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
}

// sender is a socket on the far end of a pair.
func sender(t *testing.T, name string) func(frame []byte) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	iface, err := net.InterfaceByName(name)
	if err != nil {
		t.Fatal(err)
	}
	to := &unix.SockaddrLinklayer{Ifindex: iface.Index}
	return func(frame []byte) {
		if err := unix.Sendto(fd, frame, 0, to); err != nil {
			t.Fatalf("send: %v", err)
		}
	}
}

// frame is a numbered Ethernet frame, with an 802.1Q tag iff vlan is not 0.
func frame(vlan uint16, number uint32) []byte {
	b := []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2}
	if vlan != 0 {
		b = append(b, 0x81, 0, byte(vlan>>8), byte(vlan))
	}
	b = append(b, 0x88, 0xb5) // local experimental EtherType
	return append(binary.BigEndian.AppendUint32(b, number), make([]byte, 60)...)
}

func open(t *testing.T, change func(*afpacket.Config), interfaces ...string) []*afpacket.Source {
	t.Helper()
	cfg := afpacket.DefaultConfig()
	cfg.Interfaces, cfg.RingBytes = interfaces, 8<<20
	if change != nil {
		change(&cfg)
	}
	sources, err := afpacket.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sources {
		t.Cleanup(func() { _ = s.Close() })
	}
	return sources
}

// collect reads until n frames came, or nothing came for half a second.
func collect(t *testing.T, s *afpacket.Source, n int, each func(f *capture.Frame)) (got int) {
	t.Helper()
	var f capture.Frame
	for quiet := time.Now(); got < n && time.Since(quiet) < 500*time.Millisecond; {
		switch err := s.Next(&f); {
		case errors.Is(err, capture.ErrTimeout):
		case err != nil:
			t.Fatal(err)
		default:
			got++
			quiet = time.Now()
			each(&f)
		}
	}
	return got
}

func number(f *capture.Frame) uint32 { return binary.BigEndian.Uint32(f.Data[14:]) }

func TestTagsAndSilence(t *testing.T) {
	namespace(t, [2]string{"wa", "wb"})
	s := open(t, func(c *afpacket.Config) { c.Domain = 3 }, "wb")[0]
	send := sender(t, "wa")
	const frames = 3000
	for i := range uint32(frames) {
		send(frame(uint16(i%3)*100, i))
	}
	next := uint32(0)
	got := collect(t, s, frames, func(f *capture.Frame) {
		if number(f) != next || f.Tagged != (next%3 != 0) || f.Tagged && f.VLANTag != uint16(next%3)*100 || f.Domain != 3 {
			t.Fatalf("frame %d: got number %d, tag %v %d", next, number(f), f.Tagged, f.VLANTag)
		}
		want := 78
		if f.Tagged {
			want, f.TPID = 82, f.TPID&0x8100
		}
		if f.WireLen != want || len(f.Data) != 78 || f.LinkType != capture.LinkEthernet || time.Now().UnixNano()-f.Time > int64(time.Minute) {
			t.Fatalf("frame %d: got %+v", next, *f)
		}
		next++
	})
	if stats := s.Stats(); got != frames || stats.Frames != frames || stats.Octets != 78*frames || stats.Lost() != 0 {
		t.Errorf("got %d frames of %d, stats %+v", got, frames, stats)
	}
	if sent := transmitted(t, "wb"); sent != 0 {
		t.Errorf("the capture interface sent %d frames", sent)
	}
}

// transmitted is how many frames left by an interface.
func transmitted(t *testing.T, name string) int {
	t.Helper()
	table, err := os.ReadFile("/proc/thread-self/net/dev")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(table)) {
		if f := strings.Fields(line); len(f) > 10 && f[0] == name+":" {
			if f[10] == "0" {
				return 0
			}
			return len(f[10])
		}
	}
	t.Fatalf("interface %s is not listed", name)
	return 0
}

func TestTaggedAllocs(t *testing.T) {
	namespace(t, [2]string{"wa", "wb"})
	s := open(t, nil, "wb")[0]
	send := sender(t, "wa")
	for i := range uint32(1100) {
		send(frame(42, i))
	}
	var f capture.Frame
	if err := s.Next(&f); err != nil {
		t.Fatal(err)
	}
	got := testing.AllocsPerRun(1000, func() {
		if err := s.Next(&f); err != nil || !f.Tagged {
			t.Fatalf("got %v, tagged %v", err, f.Tagged)
		}
	})
	if got != 0 {
		t.Errorf("got %v allocations a tagged frame, want 0", got)
	}
}

// The two ports of a TAP are one domain: their frames come in the order of the wire.
func TestTAPInOrder(t *testing.T) {
	namespace(t, [2]string{"wa", "wb"}, [2]string{"wc", "wd"})
	s := open(t, nil, "wb", "wd")[0]
	left, right := sender(t, "wa"), sender(t, "wc")
	const frames = 2000
	for i := range uint32(frames) {
		if i%2 == 0 {
			left(frame(0, i))
		} else {
			right(frame(0, i))
		}
	}
	next := uint32(0)
	got := collect(t, s, frames, func(f *capture.Frame) {
		if number(f) != next || f.Interface != int(next%2) {
			t.Fatalf("got frame %d of interface %d, want %d", number(f), f.Interface, next)
		}
		next++
	})
	if got != frames {
		t.Errorf("got %d frames, want %d", got, frames)
	}
	want := []afpacket.RingStats{{Interface: "wb", Frames: frames / 2}, {Interface: "wd", Frames: frames / 2}}
	if rings := s.Rings(); !slices.Equal(rings, want) {
		t.Errorf("got %+v, want %+v", rings, want)
	}
}

// Frames that do not fit into the ring are counted: sent = delivered + dropped.
func TestDropsAreCounted(t *testing.T) {
	namespace(t, [2]string{"wa", "wb"})
	s := open(t, func(c *afpacket.Config) { c.RingBytes = 4 << 20 }, "wb")[0]
	send := sender(t, "wa")
	big := append(frame(0, 0), make([]byte, 1300)...)
	const frames = 6000 // about 8 MB into a ring of 4 MiB that nobody reads
	for range frames {
		send(big)
	}
	got := collect(t, s, frames, func(*capture.Frame) {})
	stats := s.Stats()
	if stats.KernelDrops == 0 || uint64(got)+stats.Lost() != frames || stats.Freezes == 0 {
		t.Errorf("sent %d, delivered %d, stats %+v", frames, got, stats)
	}
}

func TestWorkersShareByFlow(t *testing.T) {
	namespace(t, [2]string{"wa", "wb"})
	sources := open(t, func(c *afpacket.Config) { c.Workers = 2 }, "wb")
	send := sender(t, "wa")
	const flows, each = 64, 4
	for range each {
		for flow := range byte(flows) {
			send(datagram(flow))
		}
	}
	counts := make([]map[byte]int, len(sources))
	total := 0
	for i, s := range sources {
		counts[i] = map[byte]int{}
		total += collect(t, s, flows*each, func(f *capture.Frame) { counts[i][f.Data[29]]++ })
	}
	if total != flows*each || len(counts[0]) == 0 || len(counts[1]) == 0 {
		t.Fatalf("got %d frames, %d and %d flows", total, len(counts[0]), len(counts[1]))
	}
	for flow, n := range counts[0] {
		if n != each || counts[1][flow] != 0 {
			t.Errorf("flow %d: %d frames at one worker, %d at the other", flow, n, counts[1][flow])
		}
	}
}

// datagram is an Ethernet, IPv4, UDP frame whose source address ends in the flow's number.
func datagram(flow byte) []byte {
	b := []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 32, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, flow, 10, 0, 1, 1}
	var sum uint32
	for i := 14; i < 34; i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	sum = sum&0xffff + sum>>16
	binary.BigEndian.PutUint16(b[24:], ^uint16(sum&0xffff+sum>>16))
	return append(b, 0x10, flow, 0, 53, 0, 12, 0, 0, 1, 2, 3, 4)
}

func TestFilter(t *testing.T) {
	namespace(t, [2]string{"wa", "wb"})
	// tcpdump -ddd ip
	s := open(t, func(c *afpacket.Config) { c.Filter = "4\n40 0 0 12\n21 0 1 2048\n6 0 0 262144\n6 0 0 0" }, "wb")[0]
	send := sender(t, "wa")
	for i := range byte(10) {
		send(frame(0, 1))
		send(datagram(i))
	}
	if got := collect(t, s, 20, func(*capture.Frame) {}); got != 10 {
		t.Errorf("got %d frames, want the 10 with IPv4", got)
	}
}

func TestInterfaceGone(t *testing.T) {
	namespace(t, [2]string{"wa", "wb"})
	s := open(t, func(c *afpacket.Config) { c.Poll = 10 * time.Millisecond }, "wb")[0]
	var f capture.Frame
	run(t, "ip", "link", "set", "dev", "wa", "down")
	run(t, "ip", "link", "set", "dev", "wb", "down")
	for range 3 {
		if err := s.Next(&f); !errors.Is(err, capture.ErrTimeout) {
			t.Fatalf("link down: got %v, want a time-out", err)
		}
	}
	run(t, "ip", "link", "del", "dev", "wa")
	var gone *afpacket.GoneError
	var err error
	for range 100 {
		if err = s.Next(&f); !errors.Is(err, capture.ErrTimeout) {
			break
		}
	}
	if !errors.As(err, &gone) || gone.Interface != "wb" {
		t.Errorf("got %v, want that wb is gone", err)
	}
}

func TestSilence(t *testing.T) {
	namespace(t, [2]string{"wa", "wb"})
	report, err := afpacket.Silence("wb", "")
	if err != nil || report.CanSend || !report.LinkUp {
		t.Fatalf("silent interface: got %+v, %v", report, err)
	}
	run(t, "ip", "address", "add", "192.0.2.9/24", "dev", "wb")
	run(t, "ip", "link", "set", "dev", "wb", "arp", "on")
	run(t, "ip", "route", "add", "default", "via", "192.0.2.1", "dev", "wb")
	report, err = afpacket.Silence("wb", "")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"ip address del 192.0.2.9/24 dev wb", "ip link set dev wb arp off"}
	for _, remedy := range want {
		if !slices.Contains(report.Remedies, remedy) {
			t.Errorf("remedies %q miss %q", report.Remedies, remedy)
		}
		run(t, "sh", "-c", remedy)
	}
	if !report.CanSend || !report.SameAsHub || len(report.Reasons) != 3 {
		t.Errorf("got %+v", report)
	}
	if report, err = afpacket.Silence("wb", ""); err != nil || report.CanSend {
		t.Errorf("after the remedies: got %+v, %v", report, err)
	}
	if report, _ = afpacket.Silence("wb", "wb"); !report.SameAsHub {
		t.Error("the uplink was not recognised")
	}
}

func TestOpenFaults(t *testing.T) {
	if _, err := afpacket.Open(afpacket.Config{}); err == nil {
		t.Error("got no error for an empty configuration")
	}
	cfg := afpacket.DefaultConfig()
	cfg.Interfaces = []string{"no-such-interface"}
	if _, err := afpacket.Open(cfg); err == nil || !strings.Contains(err.Error(), "no such interface") {
		t.Errorf("got %v", err)
	}
	cfg.Filter = "ip and tcp"
	if _, err := afpacket.Open(cfg); err == nil || !strings.Contains(err.Error(), "tcpdump -ddd") {
		t.Errorf("got %v", err)
	}
}
