package answer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/wardscope/wardscope/hub/api/problem"
	"github.com/wardscope/wardscope/hub/exposure"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/filter"
	"github.com/wardscope/wardscope/internal/model"
	eventv1 "github.com/wardscope/wardscope/proto/wardscope/event/v1"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// exposureSchema lists what filters over exposure may ask.
var exposureSchema = filter.Schema{{Name: "site"}, {Name: "device"}, {Name: "country"}, {Name: "asn", Kind: filter.Number}}

const (
	standardPeers = 200
	largestPeers  = 10_000
	maxWeaknesses = 200
	maxLegacy     = 500
	maxComponents = 200
)

func limitOf(n int32, standard, most int) (int, error) {
	switch {
	case n < 0 || int(n) > most:
		return 0, problem.Field("limit", fmt.Sprintf("%d is outside 1 to %d; 0 means %d", n, most, standard))
	case n == 0:
		return standard, nil
	}
	return int(n), nil
}

// deviceFields tells site and device of something that concerns a device.
func deviceFields(name string, site model.SiteID, d *inventory.Device) []string {
	switch {
	case name == "site":
		return []string{string(site)}
	case name == "device" && d != nil:
		return []string{d.ID, d.Name, d.Hostname}
	case name == filter.AnyField && d != nil:
		return d.Field(filter.AnyField)
	}
	return nil
}

func peerField(p *exposure.Peer) filter.Getter {
	return func(name string) []string {
		switch name {
		case "country":
			return []string{p.Place.Country}
		case "asn":
			return []string{strconv.FormatUint(uint64(p.Place.ASN), 10)}
		case filter.AnyField:
			return append(deviceFields(name, p.Subject.Site, p.Subject.Device), p.Addr.String(), p.Name, p.Place.ASName, p.Service)
		}
		return deviceFields(name, p.Subject.Site, p.Subject.Device)
	}
}

func peerMessage(p *exposure.Peer) *hubv1.ExternalPeer {
	ref := &hubv1.DeviceRef{Name: p.Subject.Name(), Site: string(p.Subject.Site), Realm: string(p.Subject.Realm), Ip: p.Subject.Addr.String()}
	if p.Subject.Device != nil {
		ref = deviceRef(p.Subject.Device, p.Subject.Addr)
	}
	return &hubv1.ExternalPeer{
		Device: ref, Ip: p.Addr.String(), Name: p.Name, Country: p.Place.Country, Asn: p.Place.ASN, AsName: p.Place.ASName, Service: p.Service, Port: uint32(p.Port),
		IpProtocol: uint32(p.Protocol), Inbound: p.Inbound, OctetsOut: p.OctetsOut, OctetsIn: p.OctetsIn, Flows: p.Flows, FirstSeen: stamp(p.First), LastSeen: stamp(p.Last),
		Encrypted: p.Encrypted,
	}
}

// GetExposure sums up exposure.
func (e exposureServer) GetExposure(ctx context.Context, req *hubv1.GetExposureRequest) (*hubv1.GetExposureResponse, error) {
	f, err := problem.Filter(req.GetFilter(), exposureSchema)
	if err != nil {
		return nil, err
	}
	limit, err := limitOf(req.GetLimit(), standardPeers, largestPeers)
	if err != nil {
		return nil, err
	}
	p, err := e.s.period(ctx, req.GetPeriod())
	if err != nil {
		return nil, err
	}
	snap := e.s.deps.Keeper.Current()
	out := &hubv1.GetExposureResponse{GeoDate: e.s.deps.Geo.Date()}
	var a *exposure.Assessment
	reads, both := errgroup.WithContext(ctx)
	reads.Go(func() (err error) {
		a, err = e.s.assess.Assess(both, snap, p)
		return err
	})
	reads.Go(func() (err error) {
		out.Coverage, err = e.s.coverage(both, p)
		return err
	})
	if err := reads.Wait(); err != nil {
		return nil, err
	}
	left := 0
	for i := range a.Peers {
		if !f.Match(peerField(&a.Peers[i])) {
			continue
		}
		if len(out.ExternalPeers) < limit {
			out.ExternalPeers = append(out.ExternalPeers, peerMessage(&a.Peers[i]))
		} else {
			left++
		}
	}
	about := func(site model.SiteID, d *inventory.Device) bool {
		return f.Match(func(name string) []string { return deviceFields(name, site, d) })
	}
	for _, d := range a.Legacy {
		if len(out.Legacy) < maxLegacy && about(d.Site, d) {
			out.Legacy = append(out.Legacy, legacyMessage(d))
		}
	}
	e.addFindings(out, a, func(v *exposure.Finding) bool {
		return slices.ContainsFunc(v.Devices, func(id string) bool { return about(v.Subject.Site, snap.Device(id)) }) || len(v.Devices) == 0 && about(v.Subject.Site, nil)
	})
	if left > 0 {
		out.Coverage.Remarks = append(out.Coverage.Remarks, fmt.Sprintf("%d smaller external peers are left out by limit", left))
	}
	return out, nil
}

// addFindings sorts findings into the parts of an exposure answer, and counts them all.
func (e exposureServer) addFindings(out *hubv1.GetExposureResponse, a *exposure.Assessment, keep func(*exposure.Finding) bool) {
	type key struct {
		typ      model.FindingType
		severity exposure.Severity
	}
	counts, devices := map[key]int64{}, map[key]map[string]bool{}
	for i := range a.Findings {
		v := &a.Findings[i]
		if !keep(v) {
			continue
		}
		k := key{v.Type, v.Severity}
		counts[k]++
		if devices[k] == nil {
			devices[k] = map[string]bool{}
		}
		for _, id := range v.Devices {
			devices[k][id] = true
		}
		switch {
		case v.Type == model.FindingKnownVulnerableComponent:
			if len(out.VulnerableComponents) < maxComponents {
				out.VulnerableComponents = append(out.VulnerableComponents, findingMessage(v))
			}
		case v.Severity > exposure.Informational && v.Type != model.FindingLegacyOS && v.Type != model.FindingExternalCommunication:
			if len(out.Weaknesses) < maxWeaknesses {
				out.Weaknesses = append(out.Weaknesses, findingMessage(v))
			}
		}
	}
	for k, n := range counts {
		out.Counts = append(out.Counts, &hubv1.FindingCount{Type: eventv1.FindingType(k.typ), Severity: hubv1.Severity(k.severity), Count: n, Devices: int64(len(devices[k]))})
	}
	slices.SortFunc(out.Counts, func(a, b *hubv1.FindingCount) int {
		return cmp.Or(cmp.Compare(b.GetSeverity(), a.GetSeverity()), cmp.Compare(b.GetCount(), a.GetCount()), cmp.Compare(a.GetType(), b.GetType()))
	})
}
