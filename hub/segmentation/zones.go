package segmentation

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wardscope/wardscope/hub/flowmap"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/filter"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
)

// Unzoned is the group of devices that no zone takes.
const Unzoned = "unzoned"

// SelectorError says which zone has a selector that cannot be read, and why.
type SelectorError struct {
	Index int // in the order of declaration, from 0
	Zone  string
	Err   error // a *filter.Error
}

// Error names the zone.
func (e *SelectorError) Error() string {
	return fmt.Sprintf("zone %q: selector: %v", e.Zone, e.Err)
}

// Unwrap gives the *filter.Error.
func (e *SelectorError) Unwrap() error { return e.Err }

type zone struct {
	name     string
	selector *filter.Filter
}

// Zones are selectors in the order in which they are tried.
type Zones struct{ list []zone }

// New reads the declared selectors; its error joins a *SelectorError for each that is wrong.
func New(doc state.Zones) (*Zones, error) {
	z := &Zones{}
	var errs []error
	for i, d := range doc.Zones {
		f, err := filter.Parse(d.Selector, inventory.Schema)
		if err != nil {
			errs = append(errs, &SelectorError{Index: i, Zone: d.Name, Err: err})
			continue
		}
		z.list = append(z.list, zone{d.Name, f})
	}
	return z, errors.Join(errs...)
}

// Len counts the zones.
func (z *Zones) Len() int { return len(z.list) }

// Of is the zone of a device: the first whose selector takes it; its type when no zones are declared.
func (z *Zones) Of(d *inventory.Device) string {
	if len(z.list) == 0 {
		return flowmap.ByType(d)
	}
	for i := range z.list {
		if z.list[i].selector.Match(d.Field) {
			return z.list[i].name
		}
	}
	return Unzoned
}

// Count tells how many devices each zone takes.
func (z *Zones) Count(inv *inventory.Inventory) map[string]int {
	out := map[string]int{}
	for i := range inv.Devices {
		out[z.Of(&inv.Devices[i])]++
	}
	return out
}

// Cell is the traffic from one group to another.
type Cell struct {
	From, To string
	Flows    uint64
	Octets   uint64
	Services []string // most conversations first
	Pairs    int      // distinct pairs of ends
}

// Matrix is who talks to whom, by group.
type Matrix struct {
	Groups []string // zones in their order, then what lies outside all of them
	Cells  []Cell   // in the order of Groups
}

// NewMatrix adds the edges up between groups.
func NewMatrix(z *Zones, r *flowmap.Resolver, edges []store.Edge) Matrix {
	byZone := *r
	byZone.Group = z.Of
	cells := map[[2]string]*Cell{}
	flows := map[[2]string]map[string]uint64{}
	pairs := map[[2]string]map[[2]string]bool{}
	for i := range edges {
		e := &edges[i]
		at := e.First.UnixNano()/2 + e.Last.UnixNano()/2
		from, to := byZone.End(e.Realm, e.Initiator, at), byZone.End(e.Realm, e.Responder, at)
		k := [2]string{from.Group, to.Group}
		if cells[k] == nil {
			cells[k], flows[k], pairs[k] = &Cell{From: k[0], To: k[1]}, map[string]uint64{}, map[[2]string]bool{}
		}
		cells[k].Flows += e.Flows
		cells[k].Octets += e.InitiatorOctets + e.ResponderOctets
		flows[k][flowmap.Label(e.Service, e.Protocol, e.Port)] += max(e.Flows, 1)
		a, _ := from.Node(flowmap.Device)
		b, _ := to.Node(flowmap.Device)
		pairs[k][[2]string{a, b}] = true
	}
	m := Matrix{}
	order := map[string]int{}
	for i := range z.list {
		order[z.list[i].name] = i - len(z.list)
		m.Groups = append(m.Groups, z.list[i].name)
	}
	for k, c := range cells {
		c.Pairs = len(pairs[k])
		for s := range flows[k] {
			c.Services = append(c.Services, s)
		}
		slices.SortFunc(c.Services, func(a, b string) int {
			return cmp.Or(cmp.Compare(flows[k][b], flows[k][a]), strings.Compare(a, b))
		})
		m.Cells = append(m.Cells, *c)
		for _, g := range k {
			if !slices.Contains(m.Groups, g) {
				m.Groups = append(m.Groups, g)
			}
		}
	}
	place := func(a, b string) int { return cmp.Or(cmp.Compare(order[a], order[b]), strings.Compare(a, b)) }
	slices.SortFunc(m.Groups, place)
	slices.SortFunc(m.Cells, func(a, b Cell) int { return cmp.Or(place(a.From, b.From), place(a.To, b.To)) })
	return m
}
