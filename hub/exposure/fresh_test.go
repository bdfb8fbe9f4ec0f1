package exposure_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/exposure"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/internal/model"
)

func TestNewDevicesAfterTheLearningPeriod(t *testing.T) {
	in := input(t)
	today := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	device := func(id, site, category string, mac model.MAC, firstDaysAgo int) {
		in.Inventory.Devices = append(in.Inventory.Devices, inventory.Device{ID: id, Name: id, Site: model.SiteID(site), Realm: "wan", Category: category, MACs: []model.MAC{mac},
			First: today.AddDate(0, 0, -firstDaysAgo).UnixNano(), Last: today.UnixNano(),
			Attributes: []inventory.Attribute{{Name: "hostname", Value: id, Evidence: []inventory.Evidence{{Source: "dhcp.option12", Value: id, Sensors: []model.SensorID{"n1"}}}}}})
	}
	device("old", "west", "medical", 1, 60)
	device("pump", "west", "medical", 2, 3)
	device("laptop", "west", "it", 3, 3)
	device("phone", "west", "it", 0x020000000004, 3)
	device("first", "fresh-site", "medical", 5, 3)
	device("second", "fresh-site", "medical", 6, 1)
	got := map[string]exposure.Severity{}
	for _, f := range exposure.Assess(in).Findings {
		if f.Type == model.FindingNewDevice {
			got[f.Subject.Device.ID] = f.Severity
			if len(f.Evidence) == 0 || len(f.Sensors) == 0 || f.Reason == "see the finding" {
				t.Errorf("%+v", f)
			}
		}
	}
	if diff := cmp.Diff(map[string]exposure.Severity{"pump": exposure.Medium, "laptop": exposure.Low}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
