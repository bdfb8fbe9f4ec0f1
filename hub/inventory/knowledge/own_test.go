package knowledge_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/inventory/knowledge"
)

func own(text string) map[string][]byte { return map[string][]byte{"own.yaml": []byte(text)} }

func TestExtend(t *testing.T) {
	s, err := knowledge.Extend(own(`
rules:
  - {id: own.pump-names, kind: hostname, match: '^ip-[0-9]{4}$', set: {type: infusion-pump, vendor: Acme}, weight: 0.8, origin: naming scheme of 2019, sample: ip-0001, other: ip-1}
placeholders: ["spare"]
vendors: {aliases: {Acme Medical: ["acme", "cisco"]}}
os: [{name: AcmeOS 2, match: '^acmeos 2', until: "2020-01-01", origin: maker's letter, sample: "acmeos 2.1"}]
disable: [offers.rdp]
`))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, o := range s.Read(knowledge.Fact{Kind: "hostname", Source: "dhcp.option12", Value: "IP-0042"}) {
		got[o.Attr] = o.Value + " " + o.Rule
	}
	want := map[string]string{"hostname": "IP-0042 ", "type": "infusion-pump own.pump-names", "category": "medical own.pump-names", "vendor": "Acme Medical own.pump-names"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if v := s.Vendor("Cisco Systems"); v != "Acme Medical" {
		t.Errorf("an own name does not come first: %s", v)
	}
	if o := s.System("AcmeOS 2.4"); o == nil || o.Until != "2020-01-01" {
		t.Errorf("own system: %v", o)
	}
	if !s.Placeholder("Spare") || builtin(t).Placeholder("Spare") {
		t.Error("own placeholders are not of one set only")
	}
	for _, o := range s.Read(knowledge.Fact{Kind: "offers", Source: "flow.offers", Value: "rdp"}) {
		if o.Rule == "offers.rdp" {
			t.Error("a disabled rule speaks")
		}
	}
	if diff := cmp.Diff([]string{"own.pump-names", "offers.rdp"}, append(s.Own(), s.Disabled()...)); diff != "" {
		t.Error(diff)
	}
	if none, err := knowledge.Extend(nil); err != nil || len(none.Own()) != 0 || len(none.Rules()) != len(builtin(t).Rules()) {
		t.Errorf("without own files: %v", err)
	}
}

func TestExtendListsAllFaults(t *testing.T) {
	rule := func(extra string) string {
		return "{id: own.x, kind: hostname, match: '^x', set: {type: infusion-pump}, weight: 0.5, origin: o, sample: x1" + extra + "}"
	}
	for name, c := range map[string]struct{ text, want string }{
		"sample":      {"rules: [{id: own.y, kind: hostname, match: '^y', set: {type: pacs}, weight: 0.5, origin: o, sample: x}]", `does not match its sample "x"`},
		"other":       {"rules: [" + rule(", other: x2") + "]", `matches "x2", which it must not`},
		"expression":  {"rules: [{id: own.y, kind: hostname, match: '(', set: {type: pacs}, weight: 0.5, origin: o, sample: x}]", "own.y: error parsing regexp"},
		"type":        {"rules: [{id: own.y, kind: hostname, match: x, set: {type: pump}, weight: 0.5, origin: o, sample: x}]", `type "pump" is not in the closed list`},
		"weight":      {"rules: [{id: own.y, kind: hostname, match: x, set: {type: pacs}, weight: 1, origin: o, sample: x}]", "weight 1 is outside"},
		"twice":       {"rules: [" + rule("") + ", " + rule("") + "]", "used twice"},
		"ours":        {"rules: [{id: offers.rdp, kind: offers, match: x, set: {type: pacs}, weight: 0.5, origin: o, sample: x}]", "used twice"},
		"unknown id":  {"disable: [offers.nothing]", `no rule "offers.nothing"`},
		"unknown key": {"categories: {it: [toaster]}", "categories"},
		"placeholder": {"placeholders: ['(']", "placeholder"},
		"too large":   {"placeholders: ['" + strings.Repeat("a", 1<<20) + "']", "at most 1048576"},
	} {
		if _, err := knowledge.Extend(own(c.text)); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "own.yaml") && !strings.Contains(fmt.Sprint(err), "rule") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func FuzzExtend(f *testing.F) {
	f.Add("rules: [{id: own.x, kind: hostname, match: '^x', set: {type: infusion-pump}, weight: 0.5, origin: o, sample: x1}]\ndisable: [offers.rdp]\n")
	f.Add("vendors: {aliases: {A: [b]}}\nos: [{name: A, match: a}]\n")
	f.Fuzz(func(_ *testing.T, text string) {
		s, err := knowledge.Extend(own(text))
		if err != nil {
			return
		}
		s.Read(knowledge.Fact{Kind: "hostname", Source: "dhcp.option12", Value: text})
	})
}
