package store

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// AuditQuery narrows the audit.
type AuditQuery struct {
	From, To time.Time // zero: without end
	Object   string    // "" for all
	Limit    int
}

// Audit reads lines of the audit, newest first.
func (s *Store) Audit(ctx context.Context, q AuditQuery) (out []AuditRow, err error) {
	if q.To.IsZero() {
		q.To = time.Now().AddDate(1, 0, 0)
	}
	if q.From.IsZero() {
		q.From = time.Unix(0, 0)
	}
	var args arguments
	args.micros(Period{From: q.From, To: q.To})
	args.add("object", q.Object)
	args.add("limit", uint32(q.Limit))
	err = s.read(ctx, "audit.sql", q, args, func(rows driver.Rows) error {
		var r AuditRow
		err := rows.Scan(&r.Time, &r.Actor, &r.Role, &r.Remote, &r.Method, (*string)(&r.Site), &r.Object, &r.Outcome, &r.Detail)
		out = append(out, r)
		return err
	})
	return out, err
}
