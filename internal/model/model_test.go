package model_test

import (
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wardscope/wardscope/internal/model"
)

func TestAddr(t *testing.T) {
	for _, s := range []string{"192.0.2.7", "0.0.0.0", "255.255.255.255", "2001:db8::1", "fe80::1", "::", "::1"} {
		a, err := model.ParseAddr(s)
		if err != nil {
			t.Fatal(err)
		}
		if s != "::" && a.String() != s {
			t.Errorf("%s became %s", s, a)
		}
		if want := netip.MustParseAddr(s); s != "::" && a.Netip() != want {
			t.Errorf("Netip(%s) = %v", s, a.Netip())
		}
	}
	if (model.Addr{}).String() != "" || (model.Addr{}).Netip().IsValid() {
		t.Error("the zero Addr is not empty")
	}
	if _, err := model.ParseAddr("10.0.0"); err == nil {
		t.Error("10.0.0 parsed")
	}
	a, b := model.AddrFrom4([]byte{10, 0, 0, 1}), model.AddrFrom16(netip.MustParseAddr("2001:db8::1").AsSlice())
	if !a.Is4() || b.Is4() || !a.Less(b) || b.Less(a) {
		t.Errorf("%v %v: family or order wrong", a, b)
	}
	if model.AddrFromNetip(netip.MustParseAddr("::ffff:10.0.0.1").Unmap()) != a || !model.AddrFromNetip(netip.Addr{}).IsZero() {
		t.Error("AddrFromNetip disagrees")
	}
}

func TestAddrClasses(t *testing.T) {
	for _, c := range []struct {
		s                             string
		multicast, local, unspecified bool
	}{
		{"224.0.0.251", true, false, false}, {"255.255.255.255", true, false, false}, {"ff02::1", true, false, false},
		{"169.254.1.1", false, true, false}, {"fe80::1", false, true, false}, {"0.0.0.0", false, false, true}, {"10.1.1.1", false, false, false},
	} {
		a, err := model.ParseAddr(c.s)
		if err != nil {
			t.Fatal(err)
		}
		if a.IsMulticast() != c.multicast || a.IsLinkLocal() != c.local || a.IsUnspecified() != c.unspecified {
			t.Errorf("%s: multicast %v, link-local %v, unspecified %v", c.s, a.IsMulticast(), a.IsLinkLocal(), a.IsUnspecified())
		}
	}
}

func TestMAC(t *testing.T) {
	for _, s := range []string{"00:00:5e:00:53:01", "ff:ff:ff:ff:ff:ff"} {
		m, err := model.ParseMAC(s)
		if err != nil || m.String() != s {
			t.Errorf("%s became %s, %v", s, m, err)
		}
	}
	for _, bad := range []string{"", "00:00:5e", "zz:00:5e:00:53:01"} {
		if _, err := model.ParseMAC(bad); err == nil {
			t.Errorf("%q parsed", bad)
		}
	}
	group, _ := model.ParseMAC("01-00-5e-00-00-fb")
	local, _ := model.ParseMAC("0200.5e00.5301")
	vrrp, _ := model.ParseMAC("00:00:5e:00:01:0a")
	if !group.IsGroup() || local.IsGroup() || !local.IsLocal() || group.IsLocal() || !vrrp.IsVirtualRouter() || local.IsVirtualRouter() {
		t.Error("a bit is misread")
	}
	if model.MAC(0).String() != "" {
		t.Error("no MAC is not empty")
	}
}

func TestText(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{" ct-03\r\n", "ct-03"}, {"a\x00b", `a\x00b`}, {"\xff\xfe", `\xff\xfe`}, {"é\u202e", "é\\xe2\\x80\\xae"}, {"\x1b[31m", `\x1b[31m`}, {"", ""},
	} {
		if got := model.Text(c.in); got != c.want {
			t.Errorf("Text(%q) = %q, want %q", c.in, got, c.want)
		}
	}
	for _, in := range []string{strings.Repeat("a", 300), strings.Repeat("é", 200), strings.Repeat("\x01", 300), strings.Repeat("a", 253) + "\x01\x01", strings.Repeat("a", 256)} {
		got := model.Text(in)
		if len(got) > model.MaxText || !utf8.ValidString(got) || len(in) > 256 && !strings.HasSuffix(got, "…") {
			t.Errorf("Text of %d bytes gives %d: %q", len(in), len(got), got)
		}
	}
	if got := model.Banner([]byte(strings.Repeat("b", 600))); len(got) > model.MaxBanner || len(got) < 500 {
		t.Errorf("Banner gives %d bytes", len(got))
	}
}

func FuzzText(f *testing.F) {
	f.Add("plain")
	f.Add(strings.Repeat("\x00é", 100))
	f.Fuzz(func(t *testing.T, s string) {
		got := model.Text(s)
		if len(got) > model.MaxText || !utf8.ValidString(got) || strings.ContainsAny(got, "\x00\n\r\x1b") {
			t.Errorf("Text(%q) = %q", s, got)
		}
	})
}

func TestCheckID(t *testing.T) {
	for _, good := range []string{"north", "a", "site-1", strings.Repeat("a", 32)} {
		if err := model.CheckID("site", good); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"", "-a", "a-", "A", "a.b", "a*", strings.Repeat("a", 33)} {
		if model.CheckID("site", bad) == nil {
			t.Errorf("%q passed", bad)
		}
	}
}

func TestNames(t *testing.T) {
	if model.KindStack.String() != "stack" || model.Kind(200).String() != "unset" || model.FindingDeviceChanged.String() != "device_changed" ||
		model.FindingType(20).String() != "unset" || model.EndLack.String() != "lack" || model.PlacePrivacy.String() != "privacy" ||
		model.VerbDelete.String() != "delete" || model.ResultFailed.String() != "failed" || model.Verb(99).String() != "unset" ||
		model.Result(99).String() != "unset" || model.EndReason(99).String() != "unset" || model.Place(99).String() != "unset" {
		t.Error("a name is off")
	}
	if got := (model.EncapVLAN | model.EncapGTP).Names(); len(got) != 2 || got[0] != "vlan" || got[1] != "gtp" {
		t.Errorf("got %v", got)
	}
	if len(model.FindingTypes()) < 25 {
		t.Error("types are missing")
	}
}

func TestFindingKey(t *testing.T) {
	a := model.Finding{Type: model.FindingCleartextProtocol, Rule: "telnet.cleartext", Subject: model.Subject{Addr: model.AddrFrom4([]byte{10, 0, 0, 1}), MAC: 1}, Service: "telnet", Count: 1}
	b := a
	b.Subject.MAC, b.Count, b.Peer, b.CommunityID = 2, 9, a.Subject, "1:x"
	if a.Key() != b.Key() {
		t.Error("two sensors' views of one weakness have two keys")
	}
	b.Service = "ftp"
	if a.Key() == b.Key() {
		t.Error("two weaknesses have one key")
	}
	if !(model.Subject{}).IsZero() || a.Subject.String() == "" || (&model.Batch{Findings: []model.Finding{a}}).Events() != 1 {
		t.Error("subject or batch count is off")
	}
	onlyMAC := model.Finding{Subject: model.Subject{MAC: 7}}
	if !strings.Contains(onlyMAC.Key(), "00:00:00:00:00:07") {
		t.Errorf("key %q names nobody", onlyMAC.Key())
	}
}
