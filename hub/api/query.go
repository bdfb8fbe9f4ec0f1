package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/wardscope/wardscope/hub/access"
	"github.com/wardscope/wardscope/hub/api/problem"
	"github.com/wardscope/wardscope/hub/store"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

type queryServer struct {
	hubv1.UnimplementedQueryServiceServer
	s *Server
}

const (
	standardRows = 1000
	largestRows  = 100_000
	maxStatement = 64 << 10 // bytes
)

// engineFault finds the engine's own error in a driver's text: the driver's types stay in store.
var engineFault = regexp.MustCompile(`code: (\d+), message: (?s)(.*)`)

// limitFaults are the engine's codes for a limit reached: rows, time, memory, bytes, result.
var limitFaults = map[string]bool{"158": true, "159": true, "160": true, "241": true, "307": true, "396": true}

// RunQuery runs one read-only statement under limits.
func (q queryServer) RunQuery(ctx context.Context, req *hubv1.RunQueryRequest) (*hubv1.RunQueryResponse, error) {
	sql := strings.TrimSpace(req.GetSql())
	switch {
	case sql == "":
		return nil, problem.Field("sql", "is empty; write a SELECT")
	case len(sql) > maxStatement:
		return nil, problem.Field("sql", fmt.Sprintf("is longer than %d bytes", maxStatement))
	case req.GetMaxRows() < 0 || req.GetMaxRows() > largestRows:
		return nil, problem.Field("max_rows", fmt.Sprintf("%d is outside 1 to %d; 0 means %d", req.GetMaxRows(), largestRows, standardRows))
	}
	rows := int(req.GetMaxRows())
	if rows == 0 {
		rows = standardRows
	}
	table, err := q.s.deps.Store.Query(ctx, store.PeopleQuery{SQL: sql, Sites: access.From(ctx).Sites, MaxRows: rows})
	if err != nil {
		return nil, statementError(err)
	}
	out := &hubv1.RunQueryResponse{Truncated: table.Truncated}
	for _, c := range table.Columns {
		out.Columns = append(out.Columns, c.Name)
		out.Types = append(out.Types, c.Type)
	}
	for _, r := range table.Rows {
		row := &hubv1.QueryRow{Values: make([]string, len(r))}
		for i, v := range r {
			if row.Values[i], err = valueText(v); err != nil {
				return nil, err
			}
		}
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}

// statementError tells a person what is wrong with the statement.
func statementError(err error) error {
	if refused, ok := errors.AsType[*store.StatementError](err); ok {
		return problem.Field("sql", refused.Error())
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return err
	}
	m := engineFault.FindStringSubmatch(err.Error())
	if m == nil {
		return err
	}
	if limitFaults[m[1]] {
		return status.Error(codes.ResourceExhausted, "the statement passed a limit: "+m[2])
	}
	return problem.Field("sql", m[2])
}

// valueText is a value's text form: strings as they are, the rest as JSON.
func valueText(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("show value: %w", err)
	}
	return string(text), nil
}
