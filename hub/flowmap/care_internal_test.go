package flowmap

import (
	"strings"
	"testing"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/knowledge"
)

func TestKinds(t *testing.T) {
	care, err := LoadCare()
	if err != nil {
		t.Fatal(err)
	}
	critical := func(v string) []inventory.Attribute {
		return []inventory.Attribute{{Name: inventory.AttrLifeCritical, Value: v}}
	}
	for _, c := range []struct {
		d    inventory.Device
		want string
	}{
		{inventory.Device{Type: "infusion-pump", Category: "medical"}, "infusion pump"},
		{inventory.Device{Type: "modality-mr", Category: "medical"}, "modality"},
		{inventory.Device{Category: "medical"}, "medical device"},
		{inventory.Device{Type: "server", Category: "it", Attributes: critical("yes")}, "life-critical device"},
		{inventory.Device{Type: "server", Category: "it", Attributes: critical("no")}, "server"},
		{inventory.Device{Type: "hvac", Category: "building"}, "building controller"},
		{inventory.Device{}, "device of unknown kind"},
	} {
		if got := care.Kinds[care.Kind(&c.d)].Name; got != c.want {
			t.Errorf("%s/%s: got %q, want %q", c.d.Category, c.d.Type, got, c.want)
		}
	}
	set, err := knowledge.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range care.Kinds {
		for _, typ := range k.Types {
			if set.Category(typ) == "" {
				t.Errorf("kind %q: type %q is not in the closed list", k.Name, typ)
			}
		}
	}
	if care.Service("dicom") != 1 || care.Service("dns") != 0.8 || care.Service("mdns") != 0 || care.Service("") != 0.3 {
		t.Error("services have other weights")
	}
}

func TestCareIsChecked(t *testing.T) {
	good := string(careFile)
	for name, c := range map[string]struct{ from, to, want string }{
		"unknown key":     {"roles:", "rolls:", "rolls"},
		"no weight":       {"weight: 6, types: [nurse-call, pers-gateway]", "weight: 0, types: [nurse-call]", `"nurse call"`},
		"takes all early": {"weight: 0.5, types: [printer]", "weight: 0.5", `"printer"`},
		"missing role":    {"remote: 0.3, ", "", `"remote"`},
		"unknown service": {"  dns: 0.8", "  dsn: 0.8", `"dsn"`},
	} {
		if _, err := readCare([]byte(strings.Replace(good, c.from, c.to, 1))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := readCare([]byte("roles: {}")); err == nil {
		t.Error("no kinds were taken")
	}
}
