//go:build linux

package pipeline_test

import (
	"context"
	"encoding/binary"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/capture/afpacket"
	"github.com/wardscope/wardscope/sensor/pipeline"
)

// wires moves the test's thread into a network namespace of its own with veth pairs, IPv6 off, and
// returns a sender for the first end of each. The thread ends with the test.
func wires(t *testing.T, pairs ...[2]string) (send []func([]byte)) {
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
	ip := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			t.Fatalf("ip %q: %v: %s", args, err, out)
		}
	}
	for _, p := range pairs {
		ip("link", "add", p[0], "type", "veth", "peer", "name", p[1])
		for _, name := range p {
			_ = os.WriteFile("/proc/sys/net/ipv6/conf/"+name+"/disable_ipv6", []byte("1"), 0)
			ip("link", "set", "dev", name, "arp", "off", "up")
		}
	}
	for _, p := range pairs {
		iface := running(t, p[0])
		running(t, p[1])
		fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = unix.Close(fd) })
		send = append(send, func(frame []byte) {
			if err := unix.Sendto(fd, frame, 0, &unix.SockaddrLinklayer{Ifindex: iface.Index}); err != nil {
				t.Errorf("send: %v", err)
			}
		})
	}
	return send
}

func running(t *testing.T, name string) *net.Interface {
	t.Helper()
	for range 500 {
		if iface, err := net.InterfaceByName(name); err == nil && iface.Flags&net.FlagRunning != 0 {
			return iface
		}
		_, _ = unix.Poll(nil, 10)
	}
	t.Fatalf("interface %s did not come up", name)
	return nil
}

// exchange is packet n of a conversation between 10.0.0.1:40000 and 10.0.0.2:9, back if answer.
func exchange(n uint16, answer bool, vlan uint16) []byte {
	b := []byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1}
	if vlan != 0 {
		b = append(b, 0x81, 0, byte(vlan>>8), byte(vlan))
	}
	from, to, fromPort, toPort := byte(1), byte(2), uint16(40000), uint16(9)
	if answer {
		from, to, fromPort, toPort = to, from, toPort, fromPort
		b[5], b[11] = 1, 2
	}
	head := []byte{8, 0, 0x45, 0, 0, 40, byte(n >> 8), byte(n), 0, 0, 64, 17, 0, 0, 10, 0, 0, from, 10, 0, 0, to}
	b = append(b, head...)
	b = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(b, fromPort), toPort)
	b = append(b, 0, 20, byte(n>>8), byte(n)) // the checksum differs by packet, as real ones do
	return append(binary.BigEndian.AppendUint16(b, n), make([]byte, 22)...)
}

// watch runs the sensor on live feeds while traffic is sent, until all frames have been seen.
func watch(t *testing.T, frames uint64, traffic func(), domains ...[]string) (flows []model.Flow, stats []model.Stats) {
	t.Helper()
	var feeds []pipeline.Feed
	for i, interfaces := range domains {
		cfg := afpacket.DefaultConfig()
		cfg.Interfaces, cfg.Domain, cfg.RingBytes = interfaces, model.DomainID(i+1), 4<<20
		sources, err := afpacket.Open(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer sources[0].Close()
		feeds = append(feeds, pipeline.Feed{Source: sources[0], Domain: cfg.Domain, Live: true})
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var out box
	done := make(chan error)
	go func() {
		done <- pipeline.Run(ctx, pipeline.DefaultConfig(), identity, pipeline.RunDeps{Feeds: feeds, Outbox: &out, Log: slog.New(slog.DiscardHandler)})
	}()
	traffic()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		seen := uint64(0)
		for _, f := range feeds {
			seen += f.Source.Stats().Frames
		}
		if seen >= frames {
			break
		}
		_, _ = unix.Poll(nil, 10)
	}
	_, _ = unix.Poll(nil, 300) // the shards take what the rings handed over
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	for _, b := range out.decode(t) {
		flows, stats = append(flows, b.Flows...), append(stats, b.Stats...)
	}
	return flows, stats
}

// A TAP shows one direction on each of two interfaces: one flow, both ways.
func TestLiveTAPIsOneFlow(t *testing.T) {
	send := wires(t, [2]string{"wa", "wb"}, [2]string{"wc", "wd"})
	flows, _ := watch(t, 40, func() {
		for n := range uint16(20) {
			send[0](exchange(n, false, 0))
			send[1](exchange(n+1000, true, 0))
		}
	}, []string{"wb", "wd"})
	if len(flows) != 1 || flows[0].InitiatorPackets != 20 || flows[0].ResponderPackets != 20 || flows[0].Initiator.Port != 40000 {
		t.Errorf("got %+v", flows)
	}
}

// Two realms with the same private addresses, one sensor: two flows.
func TestLiveRealmsStayApart(t *testing.T) {
	send := wires(t, [2]string{"wa", "wb"}, [2]string{"wc", "wd"})
	flows, _ := watch(t, 30, func() {
		for n := range uint16(10) {
			send[0](exchange(n, false, 0))
			send[0](exchange(n+1000, true, 0))
			send[1](exchange(n, false, 0))
		}
	}, []string{"wb"}, []string{"wd"})
	packets := map[model.DomainID][2]uint64{}
	for _, f := range flows {
		packets[f.Domain] = [2]uint64{f.InitiatorPackets, f.ResponderPackets}
	}
	if len(flows) != 2 || packets[1] != [2]uint64{10, 10} || packets[2] != [2]uint64{10, 0} {
		t.Errorf("got %v of %d flows", packets, len(flows))
	}
}

// segment is a TCP segment of the same conversation: octets from seq on, with this identification.
func segment(id uint16, ttl uint8, seq uint32, octets int) []byte {
	b := append([]byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1}, 8, 0, 0x45, 0, 0, byte(40+octets), byte(id>>8), byte(id), 0, 0, ttl, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2)
	b = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(b, 40000), 9)
	b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, seq), 1)
	b = append(b, 0x50, 0x18, 16, 0, byte(seq>>8), byte(seq), 0, 0)
	return append(b, make([]byte, octets)...)
}

// What a second mirror port shows behind a router, its time to live one less, is a copy; what the
// sender repeats under a new identification is a retransmission, on either port.
func TestLiveCopyBehindRouterAndRetransmission(t *testing.T) {
	send := wires(t, [2]string{"wa", "wb"}, [2]string{"wc", "wd"})
	flows, stats := watch(t, 45, func() {
		for n := range uint16(20) {
			send[0](segment(n, 64, 1000+100*uint32(n), 100))
			send[1](segment(n, 63, 1000+100*uint32(n), 100))
		}
		for n := range uint16(5) {
			send[int(n&1)](segment(500+n, 64-uint8(n&1), 1000+100*uint32(n), 100))
		}
	}, []string{"wb", "wd"})
	duplicates := uint64(0)
	for _, s := range stats {
		duplicates += s.Duplicates
	}
	if len(flows) != 1 || flows[0].InitiatorPackets != 25 || flows[0].Duplicated != 20 || flows[0].Retransmitted != 5 || duplicates != 20 {
		t.Errorf("got %+v, %d duplicates", flows, duplicates)
	}
}

// A mirror that shows a packet on a second port, and with its VLAN's tag, shows it twice.
func TestLiveMirrorShowsTwice(t *testing.T) {
	send := wires(t, [2]string{"wa", "wb"}, [2]string{"wc", "wd"})
	flows, stats := watch(t, 60, func() {
		for n := range uint16(20) {
			send[0](exchange(n, false, 0))
			send[1](exchange(n, false, 0))
			send[1](exchange(n, false, 7))
		}
	}, []string{"wb", "wd"})
	duplicates := uint64(0)
	for _, s := range stats {
		duplicates += s.Duplicates
	}
	if len(flows) != 1 || flows[0].InitiatorPackets != 20 || flows[0].Duplicated != 40 || flows[0].Retransmitted != 0 || duplicates != 40 {
		t.Errorf("got %+v, %d duplicates", flows, duplicates)
	}
}
