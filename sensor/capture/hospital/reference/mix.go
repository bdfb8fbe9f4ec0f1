package reference

import (
	"container/heap"
	"io"
	"math"
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/office"
	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

// Amount counts a category's sessions and frames.
type Amount struct {
	Sessions uint64 `json:"sessions"`
	Packets  uint64 `json:"packets"`
	Octets   uint64 `json:"octets"`
}

const (
	alive       = 4000                  // sessions at once
	longestGap  = 50 * time.Millisecond // in a session's own clock, which its TCP timestamps show
	startJitter = 2 * time.Second       // of the first sessions; later ones follow at once
	nextJitter  = 20 * time.Millisecond
	cutAt       = 400                   // packets of a session
	horizon     = 40                    // packets that a session alive is counted for when the next one is chosen
	meanGap     = 16 * time.Millisecond // between two packets of a session: 252,000 packets a second
	clients     = 6000
	replicas    = 8
)

type live struct {
	due      int64
	order    uint64
	session  *wire.Session
	category int
	packets  int
}

type queue []live

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return q[i].due < q[j].due || q[i].due == q[j].due && q[i].order < q[j].order
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push serves container/heap; the queue is filled once and then only changed in place.
func (q *queue) Push(x any) {
	if v, ok := x.(live); ok {
		*q = append(*q, v)
	}
}

// Pop serves container/heap.
func (q *queue) Pop() any {
	old := *q
	v := old[len(old)-1]
	*q = old[:len(old)-1]
	return v
}

// Mix yields hospital traffic by shares of packets.
type Mix struct {
	left    int
	rand    wire.Rand
	now     int64
	order   uint64
	queue   queue
	amounts []Amount
	live    []int // sessions alive, by category
	total   uint64
	buf     []byte
	moment  moment
}

// NewMix makes the load.
func NewMix(packets int, start int64, seed uint64) (*Mix, error) {
	m := &Mix{left: packets, rand: wire.NewRand(seed, wire.Key("mix")), now: start, amounts: make([]Amount, len(categories)), live: make([]int, len(categories)), buf: make([]byte, 0, 2048)}
	certificate, err := office.Certificate("records.example", "Records", time.Unix(0, start).UTC().AddDate(-1, 0, 0))
	if err != nil {
		return nil, err
	}
	m.moment.certificate = certificate
	m.queue = make(queue, 0, alive)
	for range alive {
		m.queue = append(m.queue, m.begin())
	}
	heap.Init(&m.queue)
	return m, nil
}

// Next returns the next frame; io.EOF at the end.
func (m *Mix) Next() (at int64, frame []byte, err error) {
	if m.left == 0 {
		return 0, nil, io.EOF
	}
	m.left--
	top := &m.queue[0]
	m.now = top.due
	frame = top.session.Next(m.buf)
	top.packets++
	a := &m.amounts[top.category]
	a.Packets++
	a.Octets += uint64(len(frame))
	m.total++
	at = top.due
	if top.session.Done() || top.packets == cutAt {
		m.live[top.category]--
		*top = m.begin()
	} else {
		// The session's own pauses would give quick dialogues more than their share.
		top.due += int64(m.rand.Between(0, 2*meanGap))
	}
	heap.Fix(&m.queue, 0)
	return at, frame, nil
}

// Amounts returns what was yielded so far, by category.
func (m *Mix) Amounts() map[string]Amount {
	out := map[string]Amount{}
	for i, a := range m.amounts {
		out[categories[i].name] = a
	}
	return out
}

// begin makes a session of the category furthest below its share.
func (m *Mix) begin() live {
	best, worst := 0, math.Inf(-1)
	for i := range categories {
		lack := categories[i].share*(float64(m.total)+horizon*alive) - float64(m.amounts[i].Packets) - horizon*float64(m.live[i])
		if lack > worst {
			best, worst = i, lack
		}
	}
	m.live[best]++
	m.order++
	c := &categories[best]
	d := c.dialogues[m.rand.IntN(len(c.dialogues))]
	m.amounts[best].Sessions++
	script := wire.NewRand(m.rand.Uint64())
	cfg := wire.Config{Transport: d.transport, OneWay: 50 * time.Microsecond, Start: m.now, Seed: m.rand.Uint64(), Script: wire.Script{Rand: &script}}
	m.moment.at = m.now
	for range max(repeats[c.name], 1) {
		d.write(&cfg.Script, &m.moment)
	}
	for i := range cfg.Script.Steps { // before the waits are capped, so that timestamps agree
		cfg.Script.Steps[i].Wait = min(cfg.Script.Steps[i].Wait, longestGap)
		cfg.Script.Steps[i].Every = min(cfg.Script.Steps[i].Every, longestGap)
	}
	m.ends(&cfg, d)
	jitter := nextJitter
	if m.order <= alive {
		jitter = startJitter
	}
	return live{due: m.now + int64(m.rand.Between(0, jitter)), order: m.order, session: wire.NewSession(cfg), category: best}
}

var vendors = [12][3]byte{{0x88, 0x4b, 0x39}, {0x44, 0x4b, 0x5d}, {0x00, 0x09, 0xfb}, {0x00, 0x0e, 0x2f}, {0x9c, 0xc8, 0xae}, {0x00, 0x12, 0x21},
	{0xd4, 0xbe, 0xd9}, {0x3c, 0xd9, 0x2b}, {0x00, 0x50, 0x56}, {0x00, 0x1b, 0x54}, {0x00, 0x40, 0x8c}, {0x00, 0x80, 0xa3}}

func hardware(ip wire.IP) wire.MAC {
	v := vendors[(int(ip[2])*7+int(ip[3]))%len(vendors)]
	return wire.MAC{v[0], v[1], v[2], ip[1], ip[2], ip[3]}
}

// ends draws the addresses: one of 6,000 clients in 10.20/16, one of 8 replicas of the
// dialogue's server in 10.64/10.
func (m *Mix) ends(cfg *wire.Config, d dialogue) {
	n := m.rand.IntN(clients)
	client := wire.IP{10, 20, byte(n >> 8), byte(n)}
	server := wire.IP{10, 64 + byte(m.rand.IntN(replicas)), byte(d.port >> 8), byte(d.port)}
	stacks := [...]*wire.Stack{wire.Windows10, wire.Linux, wire.Windows7, wire.LinuxOld}
	a, b := &cfg.Sides[0], &cfg.Sides[1]
	a.IP, b.IP = client, server
	a.MAC, b.MAC = hardware(client), hardware(server)
	a.Stack, b.Stack = stacks[m.rand.IntN(len(stacks))], stacks[m.rand.IntN(len(stacks))]
	a.Port, b.Port = uint16(20000+m.rand.IntN(45000)), d.port
	if d.group != (wire.IP{}) {
		b.IP, b.MAC, a.Port = d.group, wire.MulticastMAC(d.group), d.port
	}
	a.Next, b.Next = b.MAC, a.MAC
}
