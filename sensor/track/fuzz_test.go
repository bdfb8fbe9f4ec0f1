package track_test

import (
	"bytes"
	"testing"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/track"
)

// moody answers with states that the input chooses, and objects to calls after it said no.
type moody struct {
	t      *testing.T
	states []byte
	calls  int
	open   map[track.Handle]bool
	done   map[track.Handle]bool
	next   track.Handle
}

func (m *moody) Open(*track.View) track.Handle {
	m.next++
	if m.mood()%7 == 0 {
		return 0
	}
	m.open[m.next] = true
	return m.next
}

func (m *moody) mood() byte {
	m.calls++
	if len(m.states) == 0 {
		return 1
	}
	return m.states[m.calls%len(m.states)]
}

func (m *moody) answer(h track.Handle) (track.State, uint16) {
	if !m.open[h] || m.done[h] {
		m.t.Errorf("bytes for handle %d, which is closed or wants none", h)
	}
	switch m.mood() % 16 {
	case 0:
		m.done[h] = true
		return track.Idle, 1
	case 1:
		delete(m.open, h)
		return track.Forget, 2
	}
	return track.Want, 0
}

func (m *moody) Data(h track.Handle, v *track.View, _ track.Direction, data []byte) (track.State, uint16) {
	if len(data) == 0 {
		m.t.Error("no bytes")
	}
	if m.mood()%9 == 0 {
		v.Swap()
	}
	return m.answer(h)
}

func (m *moody) Gap(h track.Handle, _ *track.View, _ track.Direction, n int) (track.State, uint16) {
	if n <= 0 {
		m.t.Errorf("a gap of %d", n)
	}
	return m.answer(h)
}

func (m *moody) Describe(track.Handle, uint16, *model.Flow) {}

func (m *moody) Close(h track.Handle, _ *track.View) {
	if !m.open[h] {
		m.t.Errorf("handle %d closed twice", h)
	}
	delete(m.open, h)
}

// FuzzTable plays packets made of the input's bytes: few ends, any flags, sequence numbers and
// times. Nothing may be lost, left behind or told twice.
func FuzzTable(f *testing.F) {
	f.Add([]byte("a conversation of some length, with flags and numbers of all kinds: 0123456789"), []byte{3, 2})
	f.Add(bytes.Repeat([]byte{0, 2, 10, 0, 9, 1, 16, 10, 0, 4}, 30), []byte{5})
	f.Fuzz(func(t *testing.T, input, states []byte) {
		m := &moody{t: t, states: states, open: map[track.Handle]bool{}, done: map[track.Handle]bool{}}
		cfg := track.DefaultConfig()
		cfg.MaxFlows, cfg.MaxStreams, cfg.ReorderBytes, cfg.ReassemblyBytes = 16, 16, 4<<10, 8<<10
		table, out := newTable(t, cfg, m)
		e := hosts(t)
		sent := uint64(0)
		for ; len(input) >= 8; input = input[8:] {
			b := input[:8]
			e.protocol = []byte{6, 6, 6, 17}[b[0]>>6]
			e.clientPort = 50000 + uint16(b[0]&31)
			payload := bytes.Repeat([]byte{'x'}, int(b[5])*int(b[5]&7))
			p := e.packet(b[0]&32 != 0, b[1], 1000+uint32(b[2])*uint32(b[3]), 1000+uint32(b[4])*8, string(payload))
			p.PayloadLen += int(b[6] & 3)
			e.time += int64(b[7]) * int64(b[7]) * 1e6 * int64(1-b[6]>>7*2)
			if p.Protocol == 17 {
				p.TCPFlags = 0
			}
			table.Packet(p)
			sent++
			c := table.Counters()
			if c.Live > cfg.MaxFlows || c.StreamBytes > cfg.ReassemblyBytes || c.StreamBytes < 0 {
				t.Fatalf("over a ceiling: %+v", c)
			}
		}
		table.Flush(model.EndForced)
		got := uint64(0)
		for _, f := range out.flows {
			got += f.InitiatorPackets + f.ResponderPackets + uint64(f.Duplicated)
		}
		if c := table.Counters(); got != sent || len(m.open) != 0 || c.Live != 0 || c.Streams != 0 || c.StreamBytes != 0 {
			t.Errorf("sent %d packets, records hold %d; %d handles open; %+v", sent, got, len(m.open), c)
		}
	})
}
