package recall_test

import (
	"testing"

	"github.com/wardscope/wardscope/hub/api/recall"
	"github.com/wardscope/wardscope/hub/inventory"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

func id(d *inventory.Device) *hubv1.Device { return &hubv1.Device{Id: d.ID} }

func TestMatch(t *testing.T) {
	inv := &inventory.Inventory{Devices: []inventory.Device{{ID: "d-1", Vendor: "BD", Model: "Alaris 8015"}, {ID: "d-2", Vendor: "BD"}, {ID: "d-3"}}}
	got, err := recall.Match(inv, &hubv1.MatchDevicesRequest{Lines: []*hubv1.RecallLine{{Maker: "Becton Dickinson", Model: "Alaris 8015"}}}, id)
	if err != nil {
		t.Fatal(err)
	}
	if m := got.GetMatches(); got.GetDevices() != 3 || len(m) != 2 || m[0].GetDevice().GetId() != "d-1" || m[0].GetVerdict() != hubv1.RecallVerdict_RECALL_VERDICT_AFFECTED ||
		m[1].GetVerdict() != hubv1.RecallVerdict_RECALL_VERDICT_UNSURE || m[1].GetReason() == "" {
		t.Errorf("got %v", got)
	}
	for _, bad := range []*hubv1.MatchDevicesRequest{{}, {Lines: []*hubv1.RecallLine{{Maker: "BD"}}}, {Lines: make([]*hubv1.RecallLine, 1001)}} {
		if _, err := recall.Match(inv, bad, id); err == nil {
			t.Errorf("%d lines: no error", len(bad.GetLines()))
		}
	}
}
