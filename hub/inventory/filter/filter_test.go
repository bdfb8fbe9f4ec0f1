package filter_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/inventory/filter"
)

var schema = filter.Schema{
	{Name: "site"}, {Name: "vendor"}, {Name: "vlan", Kind: filter.Number}, {Name: "ip", Kind: filter.Address}, {Name: "mac", Kind: filter.Link},
	{Name: "support", Kind: filter.Enum, Values: []string{"supported", "extended", "ended", "unknown"}},
}

var pump = map[string][]string{
	"site": {"north"}, "vendor": {"B. Braun"}, "vlan": {"30", "31"}, "ip": {"10.1.2.3", "fd00::5"}, "mac": {"00:12:21:00:00:01"}, "support": {"ended"},
	filter.AnyField: {"Perfusor 7", "north"},
}

func TestMatch(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "  ": true,
		"site = north": true, "site=NORTH": true, `site="north"`: true, "site = south": false, "site != south": true, "site != north": false,
		`vendor = "b. braun"`: true, "vendor:braun": true, "vendor:roche": false, "vendor:*": true, "NOT vendor:*": false, "vendor = b*": true, "vendor = *braun": true, "vendor=*bra*": true,
		"vlan = 30": true, "vlan = 32": false, "vlan >= 31": true, "vlan > 31": false, "vlan < 31": true, "vlan <= 29": false,
		"ip = 10.1.2.3": true, "ip = 10.0.0.0/8": true, "ip = 10.2.0.0/16": false, "ip = fd00::/8": true, "ip != 10.0.0.0/8": false, "ip = ::ffff:10.1.2.3": true,
		"mac = 00-12-21-00-00-01": true, "mac = 001221000001": true, "mac = 00:12:21*": true, "mac = 00:12:22:00:00:01": false,
		"support = ended": true, "support != ended": false, "support = supported OR support = ended": true,
		"site = south AND vlan = 30": false, "site = north vlan = 30": true, "-site = south": true, "NOT (site = north AND vlan = 99)": true,
		// OR binds tighter: (site = north) AND (vlan = 1 OR vlan = 30)
		"site = south AND vlan = 1 OR vlan = 30": false, "(site = south AND vlan = 1) OR vlan = 30": true,
		"perfusor": true, "north perfusor": true, "alaris": false, "NOT alaris": true,
	} {
		f, err := filter.Parse(text, schema)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := f.Match(func(n string) []string { return pump[n] }); got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}

func TestErrorsNameTheFieldAndSuggest(t *testing.T) {
	for _, c := range []struct{ text, field, has, meant string }{
		{"vendr = x", "vendr", `no field "vendr"`, "vendor"},
		{"stie = x", "stie", "fields are site, vendor", "site"},
		{"site = north AND colour = red", "colour", "no field", ""},
		{"support = endd", "support", "values are supported, extended", "ended"},
		{"support > ended", "support", "has no order", ""},
		{"vlan = x", "vlan", "is no number", ""},
		{"ip = 10.1.2", "ip", "neither an IP address nor a prefix", ""},
		{"mac = zz", "mac", "is no MAC address", ""},
		{"site =", "site", "a value is missing", ""},
		{"(site = north", "", "parenthesis is not closed", ""},
		{"site = north)", "", "not expected here", ""},
		{`site = "north`, "", "quote is not closed", ""},
		{"site ! north", "", "is no operator", "!="},
		{"AND site = north", "", "AND stands where", ""},
		{"site = north AND", "", "ends where a field", ""},
		{strings.Repeat("(", 40), "", "nested too deep", ""},
		{strings.Repeat("x", 5000), "", "longer than", ""},
	} {
		_, err := filter.Parse(c.text, schema)
		var e *filter.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: got %v, want an *Error", c.text, err)
			continue
		}
		if e.Field != c.field || !strings.Contains(e.Error(), c.has) || e.Meant != c.meant {
			t.Errorf("%s: got field %q, meant %q, %v", c.text, e.Field, e.Meant, e)
		}
	}
}

func TestRequired(t *testing.T) {
	for text, want := range map[string]map[string][]string{
		"": {}, "site = north": {"site": {"north"}},
		"site = north AND (vlan = 3 OR vlan = 4) AND vendor:x": {"site": {"north"}, "vlan": {"3", "4"}},
		"site = a OR vlan = 3":                                 {}, "NOT site = a": {}, "site != a AND vlan = 3": {"vlan": {"3"}}, "site = a*": {}, "word": {},
		"site = a AND site = b": {"site": {"a"}},
	} {
		f, err := filter.Parse(text, schema)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, f.Required()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"site = north AND vlan > 3", `NOT (vendor:"B. Braun" OR ip = 10.0.0.0/8)`, "a b c", "-x", "1:abc=", "mac = 00*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		parsed, err := filter.Parse(s, schema)
		var e *filter.Error
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("%q: %v is no *Error", s, err)
		}
		if err == nil {
			parsed.Match(func(n string) []string { return pump[n] })
		}
	})
}
