package stays

import (
	"context"
	"errors"
	"fmt"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
)

// Reader tells when link addresses were seen with addresses.
type Reader interface {
	Stays(ctx context.Context, f store.StayFilter, each func(store.Stay) error) error
}

// ErrNoAddress is what Find says of a text that is neither an IP nor a MAC address.
var ErrNoAddress = errors.New("neither an IP address nor a MAC address")

// Find lists who had an address, one binding for each stay, newest first; with at != 0 only who
// had it at that moment, or the nearest. A MAC address has no stays: it is the device's own.
func Find(ctx context.Context, from Reader, inv *inventory.Inventory, text string, at int64) ([]inventory.Binding, error) {
	a, err := model.ParseAddr(text)
	if err != nil {
		m, err := model.ParseMAC(text)
		if err != nil {
			return nil, ErrNoAddress
		}
		return inv.FindMAC(m), nil
	}
	var seen []Seen
	err = from.Stays(ctx, store.StayFilter{Addrs: []model.Addr{a}}, func(v store.Stay) error {
		seen = append(seen, Seen{Realm: v.Realm, MAC: v.MAC, First: v.First.UnixNano(), Last: v.Last.UnixNano()})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", text, err)
	}
	found := Split(inv.FindAddress(a, 0), seen)
	if at != 0 {
		found = At(found, at)
	}
	return found, nil
}
