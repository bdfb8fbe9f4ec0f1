package store

import (
	"context"
	"net/netip"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/wardscope/wardscope/internal/model"
)

// edgeQuery is what the edge templates read.
type edgeQuery struct {
	EdgeFilter
	Outside bool // only edges with an end outside the known ranges
	Few     bool // only the edges that are bound by number
}

// How many numbers are bound. A server takes 128 KiB in one HTTP parameter;
// in this process nothing limits them, but past some the scan is as good.
const (
	fewForServer = 5000
	fewForEngine = 50_000
)

// Edges returns who talked to whom, most octets first.
func (s *Store) Edges(ctx context.Context, f EdgeFilter) ([]Edge, error) {
	var args arguments
	args.add("limit", limitOr(f.Limit, 10_000, 5_000_000))
	found, err := s.edges(ctx, edgeQuery{EdgeFilter: f}, args)
	return mapped(found, func(e External) Edge { return e.Edge }), err
}

// External returns the edges that leave the known ranges, most octets first.
func (s *Store) External(ctx context.Context, f ExternalFilter) ([]External, error) {
	var args arguments
	args.addrs("known_from", mapped(f.Known, func(r AddrRange) model.Addr { return r.From }))
	args.addrs("known_to", mapped(f.Known, func(r AddrRange) model.Addr { return r.To }))
	args.add("limit", limitOr(f.Limit, 100_000, 5_000_000))
	out, err := s.edges(ctx, edgeQuery{EdgeFilter: EdgeFilter{Scope: f.Scope, Period: f.Period}, Outside: true}, args)
	for i := range out {
		out[i].InitiatorExternal = !within(out[i].Initiator, f.Known)
		out[i].ResponderExternal = !within(out[i].Responder, f.Known)
	}
	return out, err
}

func within(a model.Addr, ranges []AddrRange) bool {
	for _, r := range ranges {
		if !a.Less(r.From) && !r.To.Less(a) {
			return true
		}
	}
	return false
}

// edges sums edges by number, then asks what the numbers stand for: carrying
// six columns through three sums costs several times as much.
func (s *Store) edges(ctx context.Context, q edgeQuery, args arguments) ([]External, error) {
	args.scope(q.Scope)
	args.seconds(q.Period)
	args.addrs("addrs", q.Addrs)
	args.addrs("peers", q.Peers)
	args.add("port", q.Port)
	args.add("services", q.Services)
	index := map[uint64]int{}
	var numbers []uint64
	var out []External
	err := s.read(ctx, "edges.sql", q, args, func(rows driver.Rows) error {
		var e External
		var number uint64
		err := rows.Scan(&number, &e.InitiatorOctets, &e.ResponderOctets, &e.InitiatorPackets, &e.ResponderPackets, &e.Flows, &e.EncryptedFlows)
		index[number] = len(out)
		numbers = append(numbers, number)
		out = append(out, e)
		return err
	})
	if err != nil || len(out) == 0 {
		return nil, err
	}
	few := fewForServer
	if s.engine != nil {
		few = fewForEngine
	}
	if q.Few = len(out) <= few; q.Few {
		args.add("edges", numbers)
	}
	err = s.read(ctx, "edge_names.sql", q, args, func(rows driver.Rows) error {
		var e External
		var number uint64
		var initiator, responder netip.Addr
		var sites []string
		err := rows.Scan(&number, (*string)(&e.Realm), &initiator, &responder, &e.Protocol, &e.Port, &e.Service,
			&e.First, &e.Last, &sites, &e.Vantages, &e.ServerNames)
		i, ok := index[number]
		if err != nil || !ok { // beyond the limit
			return err
		}
		e.Initiator, e.Responder = modelAddr(initiator), modelAddr(responder)
		e.Sites = mapped(sites, func(s string) model.SiteID { return model.SiteID(s) })
		sums := out[i].Edge
		e.InitiatorOctets, e.ResponderOctets = sums.InitiatorOctets, sums.ResponderOctets
		e.InitiatorPackets, e.ResponderPackets = sums.InitiatorPackets, sums.ResponderPackets
		e.Flows, e.EncryptedFlows = sums.Flows, sums.EncryptedFlows
		out[i] = e
		return nil
	})
	return out, err
}
