package exposure

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/wardscope/wardscope/hub/exposure/geo"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/sites"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
)

// Input is all that Assess looks at.
type Input struct {
	Inventory *inventory.Inventory
	Sites     *sites.Table
	Geo       *geo.Table // nil: places are unknown
	Ratings   *Ratings
	Standing  *Standing // nil: taken from the inventory, with the advisories that the program carries
	Findings  []store.Finding
	External  []store.External
}

// Assessment is what is open and weak.
type Assessment struct {
	Peers    []Peer    // largest first
	Findings []Finding // worst first
	Legacy   []*inventory.Device
}

// likeDevices is from how many devices on a weakness of a site is told once for the group.
const likeDevices = 5

// Assess adds up exposure.
func Assess(in *Input) *Assessment {
	standing := in.Standing
	if standing == nil {
		standing = Stand(in.Inventory, nil)
	}
	a := &Assessment{Peers: peers(in), Legacy: standing.legacy}
	all := fromSensors(in)
	all = append(all, perimeter(in, a.Peers)...)
	all = append(all, axeda(in, a.Peers, all)...)
	all = append(all, standing.findings...)
	a.Findings = group(all)
	for i := range a.Findings {
		in.Ratings.dress(&a.Findings[i])
	}
	slices.SortFunc(a.Findings, func(x, y Finding) int {
		return cmp.Or(cmp.Compare(y.Severity, x.Severity), cmp.Compare(len(y.Devices), len(x.Devices)), strings.Compare(x.Title, y.Title), strings.Compare(x.ID, y.ID))
	})
	return a
}

func subject(in *Input, r model.Realm, a model.Addr, m model.MAC, site model.SiteID, at int64) Subject {
	s := Subject{Realm: r, Addr: a, Site: site, Device: in.Inventory.At(r, a, m, at)}
	if s.Device != nil {
		s.Site = s.Device.Site
	}
	return s
}

// key names the weakness on its subject: the same for all addresses of a device.
func (f *Finding) key() string {
	who := string(f.Subject.Realm) + "/" + f.Subject.Addr.String()
	if f.Subject.Device != nil {
		who = f.Subject.Device.ID
	}
	return strings.Join([]string{f.Type.String(), f.Rule, f.Service, who}, "|")
}

// weakness is what key spells, to compare.
type weakness struct {
	typ           model.FindingType
	rule, service string
	device        *inventory.Device
	realm         model.Realm // with addr: where nothing is known of a device
	addr          model.Addr
}

func (f *Finding) weakness() weakness {
	w := weakness{typ: f.Type, rule: f.Rule, service: f.Service, device: f.Subject.Device}
	if w.device == nil {
		w.realm, w.addr = f.Subject.Realm, f.Subject.Addr
	}
	return w
}

// together lists findings by key, in the order in which the keys come up.
func together[K comparable](all []Finding, key func(*Finding) K) [][]*Finding {
	var out [][]*Finding
	index := make(map[K]int, len(all))
	for i := range all {
		k := key(&all[i])
		j, ok := index[k]
		if !ok {
			j = len(out)
			index[k] = j
			out = append(out, nil)
		}
		out[j] = append(out[j], &all[i])
	}
	return out
}

// fromSensors joins what sensors reported by weakness, service and server device.
func fromSensors(in *Input) []Finding {
	var all []Finding
	for i := range in.Findings {
		s := &in.Findings[i]
		f := Finding{Type: s.Type, Rule: s.Rule, RuleVersion: s.RuleVersion, Service: s.Service, Port: s.Port, Protocol: s.Protocol, Detail: s.Detail,
			Peers: s.Peers, Count: s.Count, First: s.First, Last: s.Last, CommunityID: s.CommunityID, Sensors: s.Sensors,
			Subject: subject(in, s.Realm, s.Subject.Addr, s.Subject.MAC, s.Site, s.Last.UnixNano()),
			Rows:    []store.FindingCursor{{Site: s.Site, Realm: s.Realm, Key: s.Key}}}
		if f.Subject.Device == nil && (s.Subject.Addr.IsMulticast() || in.Sites.Class(s.Subject.Addr) == inventory.External) {
			continue // a weak server on the internet is not ours to fix
		}
		if f.Subject.Device != nil {
			f.Devices = []string{f.Subject.Device.ID}
		}
		all = append(all, f)
	}
	var out []Finding
	for _, same := range together(all, (*Finding).weakness) {
		out = append(out, merged(same))
	}
	return out
}

// kind is what like devices of a site have in common when they share a weakness; its device has no type when the
// subject is no such device.
type kind struct {
	typ           model.FindingType
	rule, service string
	site          model.SiteID
	device        string // its type
	vendor        string
}

func (f *Finding) kind() kind {
	d := f.Subject.Device
	if d == nil || d.Type == "" {
		return kind{}
	}
	return kind{f.Type, f.Rule, f.Service, d.Site, d.Type, d.Vendor}
}

// group tells a weakness that many like devices of a site share as one.
func group(all []Finding) []Finding {
	var out []Finding
	for _, like := range together(all, (*Finding).kind) {
		k := like[0].kind()
		if k.device == "" || len(like) < likeDevices {
			for _, f := range like {
				out = append(out, *f)
				out[len(out)-1].ID = makeID(f.key())
			}
			continue
		}
		f := merged(like)
		f.ID = makeID("group", strings.Join([]string{k.typ.String(), k.rule, k.service, string(k.site), k.device, k.vendor}, "|"))
		f.Subject.Group = strings.Join(strings.Fields(strconv.Itoa(len(f.Devices))+" "+k.vendor+" "+k.device), " ")
		out = append(out, f)
	}
	return out
}
