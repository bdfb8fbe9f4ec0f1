package store

import (
	"context"
	"net/netip"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/wardscope/wardscope/internal/model"
)

// Sighting says that frames with a link address carried packets sent from an
// address. The link address may be a router's.
type Sighting struct {
	Site         model.SiteID
	Realm        model.Realm
	Addr         model.Addr
	MAC          model.MAC // 0 when the link has none
	VLAN         uint16
	First, Last  time.Time // corrected event time
	LastReceived time.Time
	Packets      uint64 // sent from the address
}

// Sightings calls each for every sighting of the scope, by site, realm,
// address, MAC and VLAN; an error of each ends the read.
func (s *Store) Sightings(ctx context.Context, scope Scope, each func(Sighting) error) error {
	var args arguments
	args.scope(scope)
	return s.read(ctx, "sightings.sql", scope, args, func(rows driver.Rows) error {
		var v Sighting
		var addr netip.Addr
		var mac uint64
		err := rows.Scan((*string)(&v.Site), (*string)(&v.Realm), &addr, &mac, &v.VLAN, &v.First, &v.Last, &v.LastReceived, &v.Packets)
		if err != nil {
			return err
		}
		v.Addr, v.MAC = modelAddr(addr), model.MAC(mac)
		return each(v)
	})
}

// Totals says how much is held. Times are zero when nothing is.
type Totals struct {
	Flows, Observations, Findings uint64
	First, Last                   time.Time // corrected event time
	LastReceived                  time.Time
}

// Totals counts what is held.
func (s *Store) Totals(ctx context.Context) (Totals, error) {
	var t Totals
	err := s.read(ctx, "totals.sql", nil, nil, func(rows driver.Rows) error {
		var flows, claims struct{ first, last time.Time }
		if err := rows.Scan(&t.Flows, &t.Observations, &t.Findings, &flows.first, &flows.last, &claims.first, &claims.last, &t.LastReceived); err != nil {
			return err
		}
		for _, span := range []struct{ first, last time.Time }{flows, claims} {
			if span.last.Unix() <= 0 {
				continue // an aggregate over nothing is 1970
			}
			if t.First.IsZero() || span.first.Before(t.First) {
				t.First = span.first
			}
			if span.last.After(t.Last) {
				t.Last = span.last
			}
		}
		if t.LastReceived.Unix() <= 0 {
			t.LastReceived = time.Time{}
		}
		return nil
	})
	return t, err
}
