package sites

import (
	"cmp"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gaissmai/bart"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/internal/model"
)

// part is a department, a building, or both.
type part struct {
	name, building  string
	networks, ports []*regexp.Regexp
}

// under fills what a part does not say from another that has the same prefix.
func (p *part) under(o *part) {
	p.name, p.building = cmp.Or(p.name, o.name), cmp.Or(p.building, o.building)
}

type departments struct {
	byPrefix bart.Table[*part]
	byVLAN   map[uint16]*part
	parts    []*part // as declared
}

// globs compiles texts in which a * stands for anything.
func globs(list []string) []*regexp.Regexp {
	out := make([]*regexp.Regexp, len(list))
	for i, v := range list {
		out[i] = regexp.MustCompile("(?i)^" + strings.ReplaceAll(regexp.QuoteMeta(v), `\*`, ".*") + "$")
	}
	return out
}

func matches(exprs []*regexp.Regexp, v string) bool {
	return v != "" && slices.ContainsFunc(exprs, func(re *regexp.Regexp) bool { return re.MatchString(v) })
}

// Place is the department and building of where a device is. The surest says each: the switch port
// or access point, the radio network, the address (the longest prefix), the VLAN.
func (t *Table) Place(s model.SiteID, at inventory.Whereabouts) inventory.Place {
	var out inventory.Place
	d := t.depts[s]
	if d == nil {
		return out
	}
	take := func(p *part, by string) {
		if out.Department == "" && p.name != "" {
			out.Department, out.DepartmentBy = p.name, by
		}
		if out.Building == "" && p.building != "" {
			out.Building, out.BuildingBy = p.building, by
		}
	}
	for _, byPort := range []bool{true, false} {
		for _, where := range at.Ports {
			port, network, _ := strings.Cut(where, ", network ")
			for _, p := range d.parts {
				if byPort && matches(p.ports, port) || !byPort && matches(p.networks, network) {
					take(p, where)
				}
			}
		}
	}
	for _, a := range at.Addrs {
		for _, p := range d.byPrefix.Supernets(netip.PrefixFrom(a.Netip(), a.Netip().BitLen())) {
			take(p, a.String())
		}
	}
	for _, v := range at.VLANs {
		if p := d.byVLAN[v]; p != nil {
			take(p, "VLAN "+strconv.Itoa(int(v)))
		}
	}
	return out
}
