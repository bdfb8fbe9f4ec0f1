package store

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"golang.org/x/sync/errgroup"

	"github.com/wardscope/wardscope/hub/store/row"
	"github.com/wardscope/wardscope/internal/model"
)

// edgeQuery is what the edge templates read.
type edgeQuery struct {
	EdgeFilter
	span
	Outside bool  // only edges with an end outside the known ranges
	Shared  bool  // some of them were seen by several vantages
	Few     bool  // and those are bound by number
	Known   []int // places of the known ranges among the arguments, from 1, when they are few
}

// fewShared is how many numbers are bound: a server takes 128 KiB in one
// HTTP parameter, and evaluating the set more than once costs little by then.
const fewShared = 5000

// fewKnown is up to how many known ranges comparing each edge costs less than making a set of all
// addresses outside of them.
const fewKnown = 32

// Narrow says whether edges are chosen by what their numbers stand for.
func (q edgeQuery) Narrow() bool {
	return q.Outside || q.Realm != "" || len(q.Addrs) > 0 || q.Port != 0 || len(q.Services) > 0
}

// span splits a period of hours: whole days are read from the table of days,
// the rest from that of hours.
type span struct {
	Whole              bool      // there are whole days
	WholeFrom, WholeTo time.Time // half-open; zero bounds are open
	Ends               bool      // there are hours before or after them
}

func spanOf(p Period) span {
	var s span
	from, to := p.From.UTC().Truncate(time.Hour), p.To.UTC()
	if t := to.Truncate(time.Hour); t.Before(to) {
		to = t.Add(time.Hour)
	}
	if !p.From.IsZero() {
		if s.WholeFrom = from.Truncate(day); s.WholeFrom.Before(from) {
			s.WholeFrom = s.WholeFrom.Add(day)
		}
		s.Ends = s.WholeFrom.After(from)
	}
	if !p.To.IsZero() {
		s.WholeTo = to.Truncate(day)
		s.Ends = s.Ends || s.WholeTo.Before(to)
	}
	s.Whole = p.From.IsZero() || p.To.IsZero() || s.WholeFrom.Before(s.WholeTo)
	s.Ends = s.Ends || !s.Whole
	return s
}

const day = 24 * time.Hour

// Edges returns who talked to whom, most octets first.
func (s *Store) Edges(ctx context.Context, f EdgeFilter) ([]Edge, error) {
	var args arguments
	args.add("limit", limitOr(f.Limit, 10_000, 5_000_000))
	found, err := s.edges(ctx, edgeQuery{EdgeFilter: f}, args)
	return row.Map(found, func(e External) Edge { return e.Edge }), err
}

// External returns the edges that leave the known ranges, most octets first.
func (s *Store) External(ctx context.Context, f ExternalFilter) ([]External, error) {
	var args arguments
	args.addrs("known_from", row.Map(f.Known, func(r AddrRange) model.Addr { return r.From }))
	args.addrs("known_to", row.Map(f.Known, func(r AddrRange) model.Addr { return r.To }))
	args.add("limit", limitOr(f.Limit, 100_000, 5_000_000))
	q := edgeQuery{EdgeFilter: EdgeFilter{Scope: f.Scope, Period: f.Period}, Outside: true}
	if len(f.Known) <= fewKnown {
		for i := range f.Known {
			q.Known = append(q.Known, i+1)
		}
	}
	out, err := s.edges(ctx, q, args)
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

func (s *Store) edges(ctx context.Context, q edgeQuery, args arguments) ([]External, error) {
	q.span = spanOf(q.Period)
	args.scope(q.Scope)
	args.seconds(q.Period)
	args.add("whole_from", max(q.WholeFrom.Unix(), 0))
	args.add("whole_to", max(q.WholeTo.Unix(), 0))
	args.addrs("addrs", q.Addrs)
	args.addrs("peers", q.Peers)
	args.add("port", q.Port)
	args.add("services", q.Services)
	var known vantages
	var shared []uint64
	reads, both := errgroup.WithContext(ctx)
	reads.Go(func() (err error) {
		known, err = s.vantages(both)
		return err
	})
	reads.Go(func() (err error) {
		shared, err = s.sharedEdges(both, q, args)
		return err
	})
	if err := reads.Wait(); err != nil {
		return nil, err
	}
	if q.Shared, q.Few = len(shared) > 0, len(shared) <= fewShared; q.Shared && q.Few {
		args.add("shared", shared)
	}
	var out []External
	err := s.read(ctx, "edges.sql", q, args, func(rows driver.Rows) error {
		var e External
		var initiator, responder netip.Addr
		var first, last int64
		var one uint64
		var several []uint64
		into := []any{(*string)(&e.Realm), &initiator, &responder, &e.Protocol, &e.Port, &e.Service,
			&e.InitiatorOctets, &e.ResponderOctets, &e.InitiatorPackets, &e.ResponderPackets, &e.Flows, &e.EncryptedFlows,
			&first, &last, &one, &several}
		if q.Outside {
			into = append(into, &e.ServerNames)
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		e.Initiator, e.Responder = modelAddr(initiator), modelAddr(responder)
		e.First, e.Last = time.UnixMicro(first).UTC(), time.UnixMicro(last).UTC()
		known.tell(&e.Edge, one, several)
		out = append(out, e)
		return nil
	})
	return out, err
}

// sharedEdges lists edges that several vantages saw: one too many when they are not few.
func (s *Store) sharedEdges(ctx context.Context, q edgeQuery, args arguments) ([]uint64, error) {
	args = slices.Clone(args)
	args.add("few", fewShared)
	var out []uint64
	err := s.read(ctx, "shared_edges.sql", q, args, func(rows driver.Rows) error {
		var n uint64
		err := rows.Scan(&n)
		out = append(out, n)
		return err
	})
	return out, err
}

// vantage is a place from which edges were seen. Most edges have one: those
// of one vantage share its lists.
type vantage struct {
	sites []model.SiteID
	names []string
}

type vantages map[uint64]vantage

func (s *Store) vantages(ctx context.Context) (vantages, error) {
	out := vantages{}
	err := s.read(ctx, "vantages.sql", nil, nil, func(rows driver.Rows) error {
		var number uint64
		var site, name string
		err := rows.Scan(&number, &site, &name)
		out[number] = vantage{[]model.SiteID{model.SiteID(site)}, []string{name}}
		return err
	})
	return out, err
}

// tell sets where an edge was seen: from one vantage, unless several are given.
func (v vantages) tell(e *Edge, one uint64, several []uint64) {
	if len(several) == 0 {
		e.Sites, e.Vantages = v[one].sites, v[one].names
		return
	}
	for _, n := range several {
		e.Sites, e.Vantages = append(e.Sites, v[n].sites...), append(e.Vantages, v[n].names...)
	}
	slices.Sort(e.Sites)
	slices.Sort(e.Vantages)
	e.Sites, e.Vantages = slices.Compact(e.Sites), slices.Compact(e.Vantages)
}
