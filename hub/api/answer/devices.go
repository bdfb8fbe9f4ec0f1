package answer

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/wardscope/wardscope/hub/api/page"
	"github.com/wardscope/wardscope/hub/api/problem"
	"github.com/wardscope/wardscope/hub/api/recall"
	"github.com/wardscope/wardscope/hub/exposure"
	"github.com/wardscope/wardscope/hub/flowmap"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/live"
	"github.com/wardscope/wardscope/hub/inventory/stays"
	"github.com/wardscope/wardscope/hub/store"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

type deviceServer struct {
	hubv1.UnimplementedDeviceServiceServer
	s *Answers
}

// devicePlace is a device's place in the order of lists: best known first.
type devicePlace struct {
	Known int    `json:"k"`
	Name  string `json:"n"`
	ID    string `json:"i"`
}

func placeOf(d *inventory.Device) devicePlace {
	known := 0
	for _, v := range []string{d.Type, d.Vendor, d.Model, d.OS, d.Hostname, d.Category} {
		if v != "" {
			known++
		}
	}
	return devicePlace{known, d.Name, d.ID}
}

func comparePlaces(a, b devicePlace) int {
	return cmp.Or(cmp.Compare(b.Known, a.Known), strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
}

// ListDevices lists devices, best known first.
func (d deviceServer) ListDevices(ctx context.Context, req *hubv1.ListDevicesRequest) (*hubv1.ListDevicesResponse, error) {
	f, err := problem.Filter(req.GetFilter(), inventory.Schema)
	if err != nil {
		return nil, err
	}
	size, err := page.Size(req.GetPageSize())
	if err != nil {
		return nil, err
	}
	query := page.Query("devices", req.GetFilter())
	var after devicePlace
	if err := page.Open(req.GetPageToken(), query, &after); err != nil {
		return nil, err
	}
	snap := d.s.deps.Keeper.Current()
	type match struct {
		place devicePlace
		at    int
	}
	var matches []match
	for i := range snap.Devices {
		if f.Match(snap.Devices[i].Field) {
			matches = append(matches, match{placeOf(&snap.Devices[i]), i})
		}
	}
	slices.SortFunc(matches, func(a, b match) int { return comparePlaces(a.place, b.place) })
	begin := 0
	if req.GetPageToken() != "" {
		begin, _ = slices.BinarySearchFunc(matches, after, func(m match, p devicePlace) int { return comparePlaces(m.place, p) })
		if begin < len(matches) && matches[begin].place == after {
			begin++
		}
	}
	shown := matches[begin:min(begin+size, len(matches))]
	counts, err := d.s.openFindings(ctx, snap)
	if err != nil {
		return nil, err
	}
	out := &hubv1.ListDevicesResponse{TotalSize: int64(len(matches))}
	for _, m := range shown {
		dev := &snap.Devices[m.at]
		out.Devices = append(out.Devices, deviceMessage(dev, counts[dev.ID], false))
	}
	if begin+size < len(matches) {
		out.NextPageToken, err = page.Seal(query, shown[len(shown)-1].place)
	}
	return out, err
}

// openFindings counts findings by device, informational ones left out.
func (s *Answers) openFindings(ctx context.Context, snap *live.Snapshot) (map[string]int, error) {
	a, err := s.assess.Current(ctx, snap)
	if err != nil {
		return nil, err
	}
	out := map[string]int{}
	for i := range a.Findings {
		if a.Findings[i].Severity > exposure.Informational {
			for _, id := range a.Findings[i].Devices {
				out[id]++
			}
		}
	}
	return out, nil
}

// maxDependencies is how many services a device's answer lists.
const maxDependencies = 100

// GetDevice shows one device with the evidence behind each attribute.
func (d deviceServer) GetDevice(ctx context.Context, req *hubv1.GetDeviceRequest) (*hubv1.GetDeviceResponse, error) {
	snap := d.s.deps.Keeper.Current()
	dev := snap.Device(req.GetId())
	if dev == nil {
		return nil, problem.NotFound("device", req.GetId())
	}
	counts, err := d.s.openFindings(ctx, snap)
	if err != nil {
		return nil, err
	}
	out := &hubv1.GetDeviceResponse{Device: deviceMessage(dev, counts[dev.ID], true)}
	if len(dev.Addrs) == 0 {
		return out, nil
	}
	edges, err := d.s.deps.Store.Edges(ctx, store.EdgeFilter{Scope: store.Scope{Realm: dev.Realm}, Addrs: dev.Addrs})
	if err != nil {
		return nil, err
	}
	out.Dependencies = dependencies(dev, edges, d.s.resolver(snap, nil))
	return out, nil
}

// MatchDevices holds a recall or safety notice against the inventory.
func (d deviceServer) MatchDevices(_ context.Context, req *hubv1.MatchDevicesRequest) (*hubv1.MatchDevicesResponse, error) {
	return recall.Match(d.s.deps.Keeper.Current().Inventory, req, func(dev *inventory.Device) *hubv1.Device { return deviceMessage(dev, 0, false) })
}

// dependencies adds edges up to services that a device offers or uses, largest first. An
// offered service is one line with its largest user; a used one is one line a server.
func dependencies(dev *inventory.Device, edges []store.Edge, r *flowmap.Resolver) []*hubv1.Dependency {
	type key struct {
		offers        bool
		service, peer string
	}
	type sum struct {
		dep     *hubv1.Dependency
		peers   map[string]uint64
		largest uint64
	}
	sums := map[key]*sum{}
	for i := range edges {
		e := &edges[i]
		at := e.First.UnixNano()/2 + e.Last.UnixNano()/2
		from, to := r.End(e.Realm, e.Initiator, at), r.End(e.Realm, e.Responder, at)
		for _, side := range []struct {
			me, other *flowmap.End
			offers    bool
		}{{&from, &to, false}, {&to, &from, true}} {
			if side.me.Device != dev || side.offers && e.ResponderPackets == 0 {
				continue
			}
			peer, _ := side.other.Node(flowmap.Device)
			k := key{side.offers, flowmap.Label(e.Service, e.Protocol, e.Port), peer}
			if side.offers {
				k.peer = ""
			}
			v := sums[k]
			if v == nil {
				v = &sum{dep: &hubv1.Dependency{Offers: k.offers, Service: k.service, LastSeen: stamp(e.Last)}, peers: map[string]uint64{}}
				sums[k] = v
			}
			octets := e.InitiatorOctets + e.ResponderOctets
			v.dep.Octets += octets
			v.peers[peer] += octets
			if v.dep.GetPeer() == nil || v.peers[peer] > v.largest {
				v.largest = v.peers[peer]
				v.dep.Peer, v.dep.Port, v.dep.IpProtocol = endRef(side.other), uint32(e.Port), uint32(e.Protocol)
			}
			if e.Last.After(v.dep.GetLastSeen().AsTime()) {
				v.dep.LastSeen = stamp(e.Last)
			}
		}
	}
	out := make([]*hubv1.Dependency, 0, len(sums))
	for _, v := range sums {
		v.dep.Peers = int64(len(v.peers))
		out = append(out, v.dep)
	}
	slices.SortFunc(out, func(a, b *hubv1.Dependency) int {
		return cmp.Or(cmp.Compare(b.GetOctets(), a.GetOctets()), strings.Compare(a.GetService(), b.GetService()), strings.Compare(a.GetPeer().GetName(), b.GetPeer().GetName()))
	})
	return out[:min(len(out), maxDependencies)]
}

// FindAddress tells which device had an address at a time, in every realm that has it.
func (d deviceServer) FindAddress(ctx context.Context, req *hubv1.FindAddressRequest) (*hubv1.FindAddressResponse, error) {
	snap := d.s.deps.Keeper.Current()
	at := int64(0)
	if req.GetAt() != nil {
		at = req.GetAt().AsTime().UnixNano()
	}
	if req.GetAt() != nil && !req.GetAt().IsValid() {
		return nil, problem.Field("at", "is no valid time; write it as 2026-11-24T10:00:00Z")
	}
	found, err := stays.Find(ctx, d.s.deps.Store, snap.Inventory, req.GetAddress(), at)
	switch {
	case errors.Is(err, stays.ErrNoAddress):
		return nil, problem.Field("address", "is "+err.Error())
	case err != nil:
		return nil, err
	}
	out := &hubv1.FindAddressResponse{}
	for _, b := range found {
		out.Bindings = append(out.Bindings, &hubv1.Binding{Device: deviceRef(snap.Device(b.Device), b.Addr), Mac: b.MAC.String(), FirstSeen: stampNanos(b.First), LastSeen: stampNanos(b.Last)})
	}
	return out, nil
}
