package observe

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/wardscope/wardscope/internal/model"
)

// Sink takes events. An Observation, Finding or Flow is valid during the call only.
type Sink interface {
	Observation(o *model.Observation)
	Finding(f *model.Finding)
	Flow(f *model.Flow)
	Loss(l *model.Loss)
}

// Config bounds a Collector.
type Config struct {
	RefreshEvery time.Duration // a claim that goes on is reported again after so long
	MaxClaims    int           // distinct claims and findings held; past it they are passed on without being held
	EmitFirst    bool          // report at first sight, not only at refresh and end
	Privacy      []Network
}

// DefaultConfig is what one shard of a hospital sensor needs.
func DefaultConfig() Config {
	return Config{RefreshEvery: time.Hour, MaxClaims: 200_000, EmitFirst: true}
}

// claim is an observation that is held, without pointers. Its count is what was not reported yet.
type claim struct {
	addr        model.Addr
	mac         model.MAC
	first, last int64
	count       uint64
	value, part text
	source      uint32
	domain      model.DomainID
	vlan        uint16
	kind        model.Kind
}

// again notes that a held claim was seen again.
func (c *claim) again(first, last int64, count uint64) {
	if c.count == 0 {
		c.first = first
	}
	c.first, c.last, c.count = min(c.first, first), max(c.last, last), c.count+count
}

// weakness is a finding that is held. Its count is what was not reported yet.
type weakness struct{ model.Finding }

func (w *weakness) same(o *weakness) bool {
	return w.Subject == o.Subject && w.Peer == o.Peer && w.Domain == o.Domain && w.Type == o.Type &&
		w.Rule == o.Rule && w.Service == o.Service && w.Detail == o.Detail && w.Evidence == o.Evidence
}

const nearClaims = 4096

// sighting counts a claim that is held and came again lately, until it is added to the book: most
// claims are repeated by the message, and the book is larger than the caches of the processor.
type sighting struct {
	hash        uint64
	held        *claim
	first, last int64
	count       uint64
}

// settle adds what a sighting counted to the claim.
func (s *sighting) settle() {
	if s.count == 0 {
		return
	}
	s.held.again(s.first, s.last, s.count)
	s.count = 0
}

// Collector deduplicates the claims of one shard. It is a track.Sink.
type Collector struct {
	cfg      Config
	sink     Sink
	claims   book[claim]
	texts    texts // of claims
	sources  names // of claims
	findings book[weakness]
	mixer    mixer
	near     [nearClaims]sighting
	waiting  [waitingClaims]waiting
	waits    int                // of waiting that are taken
	touched  uint64             // what was loaded, so that the loads are not optimized away
	claim    *model.Observation // the one under way
	told     model.Observation  // the one that is reported
	weakness weakness           // the one under way
	id       []byte             // the Community ID under way
	ids      strings.Builder    // memory of those that are held
	next     int64              // event time of the next refresh, Unix nanoseconds
	private  private
	overflow uint64
}

// NewCollector makes a Collector that reports to sink.
func NewCollector(cfg Config, sink Sink) *Collector {
	return &Collector{cfg: cfg, sink: sink, mixer: newMixer(), private: newPrivate(cfg.Privacy)}
}

func (c *Collector) subject(s *model.Subject, h uint64) uint64 {
	h = mix(mix(h^s.Addr.Lo, s.Addr.Hi^uint64(s.MAC)<<8), c.mixer.key)
	if s.Part != "" {
		h = c.mixer.text(h, s.Part)
	}
	return h
}

func (c *Collector) hashClaim(o *model.Observation) uint64 {
	h := c.subject(&o.Subject, uint64(o.Domain)<<16|uint64(o.Kind))
	return c.mixer.text(c.mixer.text(h, o.Value), o.Source)
}

// hold turns a claim into what is held of it.
func (c *Collector) hold(o *model.Observation) claim {
	return claim{
		addr: o.Subject.Addr, mac: o.Subject.MAC, part: c.texts.keep(o.Subject.Part), domain: o.Domain, vlan: o.VLAN, kind: o.Kind,
		value: c.texts.keep(o.Value), source: c.sources.number(o.Source), first: o.First, last: o.Last, count: o.Count,
	}
}

// tell turns it back.
func (c *Collector) tell(h *claim) model.Observation {
	return model.Observation{
		Subject: model.Subject{Addr: h.addr, MAC: h.mac, Part: c.texts.of(h.part)}, Domain: h.domain, VLAN: h.vlan, Kind: h.kind,
		Value: c.texts.of(h.value), Source: c.sources.list[h.source], First: h.first, Last: h.last, Count: h.count,
	}
}

// same compares a claim that is held with the one under way.
func (c *Collector) same(h *claim) bool {
	o := c.claim
	return h.addr == o.Subject.Addr && h.mac == o.Subject.MAC && h.kind == o.Kind && h.domain == o.Domain &&
		c.texts.of(h.value) == o.Value && c.sources.list[h.source] == o.Source && c.texts.of(h.part) == o.Subject.Part
}

func (c *Collector) hashWeakness(f *weakness) uint64 {
	h := c.subject(&f.Peer, c.subject(&f.Subject, uint64(f.Domain)<<16|uint64(f.Type)))
	return c.mixer.text(c.mixer.text(c.mixer.text(h, f.Rule), f.Detail), f.Evidence)
}

// Observe takes a claim. Same subject, kind, value and source: once, then refreshed with counts. A
// claim that is held already allocates nothing.
func (c *Collector) Observe(o model.Observation) {
	if c.private.subject(&o.Subject, o.VLAN, o.Domain) {
		c.private.leaveOut(o.Last, 0, 1)
		return
	}
	w := &c.waiting[c.waits]
	w.claim = o
	n := &w.claim
	n.Count = max(1, n.Count)
	w.hash = c.hashClaim(n)
	// Another claim with the same 64 bits of a keyed hash is not to be expected in a thousand years.
	near := &c.near[w.hash&(nearClaims-1)]
	if near.hash == w.hash && near.held != nil {
		if near.count == 0 {
			near.first, near.last = n.First, n.Last
		}
		near.first, near.last, near.count = min(near.first, n.First), max(near.last, n.Last), near.count+n.Count
		return
	}
	if c.waits++; c.waits == len(c.waiting) {
		c.resolve()
	}
}

// settle brings the book up to date and forgets where its claims lie: they are about to move.
func (c *Collector) settle() {
	c.resolve()
	for i := range c.near {
		c.near[i].settle()
		c.near[i] = sighting{}
	}
}

// Finding takes a weakness. Same key and peer: once, then refreshed with counts. Community, nil when
// f has it already, appends the Community ID of the conversation that showed it: it is called at
// first sight only, because it costs more than all the rest.
func (c *Collector) Finding(f model.Finding, community func([]byte) []byte) {
	if c.private.subject(&f.Subject, f.VLAN, f.Domain) || c.private.subject(&f.Peer, f.VLAN, f.Domain) {
		c.private.leaveOut(f.Last, 0, 1)
		return
	}
	c.weakness.Finding = f
	n := &c.weakness
	n.Count = max(1, n.Count)
	h := c.hashWeakness(n)
	held := c.findings.find(h, n.same)
	if community != nil && (held == nil || n.First < held.First) {
		n.CommunityID = c.keepID(community(c.id[:0]))
	}
	if held != nil {
		if held.Count == 0 {
			held.First = n.First
		} else if n.First < held.First { // what a finding tells beside its key is of its first sight
			held.VLAN, held.Port, held.CommunityID = n.VLAN, n.Port, n.CommunityID
		}
		held.First, held.Last, held.Count = min(held.First, n.First), max(held.Last, n.Last), held.Count+n.Count
		return
	}
	if c.findings.used >= c.cfg.MaxClaims {
		c.overflow++
		c.sink.Finding(&n.Finding)
		return
	}
	if c.cfg.EmitFirst {
		c.sink.Finding(&n.Finding)
		n.Count = 0
	}
	c.findings.add(h, n)
}

// keepID makes a string of an id. Ids lie together, because there are many and each is short.
func (c *Collector) keepID(id []byte) string {
	const together = 4 << 10
	c.id = id
	if c.ids.Cap()-c.ids.Len() < len(id) {
		c.ids = strings.Builder{}
		c.ids.Grow(max(together, len(id)))
	}
	at := c.ids.Len()
	_, _ = c.ids.Write(id) // cannot fail
	return c.ids.String()[at:]
}

// Flow passes a record on, unless an end is in a personal network.
func (c *Collector) Flow(f *model.Flow) {
	if c.private.flow(f) {
		c.private.leaveOut(f.End, f.InitiatorPackets+f.ResponderPackets, 1)
		return
	}
	c.sink.Flow(f)
}

// Advance tells the packets' time, at least once a second. At refresh, claims that went on are reported with their
// counts, and claims that did not are forgotten.
func (c *Collector) Advance(now int64) {
	c.resolve()
	if c.next == 0 {
		c.next = now + int64(c.cfg.RefreshEvery)
	}
	if now >= c.next {
		c.next = now + int64(c.cfg.RefreshEvery)
		c.Flush()
	}
}

// Move hands all that c holds and has not reported to another Collector, which reports what both
// saw once, with the sum of the counts. C holds nothing afterwards.
func (c *Collector) Move(to *Collector) {
	c.settle()
	for i := range c.claims.used {
		if h := c.claims.at(i); h.count > 0 {
			to.Observe(c.tell(h))
		}
	}
	for i := range c.findings.used {
		if f := c.findings.at(i); f.Count > 0 {
			to.Finding(f.Finding, nil)
		}
	}
	c.claims, c.findings, c.texts = book[claim]{}, book[weakness]{}, texts{}
	to.overflow += c.overflow
	to.private.add(&c.private)
}

// Full reports that new claims are passed on without being held: what is worth little is then
// better not claimed.
func (c *Collector) Full() bool { return c.claims.used >= c.cfg.MaxClaims }

// Overflow is how many claims were passed on without being held, so that they may repeat.
func (c *Collector) Overflow() uint64 {
	c.resolve()
	return c.overflow
}

// Flush reports every count that was not reported yet, in a stable order, and what privacy left out.
func (c *Collector) Flush() {
	c.settle()
	// What was silent for a whole period is forgotten: first sight again when it comes back.
	due := make([]byTime[claim], 0, c.claims.used)
	old := c.texts
	c.texts = texts{}
	c.claims.forget(c.hashHeld, func(h *claim) bool {
		if h.count == 0 {
			return false
		}
		h.value, h.part = c.texts.keep(old.of(h.value)), c.texts.keep(old.of(h.part))
		due = append(due, byTime[claim]{h.first, h})
		return true
	})
	slices.SortFunc(due, func(a, b byTime[claim]) int {
		if a.first != b.first {
			return cmp.Compare(a.first, b.first)
		}
		return c.compareClaims(a.of, b.of)
	})
	for _, h := range due {
		c.told = c.tell(h.of)
		c.sink.Observation(&c.told)
		h.of.count = 0
	}
	weak := make([]byTime[weakness], 0, c.findings.used)
	c.findings.forget(c.hashWeakness, func(f *weakness) bool {
		if f.Count == 0 {
			return false
		}
		weak = append(weak, byTime[weakness]{f.First, f})
		return true
	})
	slices.SortFunc(weak, func(a, b byTime[weakness]) int {
		if a.first != b.first {
			return cmp.Compare(a.first, b.first)
		}
		return compareFindings(&a.of.Finding, &b.of.Finding)
	})
	for _, f := range weak {
		c.sink.Finding(&f.of.Finding)
		f.of.Count = 0
	}
	for _, l := range c.private.losses() {
		c.sink.Loss(&l)
	}
}

// byTime is an entry with its first sight beside it: a sort that follows each pointer costs a
// cache miss a comparison.
type byTime[T any] struct {
	first int64
	of    *T
}

// hashHeld is hashClaim of what is held.
func (c *Collector) hashHeld(h *claim) uint64 {
	o := c.tell(h)
	return c.hashClaim(&o)
}

// compareClaims orders claims of the same moment.
func (c *Collector) compareClaims(a, b *claim) int {
	x, y := c.tell(a), c.tell(b)
	return cmp.Or(compareSubjects(x.Subject, y.Subject), cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Source, y.Source),
		cmp.Compare(x.Value, y.Value), cmp.Compare(x.Domain, y.Domain))
}

// compareFindings orders findings of the same moment.
func compareFindings(a, b *model.Finding) int {
	return cmp.Or(compareSubjects(a.Subject, b.Subject), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.Service, b.Service), cmp.Compare(a.Detail, b.Detail), compareSubjects(a.Peer, b.Peer), cmp.Compare(a.Evidence, b.Evidence),
		cmp.Compare(a.Domain, b.Domain))
}

func compareSubjects(a, b model.Subject) int {
	return cmp.Or(cmp.Compare(a.Addr.Hi, b.Addr.Hi), cmp.Compare(a.Addr.Lo, b.Addr.Lo), cmp.Compare(a.MAC, b.MAC), cmp.Compare(a.Part, b.Part))
}
