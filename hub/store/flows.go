package store

import (
	"context"
	"net/netip"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/wardscope/wardscope/internal/model"
)

// Flows returns one page of flows, newest start first.
func (s *Store) Flows(ctx context.Context, f FlowFilter) (FlowPage, error) {
	limit := limitOr(f.Limit, 100, 10_000)
	var page FlowPage
	err := s.read(ctx, "flows.sql", f, s.flowArguments(f), func(rows driver.Rows) error {
		row, err := scanFlow(rows)
		if err == nil {
			page.Flows = append(page.Flows, row)
		}
		return err
	})
	if err != nil {
		return FlowPage{}, err
	}
	if len(page.Flows) > int(limit) {
		page.Flows = page.Flows[:limit]
		last := page.Flows[limit-1]
		page.Next = &FlowCursor{last.Start / 1000, last.Sensor, last.Epoch, last.Sequence, last.Row}
	}
	return page, nil
}

func (s *Store) flowArguments(f FlowFilter) []any {
	var args arguments
	args.scope(f.Scope)
	args.micros(f.Period)
	args.addrs("addrs", f.Addrs)
	args.addrs("peers", f.Peers)
	args.add("mac", uint64(f.MAC))
	args.add("port", f.Port)
	args.add("protocol", f.Protocol)
	args.add("services", f.Services)
	args.add("community", f.CommunityID)
	args.add("sensor", string(f.Sensor))
	args.add("limit", limitOr(f.Limit, 100, 10_000)+1) // one more tells whether there is a next page
	if f.After != nil {
		args.add("after_start", f.After.Start)
		args.add("after_sensor", string(f.After.Sensor))
		args.add("after_epoch", f.After.Epoch)
		args.add("after_sequence", f.After.Sequence)
		args.add("after_row", f.After.Row)
	}
	return args
}

func scanFlow(rows driver.Rows) (FlowRow, error) {
	var r FlowRow
	var ini, resp, outerIni, outerResp netip.Addr
	var start, end time.Time
	var endReason string
	var domain, encap uint32
	var iniMAC, respMAC uint64
	var verbs, objects, results []string
	var counts []uint32
	var offset int64
	err := rows.Scan((*string)(&r.Site), (*string)(&r.Realm), (*string)(&r.Sensor), &domain, &r.Receive, &offset, &r.Epoch, &r.Sequence, &r.Row,
		&start, &end, &ini, &r.Initiator.Port, &iniMAC, &resp, &r.Responder.Port, &respMAC, &r.Protocol, &r.Service,
		&r.InitiatorOctets, &r.ResponderOctets, &r.InitiatorPackets, &r.ResponderPackets, &r.InitiatorFlags, &r.ResponderFlags,
		&r.InitiatorInferred, &r.VLAN, &r.InnerVLAN, &encap, &endReason, &r.HandshakeRTT, &r.Retransmitted, &r.Duplicated, &r.CommunityID,
		&verbs, &objects, &results, &counts,
		&r.ServerName, &r.ALPN, &r.Version, &r.Encrypted, &outerIni, &outerResp, &r.FirstOfConversation)
	if err != nil {
		return r, err
	}
	r.Domain, r.Encap, r.ClockOffset = model.DomainID(domain), model.Encap(encap), offset*1000
	r.Start, r.End, r.EndReason = start.UnixNano(), end.UnixNano(), endReasons[endReason]
	r.Initiator.Addr, r.Responder.Addr = modelAddr(ini), modelAddr(resp)
	r.Initiator.MAC, r.Responder.MAC = model.MAC(iniMAC), model.MAC(respMAC)
	r.OuterInitiator, r.OuterResponder = modelAddr(outerIni), modelAddr(outerResp)
	for i := range verbs {
		r.Operations = append(r.Operations, model.Operation{
			Verb: verbNames[verbs[i]], Object: objects[i], Result: resultNames[results[i]], Count: counts[i]})
	}
	return r, nil
}

// Names are what tables hold; these give the constants back.
var (
	kinds       = byName(model.KindHostname, model.KindUnset)
	endReasons  = byName(model.EndIdle, model.EndUnset)
	verbNames   = byName(model.VerbRead, model.VerbUnset)
	resultNames = byName(model.ResultOK, model.ResultUnset)
	places      = byName(model.PlaceKernel, model.PlaceUnset)
	types       = findingTypes()
)

func byName[T interface {
	~uint8
	String() string
}](from, unset T) map[string]T {
	out := map[string]T{}
	for v := from; v.String() != unset.String(); v++ {
		out[v.String()] = v
	}
	return out
}

func findingTypes() map[string]model.FindingType {
	out := map[string]model.FindingType{}
	for v, name := range model.FindingTypes() {
		out[name] = v
	}
	return out
}

func modelAddr(a netip.Addr) model.Addr {
	if !a.IsValid() {
		return model.Addr{}
	}
	return model.AddrFromNetip(a)
}
