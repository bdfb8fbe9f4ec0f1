package store

import (
	"context"
	"net/netip"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/wardscope/wardscope/hub/store/row"
	"github.com/wardscope/wardscope/internal/model"
)

// Claims calls each for every claim that matches, by site, realm, address,
// MAC, part, kind, value and source; an error of each ends the read.
func (s *Store) Claims(ctx context.Context, f ClaimFilter, each func(Claim) error) error {
	var args arguments
	args.scope(f.Scope)
	args.addrs("addrs", f.Addrs)
	args.add("macs", row.MACs(f.MACs))
	args.add("kinds", row.Map(f.Kinds, model.Kind.String))
	args.add("since", f.ReceivedSince.UnixMicro())
	return s.read(ctx, "claims.sql", f, args, func(rows driver.Rows) error {
		var c Claim
		var addr netip.Addr
		var mac uint64
		var kind string
		var sensors []string
		err := rows.Scan((*string)(&c.Site), (*string)(&c.Realm), &addr, &mac, &c.Subject.Part, &kind, &c.Value, &c.Source,
			&c.First, &c.Last, &c.LastReceived, &c.Count, &sensors, &c.VLANs)
		if err != nil {
			return err
		}
		c.Subject.Addr, c.Subject.MAC, c.Kind = modelAddr(addr), model.MAC(mac), kinds[kind]
		c.Sensors = row.Map(sensors, func(s string) model.SensorID { return model.SensorID(s) })
		return each(c)
	})
}

// Findings returns findings joined over sensors, peers and time, by site,
// realm and key; the cursor is nil on the last page.
func (s *Store) Findings(ctx context.Context, f FindingFilter) ([]Finding, *FindingCursor, error) {
	limit := limitOr(f.Limit, 1000, 100_000)
	var args arguments
	args.scope(f.Scope)
	args.micros(f.Period)
	args.add("key", f.Key)
	args.add("types", row.Map(f.Types, model.FindingType.String))
	args.add("rules", f.Rules)
	args.add("services", f.Services)
	args.add("hidden", f.HideServices)
	args.addrs("addrs", f.Addrs)
	if f.After != nil {
		args.add("after_site", string(f.After.Site))
		args.add("after_realm", string(f.After.Realm))
		args.add("after_key", f.After.Key)
	}
	args.add("limit", limit+1)
	var out []Finding
	err := s.read(ctx, "findings.sql", f, args, func(rows driver.Rows) error {
		r, err := scanFinding(rows)
		if err == nil {
			out = append(out, r)
		}
		return err
	})
	if err != nil || len(out) <= int(limit) {
		return out, nil, err
	}
	out = out[:limit]
	last := out[limit-1]
	return out, &FindingCursor{last.Site, last.Realm, last.Key}, nil
}

func scanFinding(rows driver.Rows) (Finding, error) {
	var r Finding
	var addr netip.Addr
	var mac uint64
	var kind string
	var sensors []string
	err := rows.Scan((*string)(&r.Site), (*string)(&r.Realm), &r.Key, &kind, &r.Rule, &r.RuleVersion, &addr, &mac, &r.Subject.Part,
		&r.Port, &r.Protocol, &r.Service, &r.Detail, &r.Evidence, &r.CommunityID, &r.First, &r.Last, &r.Count, &r.Peers, &sensors)
	r.Type, r.Subject.Addr, r.Subject.MAC = types[kind], modelAddr(addr), model.MAC(mac)
	r.Sensors = row.Map(sensors, func(s string) model.SensorID { return model.SensorID(s) })
	return r, err
}

// FindingPeers returns the other ends of one finding, newest first, at most limit (0: 1,000).
func (s *Store) FindingPeers(ctx context.Context, of FindingCursor, limit int) ([]FindingPeer, error) {
	var args arguments
	args.add("site", string(of.Site))
	args.add("realm", string(of.Realm))
	args.add("key", of.Key)
	args.add("limit", limitOr(limit, 1000, 100_000))
	var out []FindingPeer
	err := s.read(ctx, "finding_peers.sql", of, args, func(rows driver.Rows) error {
		var p FindingPeer
		var addr netip.Addr
		var mac uint64
		err := rows.Scan(&addr, &mac, &p.Peer.Part, &p.First, &p.Last, &p.Count, &p.CommunityID)
		p.Peer.Addr, p.Peer.MAC = modelAddr(addr), model.MAC(mac)
		out = append(out, p)
		return err
	})
	return out, err
}
