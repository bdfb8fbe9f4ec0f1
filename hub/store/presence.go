package store

import (
	"context"
	"net/netip"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/wardscope/wardscope/internal/model"
)

// Presence is the days on which an address sent anything, by the corrected start of its flows.
type Presence struct {
	Realm model.Realm
	Addr  model.Addr
	Days  []time.Time // ascending, each at 00:00 UTC
}

// PresenceFilter selects addresses; nil means all of the scope.
type PresenceFilter struct {
	Scope
	Addrs []model.Addr
}

const secondsPerDay = 24 * 60 * 60

// Presence calls each for every address of the filter that sent anything, by realm and address;
// an error of each ends the read.
func (s *Store) Presence(ctx context.Context, f PresenceFilter, each func(Presence) error) error {
	var args arguments
	args.scope(f.Scope)
	args.addrs("addrs", f.Addrs)
	return s.read(ctx, "presence.sql", f, args, func(rows driver.Rows) error {
		var p Presence
		var addr netip.Addr
		var days []uint16
		if err := rows.Scan((*string)(&p.Realm), &addr, &days); err != nil {
			return err
		}
		p.Addr = modelAddr(addr)
		for _, d := range days {
			p.Days = append(p.Days, time.Unix(int64(d)*secondsPerDay, 0).UTC())
		}
		return each(p)
	})
}
