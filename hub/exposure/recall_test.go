package exposure_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/exposure"
	"github.com/wardscope/wardscope/hub/exposure/advisory"
	"github.com/wardscope/wardscope/hub/inventory"
)

func TestRecallListsAffectedFirst(t *testing.T) {
	firmware := func(v string) []inventory.Attribute {
		return []inventory.Attribute{{Name: inventory.AttrFirmware, Value: v}}
	}
	inv := &inventory.Inventory{Devices: []inventory.Device{
		{ID: "d-1", Vendor: "ICU Medical", Model: "Plum 360", Attributes: firmware("15.20")},
		{ID: "d-2", Vendor: "ICU Medical", Model: "Plum 360"},
		{ID: "d-3", Vendor: "ICU Medical", Model: "Plum 360", Attributes: firmware("15.02")},
		{ID: "d-4", Vendor: "BD", Model: "Plum 360", Attributes: firmware("15.02")},
	}}
	var got []string
	for _, c := range exposure.Recall(inv, []advisory.Notice{{Maker: "Hospira", Model: "Plum 360", Firmware: "< 15.10"}}) {
		got = append(got, c.Device.ID+" "+c.Verdict.String())
	}
	if diff := cmp.Diff([]string{"d-3 affected", "d-2 unsure", "d-1 not affected"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
