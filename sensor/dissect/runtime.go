package dissect

import (
	"errors"
	"fmt"

	"github.com/wardscope/wardscope/internal/model"
)

// Sink takes what the dissectors of one Runtime learnt. Calls are made during the Runtime's own
// methods only; the strings are ready to leave the sensor.
type Sink interface {
	Observe(o model.Observation)
	Finding(f model.Finding)
}

// Config bounds a Runtime.
type Config struct {
	MaxBuffered   int          // bytes that all conversations together may keep unconsumed
	MaxPackets    int          // payload packets after which an unclaimed conversation is given up
	MaxProbeBytes int          // payload bytes after which an unclaimed conversation is given up
	MatchDefault  MatchDefault // known default credentials; nil for none
}

// DefaultConfig is what one shard of a hospital sensor needs (perf.md: 12 packets or 16 KiB).
func DefaultConfig() Config {
	return Config{MaxBuffered: 32 << 20, MaxPackets: 12, MaxProbeBytes: 16 << 10}
}

// Validate says everything that is wrong with c; nil when nothing is.
func (c Config) Validate() error {
	var errs []error
	if c.MaxBuffered < 1<<20 {
		errs = append(errs, fmt.Errorf("dissect.max_buffered: %d is under 1 MiB", c.MaxBuffered))
	}
	if c.MaxPackets < 1 || c.MaxPackets > 65535 {
		errs = append(errs, fmt.Errorf("dissect.max_packets: %d is not in 1 to 65535", c.MaxPackets))
	}
	if c.MaxProbeBytes < 512 {
		errs = append(errs, fmt.Errorf("dissect.max_probe_bytes: %d is under 512", c.MaxProbeBytes))
	}
	return errors.Join(errs...)
}

// Handle names a conversation of a Runtime; NoHandle names none.
type Handle uint32

// NoHandle is the Handle of no conversation. Describe takes it for conversations that were forgotten.
const NoHandle Handle = 0

// State says what the caller shall do with a conversation from now on.
type State uint8

// The states.
const (
	Want   State = iota // go on with Data and Gap
	Idle                // no more bytes wanted; Describe and Close are still due
	Forget              // nothing is kept: the handle is void; keep the service number for Describe
)

// Stats counts what a Runtime did not finish.
type Stats struct {
	Conversations uint64            // opened
	Claimed       uint64            // said to be Mine by a probe
	GivenUp       uint64            // unclaimed after all that probing allows
	Starved       uint64            // given up because MaxBuffered was reached
	Faults        uint64            // panics that were contained, the conversation dropped
	Panics        map[string]uint64 // by protocol
}

// Runtime runs the dissectors of one shard. It is owned by one goroutine.
type Runtime struct {
	cfg    Config
	sink   Sink
	tcp    carrier
	udp    carrier
	byName map[string]int // protocol index
	all    []Protocol
	infos  []Info
	link   links

	names   []string // service names by number; 0 is ""
	numbers map[string]uint16

	conversations conversations
	free          []Handle
	buffers       bufferPool
	details       []*detail
	freshDetails  []detail
	freshCounts   []model.Operation // memory for the operations of details
	spare         [][]Resetter      // dissectors that are done, by protocol
	packetConv    conversation      // stands in for the conversation that a link-level packet has not
	packetFlow    Flow
	emit          emitter
	running       int // index of the protocol whose code runs, for the panic count
	stats         Stats
}

// NewRuntime builds the probing tables. It fails on a protocol that is named twice, has no
// carrier it can be probed on, or exceeds what the tables hold.
func NewRuntime(cfg Config, protocols []Protocol, packets []PacketProtocol, sink Sink) (*Runtime, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	rt := &Runtime{cfg: cfg, sink: sink, byName: map[string]int{}, names: []string{""}, numbers: map[string]uint16{"": 0}}
	rt.stats.Panics = map[string]uint64{}
	rt.buffers.limit = cfg.MaxBuffered
	rt.emit.rt = rt
	for i, p := range protocols {
		info := p.Info()
		if info.MaxBuffer == 0 {
			info.MaxBuffer = DefaultBuffer
		}
		if info.ProbeBytes == 0 {
			info.ProbeBytes = defaultProbe
		}
		if _, twice := rt.byName[info.Name]; twice || info.Name == "" {
			return nil, fmt.Errorf("protocol %q: name is empty or used twice", info.Name)
		}
		rt.byName[info.Name] = i
		rt.all = append(rt.all, p)
		rt.infos = append(rt.infos, info)
		rt.spare = append(rt.spare, nil)
		rt.number(info.Name)
		if info.Transport&TCP != 0 {
			rt.tcp.add(p, i, info)
		}
		if info.Transport&UDP != 0 {
			rt.udp.add(p, i, info)
		}
	}
	if len(rt.tcp.candidates) > maxCandidates || len(rt.udp.candidates) > maxCandidates {
		return nil, fmt.Errorf("protocols: more than %d on one carrier", maxCandidates)
	}
	rt.tcp.finish()
	rt.udp.finish()
	for _, p := range packets {
		rt.number(p.Info().Name)
		rt.link.add(p)
	}
	return rt, nil
}

// number interns a service name. Names come from protocols and their code, never from the wire.
func (rt *Runtime) number(name string) uint16 {
	if n, ok := rt.numbers[name]; ok {
		return n
	}
	n := uint16(len(rt.names))
	rt.names = append(rt.names, name)
	rt.numbers[name] = n
	return n
}

// ServiceName is the name of a service number; "" for 0.
func (rt *Runtime) ServiceName(n uint16) string {
	if int(n) >= len(rt.names) {
		return ""
	}
	return rt.names[n]
}

// Stats returns the counts so far; the map is shared with the Runtime and only to be read.
func (rt *Runtime) Stats() Stats { return rt.stats }

// Buffered is how many bytes all conversations hold at present.
func (rt *Runtime) Buffered() int { return rt.buffers.used }

// Open begins a conversation. It reads flow.Protocol only; TCP (6) and UDP (17, 136) are probed.
func (rt *Runtime) Open(flow *Flow) Handle {
	var h Handle
	if n := len(rt.free); n > 0 {
		h = rt.free[n-1]
		rt.free = rt.free[:n-1]
	} else {
		h = rt.conversations.next()
	}
	c := rt.conversations.at(h)
	*c = conversation{open: true, carrier: &rt.tcp}
	if flow.Protocol != protoTCP {
		c.carrier = &rt.udp
		c.datagrams = true
	}
	c.alive[0], c.alive[1] = c.carrier.every, c.carrier.every
	rt.stats.Conversations++
	return h
}

// The carriers by IANA protocol number.
const (
	protoTCP = 6
)

// release frees everything a conversation holds and its handle.
func (rt *Runtime) release(h Handle, c *conversation) {
	rt.dropBuffers(c)
	rt.dropDissector(c)
	if c.detail != nil {
		*c.detail = detail{operations: c.detail.operations[:0]}
		rt.details = append(rt.details, c.detail)
	}
	*c = conversation{}
	rt.free = append(rt.free, h)
}

// keepSpare is how many dissectors of a protocol are kept for the next conversations.
const keepSpare = 256

// newDissector returns a fresh dissector of a protocol, or one that is as good as fresh.
func (rt *Runtime) newDissector(protocol int) Dissector {
	const many = 16
	list := rt.spare[protocol]
	if len(list) == 0 {
		m, ok := rt.all[protocol].(Multiplier)
		if !ok {
			return rt.all[protocol].New()
		}
		list = append(list, m.Many(many)...)
	}
	d := list[len(list)-1]
	rt.spare[protocol] = list[:len(list)-1]
	return d
}

// spareDissector keeps a dissector that is done, if it can begin anew.
func (rt *Runtime) spareDissector(protocol int, d Dissector) {
	if r, ok := d.(Resetter); ok && len(rt.spare[protocol]) < keepSpare {
		r.Reset()
		rt.spare[protocol] = append(rt.spare[protocol], r)
	}
}

func (rt *Runtime) dropDissector(c *conversation) {
	if c.dissector != nil {
		rt.spareDissector(int(c.protocol), c.dissector)
		c.dissector = nil
	}
}

func (rt *Runtime) dropBuffers(c *conversation) {
	for d := range c.ends {
		rt.buffers.put(c.ends[d].held)
		c.ends[d].held = nil
	}
}

// Describe fills the parts of f that come from dissection: service, operations since the last
// call, server name, ALPN, version, encrypted. If a dissector swapped the roles, initiator and
// responder and their counters are exchanged too. With NoHandle only the service is filled in.
func (rt *Runtime) Describe(h Handle, service uint16, f *model.Flow) {
	f.Service = rt.ServiceName(service)
	c := rt.get(h)
	if c == nil {
		return
	}
	if c.service != 0 {
		f.Service = rt.ServiceName(c.service)
	}
	if c.swapped {
		f.Initiator, f.Responder = f.Responder, f.Initiator
		f.InitiatorOctets, f.ResponderOctets = f.ResponderOctets, f.InitiatorOctets
		f.InitiatorPackets, f.ResponderPackets = f.ResponderPackets, f.InitiatorPackets
		f.InitiatorFlags, f.ResponderFlags = f.ResponderFlags, f.InitiatorFlags
		f.OuterInitiator, f.OuterResponder = f.OuterResponder, f.OuterInitiator
		f.InitiatorInferred = false
	}
	if d := c.detail; d != nil {
		f.ServerName, f.ALPN, f.Version, f.Encrypted = d.serverName, d.alpn, d.version, d.encrypted
		f.Operations = append(f.Operations, d.operations...)
		d.operations = d.operations[:0]
	}
}

// Close ends a conversation: its dissector says its last word, unless Finish was called, and the
// handle is void afterwards.
func (rt *Runtime) Close(h Handle, flow *Flow) {
	rt.Finish(h, flow)
	if c := rt.get(h); c != nil {
		rt.release(h, c)
	}
}

// Touch loads a conversation's state into the processor's caches, before Data is called for it.
func (rt *Runtime) Touch(h Handle) uint64 {
	if h >= rt.conversations.used || h == NoHandle {
		return 0
	}
	c := rt.conversations.at(h)
	return uint64(c.service) ^ uint64(c.ends[1].skip) // its first and last lines
}

// Finish lets the dissector say its last word early, so that the last Describe shows it.
func (rt *Runtime) Finish(h Handle, flow *Flow) {
	c := rt.get(h)
	if c == nil || c.dissector == nil || c.ended {
		return
	}
	c.ended = true
	if closer, ok := c.dissector.(Closer); ok {
		rt.begin(c, flow)
		rt.sayLastWord(closer)
	}
	rt.dropBuffers(c)
}

func (rt *Runtime) sayLastWord(closer Closer) {
	defer func() { rt.contain(recover()) }()
	rt.running = int(rt.emit.c.protocol)
	closer.Close(&rt.emit)
}

func (rt *Runtime) get(h Handle) *conversation {
	if h == NoHandle || h >= rt.conversations.used {
		return nil
	}
	if c := rt.conversations.at(h); c.open {
		return c
	}
	return nil
}
