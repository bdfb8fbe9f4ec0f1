package outlived

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/wardscope/wardscope/hub/api/answer"
	"github.com/wardscope/wardscope/hub/api/problem"
	"github.com/wardscope/wardscope/hub/exposure"
	"github.com/wardscope/wardscope/hub/exposure/advisory"
	"github.com/wardscope/wardscope/hub/exposure/legacy"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/filter"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// Deps is what a Server works with.
type Deps struct {
	Keeper     answer.Keeper
	Advisories func() *advisory.Pack // in use now
	Table      *legacy.Table
	Now        func() time.Time
}

// Server serves verdicts.
type Server struct {
	hubv1.UnimplementedLegacyServiceServer
	deps   Deps
	schema filter.Schema
}

// New returns a server.
func New(deps Deps) *Server {
	schema := slices.Clone(inventory.Schema)
	for _, name := range legacy.Fields {
		schema = append(schema, filter.Field{Name: name})
	}
	return &Server{deps: deps, schema: schema}
}

const (
	usualVerdicts = 1000
	mostVerdicts  = 10_000
)

// ListLegacy lists devices that are past support or for whose weaknesses there is no fix.
func (s *Server) ListLegacy(_ context.Context, req *hubv1.ListLegacyRequest) (*hubv1.ListLegacyResponse, error) {
	f, err := problem.Filter(req.GetFilter(), s.schema)
	if err != nil {
		return nil, err
	}
	limit := int(cmp.Or(req.GetLimit(), usualVerdicts))
	if limit < 0 || limit > mostVerdicts {
		return nil, problem.Field("limit", fmt.Sprintf("must be 1 to %d", mostVerdicts))
	}
	snap, known := s.deps.Keeper.Current(), s.deps.Advisories()
	today := s.deps.Now().UTC().Format(time.DateOnly)
	memory := map[advisory.Product][]advisory.Hit{}
	var found []legacy.Verdict
	for i := range snap.Devices {
		d := &snap.Devices[i]
		v := s.deps.Table.Judge(d, hits(known, d, memory), today)
		if !req.GetAll() && !v.Legacy() {
			continue
		}
		if f.Match(func(name string) []string {
			if values, ok := v.Field(name); ok {
				return values
			}
			return d.Field(name)
		}) {
			found = append(found, v)
		}
	}
	slices.SortFunc(found, func(a, b legacy.Verdict) int { return legacy.Compare(&a, &b) })
	out := &hubv1.ListLegacyResponse{TotalSize: int64(len(found)), AdvisoriesAsOf: known.AsOf, FirmwareAsOf: s.deps.Table.Date, Counts: counts(found)}
	for i := range found[:min(len(found), limit)] {
		out.Verdicts = append(out.Verdicts, message(&found[i]))
	}
	return out, nil
}

// hits matches like products once.
func hits(known *advisory.Pack, d *inventory.Device, memory map[advisory.Product][]advisory.Hit) []advisory.Hit {
	p := exposure.ProductOf(d)
	p.Serial = ""
	if p.Model == "" && p.OS == "" {
		return nil
	}
	found, ok := memory[p]
	if !ok {
		found = known.Match(p)
		memory[p] = found
	}
	return found
}

func counts(found []legacy.Verdict) []*hubv1.AdviceCount {
	var n [legacy.Segment + 1]int64
	for i := range found {
		n[found[i].Advice]++
	}
	var out []*hubv1.AdviceCount
	for a := legacy.Segment; ; a-- {
		if n[a] > 0 {
			out = append(out, &hubv1.AdviceCount{Advice: a.String(), Devices: n[a]})
		}
		if a == legacy.Leave {
			return out
		}
	}
}

func message(v *legacy.Verdict) *hubv1.LegacyVerdict {
	out := &hubv1.LegacyVerdict{Device: answer.Ref(v.Device), Support: hubv1.SupportState(v.Support), Until: v.Until, Release: v.What, Certainty: v.Certainty.String(),
		Patchable: v.Patcher.String(), PatchableReason: v.Why, Advice: v.Advice.String(), AdviceText: v.Advice.Text(), Evidence: answer.Evidence(v.Evidence)}
	if v.Reason != "" && out.GetAdviceText() != "" {
		out.AdviceText += ": "
	}
	out.AdviceText += v.Reason
	for _, h := range v.Unfixed {
		out.Unfixed = append(out.Unfixed, &hubv1.UnfixedAdvisory{Advisory: h.Advisory, Cves: h.CVEs, Cvss: h.CVSS, Certainty: h.Certainty.String(), Exploited: h.Exploited})
	}
	return out
}
