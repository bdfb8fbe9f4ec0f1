package knowledge_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/inventory/knowledge"
)

func builtin(t *testing.T) *knowledge.Set {
	t.Helper()
	s, err := knowledge.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func fact(r knowledge.Rule, value string) knowledge.Fact {
	return knowledge.Fact{Kind: r.Kind, Source: strings.TrimSuffix(r.Source, "*"), Value: value}
}

func says(s *knowledge.Set, r knowledge.Rule, value string) bool {
	return slices.ContainsFunc(s.Read(fact(r, value)), func(o knowledge.Outcome) bool { return o.Rule == r.ID })
}

func TestEveryRuleReadsItsSample(t *testing.T) {
	s := builtin(t)
	for _, r := range s.Rules() {
		if !says(s, r, r.Sample) {
			t.Errorf("rule %s does not read its sample %q", r.ID, r.Sample)
		}
		if r.Other != "" && says(s, r, r.Other) {
			t.Errorf("rule %s reads %q, which it must not", r.ID, r.Other)
		}
		if r.Source != "" {
			f := fact(r, r.Sample)
			f.Source = "another.field"
			if slices.ContainsFunc(s.Read(f), func(o knowledge.Outcome) bool { return o.Rule == r.ID }) {
				t.Errorf("rule %s reads its sample from another source", r.ID)
			}
		}
	}
}

func TestEverySystemReadsItsSample(t *testing.T) {
	s := builtin(t)
	for _, o := range s.Systems() {
		got := s.System(o.Sample)
		if got == nil || got.Name != o.Name {
			t.Errorf("%s: its sample %q is read as %v", o.Name, o.Sample, got)
		}
		if again := s.System(o.Name); strings.HasPrefix(o.Name, "Windows") && (again == nil || again.Until != o.Until) {
			t.Errorf("%s: its own name is read as %v", o.Name, again)
		}
		if o.Origin == "" {
			t.Errorf("%s: no origin", o.Name)
		}
	}
}

func TestPointReleasesAreKept(t *testing.T) {
	s := builtin(t)
	for claimed, want := range map[string]string{"Ubuntu 14.04.5 LTS": "Ubuntu 14.04.5 (Linux)", "Debian GNU/Linux 12": "Debian 12 (Linux)", "Debian 12.5": "Debian 12.5 (Linux)",
		"Windows NT 6.1.7601": "Windows 7 / Windows Server 2008 R2", "Debian Linux": "Debian (Linux)"} {
		out := s.Read(knowledge.Fact{Kind: "os", Source: "lldp.system_description", Value: claimed})
		i := slices.IndexFunc(out, func(o knowledge.Outcome) bool { return o.Attr == "os" })
		if i < 0 || out[i].Value != want {
			t.Errorf("%q: got %+v, want %q", claimed, out, want)
			continue
		}
		if again := s.System(out[i].Value); again == nil || !strings.HasPrefix(want, strings.TrimSuffix(again.Name, " (Linux)")) {
			t.Errorf("%q is not found again: %v", want, again)
		}
	}
}

func TestAMakerIsNoModel(t *testing.T) {
	s := builtin(t)
	for value, attr := range map[string]string{"Philips": "vendor", "dräger": "vendor", "Philips IntelliVue MX800": "model"} {
		out := s.Read(knowledge.Fact{Kind: "model", Source: "hl7.OBX-18.2", Value: value})
		if !slices.ContainsFunc(out, func(o knowledge.Outcome) bool { return o.Attr == attr && o.Rule == "" }) {
			t.Errorf("%s: got %+v, want a %s", value, out, attr)
		}
	}
}

func TestSystem(t *testing.T) {
	s := builtin(t)
	for _, c := range []struct{ claimed, name, until string }{
		{"Windows 5.1", "Windows XP", "2014-04-08"},
		{"Windows 2000 2195", "Windows 2000", "2010-07-13"},
		{"Windows 7 Ultimate 7601 Service Pack 1", "Windows 7", "2020-01-14"},
		{"6.1.7601", "Windows 7 / Windows Server 2008 R2", "2020-01-14"},
		{"Windows Server 2008 R2 Enterprise", "Windows Server 2008 R2", "2020-01-14"},
		{"Windows NT 10.0", "Windows 10 / Windows 11", ""},
		{"Windows 4.0", "Windows 95 / Windows 98 / Windows NT 4.0", "2006-07-11"},
		{"10.0.20348", "Windows Server 2022", "2031-10-14"},
		{"Mac OS X 10_8_5", "macOS 10.8", "2015-08-13"},
		{"Ubuntu 14.04.5 LTS", "Ubuntu 14.04 (Linux)", "2024-04-02"},
	} {
		o := s.System(c.claimed)
		if o == nil {
			t.Errorf("%q: unknown", c.claimed)
			continue
		}
		if o.Name != c.name || (c.name != "Ubuntu 14.04 (Linux)" && o.Until != c.until) {
			t.Errorf("%q: got %s until %q, want %s until %q", c.claimed, o.Name, o.Until, c.name, c.until)
		}
	}
	for _, v := range []string{"", "VxWorks", "Linux", "windowsill"} {
		if o := s.System(v); o != nil {
			t.Errorf("%q: got %s, want unknown", v, o.Name)
		}
	}
}

func TestMaker(t *testing.T) {
	s := builtin(t)
	for registrant, want := range map[string]string{
		"Cisco Systems, Inc": "Cisco", "Hewlett Packard": "HP", "Hewlett Packard Enterprise": "HPE", "Hospira Inc.": "ICU Medical",
		"GE Healthcare": "GE HealthCare", "GE Fanuc Automation Manufacturing, Inc.": "GE", "Siemens AG": "Siemens", "VMware, Inc.": "", "PCS Systemtechnik GmbH": "",
		"Hon Hai Precision Ind. Co.,Ltd.": "", "Acme Pumps": "Acme Pumps", "SonoSite, Inc.": "SonoSite, Inc.", "Sonos, Inc.": "Sonos",
	} {
		if got := s.Maker(registrant); got != want {
			t.Errorf("%s: got %q, want %q", registrant, got, want)
		}
	}
}

// TestAcquisitions keeps the claimed name and says who it is now.
func TestAcquisitions(t *testing.T) {
	s := builtin(t)
	for claimed, want := range map[string]string{"Hospira Inc.": "ICU Medical|Hospira belongs to ICU Medical since 2017", "ICU Medical": "ICU Medical|",
		"Welch Allyn": "Baxter|Welch Allyn belongs to Baxter since 2021", "Siemens AG": "Siemens|"} {
		got := ""
		for _, o := range s.Read(knowledge.Fact{Kind: "vendor", Source: "hl7.PRT-10", Value: claimed}) {
			if o.Attr == "vendor" {
				got = o.Value + "|" + o.Rule
			}
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", claimed, got, want)
		}
	}
}

func TestPlaceholdersSayNothing(t *testing.T) {
	s := builtin(t)
	for _, v := range []string{"To be filled by O.E.M.", "Default string", "unknown", "0", "----", "localhost", ""} {
		if out := s.Read(knowledge.Fact{Kind: "serial", Source: "x.y", Value: v}); out != nil {
			t.Errorf("%q: got %v", v, out)
		}
	}
}

func TestIdentifies(t *testing.T) {
	s := builtin(t)
	for _, c := range []struct {
		f    knowledge.Fact
		want string
	}{
		{knowledge.Fact{Kind: "serial", Source: "enip.serial", Value: "0x00524d8e"}, "serial number"},
		{knowledge.Fact{Kind: "serial", Source: "enip.serial", Value: "To be filled by O.E.M."}, ""},
		{knowledge.Fact{Kind: "identifier", Source: "dhcpv6.duid", Value: "000100011c39cf88080027fe8f95"}, "DUID"},
		{knowledge.Fact{Kind: "identifier", Source: "bacnet.device", Value: "1017"}, "BACnet instance"},
		{knowledge.Fact{Kind: "identifier", Source: "bacnet.device", Value: "4194303"}, ""},
		{knowledge.Fact{Kind: "identifier", Source: "dicom.calling_ae", Value: "CT03"}, ""},
	} {
		got := ""
		if id, ok := s.Identifies(c.f); ok {
			got = id.Name
		}
		if got != c.want {
			t.Errorf("%v: got %q, want %q", c.f, got, c.want)
		}
	}
}

func TestCarries(t *testing.T) {
	s := builtin(t)
	for part, want := range map[string]bool{"hl7:0012210000000042": true, "hl7:SN-118822": true, "hl7:PUMP1": false, "hl7:0000000000": false, "bacnet:2:1017": false, "modbus:3": false} {
		if got := s.Carries(part); got != want {
			t.Errorf("%s: got %v", part, got)
		}
	}
	if !s.Virtual("VMware, Inc.") || s.Virtual("Hospira Inc.") {
		t.Error("who makes link addresses up")
	}
}

func TestLoadListsAllFaults(t *testing.T) {
	_, err := knowledge.Load(fstest.MapFS{
		"a.yaml": {Data: []byte("rules:\n  - {id: x, kind: oui, match: '(', set: {type: pump}, weight: 2, origin: o, sample: s}\n")},
		"b.yaml": {Data: []byte("rulez: []\n")},
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"a.yaml: rule x", "weight 2 is outside", `type "pump" is not in the closed list`, "b.yaml"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error lacks %q: %v", want, err)
		}
	}
}

func TestTypesAreTheClosedList(t *testing.T) {
	s := builtin(t)
	if got := len(s.Types()); got != 61 {
		t.Errorf("got %d types, want 61", got)
	}
	if diff := cmp.Diff("medical", s.Category("infusion-pump")); diff != "" {
		t.Error(diff)
	}
	if s.Category("toaster") != "" {
		t.Error("a type outside the list has a category")
	}
}

func TestOwnLinks(t *testing.T) {
	s := builtin(t)
	for _, c := range []struct {
		f    knowledge.Fact
		want string
	}{
		{knowledge.Fact{Kind: "identifier", Source: "lldp.profinet_mac", Value: "00:0e:8c:ef:75:c5"}, "00:0e:8c:ef:75:c5"},
		{knowledge.Fact{Kind: "identifier", Source: "lldp.chassis_id", Value: "switch-7"}, ""},
		{knowledge.Fact{Kind: "identifier", Source: "stp.bridge_id", Value: "bridge 32768.e8:de:27:ff:c0:78"}, "e8:de:27:ff:c0:78"},
		{knowledge.Fact{Kind: "identifier", Source: "stp.root_id", Value: "root 32768.e8:de:27:ff:c0:78"}, ""},
	} {
		if got, _ := s.NamesLink(c.f); got != c.want {
			t.Errorf("%v: got %q, want %q", c.f, got, c.want)
		}
	}
}

func TestBACnetNumbersAreNamed(t *testing.T) {
	s := builtin(t)
	out := s.Read(knowledge.Fact{Kind: "vendor", Source: "bacnet.vendor_id", Value: "BACnet vendor 15"})
	if len(out) == 0 || out[0].Value != "Cornell University" {
		t.Errorf("got %v", out)
	}
	if out := s.Read(knowledge.Fact{Kind: "vendor", Source: "bacnet.vendor_id", Value: "BACnet vendor 64999"}); out != nil {
		t.Errorf("an id that nobody has: got %v", out)
	}
}
