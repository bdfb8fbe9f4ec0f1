package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wardscope/wardscope/hub/inventory/knowledge"
)

const said = `{"observation":{"observationDomain":1,"subject":{"ip":"10.0.0.5","mac":"00:03:b1:00:00:05"},"kind":"OBSERVATION_KIND_HOSTNAME","value":"pump-0005","source":"dhcp.option12","firstSeen":"2026-11-24T10:00:00Z","lastSeen":"2026-11-24T10:00:00Z","count":"1"}}
{"flow":{"start":"2026-11-24T10:00:00Z","end":"2026-11-24T10:00:01Z","initiator":{"ip":"10.0.0.5","port":4000,"mac":"00:03:b1:00:00:05"},"responder":{"ip":"10.0.0.9","port":2575,"mac":"00:03:b1:00:00:09"},"ipProtocol":6,"service":"hl7","initiatorPackets":"3","responderPackets":"2"}}
{"flow":{"start":"2026-11-24T10:00:00Z","end":"2026-11-24T10:00:01Z","initiator":{"ip":"192.168.7.7","mac":"00:03:b1:00:00:05"},"responder":{"ip":"10.0.0.9","mac":"00:03:b1:00:00:09"},"ipProtocol":6,"encapsulation":["gre"],"initiatorPackets":"3"}}
`

func TestEventsBecomeDevices(t *testing.T) {
	in, err := events(strings.NewReader(said))
	if err != nil {
		t.Fatal(err)
	}
	if len(in.Claims) != 1 || len(in.Sightings) != 3 || len(in.Usages) != 2 {
		t.Fatalf("got %d claims, %d sightings, %d usages", len(in.Claims), len(in.Sightings), len(in.Usages))
	}
	if in.Sightings[2].MAC != 0 {
		t.Errorf("the link address of a tunnel's end was taken for the sender's: %v", in.Sightings[2])
	}
	set, err := knowledge.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, d := range answers(in, set) {
		if v, ok := d.(map[string]any); ok && v["hostname"] == "pump-0005" {
			named++
		}
	}
	if named != 1 {
		t.Errorf("got %d devices of that name", named)
	}
}

const table = `group               devices        exact       absent      doubled       joined  false joins
it                      310    302 (97%)            5            3            0            0
all                     310    302 (97%)            5            3            0            0

attribute        known         right         wrong       unknown
type               128     105 (82%)        2 (2%)      21 (16%)
all                767     668 (87%)        4 (1%)      95 (12%)
`

func TestEnforce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "thresholds.json")
	for _, c := range []struct{ limits, want string }{
		{`{"at_least":{"exact":302,"type right":105},"at_most":{"false joins":0,"type wrong":2}}`, ""},
		{`{"at_least":{"exact":303}}`, "exact: got 302, want at least 303"},
		{`{"at_most":{"all wrong":3}}`, "all wrong: got 4, want at most 3"},
		{`{"at_most":{"no such count":3}}`, "no such count"},
		{`{`, "read thresholds"},
	} {
		if err := os.WriteFile(path, []byte(c.limits), 0o600); err != nil {
			t.Fatal(err)
		}
		err := enforce(path, table)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", c.limits, err, c.want)
		}
	}
}

func TestRenewReplacesWhatStandsBetweenTheMarkers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "README.md")
	if err := os.WriteFile(path, []byte("head\n<!-- eval: begin (make eval) -->\nold\n<!-- eval: end -->\ntail\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := renew(path, []section{{"Captures", "new table"}}); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got := string(raw)
	if strings.Contains(got, "old") || !strings.Contains(got, "new table") || !strings.HasPrefix(got, "head\n<!-- eval: begin (make eval) -->\n") || !strings.HasSuffix(got, "<!-- eval: end -->\ntail\n") {
		t.Errorf("got %q", got)
	}
	if err := os.WriteFile(path, []byte("no markers"), 0o600); err != nil {
		t.Fatal(err)
	}
	if renew(path, nil) == nil {
		t.Error("a file without markers was accepted")
	}
}

func TestAbsentCapturesAreSaid(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), &options{captures: filepath.Join(t.TempDir(), "none")}, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "absent") {
		t.Errorf("got %q", out.String())
	}
}

func TestProofsAreHeldAgainstMisses(t *testing.T) {
	text, misses := split("table\nabsent       ot/a.pcap 10.0.0.7\nwrong vendor    it/b.pcap 00:0e:8c:00:00:05 10.0.0.9: truth 'Dell', result 'Acme'\n")
	if text != "table\n" || len(misses) != 2 {
		t.Fatalf("got %q and %q", text, misses)
	}
	path := filepath.Join(t.TempDir(), "proven.tsv")
	for _, c := range []struct{ proofs, want, fault string }{
		{"# why\nwrong vendor\tit/b.pcap\t10.0.0.9\ttshark -Y x: it says so\n", "1 of the wrong answers are wrong labels", ""},
		{"wrong vendor\tit/b.pcap\t10.0.0.8\ttshark\n", "", "any more"},
		{"wrong vendor\tit/b.pcap\tDell\ttshark\n", "", "any more"},
		{"wrong vendor\tit/b.pcap\t10.0.0.9\n", "", "want what"},
	} {
		if err := os.WriteFile(path, []byte(c.proofs), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := disproved(path, misses)
		if !strings.HasPrefix(got, c.want) || (err == nil) != (c.fault == "") || err != nil && !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%q: got %q, %v", c.proofs, got, err)
		}
	}
	if got, err := disproved("", misses); got != "" || err != nil {
		t.Errorf("without proofs: %q, %v", got, err)
	}
}

func TestUnreadFieldsAreListed(t *testing.T) {
	in, err := events(strings.NewReader(strings.ReplaceAll(said, "pump-0005", "localhost") + strings.ReplaceAll(said, "dhcp.option12", "nbns.name")))
	if err != nil {
		t.Fatal(err)
	}
	set, err := knowledge.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	fields := map[[2]string]*told{}
	gather(in, set, fields)
	var out strings.Builder
	if err := list(&out, slices.Collect(maps.Values(fields))); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "dhcp.option12") || strings.Contains(out.String(), "nbns.name") || !strings.Contains(out.String(), "2 values in 2 fields, 1 of them") {
		t.Errorf("got\n%s", out.String())
	}
}
