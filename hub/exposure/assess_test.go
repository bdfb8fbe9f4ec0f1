package exposure_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/exposure"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/knowledge"
	"github.com/wardscope/wardscope/hub/inventory/sites"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
)

var at = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

func addr(t *testing.T, s string) model.Addr {
	t.Helper()
	a, err := model.ParseAddr(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// input is a site with a CT, a workstation on Windows XP, a PACS with two addresses, and ten pumps.
func input(t *testing.T) *exposure.Input {
	t.Helper()
	set, err := knowledge.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	ratings, err := exposure.LoadRatings()
	if err != nil {
		t.Fatal(err)
	}
	table := sites.New(state.Sites{
		Sites:    []state.Site{{ID: "north", Realm: "wan", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("198.51.100.0/24")}}},
		Partners: []state.Partner{{Name: "records", Prefixes: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}}},
	})
	in := &inventory.Input{Places: table, Now: at.UnixNano()}
	add := func(mac model.MAC, ip, role, os string) {
		sub := model.Subject{Addr: addr(t, ip), MAC: mac}
		for _, c := range []inventory.Claim{{Kind: model.KindAddressBinding, Source: "arp.sender", Value: ip}, {Kind: model.KindRole, Source: "x.role", Value: role}, {Kind: model.KindOS, Source: "smb.native_os", Value: os}} {
			c.Site, c.Realm, c.Subject, c.First, c.Last, c.Count, c.Sensors = "north", "wan", sub, at.UnixNano(), at.UnixNano(), 1, []model.SensorID{"n1"}
			in.Claims = append(in.Claims, c)
		}
	}
	add(1, "10.1.0.1", "modality-ct", "")
	add(2, "10.1.0.2", "workstation", "Windows 5.1")
	add(3, "10.1.0.3", "pacs", "")
	add(3, "198.51.100.3", "pacs", "")
	for i := range 10 {
		add(model.MAC(16+i), fmt.Sprintf("10.1.1.%d", 10+i), "infusion-pump", "")
	}
	return &exposure.Input{Inventory: inventory.Resolve(in, set), Sites: table, Ratings: ratings}
}

func reported(t *testing.T, typ model.FindingType, rule, ip, service, detail string) store.Finding {
	t.Helper()
	return store.Finding{Site: "north", Realm: "wan", Key: rule + ip + detail, Type: typ, Rule: rule, RuleVersion: 1, Subject: model.Subject{Addr: addr(t, ip)},
		Service: service, Detail: detail, Port: 23, Protocol: 6, First: at, Last: at, Count: 3, Peers: 2, Sensors: []model.SensorID{"n1"}}
}

func external(t *testing.T, from, to, service string, port uint16, encrypted bool, names ...string) store.External {
	t.Helper()
	e := store.External{Edge: store.Edge{Realm: "wan", Initiator: addr(t, from), Responder: addr(t, to), Protocol: 6, Port: port, Service: service, InitiatorOctets: 100,
		ResponderOctets: 50, InitiatorPackets: 2, ResponderPackets: 2, Flows: 1, First: at, Last: at, Sites: []model.SiteID{"north"}, Vantages: []string{"n1/0"}}, ServerNames: names}
	if encrypted {
		e.EncryptedFlows = 1
	}
	table := sites.New(state.Sites{Sites: []state.Site{{ID: "n", Prefixes: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}}}})
	e.InitiatorExternal = table.Class(e.Initiator) == inventory.External
	e.ResponderExternal = table.Class(e.Responder) == inventory.External
	return e
}

func titles(fs []exposure.Finding) []string {
	var out []string
	for _, f := range fs {
		out = append(out, fmt.Sprintf("%s %s [%d devices, %d times]", f.Severity, f.Title, len(f.Devices), f.Count))
	}
	return out
}

func TestOneLineAWeaknessServiceAndServer(t *testing.T) {
	in := input(t)
	in.Findings = []store.Finding{
		reported(t, model.FindingCleartextProtocol, "dicom.cleartext", "10.1.0.3", "dicom", ""),
		reported(t, model.FindingCleartextProtocol, "dicom.cleartext", "198.51.100.3", "dicom", ""), // the same device
		reported(t, model.FindingWeakCrypto, "tls.version", "10.1.0.3", "tls", "TLS 1.0"),
		reported(t, model.FindingWeakCrypto, "tls.version", "10.1.0.3", "tls", "TLS 1.1"),
		reported(t, model.FindingCleartextProtocol, "dns.cleartext", "10.1.0.2", "dns", ""),
		reported(t, model.FindingDefaultCredential, "telnet.default_credential", "10.1.0.1", "telnet", "default 17"),
		reported(t, model.FindingObsoleteProtocol, "smb.version_1", "10.1.0.2", "smb", ""),
		reported(t, model.FindingCleartextProtocol, "http.cleartext", "8.8.8.8", "http", ""), // not ours to fix
	}
	for i := range 10 {
		in.Findings = append(in.Findings, reported(t, model.FindingCleartextProtocol, "telnet.cleartext", fmt.Sprintf("10.1.1.%d", 10+i), "telnet", ""))
	}
	a := exposure.Assess(in)
	if diff := cmp.Diff([]string{
		"critical default login to telnet: modality-ct (default 17) [1 devices, 3 times]",
		"critical obsolete smb: workstation [1 devices, 3 times]",
		"high clear-text telnet: 10 infusion-pump [10 devices, 30 times]",
		"high operating system past support: workstation (Windows XP until 2014-04-08) [1 devices, 1 times]",
		"medium clear-text dicom: pacs [1 devices, 6 times]",
		"medium weak encryption of tls: pacs (TLS 1.0, TLS 1.1) [1 devices, 6 times]",
		"informational clear-text dns: workstation [1 devices, 3 times]",
	}, titles(a.Findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	ids := map[string]bool{}
	for _, f := range a.Findings {
		if ids[f.ID] || f.Reason == "" || f.Meaning == "" || f.Remedy == "" || len(f.Sensors) == 0 {
			t.Errorf("%s: id %s, reason %q, sensors %v", f.Title, f.ID, f.Reason, f.Sensors)
		}
		ids[f.ID] = true
	}
	if len(a.Legacy) != 1 || a.Legacy[0].SupportUntil != "2014-04-08" {
		t.Errorf("legacy: %+v", a.Legacy)
	}
}

func TestPerimeter(t *testing.T) {
	in := input(t)
	in.External = []store.External{
		external(t, "10.1.0.2", "8.8.8.8", "tls", 443, true, "www.example.org"),
		external(t, "10.1.0.1", "8.8.4.4", "tls", 443, true, "service.vendor.example"),
		external(t, "9.9.9.9", "198.51.100.3", "dicom", 104, false),
		external(t, "9.9.9.9", "10.1.0.2", "rdp", 3389, true),
		external(t, "10.1.0.3", "9.9.9.8", "hl7", 2575, false),
		external(t, "9.9.9.9", "8.8.8.8", "http", 80, false),            // nobody's of ours
		external(t, "10.1.0.2", "239.255.255.250", "ssdp", 1900, false), // never leaves
		external(t, "10.1.1.10", "9.9.9.7", "http", 80, false, "drm.axeda.com"),
	}
	a := exposure.Assess(in)
	var got []string
	for _, p := range a.Peers {
		got = append(got, fmt.Sprintf("%s %s %s in=%v %s", p.Subject.Name(), p.Addr, p.Service, p.Inbound, p.Name))
	}
	if diff := cmp.Diff([]string{
		"pacs 9.9.9.9 dicom in=true ", "workstation 9.9.9.9 rdp in=true ", // what comes in, then medical devices
		"modality-ct 8.8.4.4 tls in=false service.vendor.example", "infusion-pump 9.9.9.7 http in=false drm.axeda.com", "pacs 9.9.9.8 hl7 in=false ",
		"workstation 8.8.8.8 tls in=false www.example.org",
	}, got); diff != "" {
		t.Errorf("peers (-want +got):\n%s", diff)
	}
	var kinds []string
	for _, f := range a.Findings {
		if f.Type != model.FindingLegacyOS {
			kinds = append(kinds, f.Severity.String()+" "+f.Type.String()+" "+f.Subject.Name())
		}
	}
	if diff := cmp.Diff([]string{
		"critical medical_data_in_clear pacs", "critical medical_data_in_clear pacs", "critical exposed_medical_service pacs", "critical known_vulnerable_component infusion-pump", "critical internet_inbound workstation",
		"medium external_communication pacs", "medium external_communication infusion-pump", "medium external_communication modality-ct",
	}, kinds); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestNoFindingsFromNothing(t *testing.T) {
	in := input(t)
	in.Inventory = inventory.Resolve(&inventory.Input{Places: in.Sites}, nil)
	if a := exposure.Assess(in); len(a.Findings)+len(a.Peers)+len(a.Legacy) != 0 {
		t.Errorf("got %v", titles(a.Findings))
	}
}

func TestEverySensorWeaknessIsRated(t *testing.T) {
	in := input(t)
	for typ := model.FindingCleartextProtocol; typ <= model.FindingKnownVulnerableComponent; typ++ {
		for _, service := range []string{"", "dicom", "telnet", "dns", "modbus", "tls", "strange"} {
			in.Findings = []store.Finding{reported(t, typ, "x.y", "10.1.0.1", service, "")}
			f := exposure.Assess(in).Findings
			if len(f) == 0 || f[0].Severity == exposure.SeverityUnset || strings.Contains(f[0].Title, "%") {
				t.Errorf("%s of %q: not rated", typ, service)
			}
		}
	}
}
