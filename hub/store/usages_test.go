package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/hub/store/storetest"
	"github.com/wardscope/wardscope/internal/model"
)

func TestUsages(t *testing.T) {
	s := storetest.Open(t)
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	host := func(n byte) model.Addr { return model.AddrFrom4([]byte{10, 0, 0, n}) }
	flow := func(n uint32, from, to byte, service string, back uint64) store.FlowRow {
		return store.FlowRow{
			Stamp: store.Stamp{Site: "north", Realm: "wan", Sensor: "n1", Receive: at, Epoch: 1, Sequence: 1, Row: n},
			Flow: model.Flow{Start: at.UnixNano(), End: at.UnixNano(), Protocol: 6, Service: service,
				Initiator: model.Endpoint{Addr: host(from), Port: 4000}, Responder: model.Endpoint{Addr: host(to), Port: 104},
				InitiatorPackets: 3, ResponderPackets: back, FirstOfConversation: true},
		}
	}
	err := s.InsertGroup(t.Context(), store.Group{Token: "t/1/0/1-1/u", Flows: []store.FlowRow{
		flow(0, 1, 9, "dicom", 4), flow(1, 2, 9, "dicom", 4), flow(2, 1, 8, "dicom", 0), flow(3, 1, 9, "", 4)}})
	if err != nil {
		t.Fatal(err)
	}
	var got []store.Usage
	if err := s.Usages(t.Context(), store.Scope{}, func(u store.Usage) error { got = append(got, u); return nil }); err != nil {
		t.Fatal(err)
	}
	base := store.Usage{Site: "north", Realm: "wan", Service: "dicom", First: at, Last: at}
	row := func(addr byte, offers bool, peers, flows uint64) store.Usage {
		u := base
		u.Addr, u.Offers, u.Peers, u.Flows = host(addr), offers, peers, flows
		return u
	}
	// Host 8 never answered: that it offers anything is not known.
	if diff := cmp.Diff([]store.Usage{row(1, false, 2, 2), row(2, false, 1, 1), row(9, true, 2, 2)}, got); diff != "" {
		t.Errorf("usages (-want +got):\n%s", diff)
	}
}
