package identity

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
)

// linkName is a name that a protocol keeps unique on a link.
type linkName struct {
	realm model.Realm
	link  string
	name  string
}

// AddLinkName notes a name that an endpoint says it has on a link, in a protocol by which two
// machines of one link cannot keep one name.
func (j *Joiner) AddLinkName(e Endpoint, link, name string) {
	k := linkName{e.Realm, link, name}
	if j.linkNames[k] == nil {
		j.linkNames[k] = map[Endpoint]bool{}
	}
	j.linkNames[k][e] = true
	if j.said[e] == nil {
		j.said[e] = map[string]bool{}
	}
	j.said[e][name] = true
}

// AddTrait notes what kind of machine an endpoint says it is.
func (j *Joiner) AddTrait(e Endpoint, trait string) {
	if j.traits[e] == nil {
		j.traits[e] = map[string]bool{}
	}
	j.traits[e][trait] = true
}

// ouiBits is how many low bits of a link address its maker numbers.
const ouiBits = 24

// adapterKinds reports link addresses that are not those of two machines of one series: of
// different makers, one of them the hardware's own.
func adapterKinds(a, b model.MAC) bool {
	return a>>ouiBits != b>>ouiBits && !(a.IsLocal() && b.IsLocal())
}

// joinLinkNames unites two adapters that, at one time and on one link, have the one name and say
// they are the same kind of machine. Who says several names speaks for others, and a name that
// more than two have is not kept unique there.
func (j *Joiner) joinLinkNames(w World, u *union) {
	keys := slices.SortedFunc(maps.Keys(j.linkNames), func(a, b linkName) int {
		return cmp.Or(cmp.Compare(a.realm, b.realm), strings.Compare(a.link, b.link), strings.Compare(a.name, b.name))
	})
	for _, k := range keys {
		es := slices.DeleteFunc(slices.SortedFunc(maps.Keys(j.linkNames[k]), Compare), func(e Endpoint) bool { return !w.Seen(e) })
		if len(es) != 2 {
			continue
		}
		a, b := es[0], es[1]
		switch {
		case len(j.said[a]) != 1 || len(j.said[b]) != 1 || !agree(j.traits[a], j.traits[b]):
		case !adapterKinds(a.MAC, b.MAC) || !w.Life(a).overlaps(w.Life(b)):
		case u.grouped(a) || u.grouped(b) || !u.may(a, b, false):
		default:
			u.join(a, b, a.MAC.String()+" and "+b.MAC.String()+" both answer to "+k.name+" on one link")
		}
	}
}
