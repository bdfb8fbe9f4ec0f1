package dissect

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
)

// Transport is a set of carriers that a protocol runs on.
type Transport uint8

// The carriers.
const (
	TCP  Transport = 1 << iota
	UDP            // also carried by UDP-Lite
	Link           // not IP, or an IP protocol without ports: Protocol.Packet is called
)

// Direction tells who sent the bytes.
type Direction uint8

// The directions. Until the initiator is known for sure it is a guess; a dissector that can
// tell from content says so by Emitter.Swap.
const (
	FromInitiator Direction = iota
	FromResponder
)

// Verdict is a probe's or a dissector's answer.
type Verdict uint8

// The verdicts.
const (
	NotMine Verdict = iota // certain: these bytes are another protocol's
	More                   // not sure yet (probe), or: go on (dissector)
	Mine                   // certain: this protocol (probe only)
	Done                   // facts are out: later packets cost only the counters (dissector only)
)

// Info describes a protocol.
type Info struct {
	Name        string    // service name as in internal/service, e.g. "dicom"
	Transport   Transport // where it is probed
	Ports       []uint16  // usual ports: they order the probes, content decides
	EtherTypes  []uint16  // Link: which frames Packet sees; 0 = LLC frames
	IPProtocols []uint8   // Link: which IP protocols without ports Packet sees
	MaxBuffer   int       // bytes a direction that Feed may leave unconsumed; 0 = DefaultBuffer
	ProbeBytes  int       // a probe that still says More after so many bytes counts as NotMine; 0 = 512
}

// DefaultBuffer is what a direction may keep unconsumed, in bytes.
const DefaultBuffer = 16 << 10

// Protocol is one protocol. It holds no state of any conversation and is safe for concurrent use.
type Protocol interface {
	Info() Info
	// Probe judges the first bytes of one direction: TCP a prefix of the stream, UDP a whole
	// datagram. It neither allocates nor keeps data. Two protocols must not both say Mine.
	Probe(f *Flow, dir Direction, data []byte) Verdict
	// New returns a fresh dissector for one conversation that the probe said is Mine.
	New() Dissector
}

// Dissector follows one conversation.
type Dissector interface {
	// Feed gets all contiguous bytes of one direction that were not consumed yet (TCP), or one
	// datagram (UDP; consumed is ignored). It returns how many bytes it is done with: fewer than
	// len(data) keeps the rest until more arrives, more than len(data) skips bytes to come without
	// buffering them. Feed is called again while it consumes and bytes remain. If the rest reaches
	// MaxBuffer without being consumed, the direction is given up.
	Feed(e Emitter, dir Direction, data []byte) (consumed int, v Verdict)
}

// GapFeeder is a Dissector that can find its footing again after lost bytes. Without it a gap
// inside bytes that Feed wanted ends the dissection.
type GapFeeder interface {
	// Gap says that n bytes of the direction were not seen; the next Feed begins behind them.
	Gap(e Emitter, dir Direction, n int) Verdict
}

// Closer is a Dissector that has something to say when its conversation ends.
type Closer interface {
	Close(e Emitter)
}

// Resetter is a Dissector that can begin anew with another conversation, so that a connection
// costs no allocation.
type Resetter interface {
	Dissector
	// Reset makes the dissector as fresh as Protocol.New does. It keeps nothing of the conversation.
	Reset()
}

// Multiplier is a Protocol that can make dissectors by the dozen: what is New for one allocates
// once for all.
type Multiplier interface {
	Many(n int) []Resetter
}

// Many makes n dissectors in one piece of memory.
func Many[T any, P interface {
	*T
	Resetter
}](n int) []Resetter {
	all, out := make([]T, n), make([]Resetter, n)
	for i := range all {
		p := P(&all[i])
		p.Reset()
		out[i] = p
	}
	return out
}

// PacketProtocol is a Protocol of the Link transport: one packet, no conversation.
type PacketProtocol interface {
	Info() Info
	// Packet reads one packet. It returns false iff the bytes are not this protocol's.
	Packet(e Emitter, p *decode.Packet) bool
}

// Flow is what a dissector may know of its conversation.
type Flow struct {
	Initiator, Responder model.Endpoint
	Protocol             uint8 // IANA protocol number
	Domain               model.DomainID
	VLAN                 uint16
	Time                 int64 // of the current packet, Unix nanoseconds
	Inferred             bool  // the initiator is a guess
	TTL                  uint8 // of the current packet
}

// Sender is the end that sent the bytes of a direction.
func (f *Flow) Sender(dir Direction) model.Endpoint {
	if dir == FromInitiator {
		return f.Initiator
	}
	return f.Responder
}

// Receiver is the other end.
func (f *Flow) Receiver(dir Direction) model.Endpoint { return f.Sender(1 - dir) }

// Claim is an observation in the making: the emitter adds times, domain and VLAN, and makes
// Value safe to leave the sensor (model.Text; model.Banner for banners).
type Claim struct {
	Subject model.Subject
	Kind    model.Kind
	Value   string
	Source  string // "protocol.field"; the part before the dot is a service name
}

// Weakness is a finding in the making. Subject is what has to be fixed.
type Weakness struct {
	Type     model.FindingType
	Rule     string // "protocol.what", stable
	Version  uint32 // of the rule, from 1
	Subject  model.Endpoint
	Part     string
	Peer     model.Endpoint
	Detail   string // never a secret
	Evidence string // "protocol.field"
}

// Emitter takes what a dissector learnt. Calls are valid during Feed, Gap, Close and Packet only.
type Emitter interface {
	Flow() *Flow
	Observe(c Claim)
	// ObserveAgain is so many times Observe, of messages between two times: a dissector that hears
	// the same in each message says it now and then.
	ObserveAgain(c Claim, times uint64, since, until int64)
	Report(w Weakness)
	// Login reports an account and secret seen in clear: only their class leaves.
	Login(c Credential)
	// Operate counts a normalised operation on the flow. Object is an object class, never an identifier of a person or study.
	Operate(verb model.Verb, object string, result model.Result, count uint32)
	// Service refines the flow's service name, e.g. from "http" to "axeda".
	Service(name string)
	// ServerName, ALPN, Version and Encrypted fill the flow's typed detail.
	ServerName(name string)
	ALPN(name string)
	Version(v string)
	Encrypted()
	// Swap says that the responder opened the conversation: the roles are exchanged from now on, also in Flow.
	Swap()
	// Handoff ends this dissector and gives the rest of the conversation to another protocol, e.g. "tls" after STARTTLS.
	Handoff(service string)
	// Inner dissects a complete message of another protocol carried inside, e.g. NTLMSSP in HTTP or SMB.
	Inner(protocol string, dir Direction, data []byte)
}

// About is the subject for claims about an endpoint.
func About(e model.Endpoint) model.Subject { return model.Subject{Addr: e.Addr, MAC: e.MAC} }
