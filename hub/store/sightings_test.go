package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/hub/store/storetest"
	"github.com/wardscope/wardscope/internal/model"
)

func TestSightingsAndTotals(t *testing.T) {
	s := storetest.Open(t)
	empty, err := s.Totals(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(store.Totals{}, empty); diff != "" {
		t.Errorf("totals of nothing (-want +got):\n%s", diff)
	}
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	a, b := model.AddrFrom4([]byte{10, 0, 0, 1}), model.AddrFrom4([]byte{10, 0, 0, 2})
	flow := func(n uint32, start time.Time, back uint64) store.FlowRow {
		return store.FlowRow{
			Stamp: store.Stamp{Site: "north", Realm: "wan", Sensor: "n1", Receive: at, Epoch: 1, Sequence: 1, Row: n},
			Flow: model.Flow{Start: start.UnixNano(), End: start.Add(time.Second).UnixNano(), Protocol: 6, VLAN: 7,
				Initiator: model.Endpoint{Addr: a, Port: 4000, MAC: 1}, Responder: model.Endpoint{Addr: b, Port: 104, MAC: 2},
				InitiatorPackets: 3, ResponderPackets: back, FirstOfConversation: true},
		}
	}
	tunnelled := flow(3, at, 0)
	tunnelled.Encap, tunnelled.Initiator.Addr = model.EncapVLAN|model.EncapTeredo, model.AddrFrom4([]byte{10, 0, 9, 9})
	frames := flow(4, at, 0)
	frames.Encap, frames.Initiator.Addr = model.EncapGRE|model.EncapERSPAN, model.AddrFrom4([]byte{10, 0, 9, 10})
	err = s.InsertGroup(t.Context(), store.Group{Token: "t/1/0/1-1/x", Flows: []store.FlowRow{flow(0, at, 0), flow(1, at.Add(time.Minute), 5), flow(2, at.Add(time.Hour), 2), tunnelled, frames}})
	if err != nil {
		t.Fatal(err)
	}
	var got []store.Sighting
	if err := s.Sightings(t.Context(), store.Scope{}, func(v store.Sighting) error { got = append(got, v); return nil }); err != nil {
		t.Fatal(err)
	}
	want := []store.Sighting{
		{Site: "north", Realm: "wan", Addr: a, MAC: 1, VLAN: 7, First: at, Last: at.Add(time.Hour + time.Second), LastReceived: at, Packets: 9},
		// The first flow was never answered: it proves nothing of the responder.
		{Site: "north", Realm: "wan", Addr: b, MAC: 2, VLAN: 7, First: at.Add(time.Minute), Last: at.Add(time.Hour + time.Second), LastReceived: at, Packets: 7},
		// The link addresses around a tunnel of packets are its ends'; those around a tunnel of frames are the sender's.
		{Site: "north", Realm: "wan", Addr: tunnelled.Initiator.Addr, VLAN: 7, First: at, Last: at.Add(time.Second), LastReceived: at, Packets: 3},
		{Site: "north", Realm: "wan", Addr: frames.Initiator.Addr, MAC: 1, VLAN: 7, First: at, Last: at.Add(time.Second), LastReceived: at, Packets: 3},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sightings (-want +got):\n%s", diff)
	}
	totals, err := s.Totals(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if totals.Flows != 5 || !totals.First.Equal(at) || !totals.Last.Equal(at.Add(time.Hour+time.Second)) {
		t.Errorf("totals: got %+v", totals)
	}
}
