package answer

import (
	"context"
	"strconv"

	"github.com/wardscope/wardscope/hub/api/problem"
	"github.com/wardscope/wardscope/hub/flowmap"
	"github.com/wardscope/wardscope/hub/inventory/filter"
	"github.com/wardscope/wardscope/hub/segmentation"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// mapSchema lists what filters over the map may ask. Of the two ends one has to fit.
var mapSchema = filter.Schema{{Name: "site"}, {Name: "service"}, {Name: "port", Kind: filter.Number}, {Name: "device"}, {Name: "group"}}

const (
	standardEdges = 500
	largestEdges  = 20_000
	allEdges      = 2_000_000 // rows that one map adds up
)

// zones reads the declared groups.
func (s *Answers) zones(ctx context.Context) (*segmentation.Zones, state.Zones, error) {
	doc, err := s.deps.State.Zones(ctx)
	if err != nil {
		return nil, doc, err
	}
	z, err := segmentation.New(doc)
	return z, doc, err
}

func mapField(e *store.Edge, from, to *flowmap.End) filter.Getter {
	return func(name string) []string {
		switch name {
		case "site":
			return []string{string(from.Site), string(to.Site)}
		case "service":
			return []string{flowmap.Label(e.Service, e.Protocol, e.Port)}
		case "port":
			return []string{strconv.Itoa(int(e.Port))}
		case "group":
			return []string{from.Group, to.Group}
		case "device":
			return append(endNames(from), endNames(to)...)
		}
		return append(append(endNames(from), endNames(to)...), e.Initiator.String(), e.Responder.String(), e.Service, from.Group, to.Group)
	}
}

// edges asks the store for as little as the filter allows. Sites are not asked for: an edge belongs
// to its ends' sites, wherever it was seen.
func (s *Answers) edges(ctx context.Context, f *filter.Filter, devices []model.Addr, p store.Period) ([]store.Edge, error) {
	q := store.EdgeFilter{Period: p, Addrs: devices, Limit: allEdges}
	if port := f.Required()["port"]; len(port) == 1 {
		if n, err := strconv.ParseUint(port[0], 10, 16); err == nil {
			q.Port = uint16(n)
		}
	}
	return s.deps.Store.Edges(ctx, q)
}

var levels = map[hubv1.Level]flowmap.Level{
	hubv1.Level_LEVEL_UNSPECIFIED: flowmap.Site, hubv1.Level_LEVEL_SITE: flowmap.Site, hubv1.Level_LEVEL_GROUP: flowmap.Group, hubv1.Level_LEVEL_DEVICE: flowmap.Device,
}

// GetMap adds flows up to edges between sites, groups or devices.
func (v flowServer) GetMap(ctx context.Context, req *hubv1.GetMapRequest) (*hubv1.GetMapResponse, error) {
	f, err := problem.Filter(req.GetFilter(), mapSchema)
	if err != nil {
		return nil, err
	}
	level, ok := levels[req.GetLevel()]
	if !ok {
		return nil, problem.Field("level", "want LEVEL_SITE, LEVEL_GROUP or LEVEL_DEVICE")
	}
	limit, err := limitOf(req.GetLimit(), standardEdges, largestEdges)
	if err != nil {
		return nil, err
	}
	p, err := v.s.period(ctx, req.GetPeriod())
	if err != nil {
		return nil, err
	}
	snap := v.s.deps.Keeper.Current()
	z, _, err := v.s.zones(ctx)
	if err != nil {
		return nil, err
	}
	out := &hubv1.GetMapResponse{}
	var devices []model.Addr
	named, only := f.Required()["device"]
	if only {
		devices = deviceAddresses(snap, named)
	}
	if !only || len(devices) > 0 {
		edges, err := v.s.edges(ctx, f, devices, p)
		if err != nil {
			return nil, err
		}
		built := flowmap.Build(edges, v.s.resolver(snap, z.Of), level, func(e *store.Edge, from, to *flowmap.End) bool { return f.Match(mapField(e, from, to)) })
		out.Omitted = int64(max(len(built)-limit, 0))
		for i := range built[:min(len(built), limit)] {
			out.Edges = append(out.Edges, edgeMessage(&built[i], level))
		}
	}
	out.Coverage, err = v.s.coverage(ctx, p)
	return out, err
}

func edgeMessage(e *flowmap.Edge, level flowmap.Level) *hubv1.Edge {
	out := &hubv1.Edge{
		Initiator: e.From, Responder: e.To, Service: e.Service, Port: uint32(e.Port), IpProtocol: uint32(e.Protocol), Flows: e.Flows, InitiatorOctets: e.InitiatorOctets,
		ResponderOctets: e.ResponderOctets, EncryptedShare: e.EncryptedShare, FirstSeen: stamp(e.First), LastSeen: stamp(e.Last), Vantages: e.Vantages,
	}
	if level == flowmap.Device {
		out.InitiatorDevice, out.ResponderDevice = endRef(&e.Initiator), endRef(&e.Responder)
	}
	return out
}
