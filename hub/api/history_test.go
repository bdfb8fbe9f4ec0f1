package api_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// TestHistory lets a device of the small hospital have been there a month before, under another
// name and address, and silent since.
func TestHistory(t *testing.T) {
	h := start(t)
	before := now.AddDate(0, 0, -30)
	s := &hospitalStore{t: t}
	s.claim("north", 0x0003b1000002, "10.1.7.99", model.KindAddressBinding, "arp.sender", "10.1.7.99")
	s.claim("north", 0x0003b1000002, "10.1.7.99", model.KindHostname, "dhcp.option12", "ws-old")
	s.flow("n1", 0x0003b1000002, "10.1.7.99", 0x0003b1000001, "10.1.0.5", "dicom", 104, 6, false)
	for i := range s.g.Observations {
		s.g.Observations[i].First, s.g.Observations[i].Last = before.UnixNano(), before.UnixNano()
		s.g.Observations[i].Sequence = 2
	}
	s.g.Flows[0].Start, s.g.Flows[0].End, s.g.Flows[0].Sequence = before.UnixNano(), before.UnixNano(), 2
	s.g.Batches = []store.BatchRow{{Stamp: s.g.Observations[0].Stamp, SealedAt: now.UnixNano(), Version: "1.0"}}
	s.g.Token = "t/1/0/2-2/history"
	if err := h.store.InsertGroup(t.Context(), s.g); err != nil {
		t.Fatal(err)
	}
	if err := h.keeper.Resolve(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := h.dial(t, secret)
	id := h.keeper.Current().At("wan", addr(t, "10.1.7.6"), 0, 0).ID
	if _, err := c.Corrections.LabelDevice(t.Context(), &hubv1.LabelDeviceRequest{Id: id, Add: []string{"spare"}, Reason: "from the store"}); err != nil {
		t.Fatal(err)
	}
	answer, err := c.History.GetDeviceHistory(t.Context(), &hubv1.GetDeviceHistoryRequest{Id: id})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range answer.GetEvents() {
		got = append(got, e.GetTime().AsTime().Format(time.DateOnly)+" "+e.GetWhat()+" "+e.GetFrom()+" → "+e.GetTo())
	}
	want := []string{"2026-10-25 first seen  → north, 10.1.7.6", "2026-11-24 came back silent since 2026-10-25 → after 29 days", "2026-11-24 address 10.1.7.99 → 10.1.7.6",
		"2026-11-24 name ws-old → ws-1", "2026-11-24 last seen  → north, 10.1.7.6", "2026-11-24 decision  → labels = spare"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if answer.GetLife().GetState() != hubv1.LifeState_LIFE_STATE_RETURNED || answer.GetLife().GetReason() == "" {
		t.Errorf("life: %v", answer.GetLife())
	}
	lives, err := c.History.ListLives(t.Context(), &hubv1.ListLivesRequest{State: hubv1.LifeState_LIFE_STATE_RETURNED, Filter: "name=ws-1"})
	if err != nil || lives.GetTotalSize() != 1 || lives.GetLives()[0].GetDevice().GetId() != id {
		t.Errorf("returned: %v, %v", lives, err)
	}
	t.Run("an address twice", func(t *testing.T) { anAddressTwice(t, h) })
}
