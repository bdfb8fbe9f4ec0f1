package geo_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/exposure/geo"
	"github.com/wardscope/wardscope/internal/model"
)

func addr(t *testing.T, s string) model.Addr {
	t.Helper()
	a, err := model.ParseAddr(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

const sample = `198.51.100.0,198.51.100.127,64500,"Example, Inc."
198.51.100.128,198.51.100.255,64501,Other
2001:db8::,2001:db8:ffff:ffff:ffff:ffff:ffff:ffff,64502,Six
192.0.2.0,192.0.2.255,64500,"Example, Inc."
`

func TestNetworkNames(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "asn.csv"), []byte(sample), 0o600); err != nil {
		t.Fatal(err)
	}
	table, err := geo.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for ip, want := range map[string]geo.Place{
		"198.51.100.0": {ASN: 64500, ASName: "Example, Inc."}, "198.51.100.127": {ASN: 64500, ASName: "Example, Inc."}, "198.51.100.200": {ASN: 64501, ASName: "Other"},
		"192.0.2.77": {ASN: 64500, ASName: "Example, Inc."}, "192.0.3.0": {}, "1.1.1.1": {}, "2001:db8::1": {ASN: 64502, ASName: "Six"}, "2001:db9::1": {},
	} {
		if diff := cmp.Diff(want, table.Lookup(addr(t, ip))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", ip, diff)
		}
	}
	if table.Date() != "" {
		t.Errorf("date %q without geography", table.Date())
	}
}

func TestNothingLoadedIsUnknown(t *testing.T) {
	table, err := geo.Open("")
	if err != nil {
		t.Fatal(err)
	}
	var none *geo.Table
	for _, g := range []*geo.Table{table, none} {
		if got := g.Lookup(addr(t, "8.8.8.8")); got != (geo.Place{}) {
			t.Errorf("got %+v", got)
		}
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestDamagedFilesSayWhere(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "asn.csv"), []byte(sample+"x,y,z,w\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := geo.Open(dir); err == nil || !strings.Contains(err.Error(), "line 5") {
		t.Errorf("got %v, want line 5 named", err)
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "country.mmdb"), []byte("no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := geo.Open(other); err == nil {
		t.Error("a damaged database was opened")
	}
}

// TestRealTables holds the tables of `make deps` against addresses whose place does not move.
func TestRealTables(t *testing.T) {
	dir := geo.Folder("")
	if dir == "" {
		t.Skip("no geography in the cache folder: run make deps")
	}
	table, err := geo.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := table.Close(); err != nil {
			t.Error(err)
		}
	}()
	got := table.Lookup(addr(t, "8.8.8.8"))
	if got.Country != "US" || got.ASN != 15169 || !strings.Contains(strings.ToLower(got.ASName), "google") {
		t.Errorf("8.8.8.8: got %+v", got)
	}
	if len(table.Date()) != 10 {
		t.Errorf("date %q", table.Date())
	}
}
