package pipeline

import (
	"strings"

	"fmt"
	"log/slog"
	"math"
	"time"

	"github.com/wardscope/wardscope/internal/communityid"
	"github.com/wardscope/wardscope/internal/knowledge"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
	"github.com/wardscope/wardscope/sensor/observe"
	"github.com/wardscope/wardscope/sensor/track"
)

// Config bounds the stages of one shard.
type Config struct {
	Decode  decode.Config
	Track   track.Config
	Dissect dissect.Config
	Observe observe.Config
	// Workers is how many shards take the packets of a capture file, shared out by flow; 0 is one.
	Workers int
	// FlowsOnly leaves the dissectors out: counters without identity.
	FlowsOnly bool
}

// DefaultConfig is what a hospital sensor needs.
func DefaultConfig() Config {
	c := Config{Decode: decode.Config{}, Track: track.DefaultConfig(), Dissect: dissect.DefaultConfig(), Observe: observe.DefaultConfig()}
	c.Dissect.MatchDefault = matchDefault
	return c
}

func matchDefault(service, user, password string) (string, bool) {
	if service == "snmp" {
		user = knowledge.CommunityUser
	}
	d, ok := knowledge.MatchDefault(user, password)
	if !ok {
		return "", false
	}
	first, _, more := strings.Cut(d.Products, ", ")
	if more {
		first = wire.Join(first, " and others")
	}
	return wire.Join("published for ", first, ": ", d.ID), true
}

// shard is one worker's stages. It is owned by one goroutine.
type shard struct {
	decoder   *decode.Decoder
	f         capture.Frame // here, because what a source is handed escapes to the heap
	packets   [track.Group]decode.Packet
	table     *track.Table
	runtime   *dissect.Runtime
	collector *observe.Collector
	reader    *reader
	sink      eventSink
	second    int64 // packets' time at which the clocks are looked at next
	minute    int64
	now       int64
	log       *slog.Logger // nil: nobody reads it
	faults    uint64       // panics of dissectors that were logged
}

// eventSink is where a shard's events go.
type eventSink interface {
	observe.Sink
	Bucket(b *track.Bucket) // valid during the call
}

func newShard(cfg Config, seed track.Seed, sink eventSink) (*shard, error) {
	s := &shard{decoder: decode.New(cfg.Decode), collector: observe.NewCollector(cfg.Observe, sink), sink: sink}
	streams, packets := Protocols(), PacketProtocols()
	if cfg.FlowsOnly {
		streams, packets = nil, nil
	}
	s.reader = &reader{collector: s.collector}
	s.reader.community = s.reader.appendCommunity
	var err error
	if s.runtime, err = dissect.NewRuntime(cfg.Dissect, streams, packets, s.reader); err != nil {
		return nil, fmt.Errorf("set up dissectors: %w", err)
	}
	s.reader.runtime = s.runtime
	deps := track.Deps{Seed: seed, Sink: s.collector}
	if !cfg.FlowsOnly {
		deps.Reader = s.reader
	}
	if s.table, err = track.New(cfg.Track, deps); err != nil {
		return nil, fmt.Errorf("set up flow table: %w", err)
	}
	return s, nil
}

// next takes the next frame of src through all stages, and with it those that lie beside it.
func (s *shard) next(src capture.Source, beside capture.Grouper) error {
	if err := src.Next(&s.f); err != nil {
		return err
	}
	s.decoder.Decode(&s.f, &s.packets[0])
	n := 1
	var err error
	// A reassembled datagram lies in memory that the next Decode takes back.
	for n < len(s.packets) && beside != nil && beside.Beside() && !s.packets[n-1].Reassembled {
		if err = src.Next(&s.f); err != nil {
			break
		}
		s.decoder.Decode(&s.f, &s.packets[n])
		n++
	}
	s.takeAll(s.packets[:n])
	return err
}

func (s *shard) takeAll(packets []decode.Packet) {
	s.table.Prepare(packets)
	for i := range packets {
		s.take(&packets[i])
	}
}

// take brings a decoded packet through the stages behind the decoder.
func (s *shard) take(p *decode.Packet) {
	if p.IP && s.collector.Excludes(p.Src, p.Dst, p.VLAN(), p.Domain, p.Time) {
		return
	}
	if p.TCPFlags&(decode.SYN|decode.ACK|decode.RST) == decode.SYN && p.Protocol == 6 {
		s.reader.syns.keep(p)
	}
	s.table.Packet(p)
	if !p.IP || p.Protocol != 6 && p.Protocol != 17 {
		s.runtime.Packet(p)
	}
	if p.Time >= s.second {
		s.tick(p.Time)
	}
}

// tick looks at the clocks, at most once a second of packets' time.
func (s *shard) tick(now int64) {
	s.now = max(s.now, now)
	s.second = s.now + int64(time.Second)
	s.table.Advance(s.now)
	s.collector.Advance(s.now)
	s.tellFaults()
	if minute := s.now / int64(time.Minute); minute != s.minute {
		s.minute = minute
		s.table.DrainStats(s.now, s.sink.Bucket)
	}
}

// tellFaults logs the panics of dissectors since the last time: each cost the rest of a conversation.
func (s *shard) tellFaults() {
	stats := s.runtime.Stats()
	if stats.Faults == s.faults || s.log == nil {
		return
	}
	for protocol, n := range stats.Panics {
		s.log.Error("a dissector failed and gave up its conversations", slog.String("protocol", protocol), slog.Uint64("since_start", n))
	}
	s.faults = stats.Faults
}

// finish reports everything that is still held.
func (s *shard) finish() {
	s.end()
	s.tellFaults()
	s.collector.Flush()
}

// end reports the flows and statistics that are still held, not the claims.
func (s *shard) end() {
	s.table.Flush(model.EndForced)
	s.table.DrainStats(math.MaxInt64, s.sink.Bucket)
}

// reader joins the flow table to the dissectors. It is the dissectors' sink too, because a
// finding carries the Community ID of the conversation that showed it.
type reader struct {
	runtime   *dissect.Runtime
	collector *observe.Collector
	flow      dissect.Flow
	view      *track.View
	community func([]byte) []byte // appendCommunity, made once
	hops      hops
	syns      syns
}

func (r *reader) enter(v *track.View) *dissect.Flow {
	r.view = v
	r.flow = dissect.Flow{
		Initiator: v.Initiator(), Responder: v.Responder(), Protocol: v.Protocol(), Domain: v.Domain(), VLAN: v.VLAN(),
		Time: v.Time(), Inferred: v.Inferred(), TTL: v.TTL(),
	}
	return &r.flow
}

// Open begins a conversation with the dissectors.
func (r *reader) Open(v *track.View) track.Handle {
	f := r.enter(v)
	if f.Protocol == 6 && !r.collector.Full() {
		if o, ok := r.syns.claim(f.Initiator, f.Responder); ok {
			r.collector.Observe(o)
		}
	}
	return track.Handle(r.runtime.Open(f))
}

// Data hands bytes on.
func (r *reader) Data(h track.Handle, v *track.View, dir track.Direction, data []byte) (track.State, uint16) {
	if p := v.Packet(); p != nil && p.TTL != 0 {
		key := hopKey(p)
		if r.runtime.Heard(dissect.Handle(h), dissect.Direction(dir), uint32(key>>32)) && r.hops.told.news(key) && !r.collector.Full() {
			r.collector.Observe(r.hops.claim(p))
		}
	}
	state, service := r.runtime.Data(dissect.Handle(h), r.enter(v), dissect.Direction(dir), data)
	r.view = nil
	return track.State(state), service
}

// Touch loads what Data will need.
func (r *reader) Touch(h track.Handle) uint64 { return r.runtime.Touch(dissect.Handle(h)) }

// Gap says that bytes are missing.
func (r *reader) Gap(h track.Handle, v *track.View, dir track.Direction, n int) (track.State, uint16) {
	state, service := r.runtime.Gap(dissect.Handle(h), r.enter(v), dissect.Direction(dir), n)
	r.view = nil
	return track.State(state), service
}

// Describe fills a record before it leaves.
func (r *reader) Describe(h track.Handle, service uint16, out *model.Flow) {
	if out.EndReason != model.EndActive && h != 0 {
		r.flow = dissect.Flow{
			Initiator: out.Initiator, Responder: out.Responder, Protocol: out.Protocol, Domain: out.Domain, VLAN: out.VLAN,
			Time: out.End, Inferred: out.InitiatorInferred,
		}
		r.runtime.Finish(dissect.Handle(h), &r.flow)
	}
	r.runtime.Describe(dissect.Handle(h), service, out)
	if !out.OuterInitiator.IsZero() {
		r.tunnelEnds(out)
	}
}

// tunnelEnds tells of the ends of the tunnel that a flow came in: they are machines of their own,
// of which no flow tells, because flows are the inner ones.
func (r *reader) tunnelEnds(f *model.Flow) {
	for _, end := range [2]model.Addr{f.OuterInitiator, f.OuterResponder} {
		r.collector.Observe(model.Observation{
			Subject: model.Subject{Addr: end}, Domain: f.Domain, VLAN: f.VLAN, Kind: model.KindCapability, Value: "tunnel end", Source: "tunnel.outer",
			First: f.Start, Last: f.End,
		})
	}
}

// Close ends a conversation.
func (r *reader) Close(h track.Handle, v *track.View) {
	r.runtime.Close(dissect.Handle(h), r.enter(v))
	r.view = nil
}

// Observe passes a claim on.
func (r *reader) Observe(o model.Observation) { r.collector.Observe(o) }

// Finding passes a weakness on, with the conversation that showed it.
func (r *reader) Finding(f model.Finding) { r.collector.Finding(f, r.community) }

// appendCommunity writes the Community ID of the conversation under way, nothing when there is none.
func (r *reader) appendCommunity(b []byte) []byte {
	if r.view == nil {
		return b
	}
	return communityid.Append(b, r.flow.Protocol, r.flow.Initiator.Addr, r.flow.Responder.Addr, r.flow.Initiator.Port, r.flow.Responder.Port)
}
