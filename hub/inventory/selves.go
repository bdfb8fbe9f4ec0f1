package inventory

import (
	"github.com/wardscope/wardscope/hub/inventory/identity"
)

// selves notes the equipment that is no gateway's: the only one that an address ever told of, by an
// identifier of its own, and of the maker that made the address's adapter. A ventilator names
// itself in what it reports; a gateway names many, or those of other makers.
func (r *resolver) selves() {
	only := map[identity.Endpoint]identity.Endpoint{}
	several := map[identity.Endpoint]bool{}
	for e := range r.drafts {
		if e.Part == "" {
			continue
		}
		if _, had := only[e.Host()]; had {
			several[e.Host()] = true
		}
		only[e.Host()] = e
	}
	for host, part := range only {
		if several[host] || host.MAC == 0 || r.drafts[host] == nil || !r.set.Carries(part.Part) {
			continue
		}
		registrant := registrants{r.in.Vendor, r.set}.of(host.MAC)
		if maker := r.set.Maker(registrant); registrant != "" && maker != "" && r.makes(part, maker) {
			r.join.AddSelf(host, part, part.Part+" is all that "+host.MAC.String()+" reports of, and of its maker "+maker)
		}
	}
}

// makes reports that what is said of a part names the maker.
func (r *resolver) makes(part identity.Endpoint, maker string) bool {
	for i := range r.drafts[part].facts {
		for _, o := range r.set.Read(r.drafts[part].facts[i].Fact) {
			if o.Attr == AttrVendor && o.Value == maker {
				return true
			}
		}
	}
	return false
}
