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

type claimKey struct {
	subject       model.Subject
	domain        model.DomainID
	kind          model.Kind
	value, source string
}

type findingKey struct {
	kind                            model.FindingType
	rule, service, detail, evidence string
	subject, peer                   model.Subject
	domain                          model.DomainID
}

// Collector deduplicates the claims of one shard. It is a dissect.Sink and a track.Sink.
type Collector struct {
	cfg      Config
	sink     Sink
	claims   map[claimKey]*model.Observation
	findings map[findingKey]*model.Finding
	next     int64 // event time of the next refresh, Unix nanoseconds
	private  private
	overflow uint64
}

// NewCollector makes a Collector that reports to sink.
func NewCollector(cfg Config, sink Sink) *Collector {
	return &Collector{
		cfg: cfg, sink: sink, claims: map[claimKey]*model.Observation{}, findings: map[findingKey]*model.Finding{},
		private: newPrivate(cfg.Privacy),
	}
}

// Observe takes a claim. Same subject, kind, value and source: once, then refreshed with counts.
func (c *Collector) Observe(o model.Observation) {
	if c.private.subject(&o.Subject, o.VLAN, o.Domain) {
		c.private.leaveOut(o.Last, 0, 1)
		return
	}
	key := claimKey{o.Subject, o.Domain, o.Kind, o.Value, o.Source}
	if held, ok := c.claims[key]; ok {
		if held.Count == 0 {
			held.First = o.First
		}
		held.First, held.Last, held.Count = min(held.First, o.First), max(held.Last, o.Last), held.Count+max(1, o.Count)
		return
	}
	o.Count = max(1, o.Count)
	if len(c.claims) >= c.cfg.MaxClaims {
		c.overflow++
		c.sink.Observation(&o)
		return
	}
	if c.cfg.EmitFirst {
		c.sink.Observation(&o)
		o.Count = 0
	}
	c.claims[key] = &o
}

// Finding takes a weakness. Same key and peer: once, then refreshed with counts.
func (c *Collector) Finding(f model.Finding) {
	if c.private.subject(&f.Subject, f.VLAN, f.Domain) || c.private.subject(&f.Peer, f.VLAN, f.Domain) {
		c.private.leaveOut(f.Last, 0, 1)
		return
	}
	key := findingKey{f.Type, f.Rule, f.Service, f.Detail, f.Evidence, f.Subject, f.Peer, f.Domain}
	if held, ok := c.findings[key]; ok {
		if held.Count == 0 {
			held.First = f.First
		}
		held.First, held.Last, held.Count = min(held.First, f.First), max(held.Last, f.Last), held.Count+max(1, f.Count)
		return
	}
	f.Count = max(1, f.Count)
	if len(c.findings) >= c.cfg.MaxClaims {
		c.overflow++
		c.sink.Finding(&f)
		return
	}
	if c.cfg.EmitFirst {
		c.sink.Finding(&f)
		f.Count = 0
	}
	c.findings[key] = &f
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

// Overflow is how many claims were passed on without being held, so that they may repeat.
func (c *Collector) Overflow() uint64 { return c.overflow }

// Flush reports every count that was not reported yet, in a stable order, and what privacy left out.
func (c *Collector) Flush() {
	due := make([]*model.Observation, 0, len(c.claims))
	for key, o := range c.claims {
		if o.Count == 0 {
			delete(c.claims, key) // silent for a whole period: first sight again when it comes back
			continue
		}
		due = append(due, o)
	}
	slices.SortFunc(due, compareObservations)
	for _, o := range due {
		c.sink.Observation(o)
		o.Count = 0
	}
	weak := make([]*model.Finding, 0, len(c.findings))
	for key, f := range c.findings {
		if f.Count == 0 {
			delete(c.findings, key)
			continue
		}
		weak = append(weak, f)
	}
	slices.SortFunc(weak, func(a, b *model.Finding) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Key(), b.Key()), compareSubjects(a.Peer, b.Peer), cmp.Compare(a.Evidence, b.Evidence))
	})
	for _, f := range weak {
		c.sink.Finding(f)
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

func compareSubjects(a, b model.Subject) int {
	return cmp.Or(cmp.Compare(a.Addr.Hi, b.Addr.Hi), cmp.Compare(a.Addr.Lo, b.Addr.Lo), cmp.Compare(a.MAC, b.MAC), cmp.Compare(a.Part, b.Part))
}
