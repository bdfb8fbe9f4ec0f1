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
}

// Edges returns who talked to whom, most octets first.
func (s *Store) Edges(ctx context.Context, f EdgeFilter) ([]Edge, error) {
	var args arguments
	edgeArguments(&args, f)
	args.add("limit", limitOr(f.Limit, 10_000, 5_000_000))
	var out []Edge
	err := s.read(ctx, "edges.sql", edgeQuery{EdgeFilter: f}, args, func(rows driver.Rows) error {
		var e Edge
		var t edgeTargets
		if err := rows.Scan(t.of(&e)...); err != nil {
			return err
		}
		t.fill(&e)
		out = append(out, e)
		return nil
	})
	return out, err
}

// External returns the edges that leave the known ranges, most octets first.
func (s *Store) External(ctx context.Context, f ExternalFilter) ([]External, error) {
	q := edgeQuery{EdgeFilter: EdgeFilter{Scope: f.Scope, Period: f.Period}, Outside: true}
	var args arguments
	edgeArguments(&args, q.EdgeFilter)
	args.addrs("known_from", mapped(f.Known, func(r AddrRange) model.Addr { return r.From }))
	args.addrs("known_to", mapped(f.Known, func(r AddrRange) model.Addr { return r.To }))
	args.add("limit", limitOr(f.Limit, 100_000, 5_000_000))
	var out []External
	err := s.read(ctx, "external.sql", q, args, func(rows driver.Rows) error {
		var e External
		var t edgeTargets
		var initiator, responder uint8
		if err := rows.Scan(append(t.of(&e.Edge), &initiator, &responder, &e.ServerNames)...); err != nil {
			return err
		}
		t.fill(&e.Edge)
		e.InitiatorExternal, e.ResponderExternal = initiator != 0, responder != 0
		out = append(out, e)
		return nil
	})
	return out, err
}

func edgeArguments(args *arguments, f EdgeFilter) {
	args.scope(f.Scope)
	args.seconds(f.Period)
	args.addrs("addrs", f.Addrs)
	args.addrs("peers", f.Peers)
	args.add("port", f.Port)
	args.add("services", f.Services)
}

// edgeTargets takes the columns of edge_sums.sql that need conversion.
type edgeTargets struct {
	initiator, responder netip.Addr
	sites                []string
}

func (t *edgeTargets) of(e *Edge) []any {
	return []any{(*string)(&e.Realm), &t.initiator, &t.responder, &e.Protocol, &e.Port, &e.Service,
		&e.InitiatorOctets, &e.ResponderOctets, &e.InitiatorPackets, &e.ResponderPackets,
		&e.Flows, &e.EncryptedFlows, &e.First, &e.Last, &t.sites, &e.Vantages}
}

func (t *edgeTargets) fill(e *Edge) {
	e.Initiator, e.Responder = modelAddr(t.initiator), modelAddr(t.responder)
	e.Sites = mapped(t.sites, func(s string) model.SiteID { return model.SiteID(s) })
}
