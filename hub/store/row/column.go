package row

import (
	"net/netip"
	"time"

	"github.com/wardscope/wardscope/internal/model"
)

// Column is one column of a table: its name and how to take it from rows.
type Column[T any] struct {
	Name   string
	Values func(rows []T) any // a slice of the driver's Go type
}

// col makes a column from a function on one row; V is the driver's Go type.
func col[T, V any](name string, get func(*T) V) Column[T] {
	return Column[T]{name, func(rows []T) any {
		out := make([]V, len(rows))
		for i := range rows {
			out[i] = get(&rows[i])
		}
		return out
	}}
}

// The range of event times that a column of hours can hold. A sensor's clock
// or a hostile capture may say anything; ingest reports what lies far off.
const (
	minEvent = int64(0)                             // 1970
	maxEvent = int64(4_291_747_200) * 1_000_000_000 // 2106-01-01, nanoseconds
)

func eventTime(ns int64) time.Time {
	return time.Unix(0, min(max(ns, minEvent), maxEvent)).UTC()
}

// Address is the stored form of an address: none is "::".
func Address(a model.Addr) netip.Addr {
	if a.IsZero() {
		return netip.IPv6Unspecified()
	}
	return netip.AddrFrom16(a.As16())
}

func addresses(list []model.Addr) []netip.Addr {
	out := make([]netip.Addr, len(list))
	for i, a := range list {
		out[i] = Address(a)
	}
	return out
}

// MACs is the stored form of link addresses.
func MACs(list []model.MAC) []uint64 {
	out := make([]uint64, len(list))
	for i, m := range list {
		out[i] = uint64(m)
	}
	return out
}

// offsetMicros is the stored unit of clock offsets; it stays within ten years,
// which keeps corrected times in range.
func offsetMicros(ns int64) int64 {
	const limit = int64(10 * 365 * 24 * time.Hour)
	return min(max(ns, -limit), limit) / 1000
}

// stampFields are the columns that each event table has.
func stampFields[T any](stamp func(*T) *Stamp, domain func(*T) model.DomainID) []Column[T] {
	return []Column[T]{
		col("site", func(r *T) string { return string(stamp(r).Site) }),
		col("realm", func(r *T) string { return string(stamp(r).Realm) }),
		col("sensor", func(r *T) string { return string(stamp(r).Sensor) }),
		col("domain", func(r *T) uint32 { return uint32(domain(r)) }),
		col("received", func(r *T) time.Time { return stamp(r).Receive }),
		col("clock_offset", func(r *T) int64 { return offsetMicros(stamp(r).ClockOffset) }),
		col("epoch", func(r *T) uint64 { return stamp(r).Epoch }),
		col("sequence", func(r *T) uint64 { return stamp(r).Sequence }),
		col("row", func(r *T) uint32 { return stamp(r).Row }),
	}
}

// Map makes a list of another.
func Map[T, V any](list []T, get func(T) V) []V {
	out := make([]V, len(list))
	for i, v := range list {
		out[i] = get(v)
	}
	return out
}

func bit(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

// known keeps a time within the columns' range; the zero time becomes 1970.
func known(t time.Time) time.Time {
	if t.IsZero() {
		return time.Unix(0, 0).UTC()
	}
	return t
}
