package flowmap

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wardscope/wardscope/hub/store"
)

// Level is what a map's nodes are.
type Level uint8

// The levels.
const (
	Site   Level = iota // sites, partners and the internet
	Group               // zones, else device types
	Device              // devices, and addresses that are none
)

// Edge is the traffic of one service from initiators to responders.
type Edge struct {
	Initiator, Responder End    // of the largest part; valid for all of it at level Device
	From, To             string // names of the nodes
	Service              string // name, or "tcp/1234" when the content was not recognised
	Port                 uint16 // of the largest part
	Protocol             uint8
	Flows                uint64
	InitiatorOctets      uint64
	ResponderOctets      uint64
	EncryptedShare       float64 // of octets, by the share of encrypted flows in each part
	First, Last          time.Time
	Vantages             []string // that saw any of it, ascending
	Pairs                int      // distinct pairs of ends

	encrypted float64
	largest   uint64
	pair      [2]string          // the first
	pairs     map[[2]string]bool // nil while there is but one: most edges between devices have no other
}

// Label is the service of an edge, by content if known, else by transport and port.
func Label(service string, protocol uint8, port uint16) string {
	if service != "" {
		return service
	}
	name := "ip/" + strconv.Itoa(int(protocol))
	switch protocol {
	case 1, 58:
		return "icmp"
	case 6:
		name = "tcp/" + strconv.Itoa(int(port))
	case 17:
		name = "udp/" + strconv.Itoa(int(port))
	case 132:
		name = "sctp/" + strconv.Itoa(int(port))
	}
	return name
}

type edgeKey struct{ from, to, service string }

// Build adds edges up to a level, largest first. Keep may leave edges out; nil keeps all.
func Build(edges []store.Edge, r *Resolver, level Level, keep func(e *store.Edge, from, to *End) bool) []Edge {
	sums := map[edgeKey]*Edge{}
	for i := range edges {
		e := &edges[i]
		at := e.First.UnixNano()/2 + e.Last.UnixNano()/2
		from, to := r.End(e.Realm, e.Initiator, at), r.End(e.Realm, e.Responder, at)
		if keep != nil && !keep(e, &from, &to) {
			continue
		}
		fromKey, fromName := from.Node(level)
		toKey, toName := to.Node(level)
		k := edgeKey{fromKey, toKey, Label(e.Service, e.Protocol, e.Port)}
		sum := sums[k]
		if sum == nil {
			sum = &Edge{From: fromName, To: toName, Service: k.service, First: e.First, Last: e.Last}
			sums[k] = sum
		}
		sum.add(e, &from, &to)
	}
	return finish(sums)
}

func (s *Edge) add(e *store.Edge, from, to *End) {
	octets := e.InitiatorOctets + e.ResponderOctets
	if s.Pairs == 0 || octets > s.largest {
		s.largest, s.Port, s.Protocol, s.Initiator, s.Responder = octets, e.Port, e.Protocol, *from, *to
	}
	s.Flows += e.Flows
	s.InitiatorOctets += e.InitiatorOctets
	s.ResponderOctets += e.ResponderOctets
	if e.Flows > 0 {
		s.encrypted += float64(octets) * float64(e.EncryptedFlows) / float64(e.Flows)
	}
	if e.First.Before(s.First) {
		s.First = e.First
	}
	if e.Last.After(s.Last) {
		s.Last = e.Last
	}
	for _, v := range e.Vantages {
		if !slices.Contains(s.Vantages, v) { // few: the sensors on one path
			s.Vantages = append(s.Vantages, v)
		}
	}
	a, _ := from.Node(Device)
	b, _ := to.Node(Device)
	switch pair := [2]string{a, b}; {
	case s.Pairs == 0:
		s.pair, s.Pairs = pair, 1
	case s.pairs != nil:
		s.pairs[pair] = true
		s.Pairs = len(s.pairs)
	case pair != s.pair:
		s.pairs = map[[2]string]bool{s.pair: true, pair: true}
		s.Pairs = 2
	}
}

func finish(sums map[edgeKey]*Edge) []Edge {
	order := make([]*Edge, 0, len(sums))
	for _, s := range sums {
		slices.Sort(s.Vantages)
		if total := s.InitiatorOctets + s.ResponderOctets; total > 0 {
			s.EncryptedShare = min(s.encrypted/float64(total), 1)
		}
		s.pairs = nil
		order = append(order, s)
	}
	slices.SortFunc(order, func(a, b *Edge) int {
		if c := cmp.Compare(b.InitiatorOctets+b.ResponderOctets, a.InitiatorOctets+a.ResponderOctets); c != 0 {
			return c // nearly always: the names are not looked at
		}
		return cmp.Or(strings.Compare(a.From, b.From), strings.Compare(a.To, b.To), strings.Compare(a.Service, b.Service), compareAddr(a, b))
	})
	out := make([]Edge, len(order))
	for i, s := range order {
		out[i] = *s
	}
	return out
}

func compareAddr(a, b *Edge) int {
	return cmp.Or(a.Initiator.Addr.Netip().Compare(b.Initiator.Addr.Netip()), a.Responder.Addr.Netip().Compare(b.Responder.Addr.Netip()))
}
