package track_test

import (
	"math"
	"testing"

	"github.com/wardscope/wardscope/internal/communityid"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/track"
)

const second = int64(1e9)

// collector keeps what leaves a table.
type collector struct{ flows []model.Flow }

func (c *collector) Flow(f *model.Flow) {
	kept := *f
	kept.Operations = append([]model.Operation(nil), f.Operations...)
	c.flows = append(c.flows, kept)
}

func newTable(t testing.TB, cfg track.Config, r track.Reader) (*track.Table, *collector) {
	t.Helper()
	c := &collector{}
	table, err := track.New(cfg, track.Deps{Seed: track.NewSeed(), Reader: r, Sink: c})
	if err != nil {
		t.Fatal(err)
	}
	return table, c
}

func addr(t testing.TB, s string) model.Addr {
	t.Helper()
	a, err := model.ParseAddr(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// total merges all statistics of a table.
func total(table *track.Table) model.Stats {
	var sum track.Bucket
	table.DrainStats(math.MaxInt64, sum.Merge)
	return sum.Stats()
}

// ends are a client and a server; its methods make their packets.
type ends struct {
	client, server         model.Addr
	clientPort, serverPort uint16
	protocol               uint8
	id                     uint16
	time                   int64
}

func hosts(t testing.TB) *ends {
	t.Helper()
	return &ends{client: addr(t, "10.1.0.7"), server: addr(t, "10.2.0.9"), clientPort: 50123, serverPort: 104, protocol: 6, time: 1_700_000_000 * second}
}

func (e *ends) packet(fromServer bool, flags uint8, seq, ack uint32, data string) *decode.Packet {
	e.id++
	e.time += 1e6
	p := &decode.Packet{
		Time: e.time, IP: true, Protocol: e.protocol, TTL: 64, IPID: e.id, HasPorts: true, TCPFlags: flags, Seq: seq, Ack: ack,
		Payload: []byte(data), PayloadLen: len(data), IPOctets: uint32(40 + len(data)), WireLen: 54 + len(data), Checksum: uint16(seq)*31 + uint16(len(data)),
		Src: e.client, Dst: e.server, SrcPort: e.clientPort, DstPort: e.serverPort, SrcMAC: 0x02_00_00_00_00_01, DstMAC: 0x02_00_00_00_00_02,
	}
	if fromServer {
		p.Src, p.Dst, p.SrcPort, p.DstPort, p.SrcMAC, p.DstMAC = p.Dst, p.Src, p.DstPort, p.SrcPort, p.DstMAC, p.SrcMAC
	}
	return p
}

// handshake opens the conversation; sequence numbers go on at 1001 and 5001.
func (e *ends) handshake(table *track.Table) {
	table.Packet(e.packet(false, decode.SYN, 1000, 0, ""))
	table.Packet(e.packet(true, decode.SYN|decode.ACK, 5000, 1001, ""))
	table.Packet(e.packet(false, decode.ACK, 1001, 5001, ""))
}

func TestConversation(t *testing.T) {
	table, out := newTable(t, track.DefaultConfig(), nil)
	e := hosts(t)
	e.handshake(table)
	table.Packet(e.packet(false, decode.ACK|decode.PSH, 1001, 5001, "hello"))
	table.Packet(e.packet(true, decode.ACK, 5001, 1006, "answer"))
	table.Packet(e.packet(false, decode.ACK|decode.FIN, 1006, 5007, ""))
	table.Packet(e.packet(true, decode.ACK|decode.FIN, 5007, 1007, ""))
	table.Packet(e.packet(false, decode.ACK, 1007, 5008, ""))
	table.Advance(e.time + 30*second)
	if len(out.flows) != 1 {
		t.Fatalf("got %d flows, want 1", len(out.flows))
	}
	f := out.flows[0]
	if f.Initiator.Addr != e.client || f.InitiatorInferred || f.EndReason != model.EndDetected {
		t.Errorf("got initiator %v inferred %v end %v", f.Initiator, f.InitiatorInferred, f.EndReason)
	}
	if f.InitiatorPackets != 5 || f.ResponderPackets != 3 || f.InitiatorOctets != 5*40+5 || f.ResponderOctets != 3*40+6 {
		t.Errorf("got counters %+v", f)
	}
	if f.HandshakeRTT != 2e6 {
		t.Errorf("got RTT %d, want 2 ms", f.HandshakeRTT)
	}
	if s := total(table); s.TCPConversations != 1 || s.TCPOneWay != 0 || s.UnseenAckedOctets != 0 || s.Packets != 8 || s.Hosts != 2 {
		t.Errorf("got stats %+v", s)
	}
}

func community(f *model.Flow) string {
	return communityid.Of(f.Protocol, f.Initiator.Addr, f.Responder.Addr, f.Initiator.Port, f.Responder.Port)
}
