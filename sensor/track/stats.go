package track

import (
	"math"
	"math/bits"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/decode"
)

const (
	minute = 60e9 // nanoseconds

	// fewConversations is below what a share of one-way conversations says nothing.
	fewConversations = 20

	hostBits    = 11 // 2,048 registers: 2.3 % standard error (Flajolet et al., HyperLogLog, 2007)
	hostBuckets = 1 << hostBits
	maxBuckets  = 8192 // open at once; more VLANs than that in a few minutes are an attack
	nearBuckets = 64
)

// Bucket holds the statistics of one domain, VLAN and minute. Buckets of several tables with one
// Seed can be merged.
type Bucket struct {
	stats model.Stats
	hosts [hostBuckets]uint8
}

// packet counts a packet.
func (b *Bucket) packet(p *decode.Packet) {
	b.stats.Packets++
	b.stats.Octets += uint64(p.WireLen)
	if p.Truncated {
		b.stats.Truncated++
	}
	if p.Undecoded {
		b.stats.Undecoded++
	}
}

// host notes that an address sends.
func (b *Bucket) host(s *Seed, a model.Addr) {
	if a.IsUnspecified() || a.IsMulticast() {
		return
	}
	h := mum(mum(a.Lo^s[0], a.Hi^s[1])^s[2], s[3])
	i := h & (hostBuckets - 1)
	b.hosts[i] = max(b.hosts[i], uint8(bits.LeadingZeros64(h|1<<hostBits-1)+1))
}

// Merge adds another bucket's counts: of another table, or another minute for a longer period.
func (b *Bucket) Merge(o *Bucket) {
	s, from := &b.stats, &o.stats
	s.Packets += from.Packets
	s.Octets += from.Octets
	s.TCPConversations += from.TCPConversations
	s.TCPOneWay += from.TCPOneWay
	s.UnseenAckedOctets += from.UnseenAckedOctets
	s.Duplicates += from.Duplicates
	s.Truncated += from.Truncated
	s.Undecoded += from.Undecoded
	for i, v := range o.hosts {
		b.hosts[i] = max(b.hosts[i], v)
	}
}

// Key names what the bucket is about; minute is its start in Unix nanoseconds.
func (b *Bucket) Key() (domain model.DomainID, vlan uint16, minute int64) {
	return b.stats.Domain, b.stats.VLAN, b.stats.Minute
}

// Stats is the bucket as an event. Drops and Interfaces are the caller's to add.
func (b *Bucket) Stats() model.Stats {
	s := b.stats
	s.Hosts = b.count()
	s.TooLittle = s.TCPConversations < fewConversations
	return s
}

// count estimates how many hosts there are: linear counting for few, HyperLogLog for many.
func (b *Bucket) count() uint64 {
	const m = float64(hostBuckets)
	sum, empty := 0.0, 0
	for _, v := range b.hosts {
		sum += math.Ldexp(1, -int(v))
		if v == 0 {
			empty++
		}
	}
	estimate := 0.7213 / (1 + 1.079/m) * m * m / sum
	if estimate <= 2.5*m && empty > 0 {
		estimate = m * math.Log(m/float64(empty))
	}
	return uint64(estimate + 0.5)
}

type bucketKey struct {
	domain model.DomainID
	vlan   uint16
	minute int64
}

// buckets finds the bucket of a packet; the last used are found without hashing.
type buckets struct {
	open map[bucketKey]*Bucket
	near [nearBuckets]*Bucket
	free []*Bucket
}

func (s *buckets) init() { s.open = map[bucketKey]*Bucket{} }

func (s *buckets) of(domain model.DomainID, vlan uint16, time int64) *Bucket {
	near := &s.near[(uint(vlan)^uint(domain)<<3)&(nearBuckets-1)]
	if b := *near; b != nil && b.stats.VLAN == vlan && b.stats.Domain == domain && uint64(time-b.stats.Minute) < minute {
		return b
	}
	b := s.find(bucketKey{domain: domain, vlan: vlan, minute: time - time%minute})
	*near = b
	return b
}

func (s *buckets) find(k bucketKey) *Bucket {
	if b := s.open[k]; b != nil {
		return b
	}
	if len(s.open) >= maxBuckets { // lump the rest together
		k.vlan = 0
		if b := s.open[k]; b != nil {
			return b
		}
	}
	var b *Bucket
	if n := len(s.free); n > 0 {
		b, s.free = s.free[n-1], s.free[:n-1]
	} else {
		b = new(Bucket)
	}
	*b = Bucket{stats: model.Stats{Domain: k.domain, VLAN: k.vlan, Minute: k.minute}}
	s.open[k] = b
	return b
}

// DrainStats hands out the buckets of all minutes that ended before a time, and forgets them; the
// bucket is valid during the call. Packets that come later begin a new bucket of the same key.
func (t *Table) DrainStats(before int64, emit func(*Bucket)) {
	for k, b := range t.buckets.open {
		if before < math.MaxInt64-minute && k.minute+minute > before {
			continue
		}
		emit(b)
		delete(t.buckets.open, k)
		t.buckets.free = append(t.buckets.free, b)
	}
	clear(t.buckets.near[:])
}
