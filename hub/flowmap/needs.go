package flowmap

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/store"
)

// indirectly is what a need is worth one step further on: who needs a server also needs, less
// urgently, what that server needs.
const indirectly = 0.5

// MaxSteps is how far needs are followed.
const MaxSteps = 3

// Need is one service that a device offers to others, or uses of others.
type Need struct {
	Service  string
	Port     uint16 // of the largest part
	Protocol uint8
	Peers    []*inventory.Device // heaviest first
	Others   int                 // ends that are no device of ours, such as a hosted system
	Outside  []string            // their names, at most a few
	Kinds    []Count             // of Peers
	Weight   float64             // of the needs
	Octets   uint64
	First    time.Time
	Last     time.Time

	seen    map[string]bool
	largest uint64
}

// Count is how many devices of a kind there are.
type Count struct {
	Kind    *Kind
	Devices int
	Weight  float64
}

// Text is "14 modalities".
func (c Count) Text() string {
	if c.Devices == 1 {
		return "1 " + c.Kind.Name
	}
	return fmt.Sprintf("%d %s", c.Devices, c.Kind.Plural)
}

// Standing is what a device is to others.
type Standing struct {
	Device   *inventory.Device
	NeededBy []Need  // services it offers, heaviest first
	Needs    []Need  // services it uses
	Users    []Count // devices that need it directly, each once
	Indirect []Count // devices that need one of these, and not it directly
	Weight   float64 // by which devices are ordered
}

// Summary says it in a line: "needed by 14 modalities and 220 workstations".
func (s *Standing) Summary() string {
	text := "no device was seen to need it"
	if len(s.Users) > 0 {
		text = "needed by " + listed(s.Users)
	}
	if len(s.Indirect) > 0 {
		text += "; through these by " + listed(s.Indirect)
	}
	return text
}

func listed(counts []Count) string {
	const most = 4
	texts := make([]string, 0, most)
	rest := Count{Kind: &Kind{Name: "other device", Plural: "other devices"}}
	for i, c := range counts {
		if i < most-1 || i < most && len(counts) == most {
			texts = append(texts, c.Text())
			continue
		}
		rest.Devices += c.Devices
	}
	if rest.Devices > 0 {
		texts = append(texts, rest.Text())
	}
	if len(texts) == 1 {
		return texts[0]
	}
	return strings.Join(texts[:len(texts)-1], ", ") + " and " + texts[len(texts)-1]
}

// link is that one device needs another.
type link struct {
	peer    *inventory.Device
	weight  float64
	worth   float64 // of the service to who uses it
	service string  // of the weight
}

// passesOn is from what worth on a need makes who needs the user need the server as well: a PACS
// that is administered from a desk makes no modality need that desk.
const passesOn = 0.5

// Needs is who needs whom over a period.
type Needs struct {
	care    *Care
	devices map[string]*inventory.Device
	offers  map[string]map[string]*Need // device → service
	uses    map[string]map[string]*Need
	users   map[string]map[string]*link // device → who needs it
	servers map[string]map[string]*link // device → whom it needs
}

// answered reports that a responder served: a refusal is a single packet a flow, and discovery is
// no need.
func answered(e *store.Edge) bool {
	const tcp = 6
	return e.ResponderPackets > 0 && (e.Protocol != tcp || e.ResponderPackets > e.Flows)
}

// NewNeeds reads who needs whom from edges.
func NewNeeds(edges []store.Edge, r *Resolver, care *Care) *Needs {
	n := &Needs{care: care, devices: map[string]*inventory.Device{}, offers: map[string]map[string]*Need{}, uses: map[string]map[string]*Need{},
		users: map[string]map[string]*link{}, servers: map[string]map[string]*link{}}
	for i := range edges {
		e := &edges[i]
		label := Label(e.Service, e.Protocol, e.Port)
		worth := care.Service(e.Service)
		if worth == 0 || label == "icmp" || !answered(e) || e.Responder.IsMulticast() {
			continue
		}
		at := e.First.UnixNano()/2 + e.Last.UnixNano()/2
		from, to := r.End(e.Realm, e.Initiator, at), r.End(e.Realm, e.Responder, at)
		if from.Device == to.Device {
			continue
		}
		n.side(n.offers, &to, &from, e, label)
		n.side(n.uses, &from, &to, e, label)
		if from.Device != nil && to.Device != nil {
			weight := care.Kinds[care.Kind(from.Device)].Weight * worth
			strengthen(n.users, to.Device.ID, &link{from.Device, weight, worth, label})
			strengthen(n.servers, from.Device.ID, &link{to.Device, weight, worth, label})
		}
	}
	return n
}

func strengthen(links map[string]map[string]*link, id string, l *link) {
	m := links[id]
	if m == nil {
		m = map[string]*link{}
		links[id] = m
	}
	if old := m[l.peer.ID]; old == nil || l.weight > old.weight || l.weight == old.weight && l.service < old.service {
		m[l.peer.ID] = l
	}
}

func (n *Needs) side(side map[string]map[string]*Need, me, other *End, e *store.Edge, label string) {
	if me.Device == nil {
		return
	}
	n.devices[me.Device.ID] = me.Device
	m := side[me.Device.ID]
	if m == nil {
		m = map[string]*Need{}
		side[me.Device.ID] = m
	}
	need := m[label]
	if need == nil {
		need = &Need{Service: label, First: e.First, Last: e.Last, seen: map[string]bool{}}
		m[label] = need
	}
	octets := e.InitiatorOctets + e.ResponderOctets
	if need.Octets += octets; octets >= need.largest {
		need.largest, need.Port, need.Protocol = octets, e.Port, e.Protocol
	}
	if e.First.Before(need.First) {
		need.First = e.First
	}
	if e.Last.After(need.Last) {
		need.Last = e.Last
	}
	key, name := other.Node(Device)
	if need.seen[key] {
		return
	}
	need.seen[key] = true
	if other.Device != nil {
		need.Peers = append(need.Peers, other.Device)
		return
	}
	const few = 8
	if need.Others++; len(need.Outside) < few {
		need.Outside = append(need.Outside, cmp.Or(other.Partner, name))
	}
}

// Of is the standing of one device; steps is how far who needs it is followed, 1 is directly.
func (n *Needs) Of(d *inventory.Device, steps int) Standing {
	s := Standing{Device: d, NeededBy: n.list(n.offers[d.ID], d, true), Needs: n.list(n.uses[d.ID], d, false)}
	far := n.reach(d.ID, steps)
	s.Users, s.Weight = n.counts(far, 1, 1)
	indirect, weight := n.counts(far, 2, MaxSteps)
	s.Indirect, s.Weight = indirect, s.Weight+weight
	return s
}

// reached is a device that needs another, and over how many steps.
type reached struct {
	device *inventory.Device
	steps  int
	weight float64
}

// reach follows who needs a device, breadth first: each by its shortest way.
func (n *Needs) reach(id string, steps int) []reached {
	var out []reached
	seen := map[string]bool{id: true}
	frontier := []string{id}
	factor := 1.0
	for step := 1; step <= min(steps, MaxSteps); step++ {
		strongest := map[string]*link{}
		for _, at := range frontier {
			for peer, l := range n.users[at] {
				if old := strongest[peer]; !seen[peer] && (old == nil || l.weight > old.weight) {
					strongest[peer] = l
				}
			}
		}
		frontier = frontier[:0]
		for _, peer := range sortedIDs(strongest) {
			seen[peer] = true
			out = append(out, reached{strongest[peer].peer, step, strongest[peer].weight * factor})
			if strongest[peer].worth >= passesOn {
				frontier = append(frontier, peer)
			}
		}
		factor *= indirectly
	}
	return out
}

func sortedIDs[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for id := range m {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// counts adds devices up by kind, heaviest first.
func (n *Needs) counts(far []reached, from, to int) ([]Count, float64) {
	sums := make([]Count, len(n.care.Kinds))
	total := 0.0
	for _, r := range far {
		if r.steps < from || r.steps > to {
			continue
		}
		k := n.care.Kind(r.device)
		sums[k].Kind = &n.care.Kinds[k]
		sums[k].Devices++
		sums[k].Weight += r.weight
		total += r.weight
	}
	return heaviest(sums), total
}

// heaviest leaves out kinds that are not there, and orders the rest as the table does: by what a
// kind is to care, not by how many there are.
func heaviest(sums []Count) []Count {
	return slices.DeleteFunc(sums, func(c Count) bool { return c.Devices == 0 })
}

// list finishes the services of one side, heaviest first.
func (n *Needs) list(services map[string]*Need, me *inventory.Device, offered bool) []Need {
	out := make([]Need, 0, len(services))
	for _, name := range sortedIDs(services) {
		v := *services[name]
		worth := n.care.Service(v.Service)
		sums := make([]Count, len(n.care.Kinds))
		v.Peers = slices.Clone(v.Peers)
		slices.SortFunc(v.Peers, func(a, b *inventory.Device) int {
			return cmp.Or(cmp.Compare(n.care.Kind(a), n.care.Kind(b)), strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
		})
		weight := func(d *inventory.Device) float64 { return n.care.Kinds[n.care.Kind(d)].Weight * worth }
		for _, p := range v.Peers {
			k := n.care.Kind(p)
			sums[k].Kind = &n.care.Kinds[k]
			sums[k].Devices++
			if offered {
				sums[k].Weight += weight(p)
				v.Weight += weight(p)
			}
		}
		if !offered {
			v.Weight = weight(me)
		}
		v.Kinds = heaviest(sums)
		slices.Sort(v.Outside)
		out = append(out, v)
	}
	slices.SortStableFunc(out, func(a, b Need) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(len(b.Peers), len(a.Peers)), cmp.Compare(b.Octets, a.Octets))
	})
	return out
}

// Rank lists the devices that others need, heaviest first: Users, Indirect and Weight are set.
func (n *Needs) Rank(keep func(*inventory.Device) bool) []Standing {
	var out []Standing
	for _, id := range sortedIDs(n.users) {
		d := n.devices[id]
		if keep != nil && !keep(d) {
			continue
		}
		s := Standing{Device: d}
		far := n.reach(id, 2)
		s.Users, s.Weight = n.counts(far, 1, 1)
		indirect, weight := n.counts(far, 2, 2)
		s.Indirect, s.Weight = indirect, s.Weight+weight
		s.NeededBy = n.list(n.offers[id], d, true)
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b Standing) int { return cmp.Compare(b.Weight, a.Weight) })
	return out
}
