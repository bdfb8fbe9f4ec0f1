package inventory

import (
	"slices"

	"github.com/wardscope/wardscope/internal/model"
)

// vlanSet is the few VLANs that a device is seen in.
type vlanSet []uint16

func (s *vlanSet) add(v uint16) {
	if !slices.Contains(*s, v) {
		*s = append(*s, v)
	}
}

func (s vlanSet) sorted() []uint16 {
	out := append(make([]uint16, 0, len(s)), s...)
	slices.Sort(out)
	return out
}

// siteCounts is how much of a device was seen at the few sites that saw it.
type siteCounts []siteCount

type siteCount struct {
	site model.SiteID
	n    uint64
}

func (s *siteCounts) add(site model.SiteID, n uint64) {
	for i := range *s {
		if (*s)[i].site == site {
			(*s)[i].n += n
			return
		}
	}
	*s = append(*s, siteCount{site, n})
}

// most is the site that saw most, the lowest of several; "" when none did.
func (s siteCounts) most() model.SiteID {
	var best siteCount
	for _, c := range s {
		if c.n > best.n || c.n == best.n && c.site < best.site {
			best = c
		}
	}
	return best.site
}
