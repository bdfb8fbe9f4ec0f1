package inventory

import (
	"cmp"
	"slices"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
)

// Inventory is a resolved state: devices in the order of their ids, and who had which address
// when. It is immutable.
type Inventory struct {
	Devices  []Device
	Bindings []Binding
	Places   Places

	byID   map[string]int
	byAddr map[addrKey][]int // into Bindings, by time
	byMAC  map[macKey][]int
	realms []model.Realm
}

// Of is an inventory of given devices, without bindings.
func Of(devices []Device) *Inventory {
	v := &Inventory{Devices: devices}
	v.index()
	return v
}

func (v *Inventory) index() {
	slices.SortFunc(v.Devices, func(a, b Device) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(v.Bindings, func(a, b Binding) int {
		return cmp.Or(cmp.Compare(a.Realm, b.Realm), compareAddr(a.Addr, b.Addr), cmp.Compare(a.First, b.First), cmp.Compare(a.MAC, b.MAC), strings.Compare(a.Device, b.Device))
	})
	v.byID = make(map[string]int, len(v.Devices))
	for i := range v.Devices {
		v.byID[v.Devices[i].ID] = i
		for _, e := range v.Devices[i].Endpoints[min(1, len(v.Devices[i].Endpoints)):] {
			v.byID[e.ID()] = i // by the id that it had before it was joined, too
		}
	}
	v.byAddr, v.byMAC = map[addrKey][]int{}, map[macKey][]int{}
	seen := map[model.Realm]bool{}
	for i := range v.Bindings {
		b := &v.Bindings[i]
		seen[b.Realm] = true
		if b.Addr.IsZero() {
			v.byMAC[macKey{b.Realm, b.MAC}] = append(v.byMAC[macKey{b.Realm, b.MAC}], i)
			continue
		}
		k := addrKey{b.Realm, b.Addr}
		v.byAddr[k] = append(v.byAddr[k], i)
	}
	v.realms = sortedKeys(seen, func(a, b model.Realm) int { return cmp.Compare(a, b) })
}

// Device returns the device of that id, nil when there is none.
func (v *Inventory) Device(id string) *Device {
	if i, ok := v.byID[id]; ok {
		return &v.Devices[i]
	}
	return nil
}

// At is the device that had an address around a time (Unix nanoseconds), nil when none did. The
// link address decides where an address repeats, and may be zero or a router's.
func (v *Inventory) At(r model.Realm, a model.Addr, m model.MAC, at int64) *Device {
	var best *Binding
	for _, i := range v.byAddr[addrKey{r, a}] {
		b := &v.Bindings[i]
		if best == nil || nearer(b, best, m, at) {
			best = b
		}
	}
	if best != nil {
		return v.Device(best.Device)
	}
	if a.IsZero() {
		for _, i := range v.byMAC[macKey{r, m}] {
			return v.Device(v.Bindings[i].Device)
		}
	}
	return nil
}

func nearer(a, b *Binding, m model.MAC, at int64) bool {
	if m != 0 && (a.MAC == m) != (b.MAC == m) {
		return a.MAC == m
	}
	return nearerSpan(span{first: a.First, last: a.Last}, span{first: b.First, last: b.Last}, at)
}

func (b *Binding) distance(t int64) int64 { return max(b.First-t, t-b.Last, 0) }

// FindAddress lists who had an address, in every realm, newest first. With at != 0 only those
// who had it then, or the nearest in each realm when nobody was seen with it at that moment.
func (v *Inventory) FindAddress(a model.Addr, at int64) []Binding {
	var out []Binding
	for _, r := range v.realms {
		out = append(out, v.choose(v.byAddr[addrKey{r, a}], at)...)
	}
	return newestFirst(out)
}

// FindMAC lists whose link address it is, in every realm.
func (v *Inventory) FindMAC(m model.MAC) []Binding {
	var out []Binding
	for _, r := range v.realms {
		out = append(out, v.choose(v.byMAC[macKey{r, m}], 0)...)
	}
	return newestFirst(out)
}

func (v *Inventory) choose(is []int, at int64) []Binding {
	var out []Binding
	var near *Binding
	for _, i := range is {
		b := &v.Bindings[i]
		if at == 0 || b.distance(at) == 0 {
			out = append(out, *b)
		}
		if near == nil || b.distance(at) < near.distance(at) {
			near = b
		}
	}
	if len(out) == 0 && near != nil {
		out = append(out, *near)
	}
	return out
}

func newestFirst(bs []Binding) []Binding {
	slices.SortStableFunc(bs, func(a, b Binding) int { return cmp.Compare(b.Last, a.Last) })
	return bs
}
