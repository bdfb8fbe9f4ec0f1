package observe

import (
	"cmp"
	"slices"
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

// claim is an observation that is held. Its count is what was not reported yet.
type claim struct{ model.Observation }

func (c *claim) same(o *claim) bool {
	return c.Subject == o.Subject && c.Domain == o.Domain && c.Kind == o.Kind && c.Value == o.Value && c.Source == o.Source
}

func (c *claim) silent() bool { return c.Count == 0 }

// weakness is a finding that is held. Its count is what was not reported yet.
type weakness struct{ model.Finding }

func (w *weakness) same(o *weakness) bool {
	return w.Subject == o.Subject && w.Peer == o.Peer && w.Domain == o.Domain && w.Type == o.Type &&
		w.Rule == o.Rule && w.Service == o.Service && w.Detail == o.Detail && w.Evidence == o.Evidence
}

func (w *weakness) silent() bool { return w.Count == 0 }

// Collector deduplicates the claims of one shard. It is a dissect.Sink and a track.Sink.
type Collector struct {
	cfg      Config
	sink     Sink
	claims   book[claim, *claim]
	findings book[weakness, *weakness]
	mixer    mixer
	claim    claim    // the one under way
	weakness weakness // the one under way
	next     int64    // event time of the next refresh, Unix nanoseconds
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

func (c *Collector) hashClaim(o *claim) uint64 {
	h := c.subject(&o.Subject, uint64(o.Domain)<<16|uint64(o.Kind))
	return c.mixer.text(c.mixer.text(h, o.Value), o.Source)
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
	c.claim.Observation = o
	n := &c.claim
	n.Count = max(1, n.Count)
	h := c.hashClaim(n)
	if held := c.claims.find(h, n); held != nil {
		if held.Count == 0 {
			held.First = n.First
		}
		held.First, held.Last, held.Count = min(held.First, n.First), max(held.Last, n.Last), held.Count+n.Count
		return
	}
	if c.claims.used >= c.cfg.MaxClaims {
		c.overflow++
		c.sink.Observation(&n.Observation)
		return
	}
	if c.cfg.EmitFirst {
		c.sink.Observation(&n.Observation)
		n.Count = 0
	}
	c.claims.add(h, n)
}

// Finding takes a weakness. Same key and peer: once, then refreshed with counts.
func (c *Collector) Finding(f model.Finding) {
	if c.private.subject(&f.Subject, f.VLAN, f.Domain) || c.private.subject(&f.Peer, f.VLAN, f.Domain) {
		c.private.leaveOut(f.Last, 0, 1)
		return
	}
	c.weakness.Finding = f
	n := &c.weakness
	n.Count = max(1, n.Count)
	h := c.hashWeakness(n)
	if held := c.findings.find(h, n); held != nil {
		if held.Count == 0 {
			held.First = n.First
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

// Flow passes a record on, unless an end is in a personal network.
func (c *Collector) Flow(f *model.Flow) {
	if c.private.flow(f) {
		c.private.leaveOut(f.End, f.InitiatorPackets+f.ResponderPackets, 1)
		return
	}
	c.sink.Flow(f)
}

// Advance tells the packets' time. At refresh, claims that went on are reported with their
// counts, and claims that did not are forgotten.
func (c *Collector) Advance(now int64) {
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
	c.claims.forget(c.hashClaim, func(o *claim) { to.Observe(o.Observation) })
	c.findings.forget(c.hashWeakness, func(f *weakness) { to.Finding(f.Finding) })
	c.claims, c.findings = book[claim, *claim]{}, book[weakness, *weakness]{}
	to.overflow += c.overflow
	to.private.add(&c.private)
}

// Overflow is how many claims were passed on without being held, so that they may repeat.
func (c *Collector) Overflow() uint64 { return c.overflow }

// Flush reports every count that was not reported yet, in a stable order, and what privacy left out.
func (c *Collector) Flush() {
	// What was silent for a whole period is forgotten: first sight again when it comes back.
	due := make([]*claim, 0, c.claims.used)
	c.claims.forget(c.hashClaim, func(o *claim) { due = append(due, o) })
	slices.SortFunc(due, func(a, b *claim) int { return compareObservations(&a.Observation, &b.Observation) })
	for _, o := range due {
		c.sink.Observation(&o.Observation)
		o.Count = 0
	}
	weak := make([]*weakness, 0, c.findings.used)
	c.findings.forget(c.hashWeakness, func(f *weakness) { weak = append(weak, f) })
	slices.SortFunc(weak, func(a, b *weakness) int { return compareFindings(&a.Finding, &b.Finding) })
	for _, f := range weak {
		c.sink.Finding(&f.Finding)
		f.Count = 0
	}
	for _, l := range c.private.losses() {
		c.sink.Loss(&l)
	}
}

func compareObservations(a, b *model.Observation) int {
	return cmp.Or(cmp.Compare(a.First, b.First), compareSubjects(a.Subject, b.Subject), cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.Source, b.Source), cmp.Compare(a.Value, b.Value), cmp.Compare(a.Domain, b.Domain))
}

// compareFindings orders by first sight, then by the finding's key as Finding.Key joins it.
func compareFindings(a, b *model.Finding) int {
	return cmp.Or(cmp.Compare(a.First, b.First), compareSubjects(a.Subject, b.Subject), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.Service, b.Service), cmp.Compare(a.Detail, b.Detail), compareSubjects(a.Peer, b.Peer), cmp.Compare(a.Evidence, b.Evidence),
		cmp.Compare(a.Domain, b.Domain))
}

func compareSubjects(a, b model.Subject) int {
	return cmp.Or(cmp.Compare(a.Addr.Hi, b.Addr.Hi), cmp.Compare(a.Addr.Lo, b.Addr.Lo), cmp.Compare(a.MAC, b.MAC), cmp.Compare(a.Part, b.Part))
}
