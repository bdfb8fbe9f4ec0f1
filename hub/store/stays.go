package store

import (
	"context"
	"net/netip"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/wardscope/wardscope/internal/model"
)

// Stay is a time, within an hour, in which a link address was seen with an address. Claims are
// told again each hour while they hold, so a longer stay is a row of them.
type Stay struct {
	Site        model.SiteID
	Realm       model.Realm
	Addr        model.Addr
	MAC         model.MAC
	First, Last time.Time // corrected event time
}

// StayFilter selects addresses.
type StayFilter struct {
	Scope
	Addrs []model.Addr
}

// Stays calls each for the stays of the filter, by realm, address and begin, as far back as
// observations are kept; an error of each ends the read.
func (s *Store) Stays(ctx context.Context, f StayFilter, each func(Stay) error) error {
	var args arguments
	args.scope(f.Scope)
	args.addrs("addrs", f.Addrs)
	return s.read(ctx, "stays.sql", f, args, func(rows driver.Rows) error {
		var v Stay
		var addr netip.Addr
		var mac uint64
		if err := rows.Scan((*string)(&v.Site), (*string)(&v.Realm), &addr, &mac, &v.First, &v.Last); err != nil {
			return err
		}
		v.Addr, v.MAC = modelAddr(addr), model.MAC(mac)
		return each(v)
	})
}
