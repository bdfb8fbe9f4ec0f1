package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// IndexUse says what one index left of the granules (8,192 rows each).
type IndexUse struct {
	Name            string // "PrimaryKey", "MinMax", "Partition" or a skip index's name
	Granules, Total int
}

// ExplainFlows says which indexes a flow filter would use, in the engine's order.
func ExplainFlows(ctx context.Context, s *Store, f FlowFilter) ([]IndexUse, error) {
	sql, err := render("flows.sql", f)
	if err != nil {
		return nil, err
	}
	var lines []string
	rows, err := s.reader.Query(ctx, "EXPLAIN indexes = 1, json = 1 "+sql, s.flowArguments(f)...)
	if err != nil {
		return nil, fmt.Errorf("explain flows: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return nil, fmt.Errorf("explain flows: %w", err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("explain flows: %w", err)
	}
	var plans []struct{ Plan planNode }
	if err := json.Unmarshal([]byte(strings.Join(lines, "\n")), &plans); err != nil {
		return nil, fmt.Errorf("explain flows: %w", err)
	}
	var out []IndexUse
	for _, p := range plans {
		out = p.Plan.collect(out)
	}
	return out, nil
}

// planNode is what EXPLAIN json = 1 says of a step.
type planNode struct {
	Plans   []planNode
	Indexes []struct {
		Type     string
		Name     string
		Granules int `json:"Selected Granules"`
		Total    int `json:"Initial Granules"`
	}
}

func (p planNode) collect(out []IndexUse) []IndexUse {
	for _, i := range p.Indexes {
		name := i.Name
		if name == "" {
			name = i.Type
		}
		out = append(out, IndexUse{name, i.Granules, i.Total})
	}
	for _, c := range p.Plans {
		out = c.collect(out)
	}
	return out
}
