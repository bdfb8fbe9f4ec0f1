package inventory

import (
	"hash/maphash"
	"runtime"
	"sync"

	"github.com/wardscope/wardscope/hub/inventory/correction"
	"github.com/wardscope/wardscope/hub/inventory/identity"
	"github.com/wardscope/wardscope/hub/inventory/knowledge"
	"github.com/wardscope/wardscope/hub/inventory/weigh"
)

// Memory keeps what the last resolution concluded of each device, so that the next one weighs
// only those of which something else is known now. It changes no answer: what it gives back was
// concluded from the same facts by the same rules. The zero Memory is empty; it serves one
// resolution at a time.
type Memory struct {
	seed      maphash.Seed
	set       *knowledge.Set
	decisions *correction.Set
	places    Places
	day       int64 // support dates are held against days
	weighed   map[identity.Endpoint]remembered
	names     map[string]string                        // host name as claimed → as compared, "" when it is none
	ids       map[knowledge.Fact]*knowledge.Identifier // nil: identifies nothing

	reused, anew int
}

// remembered is a conclusion, and of what.
type remembered struct {
	sum        uint64
	attributes []Attribute
	facts      int
}

const nanosADay = 24 * 60 * 60 * 1_000_000_000

// begin forgets everything when what conclusions rest on besides facts has changed.
func (m *Memory) begin(in *Input, set *knowledge.Set) {
	m.reused, m.anew = 0, 0
	if m.weighed != nil && m.set == set && m.decisions == in.Decisions && m.places == in.Places && m.day == in.Now/nanosADay {
		return
	}
	*m = Memory{seed: maphash.MakeSeed(), set: set, decisions: in.Decisions, places: in.Places, day: in.Now / nanosADay,
		weighed: map[identity.Endpoint]remembered{}, names: map[string]string{}, ids: map[knowledge.Fact]*knowledge.Identifier{}}
}

// Reused tells of how many devices the last resolution took over what the one before concluded,
// and of how many it concluded anew.
func (m *Memory) Reused() (reused, anew int) { return m.reused, m.anew }

// maxNames bounds the memory of host names: they come from the network.
const maxNames = 1 << 18

// name is a claimed host name as it is compared; "" when it is none.
func (m *Memory) name(claimed string, set *knowledge.Set) string {
	v, ok := m.names[claimed]
	if ok {
		return v
	}
	if weigh.Usable(AttrHostname, claimed) && !set.Placeholder(claimed) {
		v = weigh.Compared(AttrHostname, claimed)
	}
	if len(m.names) >= maxNames {
		clear(m.names)
	}
	m.names[claimed] = v
	return v
}

// identifier is what a fact identifies a machine by, nil when it does not.
func (m *Memory) identifier(f knowledge.Fact, set *knowledge.Set) *knowledge.Identifier {
	if !set.MayIdentify(f.Kind) {
		return nil
	}
	id, ok := m.ids[f]
	if ok {
		return id
	}
	if found, is := set.Identifies(f); is {
		id = found
	}
	if len(m.ids) >= maxNames {
		clear(m.ids)
	}
	m.ids[f] = id
	return id
}

// sum is a fingerprint of the facts that a device is concluded from, in any order.
func (m *Memory) sum(facts []weigh.Fact) uint64 {
	var total uint64
	for i := range facts {
		f := &facts[i]
		var h maphash.Hash
		h.SetSeed(m.seed)
		for _, s := range [...]string{f.Kind, f.Source, f.Value, string(f.Site), string(f.Realm)} {
			_, _ = h.WriteString(s) // a hash never fails
			_ = h.WriteByte(0)
		}
		for _, s := range f.Sensors {
			_, _ = h.WriteString(string(s))
			_ = h.WriteByte(1)
		}
		for _, n := range [...]uint64{f.Addr.Hi, f.Addr.Lo, uint64(f.MAC), uint64(f.First), uint64(f.Last), f.Count} {
			var b [8]byte
			for k := range b {
				b[k] = byte(n >> (8 * k))
			}
			_, _ = h.Write(b[:])
		}
		total += h.Sum64()*0x9e3779b97f4a7c15 | 1
	}
	return total + uint64(len(facts))
}

// keep remembers what was concluded for the next time.
func (m *Memory) keep(ds []*draft) {
	m.weighed = make(map[identity.Endpoint]remembered, len(ds))
	for _, d := range ds {
		m.weighed[d.end] = remembered{d.sum, d.weighed, len(d.facts)}
		if d.reused {
			m.reused++
		} else {
			m.anew++
		}
	}
}

// weigh concludes the attributes of all devices, on all processors.
func (r *resolver) weigh(ds []*draft, out []Device) {
	var wg sync.WaitGroup
	chunk := (len(ds) + runtime.GOMAXPROCS(0) - 1) / max(runtime.GOMAXPROCS(0), 1)
	for begin := 0; begin < len(ds); begin += chunk {
		wg.Go(func() {
			for i := begin; i < min(begin+chunk, len(ds)); i++ {
				out[i] = r.device(ds[i])
			}
		})
	}
	wg.Wait()
}
