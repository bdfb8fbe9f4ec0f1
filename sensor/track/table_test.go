package track_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/track"
)

func TestDomainsAreApart(t *testing.T) {
	table, out := newTable(t, track.DefaultConfig(), nil)
	for domain := range 2 {
		e := hosts(t)
		for _, fromServer := range []bool{false, true} {
			p := e.packet(fromServer, decode.ACK, 1, 1, "")
			p.Domain = model.DomainID(domain)
			p.VLANs[0], p.VLANCount = uint16(10+len(out.flows)), 1
			p.Interface = domain // the two ports of a TAP do not keep directions apart
			table.Packet(p)
		}
	}
	table.Flush(model.EndForced)
	if len(out.flows) != 2 || out.flows[0].InitiatorPackets != 1 || out.flows[0].ResponderPackets != 1 {
		t.Fatalf("got %+v, want two flows of two packets", out.flows)
	}
	if a, b := community(&out.flows[0]), community(&out.flows[1]); a != b {
		t.Errorf("got Community IDs %q and %q, want equal ones", a, b)
	}
}

func TestTunnelEnds(t *testing.T) {
	table, out := newTable(t, track.DefaultConfig(), nil)
	e := hosts(t)
	left, right := addr(t, "192.0.2.1"), addr(t, "192.0.2.2")
	p := e.packet(false, decode.SYN, 1, 0, "")
	p.Encap, p.OuterSrc, p.OuterDst = model.EncapGRE, left, right
	table.Packet(p)
	table.Flush(model.EndForced)
	if f := out.flows[0]; f.OuterInitiator != left || f.OuterResponder != right || f.Encap != model.EncapGRE {
		t.Errorf("got outer ends %v, %v", f.OuterInitiator, f.OuterResponder)
	}
}

func TestICMPIsOneFlow(t *testing.T) {
	table, out := newTable(t, track.DefaultConfig(), nil)
	e := hosts(t)
	e.protocol = 1
	for i := range 3 {
		request := e.packet(false, 0, 0, 0, "ping")
		request.SrcPort, request.DstPort, request.Checksum = 8, 0, uint16(i)
		table.Packet(request)
		reply := e.packet(true, 0, 0, 0, "ping")
		reply.SrcPort, reply.DstPort, reply.Checksum = 0, 0, uint16(i+100)
		table.Packet(reply)
	}
	table.Flush(model.EndForced)
	if len(out.flows) != 1 {
		t.Fatalf("got %d flows, want 1", len(out.flows))
	}
	if f := out.flows[0]; f.Initiator.Addr != e.client || f.Initiator.Port != 8 || f.Responder.Port != 0 || f.ResponderPackets != 3 {
		t.Errorf("got %+v", f)
	}
}

// A flood of half-open flows must not cost an established one its record.
func TestFloodSparesEstablished(t *testing.T) {
	cfg := track.DefaultConfig()
	cfg.MaxFlows = 2000
	table, out := newTable(t, cfg, nil)
	floods := 1_000_000
	if os.Getenv("WARDSCOPE_FLOOD") != "" {
		floods = 10_000_000
	}
	check := func() { // what left early
		for _, f := range out.flows {
			if f.InitiatorFlags&decode.ACK != 0 || f.EndReason != model.EndLack {
				t.Fatalf("left early with flags %02x, end reason %v", f.InitiatorFlags, f.EndReason)
			}
		}
		out.flows = out.flows[:0]
	}
	var clinical []*ends
	for i := range 1000 {
		e := hosts(t)
		e.clientPort = uint16(20000 + i)
		e.handshake(table)
		clinical = append(clinical, e)
	}
	flood := hosts(t)
	syn := flood.packet(false, decode.SYN, 0, 0, "")
	for i := range floods {
		syn.Src.Lo++
		syn.Seq, syn.IPID = uint32(i), uint16(i)
		syn.Time += 1000
		table.Packet(syn)
		if i%(floods/1000) == 0 {
			e := clinical[i/(floods/1000)]
			e.time = syn.Time
			table.Packet(e.packet(false, data, 1001, 5001, "still here"))
		}
		if len(out.flows) > 1<<16 {
			check()
		}
	}
	check()
	if c := table.Counters(); c.Live > cfg.MaxFlows || c.Evicted < uint64(floods-2*cfg.MaxFlows) || c.Bytes > 4<<20 {
		t.Errorf("got counters %+v", c)
	}
	table.Flush(model.EndForced)
	established := 0
	for _, f := range out.flows {
		if f.InitiatorPackets == 3 && f.ResponderPackets == 1 {
			established++
		}
	}
	if established != 1000 {
		t.Errorf("got %d established flows intact, want 1000", established)
	}
}

// With nothing but established flows in a full table, a flood costs one of them at most.
func TestFloodOnFullTable(t *testing.T) {
	cfg := track.DefaultConfig()
	cfg.MaxFlows = 500
	table, out := newTable(t, cfg, nil)
	for i := range cfg.MaxFlows {
		e := hosts(t)
		e.clientPort = uint16(20000 + i)
		e.handshake(table)
	}
	for i := range 5000 {
		flood := hosts(t)
		flood.client.Lo += uint64(i+1) << 8
		table.Packet(flood.packet(false, decode.SYN, uint32(i), 0, ""))
	}
	lost := 0
	for _, f := range out.flows {
		if f.ResponderPackets > 0 {
			lost++
		}
	}
	if lost != 1 {
		t.Errorf("got %d established flows evicted, want 1", lost)
	}
}

// The index against a plain map, through many insertions, removals and growths.
func TestEveryPacketIsCounted(t *testing.T) {
	cfg := track.DefaultConfig()
	cfg.UDPIdle = 2 * time.Second
	table, out := newTable(t, cfg, nil)
	want := map[string]uint64{}
	at := hosts(t).time
	for i := range 120_000 {
		e := hosts(t)
		e.protocol, e.serverPort, e.time, e.id = 17, 9000, at+int64(i)*100e3, uint16(i)
		n := (i*7919 + i/40*31) % 5000
		e.client.Lo += uint64(n) << 4
		p := e.packet(i%3 == 0, 0, 0, 0, "x")
		want[e.client.String()]++
		table.Packet(p)
	}
	table.Flush(model.EndForced)
	got := map[string]uint64{}
	for _, f := range out.flows {
		end := f.Initiator
		if end.Port == 9000 {
			end = f.Responder
		}
		got[end.Addr.String()] += f.InitiatorPackets + f.ResponderPackets
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("packets by client (-want +got):\n%s", diff)
	}
	if c := table.Counters(); c.Live != 0 || c.Flows != uint64(len(out.flows)) {
		t.Errorf("got counters %+v for %d flows", c, len(out.flows))
	}
}

func TestBytesAFlow(t *testing.T) {
	table, _ := newTable(t, track.DefaultConfig(), nil)
	const flows = 1 << 17
	for i := range flows {
		e := hosts(t)
		e.protocol, e.id = 17, uint16(i)
		e.client.Lo += uint64(i) << 3
		table.Packet(e.packet(false, 0, 0, 0, "x"))
	}
	a := float64(table.Counters().Bytes) / flows
	t.Logf("%.0f bytes a flow", a)
	if a > 200 {
		t.Errorf("got %.0f bytes a flow, want at most 200", a)
	}
}

func TestKnownFlowAllocs(t *testing.T) {
	for _, c := range []struct {
		name   string
		reader track.Reader
	}{{"counters only", nil}, {"reader that is done", &taker{state: track.Idle}}, {"reader that goes on", &taker{}}} {
		t.Run(c.name, func(t *testing.T) {
			table, _ := newTable(t, track.DefaultConfig(), c.reader)
			e := hosts(t)
			e.handshake(table)
			udp := hosts(t)
			udp.protocol, udp.serverPort = 17, 53
			question := udp.packet(false, 0, 0, 0, "question")
			segment := e.packet(false, data, 1001, 5001, "hello")
			turn := func() {
				question.Time += 1e6
				question.IPID++
				table.Packet(question)
				segment.Time += 1e6
				segment.IPID++
				segment.Seq += 5
				table.Packet(segment)
			}
			turn()
			if got := testing.AllocsPerRun(500, turn); got != 0 {
				t.Errorf("got %v allocations for two packets of known flows, want 0", got)
			}
		})
	}
}

func TestStatsByMinuteAndVLAN(t *testing.T) {
	table, _ := newTable(t, track.DefaultConfig(), nil)
	start := hosts(t).time
	start -= start % (60 * second)
	for i := range 300 {
		e := hosts(t)
		e.protocol, e.serverPort, e.id = 17, 161, uint16(i)
		e.client.Lo += uint64(i % 100)
		e.time = start + int64(i/100)*60*second
		p := e.packet(false, 0, 0, 0, "x")
		p.VLANs[0], p.VLANCount = uint16(20+i%2), 1
		table.Packet(p)
	}
	var got []string
	table.DrainStats(start+120*second, func(b *track.Bucket) {
		s := b.Stats()
		if s.Hosts < 46 || s.Hosts > 54 {
			t.Errorf("got %d hosts, want about 50", s.Hosts)
		}
		got = append(got, fmt.Sprint(s.VLAN, (s.Minute-start)/(60*second), s.Packets))
	})
	if len(got) != 4 {
		t.Errorf("got %v, want two VLANs in two whole minutes", got)
	}
	if s := total(table); s.Packets != 100 {
		t.Errorf("got %d packets left, want those of the third minute", s.Packets)
	}
}

func TestShardIsSymmetric(t *testing.T) {
	seed := track.NewSeed()
	counts := make([]int, 4)
	for i := range 4000 {
		e := hosts(t)
		e.client.Lo += uint64(i)
		there, back := seed.Shard(e.packet(false, 0, 0, 0, ""), 4), seed.Shard(e.packet(true, 0, 0, 0, ""), 4)
		if there != back {
			t.Fatalf("got shards %d and %d for the two directions", there, back)
		}
		counts[there]++
	}
	for i, n := range counts {
		if n < 800 {
			t.Errorf("shard %d got %d of 4000 flows", i, n)
		}
	}
}

func TestConfigFaults(t *testing.T) {
	cfg := track.DefaultConfig()
	cfg.MaxFlows, cfg.UDPIdle, cfg.ReorderBytes = 0, 0, 0
	if _, err := track.New(cfg, track.Deps{Sink: &collector{}}); err == nil {
		t.Fatal("got no error for a configuration with three faults")
	}
	if _, err := track.New(track.DefaultConfig(), track.Deps{}); err == nil {
		t.Fatal("got no error without a sink")
	}
}
