package dissecttest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

// record is the Sink of the suite: one line an event.
type record struct {
	lines []string
	said  []said
	panic map[string]uint64
	claim uint64
	peak  int
	// service is the flow's at its end: a dissector may take its name back.
	service string
}

func (r *record) Observe(o model.Observation) {
	r.say(o.Kind.String()+" "+o.Source, o.Value)
	r.say("part "+o.Source, o.Subject.Part)
	r.lines = append(r.lines, fmt.Sprintf("observation %s %s %s = %s", o.Subject, o.Kind, o.Source, o.Value))
}

func (r *record) Finding(f model.Finding) {
	r.say("finding "+f.Rule, f.Detail)
	r.say("part "+f.Rule, f.Subject.Part+" "+f.Peer.Part)
	r.say("evidence", f.Rule+" "+f.Evidence)
	r.lines = append(r.lines, fmt.Sprintf("finding %s %s v%d on %s, peer %s, port %d, service %s, detail %q, evidence %s",
		f.Type, f.Rule, f.RuleVersion, f.Subject, f.Peer, f.Port, f.Service, f.Detail, f.Evidence))
}

func (r *record) flow(f *model.Flow) {
	r.service = f.Service
	var line strings.Builder
	line.WriteString(fmt.Sprintf("flow %s:%d > %s:%d service=%s", f.Initiator.Addr, f.Initiator.Port, f.Responder.Addr, f.Responder.Port, f.Service))
	for _, part := range [][2]string{{"server_name", f.ServerName}, {"alpn", f.ALPN}, {"version", f.Version}} {
		if part[1] != "" {
			r.say("flow "+part[0], part[1])
			line.WriteString(fmt.Sprintf(" %s=%q", part[0], part[1]))
		}
	}
	if f.Encrypted {
		line.WriteString(" encrypted")
	}
	r.lines = append(r.lines, line.String())
	for _, o := range f.Operations {
		r.say("operation "+f.Service, o.Object)
		r.lines = append(r.lines, fmt.Sprintf("operation %s %q %s × %d", o.Verb, o.Object, o.Result, o.Count))
	}
}

func (r *record) say(leaf, text string) { r.said = append(r.said, said{leaf, text}) }

func (r *record) text() string { return strings.Join(r.lines, "\n") + "\n" }

// player shows conversations to a fresh Runtime.
type player struct {
	protocols []dissect.Protocol
	packets   []dissect.PacketProtocol
}

func (p player) play(t testing.TB, c *Conversation, messages []Message) *record {
	t.Helper()
	r := &record{}
	cfg := dissect.DefaultConfig()
	cfg.MaxPackets = 65535 // a stream cut into single bytes is many packets
	rt, err := dissect.NewRuntime(cfg, p.protocols, p.packets, r)
	if err != nil {
		t.Fatal(err)
	}
	if c.Packet != nil {
		p.playPackets(rt, c, messages, r)
	} else {
		p.playStream(rt, c, messages, r)
	}
	r.panic, r.claim = rt.Stats().Panics, rt.Stats().Claimed
	return r
}

func (p player) playPackets(rt *dissect.Runtime, c *Conversation, messages []Message, r *record) {
	for _, m := range messages {
		packet := *c.Packet
		packet.Payload, packet.PayloadLen = m.Data, len(m.Data)
		if m.Dir == dissect.FromResponder {
			packet.Src, packet.Dst = packet.Dst, packet.Src
			packet.SrcMAC, packet.DstMAC = packet.DstMAC, packet.SrcMAC
		}
		if s := rt.Packet(&packet); s != 0 {
			r.lines = append(r.lines, "packet service="+rt.ServiceName(s))
			r.claim++
		}
	}
}

func (p player) playStream(rt *dissect.Runtime, c *Conversation, messages []Message, r *record) {
	flow := c.Flow
	h := rt.Open(&flow)
	state, service := dissect.Want, uint16(0)
	for _, m := range messages {
		if state != dissect.Want {
			break
		}
		if m.Lost {
			if flow.Protocol == 6 {
				state, service = rt.Gap(h, &flow, m.Dir, len(m.Data))
			}
			continue
		}
		data := append([]byte(nil), m.Data...)
		state, service = rt.Data(h, &flow, m.Dir, data)
		clear(data) // whoever kept a slice reads zeros
		r.peak = max(r.peak, rt.Buffered())
	}
	if state == dissect.Forget {
		h = dissect.NoHandle
	}
	rt.Finish(h, &flow)
	f := model.Flow{Initiator: flow.Initiator, Responder: flow.Responder, Protocol: flow.Protocol}
	rt.Describe(h, service, &f)
	r.flow(&f)
	rt.Close(h, &flow)
}
