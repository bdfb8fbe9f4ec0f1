package inventory

import (
	"strconv"

	"github.com/wardscope/wardscope/hub/inventory/identity"
	"github.com/wardscope/wardscope/hub/inventory/knowledge"
	"github.com/wardscope/wardscope/internal/model"
)

// maxRemote bounds, by realm, the addresses that become devices because of what they send
// without being asked: senders can be made up, and a flood of them must make none.
const maxRemote = 256

// remotes are addresses that nobody declared but that report to equipment here, as whose
// administrator set them up to.
type remotes map[model.Realm]map[addrKey]bool

func (r remotes) add(realm model.Realm, s model.Subject) {
	if s.MAC == 0 || !isHost(s.Addr) {
		return // said of it by somebody else
	}
	if r[realm] == nil {
		r[realm] = map[addrKey]bool{}
	}
	if len(r[realm]) <= maxRemote {
		r[realm][addrKey{realm, s.Addr}] = true
	}
}

func (r remotes) into(s *segments) {
	for _, all := range r {
		if len(all) > maxRemote {
			continue
		}
		for k := range all {
			s.equipment[k] = true
		}
	}
}

// addLinkName notes a name that one machine of a link has and no other, on every link on which
// it was said.
func (r *resolver) addLinkName(e identity.Endpoint, c *Claim, name string) {
	if e.MAC == 0 || e.MAC != c.Subject.MAC || !r.set.UniqueName(knowledge.Fact{Kind: c.Kind.String(), Source: c.Source, Value: c.Value}) {
		return
	}
	for _, v := range c.VLANs {
		r.join.AddLinkName(e, string(c.Site)+" VLAN "+strconv.Itoa(int(v)), name)
	}
	if len(c.VLANs) == 0 {
		r.join.AddLinkName(e, string(c.Site), name)
	}
}
