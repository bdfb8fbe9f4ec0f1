package exposure_test

import (
	"strings"
	"testing"

	"github.com/wardscope/wardscope/hub/exposure"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/internal/model"
)

func TestAdvisoriesAreTiedToProducts(t *testing.T) {
	in := input(t)
	device := func(id, vendor, product, firmware string) {
		d := inventory.Device{ID: id, Site: "north", Realm: "wan", Vendor: vendor, Model: product, Name: id, Category: "medical"}
		for name, v := range map[string]string{inventory.AttrModel: product, inventory.AttrFirmware: firmware} {
			if v != "" {
				d.Attributes = append(d.Attributes, inventory.Attribute{Name: name, Value: v, Confidence: 0.9,
					Evidence: []inventory.Evidence{{Source: "hl7.OBX-18", Value: v, Sensors: []model.SensorID{"n1"}}}})
			}
		}
		in.Inventory.Devices = append(in.Inventory.Devices, d)
	}
	device("inside", "BD", "Alaris PC Unit Model 8015", "9.33.0")
	device("outside", "BD", "Alaris PC Unit Model 8015", "99.1")
	device("untold", "BD", "Alaris PC Unit Model 8015", "")
	device("other", "Nobody", "Alaris PC Unit Model 8015", "9.33.0")
	got := map[string]exposure.Finding{}
	for _, f := range exposure.Assess(in).Findings {
		if f.Type == model.FindingKnownVulnerability && strings.Contains(f.Rule, "ICSMA-20-317-01") {
			got[f.Subject.Device.ID] = f
		}
	}
	if f := got["inside"]; !strings.HasPrefix(f.Detail, "confirmed: ") || f.Severity != exposure.High || len(f.Evidence) < 2 || !strings.Contains(f.Detail, "as of 2024-10-24") {
		t.Errorf("a version inside the range: got %+v", f)
	}
	if f := got["untold"]; !strings.HasPrefix(f.Detail, "likely: ") || f.Severity != exposure.Medium {
		t.Errorf("no version: got %+v", f)
	}
	for _, id := range []string{"outside", "other"} {
		if f, there := got[id]; there {
			t.Errorf("%s: got %+v", id, f)
		}
	}
}
