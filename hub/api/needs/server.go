package needs

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/wardscope/wardscope/hub/api/answer"
	"github.com/wardscope/wardscope/hub/api/problem"
	"github.com/wardscope/wardscope/hub/flowmap"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/store"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// Store is what needs are read from.
type Store interface {
	Edges(ctx context.Context, f store.EdgeFilter) ([]store.Edge, error)
}

// Deps is what a Server works with.
type Deps struct {
	Store   Store
	Keeper  answer.Keeper
	Answers *answer.Answers
	Care    *flowmap.Care
}

// Server serves needs.
type Server struct {
	hubv1.UnimplementedNeedServiceServer
	deps Deps
}

// New returns a server.
func New(deps Deps) *Server { return &Server{deps: deps} }

const (
	usualSteps  = 2
	usualPeers  = 20
	mostPeers   = 1000
	mostArrows  = 500
	usualNeeded = 50
	mostNeeded  = 1000
	allEdges    = 2_000_000 // rows that one answer adds up
)

func bounded(field string, n int32, usual, most int) (int, error) {
	switch {
	case n < 0 || int(n) > most:
		return 0, problem.Field(field, fmt.Sprintf("%d is outside 1 to %d; 0 means %d", n, most, usual))
	case n == 0:
		return usual, nil
	}
	return int(n), nil
}

// GetDeviceNeeds tells by whom a device is needed, and what it needs.
func (s *Server) GetDeviceNeeds(ctx context.Context, req *hubv1.GetDeviceNeedsRequest) (*hubv1.GetDeviceNeedsResponse, error) {
	snap := s.deps.Keeper.Current()
	d := snap.Device(req.GetId())
	if d == nil {
		return nil, problem.NotFound("device", req.GetId())
	}
	steps, err := bounded("steps", req.GetSteps(), usualSteps, flowmap.MaxSteps)
	if err != nil {
		return nil, err
	}
	peers, err := bounded("peers", req.GetPeers(), usualPeers, mostPeers)
	if err != nil {
		return nil, err
	}
	p, err := s.deps.Answers.Span(ctx, req.GetPeriod())
	if err != nil {
		return nil, err
	}
	q := store.EdgeFilter{Period: p, Limit: allEdges}
	if steps == 1 {
		q.Addrs = d.Addrs // what is further away is not asked for
	}
	var edges []store.Edge
	if len(d.Addrs) > 0 {
		if edges, err = s.deps.Store.Edges(ctx, q); err != nil {
			return nil, err
		}
	}
	needs := flowmap.NewNeeds(edges, s.deps.Answers.Ends(snap), s.deps.Care)
	st := needs.Of(d, steps)
	out := &hubv1.GetDeviceNeedsResponse{Device: answer.Ref(d), Summary: st.Summary(), Weight: st.Weight, Users: kinds(st.Users), IndirectUsers: kinds(st.Indirect),
		NeededBy: needMessages(st.NeededBy, peers), Needs: needMessages(st.Needs, peers)}
	arrows := needs.Arrows(d, steps)
	out.Omitted = int64(max(len(arrows)-mostArrows, 0))
	for i := range arrows[:min(len(arrows), mostArrows)] {
		out.Arrows = append(out.Arrows, arrowMessage(&arrows[i]))
	}
	out.Coverage, err = s.deps.Answers.Rests(ctx, p)
	return out, err
}

func kinds(counts []flowmap.Count) []*hubv1.KindCount {
	out := make([]*hubv1.KindCount, len(counts))
	for i, c := range counts {
		out[i] = &hubv1.KindCount{Kind: c.Kind.Plural, Devices: int64(c.Devices), Weight: c.Weight, Text: c.Text()}
	}
	return out
}

func needMessages(list []flowmap.Need, peers int) []*hubv1.Need {
	out := make([]*hubv1.Need, len(list))
	for i := range list {
		n := &list[i]
		out[i] = &hubv1.Need{Service: n.Service, Port: uint32(n.Port), IpProtocol: uint32(n.Protocol), Kinds: kinds(n.Kinds), TotalPeers: int64(len(n.Peers) + n.Others),
			Outside: n.Outside, Weight: n.Weight, Octets: n.Octets, FirstSeen: timestamppb.New(n.First), LastSeen: timestamppb.New(n.Last)}
		for _, p := range n.Peers[:min(len(n.Peers), peers)] {
			out[i].Peers = append(out[i].Peers, answer.Ref(p))
		}
	}
	return out
}

func arrowMessage(a *flowmap.Arrow) *hubv1.NeedArrow {
	out := &hubv1.NeedArrow{Server: answer.Ref(a.Server), Service: a.Service, Weight: a.Weight}
	if a.User != nil {
		out.User = answer.Ref(a.User)
		return out
	}
	out.Users = kinds([]flowmap.Count{a.Count})[0]
	return out
}

// ListNeeded lists the devices that care leans on most.
func (s *Server) ListNeeded(ctx context.Context, req *hubv1.ListNeededRequest) (*hubv1.ListNeededResponse, error) {
	f, err := problem.Filter(req.GetFilter(), inventory.Schema)
	if err != nil {
		return nil, err
	}
	limit, err := bounded("limit", req.GetLimit(), usualNeeded, mostNeeded)
	if err != nil {
		return nil, err
	}
	p, err := s.deps.Answers.Span(ctx, req.GetPeriod())
	if err != nil {
		return nil, err
	}
	edges, err := s.deps.Store.Edges(ctx, store.EdgeFilter{Period: p, Limit: allEdges})
	if err != nil {
		return nil, err
	}
	ranked := flowmap.NewNeeds(edges, s.deps.Answers.Ends(s.deps.Keeper.Current()), s.deps.Care).Rank(func(d *inventory.Device) bool { return f.Match(d.Field) })
	out := &hubv1.ListNeededResponse{TotalSize: int64(len(ranked))}
	for i := range ranked[:min(len(ranked), limit)] {
		st := &ranked[i]
		m := &hubv1.NeededDevice{Device: answer.Ref(st.Device), Summary: st.Summary(), Weight: st.Weight, Users: kinds(st.Users)}
		for _, n := range st.NeededBy {
			m.Services = append(m.Services, n.Service)
		}
		out.Devices = append(out.Devices, m)
	}
	out.Coverage, err = s.deps.Answers.Rests(ctx, p)
	return out, err
}
