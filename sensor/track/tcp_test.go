package track_test

import (
	"testing"
	"time"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/track"
)

const data = decode.ACK | decode.PSH

func TestRetransmissionIsNotDuplicate(t *testing.T) {
	table, out := newTable(t, track.DefaultConfig(), nil)
	e := hosts(t)
	e.handshake(table)
	sent := e.packet(false, data, 1001, 5001, "hello")
	table.Packet(sent)

	copied := *sent // a router's hop later, on another VLAN
	copied.TTL--
	copied.VLANs[0], copied.VLANCount = 30, 1
	copied.Time += 200e3
	table.Packet(&copied)

	same := *sent // the same frame from the same port of the mirror
	same.Time += 300e3
	table.Packet(&same)

	e.time += 300e6
	table.Packet(e.packet(false, data, 1001, 5001, "hello")) // a new identification: sent again
	table.Packet(e.packet(true, decode.ACK, 5001, 1006, ""))
	table.Flush(model.EndForced)

	f := out.flows[0]
	if f.Duplicated != 2 || f.Retransmitted != 1 || f.InitiatorPackets != 4 || f.VLAN != 0 {
		t.Errorf("got %d duplicated, %d retransmitted, %d packets", f.Duplicated, f.Retransmitted, f.InitiatorPackets)
	}
	if s := total(table); s.Duplicates != 2 || s.Packets != 8 {
		t.Errorf("got stats %+v", s)
	}
}

func TestKeepAliveIsNotRetransmission(t *testing.T) {
	table, out := newTable(t, track.DefaultConfig(), nil)
	e := hosts(t)
	e.handshake(table)
	table.Packet(e.packet(false, data, 1001, 5001, "hello"))
	table.Packet(e.packet(true, decode.ACK, 5001, 1006, ""))
	e.time += 10 * second
	table.Packet(e.packet(false, decode.ACK, 1005, 5001, "x"))
	table.Flush(model.EndForced)
	if got := out.flows[0].Retransmitted; got != 0 {
		t.Errorf("got %d retransmitted, want 0", got)
	}
}

func TestUnseenAcknowledged(t *testing.T) {
	for _, c := range []struct {
		name   string
		play   func(*ends, *track.Table)
		unseen uint64
	}{
		{"segment in the middle lost by the mirror", func(e *ends, table *track.Table) {
			table.Packet(e.packet(false, data, 1001, 5001, "0123456789"))
			table.Packet(e.packet(false, data, 1031, 5001, "0123456789"))
			table.Packet(e.packet(true, decode.ACK, 5001, 1041, ""))
		}, 20},
		{"reordered only", func(e *ends, table *track.Table) {
			table.Packet(e.packet(false, data, 1011, 5001, "0123456789"))
			table.Packet(e.packet(false, data, 1001, 5001, "0123456789"))
			table.Packet(e.packet(true, decode.ACK, 5001, 1021, ""))
		}, 0},
		{"last segment lost by the mirror", func(e *ends, table *track.Table) {
			table.Packet(e.packet(true, decode.ACK, 5001, 1016, ""))
		}, 15},
		{"acknowledgement overtakes its data", func(e *ends, table *track.Table) {
			table.Packet(e.packet(true, decode.ACK, 5001, 1011, ""))
			table.Packet(e.packet(false, data, 1001, 5001, "0123456789"))
		}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			table, _ := newTable(t, track.DefaultConfig(), nil)
			e := hosts(t)
			e.handshake(table)
			c.play(e, table)
			table.Flush(model.EndForced)
			if s := total(table); s.UnseenAckedOctets != c.unseen || s.TCPOneWay != 0 {
				t.Errorf("got %d octets unseen, %d one way; want %d, 0", s.UnseenAckedOctets, s.TCPOneWay, c.unseen)
			}
		})
	}
}

func TestOneWay(t *testing.T) {
	table, out := newTable(t, track.DefaultConfig(), nil)
	e := hosts(t)
	for i := range uint32(5) { // midway, and only the server's side is mirrored
		table.Packet(e.packet(true, data, 7000+10*i, 1000+100*i, "0123456789"))
	}
	scan := hosts(t)
	scan.clientPort, scan.time = 41000, e.time
	table.Packet(scan.packet(false, decode.SYN, 1, 0, ""))
	table.Flush(model.EndForced)
	s := total(table)
	if s.TCPConversations != 1 || s.TCPOneWay != 1 || s.UnseenAckedOctets != 400 || !s.TooLittle {
		t.Errorf("got stats %+v", s)
	}
	f := out.flows[0]
	if f.Initiator.Addr != e.client || !f.InitiatorInferred || f.ResponderPackets != 5 {
		t.Errorf("got initiator %v, inferred %v", f.Initiator, f.InitiatorInferred)
	}
}

func TestReusedPort(t *testing.T) {
	table, out := newTable(t, track.DefaultConfig(), nil)
	e := hosts(t)
	e.handshake(table)
	table.Packet(e.packet(false, decode.RST, 1001, 0, ""))
	table.Packet(e.packet(false, decode.SYN, 90000, 0, ""))
	table.Packet(e.packet(true, decode.SYN|decode.ACK, 70000, 90001, ""))
	table.Packet(e.packet(false, decode.SYN, 90000, 0, "")) // sent again: no third conversation
	table.Flush(model.EndForced)
	if len(out.flows) != 2 || out.flows[0].EndReason != model.EndDetected || !out.flows[1].FirstOfConversation {
		t.Fatalf("got %d flows: %+v", len(out.flows), out.flows)
	}
}

func TestRoles(t *testing.T) {
	for _, c := range []struct {
		name       string
		play       func(*ends, *track.Table)
		fromClient bool
		inferred   bool
	}{
		{"SYN", func(e *ends, table *track.Table) { table.Packet(e.packet(false, decode.SYN, 1, 0, "")) }, true, false},
		{"SYN-ACK first", func(e *ends, table *track.Table) {
			table.Packet(e.packet(true, decode.SYN|decode.ACK, 1, 2, ""))
		}, true, false},
		{"midway from the service", func(e *ends, table *track.Table) { table.Packet(e.packet(true, decode.ACK, 1, 2, "a")) }, true, true},
		{"midway to the service", func(e *ends, table *track.Table) { table.Packet(e.packet(false, decode.ACK, 1, 2, "a")) }, true, true},
		{"SYN to an odd port", func(e *ends, table *track.Table) {
			e.clientPort, e.serverPort = 104, 50000
			table.Packet(e.packet(false, decode.SYN, 1, 0, ""))
		}, true, false},
		{"UDP answer first", func(e *ends, table *track.Table) {
			e.protocol, e.serverPort = 17, 53
			table.Packet(e.packet(true, 0, 0, 0, "a"))
		}, true, true},
		{"UDP question first", func(e *ends, table *track.Table) {
			e.protocol, e.serverPort = 17, 53
			table.Packet(e.packet(false, 0, 0, 0, "a"))
		}, true, false},
		{"UDP without evidence", func(e *ends, table *track.Table) {
			e.protocol, e.clientPort, e.serverPort = 17, 40001, 40002
			table.Packet(e.packet(true, 0, 0, 0, "a"))
		}, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			table, out := newTable(t, track.DefaultConfig(), nil)
			e := hosts(t)
			c.play(e, table)
			table.Flush(model.EndForced)
			f := out.flows[0]
			if got := f.Initiator.Addr == e.client; got != c.fromClient || f.InitiatorInferred != c.inferred {
				t.Errorf("got client is initiator %v, inferred %v; want %v, %v", got, f.InitiatorInferred, c.fromClient, c.inferred)
			}
		})
	}
}

func TestDeltas(t *testing.T) {
	table, out := newTable(t, track.DefaultConfig(), nil)
	e := hosts(t)
	e.time -= e.time % (3600 * second)
	e.time += 3600*second - 200*second // 200 s before the full hour
	e.handshake(table)
	for range 20 { // every 30 s, ten minutes long
		e.time += 30 * second
		table.Packet(e.packet(false, decode.ACK, 1001, 5001, ""))
	}
	table.Flush(model.EndForced)
	var packets uint64
	for i, f := range out.flows {
		packets += f.InitiatorPackets + f.ResponderPackets
		if f.FirstOfConversation != (i == 0) || f.End-f.Start > int64(300*time.Second) {
			t.Errorf("record %d: first %v, %d s long", i, f.FirstOfConversation, (f.End-f.Start)/second)
		}
		if f.Start/(3600*second) != f.End/(3600*second) {
			t.Errorf("record %d crosses the full hour", i)
		}
	}
	if packets != 23 || len(out.flows) < 3 {
		t.Errorf("got %d packets in %d records, want 23 in 3 or more", packets, len(out.flows))
	}
	if last := out.flows[len(out.flows)-1]; last.EndReason != model.EndForced || out.flows[0].EndReason != model.EndActive {
		t.Errorf("got end reasons %v … %v", out.flows[0].EndReason, last.EndReason)
	}
}

func TestIdle(t *testing.T) {
	table, out := newTable(t, track.DefaultConfig(), nil)
	e := hosts(t)
	e.protocol, e.serverPort = 17, 53
	table.Packet(e.packet(false, 0, 0, 0, "question"))
	e.time += 61 * second
	table.Packet(e.packet(false, 0, 0, 0, "question"))
	if len(out.flows) != 1 || out.flows[0].EndReason != model.EndIdle {
		t.Fatalf("got %+v, want one idle flow", out.flows)
	}
	table.Advance(e.time + 75*second)
	if len(out.flows) != 2 || table.Counters().Live != 0 {
		t.Errorf("got %d flows, %d live; want 2, 0", len(out.flows), table.Counters().Live)
	}
}

func TestOlderFileAfterNewer(t *testing.T) {
	table, out := newTable(t, track.DefaultConfig(), nil)
	e := hosts(t)
	e.handshake(table)
	old := hosts(t)
	old.time -= 86400 * second
	old.clientPort = 51000
	old.handshake(table)
	for range 100 {
		old.time += second
		table.Packet(old.packet(false, decode.ACK, 1001, 5001, ""))
	}
	table.Flush(model.EndForced)
	if len(out.flows) != 2 {
		t.Errorf("got %d records, want 2", len(out.flows))
	}
}
