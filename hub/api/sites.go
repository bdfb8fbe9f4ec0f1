package api

import (
	"context"
	"fmt"
	"net/netip"

	"google.golang.org/genproto/googleapis/rpc/errdetails"

	"github.com/wardscope/wardscope/hub/api/problem"
	"github.com/wardscope/wardscope/hub/inventory/sites"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

type siteServer struct {
	hubv1.UnimplementedSiteServiceServer
	s *Server
}

func prefixTexts(list []netip.Prefix) []string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = p.String()
	}
	return out
}

func vlanNumbers(list []uint16) []uint32 {
	out := make([]uint32, len(list))
	for i, v := range list {
		out[i] = uint32(v)
	}
	return out
}

func (v siteServer) message(site *state.Site, devices, sensors int) *hubv1.Site {
	out := &hubv1.Site{Id: string(site.ID), Name: site.Name, Realm: string(sites.RealmOf(site)), Prefixes: prefixTexts(site.Prefixes), Devices: int64(devices), Sensors: int64(sensors)}
	for _, r := range site.Realms {
		rule := &hubv1.RealmRule{Realm: string(r.Realm), Domain: uint32(r.Domain), Vlan: uint32(r.VLAN)}
		if r.Prefix.IsValid() {
			rule.Prefix = r.Prefix.String()
		}
		out.Realms = append(out.Realms, rule)
	}
	for _, d := range site.Departments {
		out.Departments = append(out.Departments, &hubv1.Department{Name: d.Name, Prefixes: prefixTexts(d.Prefixes), Vlans: vlanNumbers(d.VLANs),
			Building: d.Building, Networks: d.Networks, Ports: d.Ports})
	}
	return out
}

// all lists declared sites, then those that sensors belong to although nobody declared them.
func (v siteServer) all(ctx context.Context) ([]*hubv1.Site, state.Sites, error) {
	doc, err := v.s.deps.State.Sites(ctx)
	if err != nil {
		return nil, doc, err
	}
	seen, err := v.s.answers.Sights(ctx)
	if err != nil {
		return nil, doc, err
	}
	devices, sensors := map[model.SiteID]int{}, map[model.SiteID]int{}
	snap := v.s.deps.Keeper.Current()
	for i := range snap.Devices {
		devices[snap.Devices[i].Site]++
	}
	for i := range seen {
		sensors[seen[i].Site]++
	}
	var out []*hubv1.Site
	declared := map[model.SiteID]bool{}
	for i := range doc.Sites {
		s := &doc.Sites[i]
		declared[s.ID] = true
		out = append(out, v.message(s, devices[s.ID], sensors[s.ID]))
	}
	for i := range seen {
		if id := seen[i].Site; !declared[id] {
			declared[id] = true
			out = append(out, v.message(&state.Site{ID: id}, devices[id], sensors[id]))
		}
	}
	return out, doc, nil
}

// ListSites lists the sites.
func (v siteServer) ListSites(ctx context.Context, _ *hubv1.ListSitesRequest) (*hubv1.ListSitesResponse, error) {
	list, doc, err := v.all(ctx)
	if err != nil {
		return nil, err
	}
	out := &hubv1.ListSitesResponse{Sites: list, Revision: doc.Revision}
	for _, p := range doc.Partners {
		out.Partners = append(out.Partners, &hubv1.Partner{Name: p.Name, Prefixes: prefixTexts(p.Prefixes)})
	}
	return out, nil
}

// GetSite shows one site and undeclared prefixes that behave like its own.
func (v siteServer) GetSite(ctx context.Context, req *hubv1.GetSiteRequest) (*hubv1.GetSiteResponse, error) {
	list, _, err := v.all(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		if s.GetId() != req.GetId() {
			continue
		}
		out := &hubv1.GetSiteResponse{Site: s}
		snap := v.s.deps.Keeper.Current()
		for _, u := range snap.Sites.Undeclared(snap.Inventory, model.SiteID(s.GetId())) {
			out.Undeclared = append(out.Undeclared, &hubv1.UndeclaredPrefix{Prefix: u.Prefix.String(), Hosts: int64(u.Hosts), Reason: u.Reason})
		}
		return out, nil
	}
	return nil, problem.NotFound("site", req.GetId())
}

// ReplaceSites replaces the whole declaration.
func (v siteServer) ReplaceSites(ctx context.Context, req *hubv1.ReplaceSitesRequest) (*hubv1.ReplaceSitesResponse, error) {
	doc, err := declaration(req)
	if err != nil {
		return nil, err
	}
	if err := doc.Validate(); err != nil {
		return nil, problem.Document(err)
	}
	revision, err := v.s.deps.State.PutSites(ctx, doc, req.GetExpectedRevision())
	if err != nil {
		return nil, problem.Conflict(err)
	}
	doc.Revision = revision
	v.s.deps.Keeper.SetSites(doc) // the watch brings it too; the caller should not have to wait for that
	return &hubv1.ReplaceSitesResponse{Revision: revision}, nil
}

// reader reads prefixes and VLANs, and gathers what is wrong with them.
type reader struct {
	bad []*errdetails.BadRequest_FieldViolation
}

func (r *reader) fail(what, path string, args ...any) {
	r.bad = append(r.bad, &errdetails.BadRequest_FieldViolation{Field: fmt.Sprintf(path, args...), Description: what})
}

func (r *reader) prefixes(list []string, path string, args ...any) []netip.Prefix {
	var out []netip.Prefix
	for i, text := range list {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			a, bad := netip.ParseAddr(text)
			if bad != nil {
				r.fail(fmt.Sprintf("%q is no prefix; write it as 10.20.0.0/16", text), path+".prefixes[%d]", append(args, i)...)
				continue
			}
			p = netip.PrefixFrom(a, a.BitLen()) // one address is a prefix too
		}
		out = append(out, p)
	}
	return out
}

// maxVLAN is the largest VLAN id (IEEE 802.1Q, table 9-2).
const maxVLAN = 4094

func (r *reader) vlan(n uint32, path string, args ...any) uint16 {
	if n > maxVLAN {
		r.fail(fmt.Sprintf("%d is over %d", n, maxVLAN), path, args...)
		return 0
	}
	return uint16(n)
}

func declaration(req *hubv1.ReplaceSitesRequest) (state.Sites, error) {
	var doc state.Sites
	var r reader
	for i, s := range req.GetSites() {
		site := state.Site{ID: model.SiteID(s.GetId()), Name: model.Text(s.GetName()), Realm: model.Realm(s.GetRealm()), Prefixes: r.prefixes(s.GetPrefixes(), "sites[%d]", i)}
		for j, rule := range s.GetRealms() {
			out := state.RealmRule{Realm: model.Realm(rule.GetRealm()), Domain: model.DomainID(rule.GetDomain()), VLAN: r.vlan(rule.GetVlan(), "sites[%d].realms[%d].vlan", i, j)}
			if rule.GetPrefix() != "" {
				if p, err := netip.ParsePrefix(rule.GetPrefix()); err == nil {
					out.Prefix = p
				} else {
					r.fail(fmt.Sprintf("%q is no prefix; write it as 10.20.0.0/16", rule.GetPrefix()), "sites[%d].realms[%d].prefix", i, j)
				}
			}
			site.Realms = append(site.Realms, out)
		}
		for j, d := range s.GetDepartments() {
			dep := state.Department{Name: model.Text(d.GetName()), Prefixes: r.prefixes(d.GetPrefixes(), "sites[%d].departments[%d]", i, j),
				Building: model.Text(d.GetBuilding()), Networks: texts(d.GetNetworks()), Ports: texts(d.GetPorts())}
			for k, n := range d.GetVlans() {
				dep.VLANs = append(dep.VLANs, r.vlan(n, "sites[%d].departments[%d].vlans[%d]", i, j, k))
			}
			site.Departments = append(site.Departments, dep)
		}
		doc.Sites = append(doc.Sites, site)
	}
	for i, p := range req.GetPartners() {
		doc.Partners = append(doc.Partners, state.Partner{Name: model.Text(p.GetName()), Prefixes: r.prefixes(p.GetPrefixes(), "partners[%d]", i)})
	}
	if len(r.bad) > 0 {
		return doc, problem.Fields(r.bad...)
	}
	return doc, nil
}

// texts makes what people wrote fit to be kept.
func texts(list []string) []string {
	var out []string
	for _, v := range list {
		out = append(out, model.Text(v))
	}
	return out
}
