package live

import (
	"context"
	"time"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
)

const (
	// lateness is how much older than the newest a batch may be that is stored after it: partitions
	// of the stream are stored each at its own pace.
	lateness = 15 * time.Minute
	// wholeEvery is how often all claims are read anew: for what came later still, and what retention
	// took away.
	wholeEvery = 10 * time.Minute
)

// claimKey is what makes two claims one row.
type claimKey struct {
	site   model.SiteID
	realm  model.Realm
	sub    model.Subject
	kind   model.Kind
	value  string
	source string
}

// claimCache keeps what was read, so that each resolution reads only what arrived since.
type claimCache struct {
	list  []inventory.Claim
	at    map[claimKey]int
	to    time.Time // receive time up to which it was read
	whole time.Time // when all was read
}

// read brings the cache up to date. After an error it is read whole the next time.
func (c *claimCache) read(ctx context.Context, from Reader, to, now time.Time) error {
	filter := store.ClaimFilter{}
	if c.at != nil && now.Sub(c.whole) < wholeEvery && !c.to.IsZero() {
		filter.ReceivedSince = c.to.Add(-lateness)
	} else {
		c.list, c.at, c.whole = nil, map[claimKey]int{}, now
	}
	// A reader of an earlier snapshot may still hold the list.
	list := append(make([]inventory.Claim, 0, len(c.list)+len(c.list)/8), c.list...)
	err := from.Claims(ctx, filter, func(v store.Claim) error {
		k := claimKey{v.Site, v.Realm, v.Subject, v.Kind, v.Value, v.Source}
		claim := inventory.Claim{Site: v.Site, Realm: v.Realm, Sensors: v.Sensors, VLANs: v.VLANs, Subject: v.Subject, Kind: v.Kind, Value: v.Value,
			Source: v.Source, First: v.First.UnixNano(), Last: v.Last.UnixNano(), Count: v.Count}
		if i, ok := c.at[k]; ok {
			list[i] = claim
			return nil
		}
		c.at[k] = len(list)
		list = append(list, claim)
		return nil
	})
	if err != nil {
		c.at = nil
		return err
	}
	c.list, c.to = list, to
	return nil
}
