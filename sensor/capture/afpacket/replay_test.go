//go:build linux

package afpacket_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/capture/afpacket"
)

// peerNamespace moves an interface into a namespace of its own, where run starts programs.
func peerNamespace(t *testing.T, name string) (run func(args ...string) *exec.Cmd) {
	t.Helper()
	space := "wardscope-" + strconv.Itoa(unix.Gettid())
	// The named namespace must not be a child of this thread's mounts: plain ip does that.
	if out, err := exec.Command("ip", "netns", "add", space).CombinedOutput(); err != nil {
		t.Skipf("absent: named network namespaces: %s", out)
	}
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", space).Run() })
	must := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			t.Fatalf("ip %s: %v: %s", strings.Join(args, " "), err, out)
		}
	}
	must("link", "set", "dev", name, "netns", space)
	must("netns", "exec", space, "sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/"+name+"/disable_ipv6")
	must("netns", "exec", space, "ip", "link", "set", "dev", name, "arp", "off", "up")
	return func(args ...string) *exec.Cmd {
		return exec.CommandContext(t.Context(), "ip", append([]string{"netns", "exec", space}, args...)...)
	}
}

// replayFile writes a capture of datagrams of the mix's mean size.
func replayFile(t *testing.T, packets int) string {
	t.Helper()
	out := binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4)
	out = append(out, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0)
	for i := range packets {
		b := append(datagram(byte(i)), make([]byte, 600)...)
		for _, v := range []uint32{1, uint32(i), uint32(len(b)), uint32(len(b))} {
			out = binary.LittleEndian.AppendUint32(out, v)
		}
		out = append(out, b...)
	}
	file := filepath.Join(t.TempDir(), "replay.pcap")
	if err := os.WriteFile(file, out, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// figure finds the number behind or before a text that a program printed.
func figure(t *testing.T, out []byte, format, marker string) (n int) {
	t.Helper()
	for line := range bytes.Lines(out) {
		if bytes.Contains(line, []byte(marker)) {
			if _, err := fmt.Sscanf(strings.TrimSpace(string(line)), format, &n); err == nil {
				return n
			}
		}
	}
	t.Fatalf("no %q in %s", marker, out)
	return 0
}

func replay(t *testing.T, in func(...string) *exec.Cmd, file string, loops int) (sent int) {
	t.Helper()
	out, err := in("tcpreplay", "-q", "-i", "wa", "--preload-pcap", "--loop="+strconv.Itoa(loops), "--topspeed", file).CombinedOutput()
	if err != nil {
		t.Fatalf("tcpreplay: %v: %s", err, out)
	}
	return figure(t, out, "Successful packets: %d", "Successful packets:")
}

// TestTopSpeed sends as fast as tcpreplay can from another namespace: every frame that was sent is
// delivered or counted as lost, and of the rings' frames no more are lost than tcpdump loses with
// as large a ring. WARDSCOPE_PAIRS sets how many pairs of runs are made.
func TestTopSpeed(t *testing.T) {
	if testing.Short() {
		t.Skip("absent: time, with -short")
	}
	for _, program := range []string{"tcpreplay", "tcpdump"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip("absent: " + program)
		}
	}
	namespace(t, [2]string{"wa", "wb"})
	in := peerNamespace(t, "wa")
	waitForLink(t, "wb")
	pairs, loops := 1, 10
	if n, err := strconv.Atoi(os.Getenv("WARDSCOPE_PAIRS")); err == nil {
		pairs, loops = n, 100
	}
	file := replayFile(t, 10_000)
	var own, theirs []float64
	for pair := range pairs {
		a, b := ownRun(t, in, file, loops), tcpdumpRun(t, in, file, loops)
		own, theirs = append(own, a), append(theirs, b)
		t.Logf("pair %d: lost %.3f %%, tcpdump %.3f %%", pair+1, a, b)
	}
	slices.Sort(own)
	slices.Sort(theirs)
	if a, b := own[len(own)/2], theirs[len(theirs)/2]; pairs >= 5 && a > b+0.1 {
		t.Errorf("median loss %.3f %%, tcpdump's %.3f %%", a, b)
	}
}

// ownRun returns the share of frames lost, in percent.
func ownRun(t *testing.T, in func(...string) *exec.Cmd, file string, loops int) float64 {
	t.Helper()
	s := open(t, func(c *afpacket.Config) { c.RingBytes = 64 << 20 }, "wb")[0]
	delivered := make(chan int)
	stop := make(chan struct{})
	go func() {
		var f capture.Frame
		n := 0
		for quiet := false; ; {
			if err := s.Next(&f); err == nil {
				n++
				continue
			}
			select {
			case <-stop:
				if quiet {
					delivered <- n
					return
				}
				quiet = true // one more silent interval, for what was still in the ring
			default:
			}
		}
	}()
	sent := replay(t, in, file, loops)
	close(stop)
	got := <-delivered
	stats := s.Stats()
	lost := uint64(sent - got)
	// Softnet drops are those of the whole machine, so others may have added to them.
	if ringAndLink := stats.KernelDrops + stats.InterfaceDrops; lost < ringAndLink || lost > ringAndLink+stats.SoftnetDrops {
		t.Errorf("sent %d, delivered %d, stats %+v: %d frames are lost and not counted", sent, got, stats, int64(lost)-int64(stats.Lost()))
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	return 100 * float64(lost) / float64(sent)
}

func tcpdumpRun(t *testing.T, in func(...string) *exec.Cmd, file string, loops int) float64 {
	t.Helper()
	var said bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "tcpdump", "-n", "-i", "wb", "-B", strconv.Itoa(64<<10), "-w", "/dev/null")
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 500 { // until it listens: then the interface is promiscuous
		if out, _ := exec.Command("ip", "-d", "link", "show", "dev", "wb").Output(); bytes.Contains(out, []byte("promiscuity 1")) {
			break
		}
		_, _ = unix.Poll(nil, 10)
	}
	sent := replay(t, in, file, loops)
	_, _ = unix.Poll(nil, int(time.Second/time.Millisecond))
	_ = cmd.Process.Signal(os.Interrupt)
	_ = cmd.Wait()
	captured := figure(t, said.Bytes(), "%d packets captured", "packets captured")
	return 100 * float64(sent-captured) / float64(sent)
}
