package answer

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/wardscope/wardscope/hub/api/page"
	"github.com/wardscope/wardscope/hub/api/problem"
	"github.com/wardscope/wardscope/hub/exposure"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/filter"
	"github.com/wardscope/wardscope/hub/inventory/live"
	"github.com/wardscope/wardscope/internal/model"
	eventv1 "github.com/wardscope/wardscope/proto/wardscope/event/v1"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

type exposureServer struct {
	hubv1.UnimplementedExposureServiceServer
	s *Answers
}

func findingMessage(f *exposure.Finding) *hubv1.Finding {
	ref := &hubv1.DeviceRef{Name: f.Subject.Name(), Site: string(f.Subject.Site), Realm: string(f.Subject.Realm), Ip: f.Subject.Addr.String()}
	switch d := f.Subject.Device; {
	case f.Subject.Group != "":
		ref.Type, ref.Vendor, ref.Ip = d.Type, d.Vendor, ""
	case d != nil:
		ref = deviceRef(d, f.Subject.Addr)
	}
	return &hubv1.Finding{
		Id: f.ID, Type: eventv1.FindingType(f.Type), Severity: hubv1.Severity(f.Severity), Title: f.Title, Subject: ref, Service: f.Service, Port: uint32(f.Port),
		IpProtocol: uint32(f.Protocol), Detail: f.Detail, Rule: f.Rule, RuleVersion: f.RuleVersion, PeerCount: int64(f.Peers), Count: f.Count, FirstSeen: stamp(f.First),
		LastSeen: stamp(f.Last), CommunityId: f.CommunityID, Sensors: sensorTexts(f.Sensors), SeverityReason: f.Reason, Devices: int64(len(f.Devices)),
	}
}

// findingSchema lists what filters over findings may ask.
var findingSchema = filter.Schema{
	{Name: "site"}, {Name: "type", Kind: filter.Enum, Values: findingTypes()}, {Name: "severity", Kind: filter.Enum, Values: []string{"informational", "low", "medium", "high", "critical"}},
	{Name: "service"}, {Name: "device"}, {Name: "ip", Kind: filter.Address}, {Name: "rule"}, {Name: "state", Kind: filter.Enum, Values: []string{"open"}},
}

func findingTypes() []string {
	var out []string
	for _, name := range model.FindingTypes() {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// findingField tells the values of a field of findingSchema.
func findingField(f *exposure.Finding, snap *live.Snapshot) filter.Getter {
	return func(name string) []string {
		switch name {
		case "site":
			return []string{string(f.Subject.Site)}
		case "type":
			return []string{f.Type.String()}
		case "severity":
			return []string{f.Severity.String()}
		case "service":
			return []string{f.Service}
		case "rule":
			return []string{f.Rule}
		case "state":
			return []string{"open"}
		case filter.AnyField:
			return []string{f.ID, f.Title, f.Rule, f.Service, string(f.Subject.Site), f.Subject.Addr.String()}
		}
		out := []string{}
		if name == "ip" && !f.Subject.Addr.IsZero() {
			out = append(out, f.Subject.Addr.String())
		}
		for _, id := range f.Devices {
			if d := snap.Device(id); d != nil && name == "device" {
				out = append(out, d.ID, d.Name, d.Hostname)
			} else if d != nil {
				out = append(out, d.Field("ip")...)
			}
		}
		return out
	}
}

// findingPlace is a finding's place in the order of lists: worst first.
type findingPlace struct {
	Severity exposure.Severity `json:"s"`
	Devices  int               `json:"d"`
	Title    string            `json:"t"`
	ID       string            `json:"i"`
}

func findingPlaceOf(f *exposure.Finding) findingPlace {
	return findingPlace{f.Severity, len(f.Devices), f.Title, f.ID}
}

func compareFindings(a, b findingPlace) int {
	return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(b.Devices, a.Devices), strings.Compare(a.Title, b.Title), strings.Compare(a.ID, b.ID))
}

// ListFindings lists weaknesses, worst first.
func (e exposureServer) ListFindings(ctx context.Context, req *hubv1.ListFindingsRequest) (*hubv1.ListFindingsResponse, error) {
	f, err := problem.Filter(req.GetFilter(), findingSchema)
	if err != nil {
		return nil, err
	}
	size, err := page.Size(req.GetPageSize())
	if err != nil {
		return nil, err
	}
	informational := "shown"
	if !req.GetIncludeInformational() {
		informational = "hidden"
	}
	query := page.Query("findings", req.GetFilter(), informational)
	var after findingPlace
	if err := page.Open(req.GetPageToken(), query, &after); err != nil {
		return nil, err
	}
	snap := e.s.deps.Keeper.Current()
	a, err := e.s.assess.Current(ctx, snap)
	if err != nil {
		return nil, err
	}
	out := &hubv1.ListFindingsResponse{}
	more, last := false, after
	for i := range a.Findings {
		v := &a.Findings[i]
		if !f.Match(findingField(v, snap)) {
			continue
		}
		if v.Severity == exposure.Informational && !req.GetIncludeInformational() {
			out.HiddenInformational++
			continue
		}
		out.TotalSize++
		switch {
		case req.GetPageToken() != "" && compareFindings(findingPlaceOf(v), after) <= 0:
		case len(out.Findings) < size:
			out.Findings = append(out.Findings, findingMessage(v))
			last = findingPlaceOf(v)
		default:
			more = true
		}
	}
	if more {
		if out.NextPageToken, err = page.Seal(query, last); err != nil {
			return nil, err
		}
	}
	p, err := e.s.period(ctx, nil)
	if err != nil {
		return nil, err
	}
	out.Coverage, err = e.s.coverage(ctx, p)
	return out, err
}

const (
	maxFindingRows  = 50  // joined rows whose evidence one answer tells
	maxFindingPeers = 100 // other ends that one answer tells
)

// GetFinding shows one finding with its evidence.
func (e exposureServer) GetFinding(ctx context.Context, req *hubv1.GetFindingRequest) (*hubv1.GetFindingResponse, error) {
	snap := e.s.deps.Keeper.Current()
	a, err := e.s.assess.Current(ctx, snap)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(a.Findings, func(f exposure.Finding) bool { return f.ID == req.GetId() })
	if i < 0 {
		return nil, problem.NotFound("finding", req.GetId())
	}
	f := &a.Findings[i]
	out := &hubv1.GetFindingResponse{Finding: findingMessage(f), Remedy: f.Remedy, Explanation: f.Meaning, Evidence: evidenceMessages(f.Evidence)}
	type user struct {
		ref   *hubv1.DeviceRef
		count uint64
	}
	users := map[string]*user{}
	r := e.s.resolver(snap, nil)
	for _, row := range f.Rows[:min(len(f.Rows), maxFindingRows)] {
		peers, err := e.s.deps.Store.FindingPeers(ctx, row, maxFindingPeers)
		if err != nil {
			return nil, err
		}
		for _, p := range peers {
			end := r.End(row.Realm, p.Peer.Addr, p.Last.UnixNano())
			out.Evidence = append(out.Evidence, &hubv1.Evidence{Source: f.Rule, Value: "with " + p.Peer.String(), Ip: p.Peer.Addr.String(), Mac: p.Peer.MAC.String(), Site: string(row.Site),
				Realm: string(row.Realm), Sensors: sensorTexts(f.Sensors), FirstSeen: stamp(p.First), LastSeen: stamp(p.Last), Count: p.Count})
			key, _ := end.Node(0)
			if end.Device != nil {
				key = end.Device.ID
			} else {
				key += end.Addr.String()
			}
			if users[key] == nil {
				users[key] = &user{ref: endRef(&end)}
			}
			users[key].count += p.Count
		}
	}
	keys := make([]string, 0, len(users))
	for k := range users {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int {
		return cmp.Or(cmp.Compare(users[b].count, users[a].count), strings.Compare(a, b))
	})
	for _, k := range keys[:min(len(keys), maxFindingPeers)] {
		out.Peers = append(out.Peers, users[k].ref)
	}
	return out, nil
}

func legacyMessage(d *inventory.Device) *hubv1.LegacyDevice {
	out := &hubv1.LegacyDevice{Device: deviceRef(d, model.Addr{}), Os: d.OS, SupportUntil: d.SupportUntil}
	if a := d.Attribute(inventory.AttrOS); a != nil {
		out.Evidence = evidenceMessages(a.Evidence)
	}
	return out
}
