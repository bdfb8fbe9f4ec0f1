package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/hub/store/storetest"
	"github.com/wardscope/wardscope/internal/model"
)

func TestStays(t *testing.T) {
	s := storetest.Open(t)
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	a, b := model.AddrFrom4([]byte{10, 0, 0, 1}), model.AddrFrom4([]byte{10, 0, 0, 2})
	var rows []store.ObservationRow
	say := func(addr model.Addr, mac model.MAC, kind model.Kind, hour, minute int, offset time.Duration) {
		first := at.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
		rows = append(rows, store.ObservationRow{Stamp: store.Stamp{Site: "north", Realm: "wan", Sensor: "n1", Receive: at, Epoch: 1, Sequence: 1, Row: uint32(len(rows)), ClockOffset: int64(offset)},
			Observation: model.Observation{Subject: model.Subject{Addr: addr, MAC: mac}, Kind: kind, Value: fmt.Sprint("v", len(rows)), Source: "arp.sender",
				First: first.Add(offset).UnixNano(), Last: first.Add(offset + time.Minute).UnixNano(), Count: 1}})
	}
	say(a, 1, model.KindAddressBinding, 0, 5, 0)
	say(a, 1, model.KindHostname, 0, 30, 0)
	say(a, 2, model.KindAddressBinding, 3, 0, 2*time.Minute) // a clock that is fast
	say(a, 1, model.KindAddressBinding, 6, 0, 0)
	say(b, 3, model.KindAddressBinding, 0, 0, 0)
	say(a, 0, model.KindHostname, 4, 0, 0) // said by somebody else: no stay
	if err := s.InsertGroup(t.Context(), store.Group{Token: "t/1/0/1-1/s", Observations: rows}); err != nil {
		t.Fatal(err)
	}
	ask := func(f store.StayFilter) (out []string) {
		t.Helper()
		err := s.Stays(t.Context(), f, func(v store.Stay) error {
			out = append(out, fmt.Sprintf("%s %d %s-%s", v.Addr, v.MAC, v.First.UTC().Format("15:04"), v.Last.UTC().Format("15:04")))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	want := []string{"10.0.0.1 1 10:05-10:31", "10.0.0.1 2 13:00-13:01", "10.0.0.1 1 16:00-16:01"}
	if diff := cmp.Diff(want, ask(store.StayFilter{Addrs: []model.Addr{a}})); diff != "" {
		t.Errorf("stays (-want +got):\n%s", diff)
	}
	if got := ask(store.StayFilter{Scope: store.Scope{Realm: "lab"}, Addrs: []model.Addr{a}}); got != nil {
		t.Errorf("another realm: %v", got)
	}
}
