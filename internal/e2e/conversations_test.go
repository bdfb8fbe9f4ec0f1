package e2e_test

import (
	"encoding/binary"
	"fmt"
	"net"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// conversations sends whole TCP conversations into a mirror interface at a steady pace, each between
// addresses and ports of its own, and remembers when: the truth that the hub's flows are held against.
type conversations struct {
	fd    int
	every time.Duration

	mu     sync.Mutex
	paused bool
	at     []time.Time // when each was sent, by number
}

// packetsEach is how many packets a conversation has.
const packetsEach = 8

func newConversations(t *testing.T, ns, iface string, every time.Duration) *conversations {
	t.Helper()
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
	o := <-ready
	if o.err != nil {
		t.Fatal(o.err)
	}
	t.Cleanup(func() { _ = unix.Close(o.fd) })
	return &conversations{fd: o.fd, every: every}
}

// run sends until stop is closed.
func (c *conversations) run(t *testing.T, stop <-chan struct{}) {
	t.Helper()
	tick := time.NewTicker(c.every)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		c.mu.Lock()
		if !c.paused {
			id := len(c.at)
			c.at = append(c.at, time.Now())
			for _, frame := range conversation(id) {
				for {
					err := unix.Send(c.fd, frame, 0)
					if err == nil {
						break
					}
					if err != unix.ENOBUFS {
						t.Errorf("send conversation %d: %v", id, err)
						break
					}
				}
			}
		}
		c.mu.Unlock()
	}
}

// pause holds the traffic back; no conversation is half sent.
func (c *conversations) pause(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paused = on
}

// sent tells when each conversation was sent.
func (c *conversations) sent() []time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]time.Time(nil), c.at...)
}

// conversation is a whole one: opened, a word each way, closed.
func conversation(id int) [][]byte {
	const syn, ack, psh, fin = 2, 16, 8, 1
	type step struct {
		up       bool
		flags    byte
		seq, ack uint32
		data     string
	}
	c, s := uint32(1000*id+1), uint32(7000*id+5)
	var out [][]byte
	for _, p := range []step{
		{true, syn, c, 0, ""}, {false, syn | ack, s, c + 1, ""}, {true, ack, c + 1, s + 1, ""},
		{true, psh | ack, c + 1, s + 1, "to you"}, {false, psh | ack, s + 1, c + 7, "and back"},
		{true, fin | ack, c + 7, s + 9, ""}, {false, fin | ack, s + 9, c + 8, ""}, {true, ack, c + 8, s + 10, ""},
	} {
		out = append(out, segment(id, p.up, p.flags, p.seq, p.ack, p.data))
	}
	return out
}

// segment is one TCP segment over IPv4 and Ethernet, from the client of a conversation or to it.
func segment(id int, up bool, flags byte, seq, ack uint32, data string) []byte {
	client, server := net.IPv4(10, 77, byte(id/250), byte(1+id%250)).To4(), net.IPv4(10, 78, 0, 1).To4()
	clientPort, serverPort := uint16(20000+id%40000), uint16(47000)
	frame := []byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0}
	if !up {
		client, server, clientPort, serverPort = server, client, serverPort, clientPort
		frame = []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0}
	}
	header := []byte{0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 6, 0, 0}
	binary.BigEndian.PutUint16(header[2:], uint16(40+len(data)))
	binary.BigEndian.PutUint16(header[4:], uint16(id))
	header = append(append(header, client...), server...)
	binary.BigEndian.PutUint16(header[10:], checksum(0, header))
	tcp := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, clientPort), serverPort)
	tcp = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(tcp, seq), ack)
	tcp = append(tcp, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0)
	tcp = append(tcp, data...)
	pseudo := append(append([]byte(nil), client...), server...)
	pseudo = append(pseudo, 0, 6, byte(len(tcp)>>8), byte(len(tcp)))
	binary.BigEndian.PutUint16(tcp[16:], checksum(sum(pseudo), tcp))
	return append(append(frame, header...), tcp...)
}

func sum(b []byte) (n uint32) {
	for i := 0; i+1 < len(b); i += 2 {
		n += uint32(b[i])<<8 | uint32(b[i+1])
	}
	if len(b)%2 == 1 {
		n += uint32(b[len(b)-1]) << 8
	}
	return n
}

func checksum(n uint32, b []byte) uint16 {
	n += sum(b)
	for n>>16 != 0 {
		n = n&0xffff + n>>16
	}
	return ^uint16(n)
}

// stored asks the hub for the packets of each conversation that it has of a sensor.
func (h *hub) conversations(t *testing.T, sensor string) map[int]int {
	t.Helper()
	const one = `SELECT arrayStringConcat(groupArray(concat(toString(id), ':', toString(packets))), ' ') FROM (
		SELECT splitByChar('.', replaceOne(toString(initiator), '::ffff:', '')) AS parts,
			toUInt32(parts[3]) * 250 + toUInt32(parts[4]) - 1 AS id, sum(initiator_packets + responder_packets) AS packets
		FROM flows WHERE sensor = '%s' AND responder_port = 47000 GROUP BY parts)`
	text := h.text(t, fmt.Sprintf(one, sensor))
	out := map[int]int{}
	for part := range strings.FieldsSeq(text) {
		id, packets, _ := strings.Cut(part, ":")
		i, err := strconv.Atoi(id)
		n, err2 := strconv.Atoi(packets)
		if err != nil || err2 != nil {
			t.Fatalf("conversation %q", part)
		}
		out[i] += n
	}
	return out
}
