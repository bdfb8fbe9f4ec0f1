package store

import (
	"context"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/wardscope/wardscope/internal/model"
)

// Coverage returns what the sensors' views were worth in a period, by site,
// sensor, domain and VLAN.
func (s *Store) Coverage(ctx context.Context, scope Scope, period Period) ([]Coverage, error) {
	var args arguments
	args.scope(scope)
	args.micros(period)
	var out []Coverage
	err := s.read(ctx, "coverage.sql", struct {
		Scope
		Period
	}{scope, period}, args, func(rows driver.Rows) error {
		var c Coverage
		var domain uint32
		var dropPlaces, names []string
		var dropPackets []uint64
		var canSend, linkUp, sameAsHub []bool
		var reasons, remedies [][]string
		err := rows.Scan((*string)(&c.Site), (*string)(&c.Sensor), &domain, &c.VLAN, &c.Minutes, &c.TooLittleMinutes, &c.First, &c.Last,
			&c.Packets, &c.Octets, &c.Hosts, &c.TCPConversations, &c.TCPOneWay, &c.UnseenAckedOctets, &c.Duplicates, &c.Truncated, &c.Undecoded,
			&dropPlaces, &dropPackets, &names, &canSend, &linkUp, &sameAsHub, &reasons, &remedies)
		if err != nil {
			return err
		}
		c.Domain = model.DomainID(domain)
		for i, p := range dropPlaces {
			c.Drops = append(c.Drops, model.Drop{Place: places[p], Packets: dropPackets[i]})
		}
		for i, n := range names {
			c.Interfaces = append(c.Interfaces, model.Interface{Name: n, CanSend: canSend[i], LinkUp: linkUp[i],
				SameAsHub: sameAsHub[i], Reasons: reasons[i], Remedies: remedies[i]})
		}
		out = append(out, c)
		return nil
	})
	return out, err
}

// Ledger returns each sensor's account by boot: what its batches said they
// held and what ingest stored of it. Rows is left empty: see Recount.
func (s *Store) Ledger(ctx context.Context, scope Scope) ([]Ledger, error) {
	var out []Ledger
	var args arguments
	args.scope(scope)
	err := s.read(ctx, "ledger.sql", scope, args, func(rows driver.Rows) error {
		var l Ledger
		err := rows.Scan((*string)(&l.Site), (*string)(&l.Sensor), &l.Epoch, &l.Batches, &l.FirstSequence, &l.LastSequence,
			&l.Sealed.Flows, &l.Sealed.Observations, &l.Sealed.Findings, &l.Sealed.Losses, &l.Sealed.Stats,
			&l.Stored.Flows, &l.Stored.Observations, &l.Stored.Findings, &l.Stored.Losses, &l.Stored.Stats,
			&l.Dropped, &l.ClockOffset, &l.Version, &l.LastReceived, &l.Quarantined)
		l.ClockOffset *= 1000
		if l.Batches == 0 { // only in quarantine
			l.FirstSequence = 0
		}
		out = append(out, l)
		return err
	})
	return out, err
}

// Recount returns the ledger with what the tables really hold: it counts all rows.
func (s *Store) Recount(ctx context.Context, scope Scope) ([]Ledger, error) {
	type name struct {
		site, sensor string
		epoch        uint64
	}
	out, err := s.Ledger(ctx, scope)
	if err != nil {
		return nil, err
	}
	index := map[name]int{}
	for i := range out {
		index[name{string(out[i].Site), string(out[i].Sensor), out[i].Epoch}] = i
	}
	var args arguments
	args.scope(scope)
	err = s.read(ctx, "ledger_rows.sql", scope, args, func(rows driver.Rows) error {
		var n name
		var c Counts
		if err := rows.Scan(&n.site, &n.sensor, &n.epoch, &c.Flows, &c.Observations, &c.Findings, &c.Losses, &c.Stats); err != nil {
			return err
		}
		i, ok := index[n]
		if !ok { // rows without a ledger line: the account must show them
			i = len(out)
			out = append(out, Ledger{Site: model.SiteID(n.site), Sensor: model.SensorID(n.sensor), Epoch: n.epoch})
		}
		out[i].Rows = c
		return nil
	})
	return out, err
}
