package legacy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wardscope/wardscope/hub/exposure/advisory"
	"github.com/wardscope/wardscope/hub/exposure/legacy"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/knowledge"
)

const today = "2026-11-24"

func table(t *testing.T) *legacy.Table {
	t.Helper()
	v, err := legacy.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func attribute(name, value string, confidence float64, conflicts ...string) inventory.Attribute {
	return inventory.Attribute{Name: name, Value: value, Confidence: confidence, Conflicts: conflicts,
		Evidence: []inventory.Evidence{{Source: "smb.native_os", Value: value}}}
}

func device(typ, category, os string, support inventory.Support, until string, attrs ...inventory.Attribute) *inventory.Device {
	d := &inventory.Device{ID: "d-1", Name: "x", Type: typ, Category: category, OS: os, Support: support, SupportUntil: until, Attributes: attrs}
	return d
}

func TestJudge(t *testing.T) {
	noFix := []advisory.Hit{{Advisory: "ICSMA-1", Certainty: advisory.Confirmed}}
	weak := []advisory.Hit{{Advisory: "ICSMA-2", Certainty: advisory.Possible}, {Advisory: "ICSMA-3", Certainty: advisory.Confirmed, Fixed: true}}
	xp := attribute(inventory.AttrOS, "Windows XP", 0.96)
	for _, c := range []struct {
		name string
		d    *inventory.Device
		hits []advisory.Hit
		want string
	}{
		{"a CT on Windows XP", device("modality-ct", "medical", "Windows XP", inventory.SupportEnded, "2014-04-08", xp), nil,
			"ended 2014-04-08 confirmed maker segment: Windows XP is past support since 2014-04-08; a device under medical device law: its maker validates and installs changes"},
		{"a workstation on Windows XP", device("workstation", "it", "Windows XP", inventory.SupportEnded, "2014-04-08", xp), nil,
			"ended 2014-04-08 confirmed owner replace: Windows XP is past support since 2014-04-08"},
		{"a PACS on Windows XP", device("pacs", "medical", "Windows XP", inventory.SupportEnded, "2014-04-08", xp), nil,
			"ended 2014-04-08 confirmed release replace: Windows XP is past support since 2014-04-08; clinical software on a general system: patches of the system once the maker has released them"},
		{"disputed", device("workstation", "it", "Windows XP", inventory.SupportEnded, "2014-04-08", attribute(inventory.AttrOS, "Windows XP", 0.96, "Windows 7")), nil,
			"ended 2014-04-08 likely owner replace: Windows XP is past support since 2014-04-08"},
		{"one of several", device("workstation", "it", "Windows 8.1 / Windows 10", inventory.SupportEnded, "2023-01-10", attribute(inventory.AttrOS, "Windows 8.1 / Windows 10", 0.96)), nil,
			"ended 2023-01-10 possible owner find-out: Windows 8.1 / Windows 10: of these releases some are past support"},
		{"extended", device("server", "it", "Windows Server 2012", inventory.SupportExtended, "2026-12-13", attribute(inventory.AttrOS, "Windows Server 2012", 0.96)), nil,
			"extended 2026-12-13 confirmed owner patch: Windows Server 2012 is mended until 2026-12-13 for those who pay extra"},
		{"no fix", device("infusion-pump", "medical", "", inventory.SupportUnknown, ""), noFix,
			"unknown  none maker segment: ICSMA-1 has no fix from the maker; a device under medical device law: its maker validates and installs changes"},
		{"no fix, own server", device("server", "it", "", inventory.SupportUnknown, ""), noFix,
			"unknown  none owner segment: ICSMA-1 has no fix from the maker: there is nothing to install"},
		{"no fix, past support", device("server", "it", "Windows XP", inventory.SupportEnded, "2014-04-08", xp), append(noFix, noFix...),
			"ended 2014-04-08 confirmed owner segment: Windows XP is past support since 2014-04-08; 2 advisories without a fix from the maker: there is nothing to install"},
		{"possible or mended advisories", device("infusion-pump", "medical", "", inventory.SupportUnknown, ""), weak,
			"unknown  none maker leave: no support date is known"},
		{"a form says who patches", device("modality-mr", "medical", "Windows XP", inventory.SupportEnded, "2014-04-08", xp,
			inventory.Attribute{Name: inventory.AttrPatchable, Value: "yes", Evidence: []inventory.Evidence{{Source: "mds2.mr", Rule: "form about MR", Value: "yes"}}}), nil,
			"ended 2014-04-08 confirmed owner replace: Windows XP is past support since 2014-04-08"},
		{"a form says the maker patches", device("workstation", "it", "Windows XP", inventory.SupportEnded, "2014-04-08", xp,
			inventory.Attribute{Name: inventory.AttrPatchable, Value: "no", Evidence: []inventory.Evidence{{Source: "mds2.ws", Value: "no"}}}), nil,
			"ended 2014-04-08 confirmed maker segment: Windows XP is past support since 2014-04-08; said by mds2.ws"},
		{"supported", device("workstation", "it", "Windows 11", inventory.SupportCurrent, "2030-01-01", attribute(inventory.AttrOS, "Windows 11", 0.96)), nil,
			"supported 2030-01-01 confirmed owner leave: "},
		{"nothing known", device("", "", "", inventory.SupportUnknown, ""), nil, "unknown  none unknown leave: no support date is known"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := table(t).Judge(c.d, c.hits, today)
			got := fmt.Sprintf("%s %s %s %s %s: %s", v.Support, v.Until, v.Certainty, v.Patcher, v.Advice, v.Reason)
			if got != c.want {
				t.Errorf("\ngot  %s\nwant %s", got, c.want)
			}
			if v.Support != inventory.SupportUnknown && len(v.Evidence) == 0 {
				t.Error("a verdict without evidence")
			}
			if (v.Advice == legacy.Leave) == v.Legacy() {
				t.Error("what is left alone is no legacy")
			}
		})
	}
}

// TestFirmware reads releases out of the texts in which devices tell them.
func TestFirmware(t *testing.T) {
	for _, c := range []struct{ vendor, os, firmware, what, support string }{
		{"Fortinet", "", "v6.0.4,build0231", "FortiOS 6.0", "ended"}, {"Fortinet", "", "v7.4.1", "FortiOS 7.4", "supported"},
		{"Palo Alto Networks", "", "10.1.6-h3", "PAN-OS 10.1", "ended"}, {"Cisco", "", "Cisco IOS XE Software, Version 17.03.05", "IOS XE 17.3", "ended"},
		{"Cisco", "", "15.2(7)E4", "", "unknown"}, {"", "", "OpenWrt 19.07.8", "OpenWrt 19.07", "ended"}, {"TP-Link", "", "1.0.3", "", "unknown"},
		{"NetApp", "", "NetApp Release 9.11.1P8", "ONTAP 9.11.1", "ended"}, {"MikroTik", "", "7.16.2", "RouterOS 7.16", "ended"}, {"Fortinet", "", "99.1", "", "unknown"},
		{"VMware", "VMware ESXi 6.5.0", "", "ESXi 6.5", "ended"}, {"Fortinet", "", "build 7", "", "unknown"},
	} {
		d := device("firewall", "it", c.os, inventory.SupportUnknown, "")
		d.Vendor = c.vendor
		for name, v := range map[string]string{inventory.AttrOS: c.os, inventory.AttrFirmware: c.firmware} {
			if v != "" {
				d.Attributes = append(d.Attributes, attribute(name, v, 0.95))
			}
		}
		if v := table(t).Judge(d, nil, today); v.What != c.what || v.Support.String() != c.support {
			t.Errorf("%s %s%s: got %q %s", c.vendor, c.os, c.firmware, v.What, v.Support)
		}
	}
}

// TestEveryTypeIsJudged holds the table against the closed list.
func TestEveryTypeIsJudged(t *testing.T) {
	set, err := knowledge.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, typ := range set.Types() {
		v := table(t).Judge(&inventory.Device{Type: typ, Category: set.Category(typ)}, nil, today)
		if v.Patcher == legacy.Unknown {
			t.Errorf("%s: nobody knows who patches it", typ)
		}
		if medical := set.Category(typ) == "medical"; medical && v.Patcher == legacy.Owner {
			t.Errorf("%s: a medical device that its owner patches", typ)
		}
	}
}

func TestOrderAndFields(t *testing.T) {
	a := legacy.Verdict{Device: &inventory.Device{ID: "a"}, Advice: legacy.Segment, Unfixed: []advisory.Hit{{Advisory: "ICSMA-1"}}, Certainty: legacy.Likely, Patcher: legacy.Maker}
	b := legacy.Verdict{Device: &inventory.Device{ID: "b"}, Advice: legacy.Replace, Certainty: legacy.Confirmed}
	if legacy.Compare(&a, &b) >= 0 || legacy.Compare(&b, &a) <= 0 {
		t.Error("segment comes first")
	}
	var got []string
	for _, f := range append([]string{"site"}, legacy.Fields...) {
		values, ok := a.Field(f)
		got = append(got, fmt.Sprint(f, ok, values))
	}
	if want := "sitefalse [] certaintytrue [likely] patchabletrue [maker] advicetrue [segment] unfixedtrue [ICSMA-1]"; strings.Join(got, " ") != want {
		t.Errorf("got %s", got)
	}
}
