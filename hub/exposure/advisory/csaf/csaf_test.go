package csaf_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/exposure/advisory"
	"github.com/wardscope/wardscope/hub/exposure/advisory/csaf"
)

// doc is made for this test, in the form of the standard.
const doc = `{"document":{"tracking":{"id":"TEST-26-001-01","current_release_date":"2026-11-01T10:00:00Z"}},
"product_tree":{"branches":[{"category":"vendor","name":"Acme  Medical","branches":[
  {"category":"product_name","name":"Pump 9","branches":[
    {"category":"product_version_range","name":"<= 2.1","product":{"name":"Pump 9 to 2.1","product_id":"P1"}},
    {"category":"product_version","name":"2.2","product":{"name":"Pump 9 2.2","product_id":"P2"}}]},
  {"category":"product_name","name":"Server","product":{"name":"Server","product_id":"P3"}}]}],
 "full_product_names":[{"name":"Loose product","product_id":"P4"}],
 "relationships":[{"category":"installed_on","full_product_name":{"name":"Server on Pump 9","product_id":"P5"},"product_reference":"P3","relates_to_product_reference":"P1"}]},
"vulnerabilities":[{"cve":"CVE-2026-1","product_status":{"known_affected":["P1","P4","P5","P9"],"fixed":["P2"]},
  "scores":[{"cvss_v3":{"baseScore":7.5},"products":["P1"]},{"cvss_v3":{"baseScore":9.8},"products":["P1","P5"]}],
  "remediations":[{"category":"vendor_fix","product_ids":["P1"]},{"category":"mitigation","product_ids":["P4"]}]}]}`

const kev = `{"dateReleased":"2026-11-10T12:00:00.1Z","vulnerabilities":[{"cveID":"CVE-2026-1"}]}`

func TestTable(t *testing.T) {
	s := csaf.New()
	for range 2 { // a document twice is one
		if err := s.Add([]byte(doc)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.AddExploited([]byte(kev)); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := s.Write(&out, "a test", ""); err != nil {
		t.Fatal(err)
	}
	want := `# a test	2026-11-01	2026-11-10
TEST-26-001-01	CVE-2026-1		yes		Loose product	vers:all/*	no	yes
TEST-26-001-01	CVE-2026-1		no	Acme Medical	Pump 9	2.2	no	yes
TEST-26-001-01	CVE-2026-1	9.8	yes	Acme Medical	Pump 9	<= 2.1	yes	yes
TEST-26-001-01	CVE-2026-1	9.8	yes	Acme Medical	Server	vers:all/*	no	yes
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	p, err := advisory.Read(strings.NewReader(out.String()))
	if err != nil {
		t.Fatal(err)
	}
	for version, affected := range map[string]bool{"2.1": true, "2.2": false} {
		hits := p.Match(advisory.Product{Vendor: "Acme", Model: "Pump 9", Firmware: version})
		if got := len(hits) == 1 && hits[0].Affected() && hits[0].Exploited && hits[0].Fixed; got != affected {
			t.Errorf("version %s: %+v", version, hits)
		}
	}
}

func TestRefused(t *testing.T) {
	s := csaf.New()
	for _, text := range []string{"", "{}", `{"document":{"tracking":{"id":"X"}}}`, "[]", doc[:200]} {
		if err := s.Add([]byte(text)); err == nil {
			t.Errorf("%.40q was taken as a document", text)
		}
	}
	for _, text := range []string{"", "{}", `{"vulnerabilities":[{"cveID":"CVE-1"}]}`} {
		if err := s.AddExploited([]byte(text)); err == nil {
			t.Errorf("%.40q was taken as a list", text)
		}
	}
	var out strings.Builder
	if err := s.Write(&out, "nothing", ""); err == nil {
		t.Error("an empty table was written")
	}
}

func FuzzAdd(f *testing.F) {
	f.Add([]byte(doc))
	f.Add([]byte(kev))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s := csaf.New()
		if err := s.Add(raw); err != nil || s.Rows() == 0 {
			return
		}
		var out strings.Builder
		if err := s.Write(&out, "fuzz", ""); err != nil {
			t.Fatal(err)
		}
		if _, err := advisory.Read(strings.NewReader(out.String())); err != nil {
			t.Errorf("%v:\n%s", err, out.String())
		}
	})
}
