package store

import (
	"context"
	"net/netip"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/wardscope/wardscope/internal/model"
)

// Usage is a service that an address offers, and answered, or uses.
type Usage struct {
	Site        model.SiteID
	Realm       model.Realm
	Addr        model.Addr
	Offers      bool
	Service     string
	Peers       uint64 // distinct other ends
	First, Last time.Time
	Flows       uint64
}

// Usages calls each for every service that an address of the scope offers or
// uses, by site, realm, address and service; an error of each ends the read.
func (s *Store) Usages(ctx context.Context, scope Scope, each func(Usage) error) error {
	var args arguments
	args.scope(scope)
	return s.read(ctx, "usages.sql", scope, args, func(rows driver.Rows) error {
		var u Usage
		var addr netip.Addr
		if err := rows.Scan((*string)(&u.Site), (*string)(&u.Realm), &addr, &u.Offers, &u.Service, &u.Peers, &u.First, &u.Last, &u.Flows); err != nil {
			return err
		}
		u.Addr = modelAddr(addr)
		return each(u)
	})
}
