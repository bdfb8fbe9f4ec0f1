package wire_test

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

var (
	clientSide = wire.Side{IP: wire.IP{10, 0, 0, 1}, Port: 50000, MAC: wire.MAC{2, 0, 0, 0, 0, 1}, Next: wire.MAC{2, 0, 0, 0, 0, 2}, Stack: wire.Windows10}
	serverSide = wire.Side{IP: wire.IP{10, 0, 0, 2}, Port: 104, MAC: wire.MAC{2, 0, 0, 0, 0, 2}, Next: wire.MAC{2, 0, 0, 0, 0, 1}, Stack: wire.Linux}
)

// talk is a conversation with every kind of step.
func talk() wire.Script {
	r := wire.NewRand(5)
	s := wire.Script{Rand: &r}
	s.Ask([]byte("hello"))
	s.Answer([]byte("welcome"))
	s.Bulk(wire.Client, time.Millisecond, []byte("head"), 100_000)
	s.Bulk(wire.Client, time.Millisecond, nil, 30)
	s.Say(wire.Client, time.Second, []byte("after a pause"))
	s.Answer([]byte("done"))
	s.Repeat(wire.Server, time.Second, 5, []byte("tick0"), func(i int, b []byte) { b[4] = byte('0' + i) })
	return s
}

// segment is what the checks read of a frame.
type segment struct {
	client     bool
	seq, ack   uint32
	flags      byte
	payload    []byte
	at         int64
	ttl        uint8
	optionsLen int
}

func play(t *testing.T, cfg wire.Config) []segment {
	t.Helper()
	s := wire.NewSession(cfg)
	buf := make([]byte, 0, 2048)
	var out []segment
	for !s.Done() {
		at := s.Due()
		out = append(out, read(t, s.Next(buf), at))
	}
	return out
}

func read(t *testing.T, frame []byte, at int64) segment {
	t.Helper()
	p := frame[14:]
	if binary.BigEndian.Uint16(frame[12:]) == 0x8100 {
		p = frame[18:]
	}
	total := int(binary.BigEndian.Uint16(p[2:]))
	if total > len(p) {
		t.Fatalf("IP length %d, frame holds %d", total, len(p))
	}
	p = p[:total]
	if c := checksum(p[:20], 0); c != 0 {
		t.Errorf("IP header checksum is off by %04x", c)
	}
	body := p[20:]
	if c := checksum(body, checksumSum(p[12:20])+uint32(p[9])+uint32(len(body))); c != 0 {
		t.Errorf("transport checksum is off by %04x", c)
	}
	out := segment{client: bytes.Equal(p[12:16], clientSide.IP[:]), at: at, ttl: p[8]}
	if p[9] == 6 {
		off := int(body[12]>>4) * 4
		out.seq, out.ack, out.flags = binary.BigEndian.Uint32(body[4:]), binary.BigEndian.Uint32(body[8:]), body[13]
		out.payload, out.optionsLen = bytes.Clone(body[off:]), off-20
	} else {
		out.payload = bytes.Clone(body[8:])
	}
	return out
}

func checksumSum(b []byte) uint32 {
	var acc uint32
	for i := 0; i+1 < len(b); i += 2 {
		acc += uint32(b[i])<<8 | uint32(b[i+1])
	}
	if len(b)%2 == 1 {
		acc += uint32(b[len(b)-1]) << 8
	}
	return acc
}

// checksum is 0 for data whose own checksum field is right.
func checksum(b []byte, acc uint32) uint16 {
	acc += checksumSum(b)
	for acc > 0xffff {
		acc = acc>>16 + acc&0xffff
	}
	return ^uint16(acc)
}

func TestSessionTCP(t *testing.T) {
	for _, one := range []time.Duration{20 * time.Microsecond, 8 * time.Millisecond} {
		segments := play(t, wire.Config{Sides: [2]wire.Side{clientSide, serverSide}, OneWay: one, Start: 1e18, Seed: 9, Script: talk()})
		checkHandshake(t, segments)
		checkSequence(t, segments)
		var said [2]bytes.Buffer
		for _, s := range segments {
			side := 1
			if s.client {
				side = 0
			}
			said[side].Write(s.payload)
		}
		if got := said[0].Len(); got != 5+4+100_000+30+13 {
			t.Errorf("client said %d octets", got)
		}
		if got, want := said[1].String(), "welcomedonetick0tick1tick2tick3tick4"; got != want {
			t.Errorf("server said %q, want %q", got, want)
		}
	}
}

func checkHandshake(t *testing.T, s []segment) {
	t.Helper()
	const syn, ack, fin = 2, 16, 1
	if s[0].flags != syn || !s[0].client || s[1].flags != syn|ack || s[1].client || s[2].flags != ack || !s[2].client {
		t.Errorf("handshake flags %x %x %x", s[0].flags, s[1].flags, s[2].flags)
	}
	n := len(s)
	if s[n-3].flags != fin|ack || s[n-2].flags != fin|ack || s[n-1].flags != ack {
		t.Errorf("teardown flags %x %x %x", s[n-3].flags, s[n-2].flags, s[n-1].flags)
	}
}

// checkSequence follows both directions: no gap, no repeat, no acknowledgement of what was not
// sent, and none twice without data between.
func checkSequence(t *testing.T, segments []segment) {
	t.Helper()
	var next, acked [2]uint32
	var known [2]bool
	last := int64(0)
	for i, s := range segments {
		me, peer := 1, 0
		if s.client {
			me, peer = 0, 1
		}
		if s.at < last {
			t.Errorf("packet %d goes back in time", i)
		}
		last = s.at
		if known[me] && s.seq != next[me] {
			t.Fatalf("packet %d: sequence %d, want %d", i, s.seq, next[me])
		}
		known[me], next[me] = true, s.seq+uint32(len(s.payload))
		if s.flags&3 != 0 {
			next[me]++
		}
		if s.flags&16 == 0 {
			continue
		}
		if int32(s.ack-next[peer]) > 0 {
			t.Errorf("packet %d acknowledges what was not sent", i)
		}
		if s.ack == acked[me] && len(s.payload) == 0 && s.flags == 16 && i > 3 {
			t.Errorf("packet %d is a duplicate acknowledgement", i)
		}
		acked[me] = s.ack
	}
	if acked[0] != next[1] || acked[1] != next[0] {
		t.Errorf("the end is not acknowledged: %v of %v", acked, next)
	}
}

// TestSessionVantage holds that two vantages see the same session: same bytes, own addresses
// and hops, and each in order of its own time.
func TestSessionVantage(t *testing.T) {
	near, far := clientSide, serverSide
	a := play(t, wire.Config{Sides: [2]wire.Side{near, far}, OneWay: 3 * time.Millisecond, Start: 1e18, Seed: 4, Script: talk()})
	far.Delay, far.Hops, far.VLAN, far.MAC = int64(3*time.Millisecond), 3, 12, wire.MAC{2, 9, 9, 9, 9, 9}
	b := play(t, wire.Config{Sides: [2]wire.Side{near, far}, OneWay: 3 * time.Millisecond, Start: 1e18, Seed: 4, Script: talk()})
	if len(a) != len(b) {
		t.Fatalf("%d and %d packets", len(a), len(b))
	}
	for i := range a {
		if !bytes.Equal(a[i].payload, b[i].payload) || a[i].seq != b[i].seq {
			t.Fatalf("packet %d differs between vantages", i)
		}
		if !a[i].client && (b[i].ttl != 61 || a[i].ttl != 64 || b[i].at-a[i].at != 3e6) {
			t.Fatalf("packet %d: TTL %d and %d, %d ns later", i, a[i].ttl, b[i].ttl, b[i].at-a[i].at)
		}
		if i > 0 && b[i].at < b[i-1].at {
			t.Fatalf("packet %d goes back in time", i)
		}
	}
}

func TestSessionEndings(t *testing.T) {
	for _, tt := range []struct {
		name   string
		ending wire.Ending
		last   byte
	}{{"finish", wire.Finish, 16}, {"reset", wire.Reset, 4 | 16}, {"open", wire.Open, 16}} {
		r := wire.NewRand(1)
		s := wire.Script{Rand: &r, Ending: tt.ending}
		s.Ask([]byte("x"))
		got := play(t, wire.Config{Sides: [2]wire.Side{clientSide, serverSide}, Script: s})
		if last := got[len(got)-1]; last.flags != tt.last {
			t.Errorf("%s: last flags %x, want %x", tt.name, last.flags, tt.last)
		}
	}
}

func TestSessionDatagrams(t *testing.T) {
	r := wire.NewRand(1)
	s := wire.Script{Rand: &r}
	s.Ask([]byte("q"))
	s.Repeat(wire.Server, time.Second, 3, []byte("aaa"), nil)
	got := play(t, wire.Config{Transport: wire.UDP, Sides: [2]wire.Side{clientSide, serverSide}, Script: s})
	if len(got) != 4 || !got[0].client || got[3].client || got[3].at-got[2].at != int64(time.Second) {
		t.Errorf("got %d datagrams: %+v", len(got), got)
	}
	if s := wire.NewSession(wire.Config{Transport: wire.UDP}); !s.Done() {
		t.Error("a session without steps is not done")
	}
}

// TestStackOptions holds what fingerprints read of a SYN: window and order of options.
func TestStackOptions(t *testing.T) {
	for _, tt := range []struct {
		name    string
		stack   *wire.Stack
		options []byte
	}{
		{"windows 10", wire.Windows10, []byte{2, 1, 3, 1, 1, 4}},
		{"windows xp", wire.WindowsXP, []byte{2, 1, 1, 4}},
		{"linux", wire.Linux, []byte{2, 4, 8, 1, 3}},
		{"apple", wire.Apple, []byte{2, 1, 3, 1, 1, 8, 4, 0}},
		{"embedded", wire.Embedded, []byte{2}},
	} {
		side := clientSide
		side.Stack = tt.stack
		s := wire.NewSession(wire.Config{Sides: [2]wire.Side{side, serverSide}})
		p := s.Next(nil)[34:]
		var kinds []byte
		for o := p[20 : p[12]>>4*4]; len(o) > 0; {
			kinds = append(kinds, o[0])
			switch {
			case o[0] == 0:
				o = nil
			case o[0] == 1:
				o = o[1:]
			default:
				o = o[o[1]:]
			}
		}
		if !bytes.Equal(kinds, tt.options) {
			t.Errorf("%s: options %v, want %v", tt.name, kinds, tt.options)
		}
		if got := binary.BigEndian.Uint16(p[14:]); got != tt.stack.Window {
			t.Errorf("%s: window %d", tt.name, got)
		}
	}
}

func TestSessionAllocs(t *testing.T) {
	r := wire.NewRand(1)
	s := wire.Script{Rand: &r}
	s.Bulk(wire.Client, 0, nil, 1<<26)
	session := wire.NewSession(wire.Config{Sides: [2]wire.Side{clientSide, serverSide}, Script: s})
	buf := make([]byte, 0, 2048)
	if n := testing.AllocsPerRun(1000, func() { session.Next(buf) }); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
}
