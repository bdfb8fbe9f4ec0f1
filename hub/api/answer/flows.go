package answer

import (
	"context"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/wardscope/wardscope/hub/api/page"
	"github.com/wardscope/wardscope/hub/api/problem"
	"github.com/wardscope/wardscope/hub/flowmap"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/filter"
	"github.com/wardscope/wardscope/hub/inventory/live"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

type flowServer struct {
	hubv1.UnimplementedFlowServiceServer
	s *Answers
}

// flowSchema lists what filters over flows may ask. Of the two ends one has to fit; port is the responder's.
var flowSchema = filter.Schema{
	{Name: "site"}, {Name: "realm"}, {Name: "sensor"}, {Name: "device"}, {Name: "ip", Kind: filter.Address}, {Name: "mac", Kind: filter.Link},
	{Name: "port", Kind: filter.Number}, {Name: "service"}, {Name: "protocol"}, {Name: "community_id"}, {Name: "vlan", Kind: filter.Number},
}

var protocolNames = map[uint8]string{1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 47: "gre", 58: "icmpv6", 132: "sctp"}

func protocolNumber(s string) (uint8, bool) {
	for n, name := range protocolNames {
		if strings.EqualFold(s, name) {
			return n, true
		}
	}
	n, err := strconv.ParseUint(s, 10, 8)
	return uint8(n), err == nil
}

// resolver tells who an address was; a nil group groups by type.
func (s *Answers) resolver(snap *live.Snapshot, group func(*inventory.Device) string) *flowmap.Resolver {
	return &flowmap.Resolver{Inventory: snap.Inventory, Sites: snap.Sites, Group: group}
}

// flowFilter asks the store for as little as the filter allows; what it cannot ask, matching decides.
// It reports false when nothing can match.
func flowFilter(f *filter.Filter, snap *live.Snapshot, p store.Period) (store.FlowFilter, bool) {
	out := store.FlowFilter{Period: p}
	for name, values := range f.Required() {
		switch name {
		case "site":
			for _, v := range values {
				out.Sites = append(out.Sites, model.SiteID(v))
			}
		case "service":
			out.Services = values
		case "ip":
			if addrs, exact := addresses(values); exact {
				out.Addrs = addrs
			}
		case "device":
			addrs := deviceAddresses(snap, values)
			if len(addrs) == 0 {
				return out, false
			}
			if out.Addrs == nil {
				out.Addrs = addrs
			}
		}
		if len(values) == 1 {
			one(&out, name, values[0])
		}
	}
	return out, true
}

// one pushes the conditions down that the store knows for a single value.
func one(out *store.FlowFilter, name, v string) {
	switch name {
	case "realm":
		out.Realm = model.Realm(v)
	case "sensor":
		out.Sensor = model.SensorID(v)
	case "community_id":
		out.CommunityID = v
	case "mac":
		if m, err := model.ParseMAC(v); err == nil {
			out.MAC = m
		}
	case "port":
		if n, err := strconv.ParseUint(v, 10, 16); err == nil {
			out.Port = uint16(n)
		}
	case "protocol":
		if n, ok := protocolNumber(v); ok {
			out.Protocol = n
		}
	}
}

// addresses reads exact addresses; a prefix among them is for matching alone.
func addresses(values []string) (out []model.Addr, exact bool) {
	for _, v := range values {
		if p, err := netip.ParsePrefix(v); err == nil && !p.IsSingleIP() {
			return nil, false
		}
		a, err := model.ParseAddr(strings.SplitN(v, "/", 2)[0])
		if err != nil {
			return nil, false
		}
		out = append(out, a)
	}
	return out, true
}

// deviceAddresses lists every address that devices of these ids or names had.
func deviceAddresses(snap *live.Snapshot, values []string) []model.Addr {
	var out []model.Addr
	for i := range snap.Devices {
		d := &snap.Devices[i]
		for _, v := range values {
			if strings.EqualFold(v, d.ID) || strings.EqualFold(v, d.Name) || strings.EqualFold(v, d.Hostname) {
				out = append(out, d.Addrs...)
				break
			}
		}
	}
	return out
}

func flowField(r *store.FlowRow, from, to *flowmap.End) filter.Getter {
	return func(name string) []string {
		switch name {
		case "site":
			return []string{string(r.Site)}
		case "realm":
			return []string{string(r.Stamp.Realm)}
		case "sensor":
			return []string{string(r.Sensor)}
		case "device":
			return append(endNames(from), endNames(to)...)
		case "ip":
			return []string{r.Initiator.Addr.String(), r.Responder.Addr.String()}
		case "mac":
			return []string{r.Initiator.MAC.String(), r.Responder.MAC.String()}
		case "port":
			return []string{strconv.Itoa(int(r.Responder.Port))}
		case "service":
			return []string{r.Service}
		case "protocol":
			return []string{protocolNames[r.Protocol], strconv.Itoa(int(r.Protocol))}
		case "community_id":
			return []string{r.CommunityID}
		case "vlan":
			return []string{strconv.Itoa(int(r.VLAN)), strconv.Itoa(int(r.InnerVLAN))}
		}
		return append(append(endNames(from), endNames(to)...), r.Initiator.Addr.String(), r.Responder.Addr.String(), r.Service, r.ServerName)
	}
}

func endNames(e *flowmap.End) []string {
	if e.Device == nil {
		return nil
	}
	return []string{e.Device.ID, e.Device.Name, e.Device.Hostname}
}

const (
	flowBatch   = 1000 // rows read at a time when a filter has to look at each
	flowBatches = 50   // and at most so often a page: beyond, the page is short, not late
)

// ListFlows pages through flow records, newest first.
func (v flowServer) ListFlows(ctx context.Context, req *hubv1.ListFlowsRequest) (*hubv1.ListFlowsResponse, error) {
	f, err := problem.Filter(req.GetFilter(), flowSchema)
	if err != nil {
		return nil, err
	}
	size, err := page.Size(req.GetPageSize())
	if err != nil {
		return nil, err
	}
	query := page.Query("flows", req.GetFilter(), req.GetPeriod().String())
	place := flowPlace{}
	if err := page.Open(req.GetPageToken(), query, &place); err != nil {
		return nil, err
	}
	p := store.Period{From: place.From, To: place.To} // a later page keeps the span of the first
	if place.Cursor == nil {
		if p, err = v.s.period(ctx, req.GetPeriod()); err != nil {
			return nil, err
		}
	}
	out := &hubv1.ListFlowsResponse{}
	next, err := v.fill(ctx, out, f, p, place.Cursor, size)
	if err != nil {
		return nil, err
	}
	if next != nil {
		if out.NextPageToken, err = page.Seal(query, flowPlace{p.From, p.To, next}); err != nil {
			return nil, err
		}
	}
	out.Coverage, err = v.s.coverage(ctx, p)
	return out, err
}

// flowPlace is the place after a page of flows, and the span that was resolved for the first.
type flowPlace struct {
	From   time.Time         `json:"f"`
	To     time.Time         `json:"t"`
	Cursor *store.FlowCursor `json:"c"`
}

// fill adds matching flows to a page and returns where the next one begins, nil after the last.
func (v flowServer) fill(ctx context.Context, out *hubv1.ListFlowsResponse, f *filter.Filter, p store.Period, after *store.FlowCursor, size int) (*store.FlowCursor, error) {
	snap := v.s.deps.Keeper.Current()
	sf, possible := flowFilter(f, snap, p)
	if !possible {
		return nil, nil
	}
	r := v.s.resolver(snap, nil)
	sf.After, sf.Limit = after, size
	for range flowBatches {
		batch, err := v.s.deps.Store.Flows(ctx, sf)
		if err != nil {
			return nil, err
		}
		for i := range batch.Flows {
			row := &batch.Flows[i]
			from, to := r.End(row.Stamp.Realm, row.Initiator.Addr, row.Start), r.End(row.Stamp.Realm, row.Responder.Addr, row.Start)
			if !f.Match(flowField(row, &from, &to)) {
				continue
			}
			out.Flows = append(out.Flows, &hubv1.FlowRecord{Flow: event.FlowRow(&row.Flow), Site: string(row.Site), Realm: string(row.Stamp.Realm), Sensor: string(row.Sensor),
				Initiator: endRef(&from), Responder: endRef(&to), Received: stamp(row.Receive)})
			if len(out.Flows) == size {
				if i == len(batch.Flows)-1 {
					return batch.Next, nil
				}
				return &store.FlowCursor{Start: row.Start / 1000, Sensor: row.Sensor, Epoch: row.Epoch, Sequence: row.Sequence, Row: row.Row}, nil
			}
		}
		if batch.Next == nil {
			return nil, nil
		}
		sf.After, sf.Limit = batch.Next, flowBatch
	}
	return sf.After, nil
}
