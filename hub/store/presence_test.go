package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/hub/store/storetest"
	"github.com/wardscope/wardscope/internal/model"
)

func TestPresence(t *testing.T) {
	s := storetest.Open(t)
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	day := func(back int) time.Time { return time.Date(2026, 11, 24-back, 0, 0, 0, 0, time.UTC) }
	a, b := model.AddrFrom4([]byte{10, 0, 0, 1}), model.AddrFrom4([]byte{10, 0, 0, 2})
	var flows []store.FlowRow
	for i, back := range []int{0, 0, 1, 9} {
		start := at.AddDate(0, 0, -back)
		flows = append(flows, store.FlowRow{Stamp: store.Stamp{Site: "north", Realm: "wan", Sensor: "n1", Receive: at, Epoch: 1, Sequence: 1, Row: uint32(i)},
			Flow: model.Flow{Start: start.UnixNano(), End: start.Add(time.Second).UnixNano(), Protocol: 6, Initiator: model.Endpoint{Addr: a, Port: 4000, MAC: 1},
				Responder: model.Endpoint{Addr: b, Port: 104, MAC: 2}, InitiatorPackets: 3, ResponderPackets: uint64(back), FirstOfConversation: true}})
	}
	if err := s.InsertGroup(t.Context(), store.Group{Token: "t/1/0/1-1/p", Flows: flows}); err != nil {
		t.Fatal(err)
	}
	ask := func(f store.PresenceFilter) (out []store.Presence) {
		t.Helper()
		if err := s.Presence(t.Context(), f, func(p store.Presence) error { out = append(out, p); return nil }); err != nil {
			t.Fatal(err)
		}
		return out
	}
	first := store.Presence{Realm: "wan", Addr: a, Days: []time.Time{day(9), day(1), day(0)}}
	second := store.Presence{Realm: "wan", Addr: b, Days: []time.Time{day(9), day(1)}} // spoken to today, and silent
	for _, c := range []struct {
		name string
		f    store.PresenceFilter
		want []store.Presence
	}{
		{"all", store.PresenceFilter{}, []store.Presence{first, second}},
		{"an address", store.PresenceFilter{Addrs: []model.Addr{b}}, []store.Presence{second}},
		{"another realm", store.PresenceFilter{Scope: store.Scope{Realm: "lab"}, Addrs: []model.Addr{b}}, nil},
		{"another site", store.PresenceFilter{Scope: store.Scope{Sites: []model.SiteID{"south"}}}, nil},
	} {
		if diff := cmp.Diff(c.want, ask(c.f)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
