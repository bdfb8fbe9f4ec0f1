package wsdiscovery

import (
	"net/url"
	"strings"
)

// components by nomenclature code of ISO/IEEE 11073-10101: medical device systems that are a kind
// of device to anybody.
var components = map[string]string{"69965": "patient monitor", "69985": "infusion pump", "70001": "ventilator", "69649": "gas analyser"}

// component is what an SDC component type scope says: "sdc.cdc.type:/" coding system "/" version
// "/" code, the first two empty for ISO/IEEE 11073-10101.
func component(scope string) string {
	code, found := strings.CutPrefix(scope, "sdc.cdc.type:///")
	if !found {
		return ""
	}
	return components[code]
}

// location is what an SDC location context scope says in its query: where the device stands. The
// contexts of patients, operators, workflows and the like are other scopes, never read.
func location(scope string) string {
	rest, found := strings.CutPrefix(scope, "sdc.ctxt.loc:/")
	if !found {
		return ""
	}
	_, query, found := strings.Cut(rest, "?")
	if !found {
		return ""
	}
	values, err := url.ParseQuery(strings.ReplaceAll(query, "&amp;", "&"))
	if err != nil {
		return ""
	}
	var b strings.Builder
	for _, part := range [6][2]string{{"fac", "facility"}, {"bldng", "building"}, {"flr", "floor"}, {"poc", "unit"}, {"rm", "room"}, {"bed", "bed"}} {
		v := values.Get(part[0])
		if v == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(part[1] + " " + v)
	}
	return b.String()
}
