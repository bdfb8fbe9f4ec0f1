package exposure

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/wardscope/wardscope/hub/exposure/advisory"
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
	// Advisories are held against the devices; nil takes those that the program carries.
	Advisories *advisory.Pack
	Findings   []store.Finding
	External   []store.External
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
	a := &Assessment{}
	a.Peers = peers(in)
	a.Legacy = legacy(in.Inventory)
	all := fromSensors(in)
	all = append(all, perimeter(in, a.Peers)...)
	all = append(all, axeda(in, a.Peers, all)...)
	for _, d := range a.Legacy {
		all = append(all, legacyFinding(d))
	}
	all = append(all, advisories(in.Inventory, in.Advisories)...)
	all = append(all, fresh(in.Inventory)...)
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

// fromSensors joins what sensors reported by weakness, service and server device.
func fromSensors(in *Input) []Finding {
	var out []Finding
	index := map[string]int{}
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
		if j, ok := index[f.key()]; ok {
			out[j].merge(&f)
			continue
		}
		index[f.key()] = len(out)
		out = append(out, f)
	}
	return out
}

// group tells a weakness that many like devices of a site share as one.
func group(all []Finding) []Finding {
	kind := func(f *Finding) string {
		d := f.Subject.Device
		if d == nil || d.Type == "" {
			return ""
		}
		return strings.Join([]string{f.Type.String(), f.Rule, f.Service, string(d.Site), d.Type, d.Vendor}, "|")
	}
	sizes := map[string]int{}
	for i := range all {
		sizes[kind(&all[i])]++
	}
	var out []Finding
	index := map[string]int{}
	for i := range all {
		f := all[i]
		k := kind(&f)
		if k == "" || sizes[k] < likeDevices {
			f.ID = makeID(f.key())
			out = append(out, f)
			continue
		}
		if j, ok := index[k]; ok {
			out[j].merge(&f)
			continue
		}
		index[k] = len(out)
		f.ID = makeID("group", k)
		out = append(out, f)
	}
	for _, j := range index {
		f := &out[j]
		d := f.Subject.Device
		f.Subject.Group = strings.Join(strings.Fields(strconv.Itoa(len(f.Devices))+" "+d.Vendor+" "+d.Type), " ")
	}
	return out
}

// legacy lists devices whose operating system nobody mends any more.
func legacy(inv *inventory.Inventory) []*inventory.Device {
	var out []*inventory.Device
	for i := range inv.Devices {
		if inv.Devices[i].Support == inventory.SupportEnded {
			out = append(out, &inv.Devices[i])
		}
	}
	slices.SortFunc(out, func(a, b *inventory.Device) int {
		return cmp.Or(strings.Compare(a.SupportUntil, b.SupportUntil), strings.Compare(a.ID, b.ID))
	})
	return out
}
