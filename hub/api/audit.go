package api

import (
	"context"

	"github.com/wardscope/wardscope/hub/api/problem"
	"github.com/wardscope/wardscope/hub/store"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

type auditServer struct {
	hubv1.UnimplementedAuditServiceServer
	s *Server
}

// Bounds of one answer, lines.
const (
	auditLines    = 100
	maxAuditLines = 10_000
)

// ListAudit lists lines of the audit, newest first.
func (v auditServer) ListAudit(ctx context.Context, req *hubv1.ListAuditRequest) (*hubv1.ListAuditResponse, error) {
	limit := int(req.GetLimit())
	switch {
	case limit < 0 || limit > maxAuditLines:
		return nil, problem.Field("limit", "must be 0 to 10000")
	case limit == 0:
		limit = auditLines
	}
	q := store.AuditQuery{Object: req.GetObject(), Limit: limit}
	if p := req.GetPeriod(); p.GetFrom() != nil {
		q.From = p.GetFrom().AsTime()
	}
	if p := req.GetPeriod(); p.GetTo() != nil {
		q.To = p.GetTo().AsTime()
	}
	rows, err := v.s.deps.Store.Audit(ctx, q)
	if err != nil {
		return nil, err
	}
	out := &hubv1.ListAuditResponse{}
	for i := range rows {
		r := &rows[i]
		out.Lines = append(out.Lines, &hubv1.AuditLine{
			Time: stamp(r.Time), Actor: r.Actor, Role: r.Role, Remote: r.Remote, Method: r.Method, Site: string(r.Site), Object: r.Object, Outcome: r.Outcome, Detail: r.Detail,
		})
	}
	return out, nil
}
