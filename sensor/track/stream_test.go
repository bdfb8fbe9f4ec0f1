package track_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/track"
)

// taker reads everything and answers with a fixed state.
type taker struct {
	state  track.State
	got    [2]bytes.Buffer // emptied when it grows beyond 1 MiB
	bytes  [2]int          // and gaps
	gaps   [2][]int
	opened int
	closed int
}

func (r *taker) Open(*track.View) track.Handle { r.opened++; return 7 }

func (r *taker) Data(_ track.Handle, _ *track.View, dir track.Direction, data []byte) (track.State, uint16) {
	r.bytes[dir] += len(data)
	if r.got[dir].Len() > 1<<20 {
		r.got[dir].Reset()
	}
	r.got[dir].Write(data)
	return r.state, 3
}

func (r *taker) Gap(_ track.Handle, _ *track.View, dir track.Direction, n int) (track.State, uint16) {
	r.bytes[dir] += n
	r.gaps[dir] = append(r.gaps[dir], n)
	for range n {
		r.got[dir].WriteByte('_')
	}
	return r.state, 0
}

func (r *taker) Describe(_ track.Handle, service uint16, out *model.Flow) {
	out.Service = fmt.Sprint("service ", service)
}

func (r *taker) Close(track.Handle, *track.View) { r.closed++ }

func TestReassembly(t *testing.T) {
	for _, c := range []struct {
		name string
		play func(e *ends, table *track.Table)
		want string
	}{
		{"in order", func(e *ends, table *track.Table) {
			table.Packet(e.packet(false, data, 1001, 5001, "abc"))
			table.Packet(e.packet(false, data, 1004, 5001, "def"))
		}, "abcdef"},
		{"swapped", func(e *ends, table *track.Table) {
			table.Packet(e.packet(false, data, 1004, 5001, "def"))
			table.Packet(e.packet(false, data, 1001, 5001, "abc"))
		}, "abcdef"},
		{"sent again, overlapping", func(e *ends, table *track.Table) {
			table.Packet(e.packet(false, data, 1001, 5001, "abcd"))
			table.Packet(e.packet(false, data, 1003, 5001, "XXef"))
			table.Packet(e.packet(false, data, 1001, 5001, "YYYY"))
		}, "abcdef"},
		{"lost, acknowledged", func(e *ends, table *track.Table) {
			table.Packet(e.packet(false, data, 1001, 5001, "abc"))
			table.Packet(e.packet(false, data, 1006, 5001, "fgh"))
			table.Packet(e.packet(true, decode.ACK, 5001, 1009, ""))
		}, "abc__fgh"},
		{"lost, then two seconds", func(e *ends, table *track.Table) {
			table.Packet(e.packet(false, data, 1001, 5001, "abc"))
			table.Packet(e.packet(false, data, 1006, 5001, "fgh"))
			e.time += 3 * second
			table.Packet(e.packet(false, data, 1009, 5001, "ijk"))
		}, "abc__fghijk"},
		{"lost, then the end", func(e *ends, table *track.Table) {
			table.Packet(e.packet(false, data, 1006, 5001, "fgh"))
			table.Packet(e.packet(false, data, 1012, 5001, "lm"))
		}, "_____fgh___lm"},
		{"cut by the snap length", func(e *ends, table *track.Table) {
			p := e.packet(false, data, 1001, 5001, "abcdef")
			p.Payload, p.Truncated = p.Payload[:4], true
			table.Packet(p)
			table.Packet(e.packet(false, data, 1007, 5001, "ghi"))
		}, "abcd__ghi"},
		{"data with the SYN of a reused port", func(e *ends, table *track.Table) {
			table.Packet(e.packet(false, decode.RST, 1001, 0, "why"))
			table.Packet(e.packet(false, decode.SYN, 8000, 0, "fast"))
			table.Packet(e.packet(false, data, 8005, 1, "open"))
		}, "fastopen"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &taker{}
			table, out := newTable(t, track.DefaultConfig(), r)
			e := hosts(t)
			e.handshake(table)
			c.play(e, table)
			table.Flush(model.EndForced)
			if got := r.got[track.FromInitiator].String(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if n := table.Counters(); n.Streams != 0 || n.StreamBytes != 0 || r.opened != r.closed {
				t.Errorf("left behind: %+v, opened %d, closed %d", n, r.opened, r.closed)
			}
			if f := out.flows[len(out.flows)-1]; f.Service != "service 3" {
				t.Errorf("got service %q", f.Service)
			}
		})
	}
}

// Any order of arrival within the limits gives the same stream.
func TestAnyOrder(t *testing.T) {
	text := strings.Repeat("the quick brown fox jumps over the lazy dog. ", 400)
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 9))
		r := &taker{}
		table, _ := newTable(t, track.DefaultConfig(), r)
		e := hosts(t)
		e.handshake(table)
		type part struct{ from, to int }
		var parts []part
		for at := 0; at < len(text); {
			n := min(1+random.IntN(1400), len(text)-at)
			parts = append(parts, part{at, at + n})
			if random.IntN(4) == 0 { // some come twice, some overlap
				from := max(0, at-random.IntN(100))
				parts = append(parts, part{from, at + n})
			}
			at += n
		}
		for i := range parts { // displaced by a few places
			j := min(len(parts)-1, i+random.IntN(8))
			parts[i], parts[j] = parts[j], parts[i]
		}
		for _, p := range parts {
			table.Packet(e.packet(false, data, 1001+uint32(p.from), 5001, text[p.from:p.to]))
		}
		table.Flush(model.EndForced)
		if got := r.got[0].String(); got != text {
			t.Fatalf("seed %d: got %d bytes that differ from the %d sent, gaps %v", seed, len(got), len(text), r.gaps[0])
		}
	}
}

func TestReassemblyCeiling(t *testing.T) {
	cfg := track.DefaultConfig()
	cfg.ReorderBytes, cfg.ReassemblyBytes = 16<<10, 64<<10
	r := &taker{}
	table, _ := newTable(t, cfg, r)
	piece := strings.Repeat("x", 1000)
	most := 0
	for flow := range 50 {
		e := hosts(t)
		e.clientPort += uint16(flow)
		e.handshake(table)
		for i := range uint32(40) { // the first segment never comes
			table.Packet(e.packet(false, data, 2001+1000*i, 5001, piece))
			most = max(most, table.Counters().StreamBytes)
		}
	}
	if most > cfg.ReassemblyBytes {
		t.Errorf("held %d bytes, ceiling %d", most, cfg.ReassemblyBytes)
	}
	table.Flush(model.EndForced)
	if c := table.Counters(); c.ReorderDropped == 0 || c.StreamBytes != 0 {
		t.Errorf("got counters %+v", c)
	}
	if want := 50 * 41 * 1000; r.bytes[0] != want {
		t.Errorf("got %d bytes and gaps, want %d: nothing is lost silently", r.bytes[0], want)
	}
}

func TestReaderStops(t *testing.T) {
	for _, c := range []struct {
		state  track.State
		closed int
	}{{track.Idle, 1}, {track.Forget, 0}} {
		r := &taker{state: c.state}
		table, out := newTable(t, track.DefaultConfig(), r)
		e := hosts(t)
		e.handshake(table)
		table.Packet(e.packet(false, data, 1001, 5001, "abc"))
		table.Packet(e.packet(false, data, 1004, 5001, "def"))
		table.Flush(model.EndForced)
		if r.got[0].String() != "abc" || r.closed != c.closed || r.opened != 1 {
			t.Errorf("state %d: got %q, closed %d, opened %d", c.state, r.got[0].String(), r.closed, r.opened)
		}
		if out.flows[0].Service != "service 3" {
			t.Errorf("state %d: got service %q", c.state, out.flows[0].Service)
		}
	}
}

func TestStreamsRefused(t *testing.T) {
	cfg := track.DefaultConfig()
	cfg.MaxStreams = 16
	r := &taker{}
	table, _ := newTable(t, cfg, r)
	for i := range 20 {
		e := hosts(t)
		e.clientPort += uint16(i)
		e.handshake(table)
		table.Packet(e.packet(false, data, 1001, 5001, "abc"))
	}
	if c := table.Counters(); c.StreamsRefused != 4 || c.Streams != 16 || r.opened != 16 {
		t.Errorf("got counters %+v, opened %d", c, r.opened)
	}
	table.Flush(model.EndForced)
}

// swapper finds out from content that the responder opened the conversation.
type swapper struct{ taker }

func (r *swapper) Data(h track.Handle, v *track.View, dir track.Direction, data []byte) (track.State, uint16) {
	v.Swap()
	return r.taker.Data(h, v, dir, data)
}

func TestSwap(t *testing.T) {
	r := &swapper{taker{state: track.Idle}}
	table, out := newTable(t, track.DefaultConfig(), r)
	e := hosts(t)
	e.protocol, e.clientPort, e.serverPort = 17, 40001, 40002
	table.Packet(e.packet(false, 0, 0, 0, "answer"))
	table.Flush(model.EndForced)
	if f := out.flows[0]; f.Initiator.Addr != e.server || f.ResponderPackets != 1 {
		t.Errorf("got initiator %v", f.Initiator)
	}
}
