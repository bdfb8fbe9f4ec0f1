package api_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/wardscope/wardscope/hub/access"
	"github.com/wardscope/wardscope/hub/api"
	"github.com/wardscope/wardscope/hub/exposure"
	"github.com/wardscope/wardscope/hub/inventory/knowledge"
	"github.com/wardscope/wardscope/hub/inventory/live"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// fleetStore is a store that holds the claims of 20,000 devices and nothing else.
type fleetStore struct{ api.Store }

func (f fleetStore) Totals(context.Context) (store.Totals, error) {
	return store.Totals{First: seen, Last: seen}, nil
}
func (f fleetStore) Findings(context.Context, store.FindingFilter) ([]store.Finding, *store.FindingCursor, error) {
	return nil, nil, nil
}
func (f fleetStore) External(context.Context, store.ExternalFilter) ([]store.External, error) {
	return nil, nil
}
func (f fleetStore) Sightings(context.Context, store.Scope, func(store.Sighting) error) error {
	return nil
}
func (f fleetStore) Usages(context.Context, store.Scope, func(store.Usage) error) error { return nil }
func (f fleetStore) Claims(_ context.Context, _ store.ClaimFilter, each func(store.Claim) error) error {
	for i := range 20_000 {
		ip := model.AddrFrom4([]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		c := store.Claim{Site: "north", Realm: "wan", Subject: model.Subject{Addr: ip, MAC: model.MAC(0x0003b1000000 + i)}, First: seen, Last: seen, Count: 1}
		for _, v := range []struct {
			kind          model.Kind
			source, value string
		}{{model.KindAddressBinding, "arp.sender", ip.String()}, {model.KindHostname, "dhcp.option12", fmt.Sprintf("pump-%05d", i)}, {model.KindModel, "hl7.OBX-18", "Plum A+"}} {
			c.Kind, c.Source, c.Value = v.kind, v.source, v.value
			if err := each(c); err != nil {
				return err
			}
		}
	}
	return nil
}

// BenchmarkListDevices20000 filters and sorts 20,000 devices and sends 100, by gRPC over TLS.
func BenchmarkListDevices20000(b *testing.B) {
	set, err := knowledge.Builtin()
	if err != nil {
		b.Fatal(err)
	}
	ratings, err := exposure.LoadRatings()
	if err != nil {
		b.Fatal(err)
	}
	clock := func() time.Time { return now }
	f := fleetStore{}
	log := slog.New(slog.DiscardHandler)
	h := &hub{control: &control{}, keeper: live.New(live.DefaultConfig(), live.Deps{Reader: f, Knowledge: set, Now: clock, Log: log})}
	if err := h.keeper.Resolve(b.Context()); err != nil {
		b.Fatal(err)
	}
	serve(b, h, api.Deps{Store: f, Keeper: h.keeper, State: h.control, Fleet: sensors{}, Guard: access.New(access.Deps{Tokens: tokens{}, Now: clock}), Ratings: ratings, Now: clock, Log: log})
	c := h.dial(b, secret)
	for b.Loop() {
		res, err := c.Devices.ListDevices(b.Context(), &hubv1.ListDevicesRequest{Filter: "type = infusion-pump AND NOT hostname = pump-00001"})
		if err != nil || res.GetTotalSize() != 19_999 || len(res.GetDevices()) != 100 {
			b.Fatalf("got %d, %v", res.GetTotalSize(), err)
		}
	}
}
