package advisory_test

import (
	"os"
	"strings"
	"testing"

	"github.com/wardscope/wardscope/hub/exposure/advisory"
)

func pack(t testing.TB) *advisory.Pack {
	t.Helper()
	p, err := advisory.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTwoHundredCases(t *testing.T) {
	p := pack(t)
	raw, err := os.ReadFile("testdata/cases.tsv")
	if err != nil {
		t.Fatal(err)
	}
	cases, found := 0, 0
	for line := range strings.Lines(string(raw)) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") {
			continue
		}
		cases++
		affected := false
		for _, h := range p.Match(advisory.Product{Vendor: f[1], Model: f[2], Firmware: f[3]}) {
			affected = affected || h.Advisory == f[4] && h.Affected()
		}
		switch {
		case f[0] == "affected" && affected:
			found++
		case f[0] == "affected":
			t.Logf("not told affected: %s", strings.Join(f, " | "))
		case affected:
			t.Errorf("wrongly affected: %s", strings.Join(f, " | "))
		}
	}
	if cases != 200 || found < 90 {
		t.Errorf("%d cases, %d of 100 affected ones found", cases, found)
	}
}

func TestWithin(t *testing.T) {
	for _, c := range []struct {
		version, versions string
		want              advisory.Answer
	}{
		{"1.2.3", "vers:all/*", advisory.Inside},
		{"", "vers:all/*", advisory.Inside},
		{"", "< 2.0", advisory.Unclear},
		{"1.9", "< 2.0", advisory.Inside},
		{"2.0", "< 2.0", advisory.Outside},
		{"2.0.0", "<= 2.0", advisory.Inside},
		{"2.0.1", "<= 2.0", advisory.Outside},
		{"10.2", "< 9.33", advisory.Outside},
		{"012U000041", "<= 012U000061", advisory.Inside},
		{"012U000062", "<= 012U000061", advisory.Outside},
		{"L80", "<= U61 |<= L81", advisory.Inside},
		{"L82", "<= U61 |<= L81", advisory.Unclear},
		{"C.00.04", "< B.06.18", advisory.Outside},
		{"4.2", ">= 4.0 | <= 4.6", advisory.Inside},
		{"4.7", ">= 4.0 | <= 4.6", advisory.Outside},
		{"4.7", "3.1 | 4.7", advisory.Inside},
		{"12.2.5.1", "<= 12.2.x.x", advisory.Inside},
		{"12.3.0.0", "<= 12.2.x.x", advisory.Outside},
		{"6.5.0 SP1", "<= 6.5.0 SP1", advisory.Inside},
		{"6.5.0 SP2", "<= 6.5.0 SP1", advisory.Outside},
		{"6.5.0", "<= 6.5.0 SP1", advisory.Inside},
		{"1.0", "distributed < april 1, 2018", advisory.Unclear},
		{"1.0", "v8.x (with Wireless Battery Modules v17 | v17D19)", advisory.Unclear},
		{"1.7.0", "<= 1.7.0", advisory.Inside},
		{"V5.1", "< V5.2", advisory.Inside},
		{"unknown", "< V5.2", advisory.Unclear},
	} {
		if got := advisory.Within(c.version, c.versions); got != c.want {
			t.Errorf("%q within %q: got %v, want %v", c.version, c.versions, got, c.want)
		}
	}
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		model, product string
		want           advisory.Alike
	}{
		{"Alaris 8015", "Alaris PC Unit Model 8015", advisory.Same},
		{"Alaris 8100", "Alaris PC Unit Model 8015", advisory.Different},
		{"Alaris PCU", "Alaris PC Unit Model 8015", advisory.Related},
		{"Spectrum IQ", "Baxter Spectrum IQ", advisory.Same},
		{"Spectrum IQ", "Sigma Spectrum", advisory.Related},
		{"LOGIQ 7", "LOGIQ 9", advisory.Different},
		{"LOGIQ E10", "LOGIQ, not including LOGIQ 100 Pro", advisory.Related},
		{"IntelliVue MX800", "Infinity Delta", advisory.Different},
		{"", "Infinity Delta", advisory.Different},
	} {
		if got := advisory.Compare(c.model, c.product); got != c.want {
			t.Errorf("%q, %q: got %v, want %v", c.model, c.product, got, c.want)
		}
	}
}

func TestAnswersCarryCertaintyAndDate(t *testing.T) {
	p := pack(t)
	if p.AsOf != "2024-10-24" || p.KEVOf == "" || !strings.Contains(p.Source, "CISA") {
		t.Errorf("pack: %q as of %q, %q", p.Source, p.AsOf, p.KEVOf)
	}
	for _, c := range []struct {
		d    advisory.Product
		want advisory.Certainty
	}{
		{advisory.Product{Vendor: "Swisslog Healthcare", Model: "Nexus Control Panel", Firmware: "7.2.5.6"}, advisory.Confirmed},
		{advisory.Product{Vendor: "BD", Model: "Alaris 8015"}, advisory.Likely},
		{advisory.Product{Vendor: "BD", Model: "Alaris GX"}, advisory.Possible},
		{advisory.Product{Vendor: "Unheard Of", OS: "VxWorks"}, advisory.Possible},
	} {
		hits := p.Match(c.d)
		if len(hits) == 0 || hits[0].Certainty != c.want || hits[0].Reason == "" || len(hits[0].CVEs) == 0 {
			t.Errorf("%+v: got %+v, want %v", c.d, hits, c.want)
		}
	}
	if hits := p.Match(advisory.Product{Vendor: "Acme", Model: "Toaster 9", Firmware: "1"}); hits != nil {
		t.Errorf("got %v for a product that nobody wrote of", hits)
	}
	exploited := false
	for _, h := range p.Match(advisory.Product{Vendor: "Philips", Model: "nothing"}) {
		exploited = exploited || h.Exploited
	}
	if exploited {
		t.Error("a model that nothing names is told exploited")
	}
}

func TestNotice(t *testing.T) {
	n := advisory.Notice{Maker: "Hospira", Model: "Plum 360", Firmware: "< 15.10", Serial: "S100000-S199999;S250000"}
	for _, c := range []struct {
		d    advisory.Product
		want advisory.Verdict
	}{
		{advisory.Product{Vendor: "ICU Medical", Model: "Plum 360", Firmware: "15.02", Serial: "S150000"}, advisory.Affected},
		{advisory.Product{Vendor: "ICU Medical", Model: "Plum 360", Firmware: "15.02", Serial: "S250000"}, advisory.Affected},
		{advisory.Product{Vendor: "ICU Medical", Model: "Plum 360", Firmware: "15.10", Serial: "S150000"}, advisory.NotAffected},
		{advisory.Product{Vendor: "ICU Medical", Model: "Plum 360", Firmware: "15.02", Serial: "S200000"}, advisory.NotAffected},
		{advisory.Product{Vendor: "ICU Medical", Model: "Plum 360", Firmware: "15.02", Serial: "S15000"}, advisory.NotAffected},
		{advisory.Product{Vendor: "ICU Medical", Model: "Plum 360", Serial: "S150000"}, advisory.Unsure},
		{advisory.Product{Vendor: "ICU Medical", Model: "Plum 360"}, advisory.Unsure},
		{advisory.Product{Vendor: "ICU Medical", Model: "Plum A+", Firmware: "15.02", Serial: "S150000"}, advisory.Unsure},
		{advisory.Product{Vendor: "ICU Medical"}, advisory.Unsure},
		{advisory.Product{Vendor: "ICU Medical", Model: "LifeCare PCA"}, advisory.Unconcerned},
		{advisory.Product{Vendor: "BD", Model: "Plum 360", Firmware: "15.02"}, advisory.Unconcerned},
		{advisory.Product{}, advisory.Unconcerned},
	} {
		if got, why := n.Judge(c.d); got != c.want {
			t.Errorf("%+v: got %v (%s), want %v", c.d, got, why, c.want)
		}
	}
	all := advisory.Notice{Maker: "ICU Medical", Model: "Plum 360"}
	if got, _ := all.Judge(advisory.Product{Vendor: "Hospira", Model: "Plum 360"}); got != advisory.Affected {
		t.Errorf("a notice without ranges: got %v", got)
	}
}

func TestReadRefusesDamage(t *testing.T) {
	for _, text := range []string{"", "advisory\tcve\n", "# a\tb\tc\none column\n", "# a\tb\tc\nA\tC\tx\tyes\tV\tP\t1\tyes\tno\n"} {
		if _, err := advisory.Read(strings.NewReader(text)); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

func FuzzWithin(f *testing.F) {
	for _, s := range []string{"1.2", "<= 12.2.x.x", ">= 4.0 | <= 4.6", "012U000061", "vers:all/*", "v", "1..2", "|"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, version, versions string) {
		if advisory.Within(version, versions) == advisory.Inside && !advisory.All(versions) && version == "" {
			t.Error("an unknown version is inside a range")
		}
	})
}

func TestMerge(t *testing.T) {
	read := func(text string) *advisory.Pack {
		t.Helper()
		p, err := advisory.Read(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	base := read("# base\t2024-01-01\t2024-02-01\nA-1\tCVE-1\t5.0\tyes\tAcme\tPump 9\t<= 2.0\tno\tyes\nA-2\tCVE-2\t5.0\tyes\tAcme\tPump 9\tvers:all/*\tno\tno\n")
	own := read("# own\t2026-01-01\t\nA-1\tCVE-1\t7.0\tyes\tAcme\tPump 9\t<= 3.0\tyes\tno\n")
	p := advisory.Merge(base, own)
	if p.Source != "base" || p.AsOf != "2024-01-01" || p.KEVOf != "2024-02-01" {
		t.Errorf("dates of the smaller pack: %q %q %q", p.Source, p.AsOf, p.KEVOf)
	}
	hits := p.Match(advisory.Product{Vendor: "Acme", Model: "Pump 9", Firmware: "2.5"})
	if len(hits) != 2 || hits[0].Advisory != "A-1" || !hits[0].Fixed || !hits[0].Exploited || hits[0].AsOf != "2026-01-01" || hits[1].AsOf != "2024-01-01" {
		t.Errorf("got %+v", hits)
	}
}
