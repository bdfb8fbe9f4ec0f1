package stays

import (
	"cmp"
	"slices"
	"time"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/internal/model"
)

// silence is for how long a station that has an address may say nothing: claims are told again
// each hour, and a station that sleeps at night keeps its lease.
const silence = 12 * time.Hour

// Seen is a time in which a link address was seen with the address.
type Seen struct {
	Realm       model.Realm
	MAC         model.MAC
	First, Last int64 // Unix nanoseconds
}

type holder struct {
	realm model.Realm
	mac   model.MAC
}

// Split parts each binding of one address into its stays. A stay ends when the address was seen
// with another link address of the realm, or with none for long. A binding of which nothing was
// seen apart stays as it is; what it knows of its first and last moment is kept.
func Split(bindings []inventory.Binding, seen []Seen) []inventory.Binding {
	by := apart(seen)
	var out []inventory.Binding
	for _, b := range bindings {
		spans := by[holder{b.Realm, b.MAC}]
		if b.MAC == 0 || b.Addr.IsZero() || len(spans) == 0 {
			out = append(out, b)
			continue
		}
		for i, s := range spans {
			stay := b
			stay.First, stay.Last = s.First, s.Last
			if i == 0 {
				stay.First = min(b.First, s.First)
			}
			if i == len(spans)-1 {
				stay.Last = max(b.Last, s.Last)
			}
			out = append(out, stay)
		}
	}
	slices.SortStableFunc(out, func(a, b inventory.Binding) int { return cmp.Compare(b.Last, a.Last) })
	return out
}

// apart joins what was seen of a link address until another took the address over.
func apart(seen []Seen) map[holder][]Seen {
	seen = slices.Clone(seen)
	slices.SortFunc(seen, func(a, b Seen) int {
		return cmp.Or(cmp.Compare(a.Realm, b.Realm), cmp.Compare(a.First, b.First), cmp.Compare(a.MAC, b.MAC))
	})
	out := map[holder][]Seen{}
	for i, s := range seen {
		k := holder{s.Realm, s.MAC}
		list := out[k]
		if len(list) > 0 {
			last := &list[len(list)-1]
			if s.First-last.Last <= int64(silence) && !taken(seen[:i], s, last.Last) {
				last.Last = max(last.Last, s.Last)
				continue
			}
		}
		out[k] = append(list, s)
	}
	return out
}

// taken reports that another link address had the address wholly between two sightings of one.
func taken(before []Seen, s Seen, since int64) bool {
	for i := len(before) - 1; i >= 0 && before[i].Realm == s.Realm && before[i].First >= since; i-- {
		if o := before[i]; o.MAC != s.MAC && o.Last <= s.First {
			return true
		}
	}
	return false
}

// At chooses, in each realm, who had the address at a moment; the nearest when nobody did, the
// earlier of two.
func At(bindings []inventory.Binding, at int64) []inventory.Binding {
	var out []inventory.Binding
	nearest := map[model.Realm]inventory.Binding{}
	holds := map[model.Realm]bool{}
	for _, b := range bindings {
		if distance(&b, at) == 0 {
			out, holds[b.Realm] = append(out, b), true
		}
		if old, ok := nearest[b.Realm]; !ok || distance(&b, at) < distance(&old, at) || distance(&b, at) == distance(&old, at) && b.First < old.First {
			nearest[b.Realm] = b
		}
	}
	for realm, b := range nearest {
		if !holds[realm] {
			out = append(out, b)
		}
	}
	slices.SortStableFunc(out, func(a, b inventory.Binding) int {
		return cmp.Or(cmp.Compare(b.Last, a.Last), cmp.Compare(a.Realm, b.Realm))
	})
	return out
}

func distance(b *inventory.Binding, at int64) int64 { return max(b.First-at, at-b.Last, 0) }
