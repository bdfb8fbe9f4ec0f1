package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/wardscope/wardscope/internal/model"
)

// openTables are what people may read. All have a column site.
var openTables = []string{
	"batches", "claims", "device_bindings", "devices", "findings", "findings_by_key",
	"flow_edges", "flows", "losses", "observations", "sensor_stats",
}

// OpenTables lists the tables that SQL from people may name.
func OpenTables() []string { return slices.Clone(openTables) }

// StatementError says why a person's statement is not run. Its text is meant
// for that person.
type StatementError struct{ Reason string }

func (e *StatementError) Error() string { return "statement refused: " + e.Reason }

// Query runs a SELECT written by a person: on the tables of OpenTables, on
// rows of their sites, within limits. Its errors are *StatementError, or the
// engine's *clickhouse.Exception.
func (s *Store) Query(ctx context.Context, q PeopleQuery) (Table, error) {
	if q.MaxRows <= 0 {
		q.MaxRows = 10_000
	}
	limits := s.limits(q)
	sql, err := s.check(clickhouse.Context(ctx, clickhouse.WithSettings(limits)), q.SQL)
	if err != nil {
		return Table{}, err
	}
	// Cancelling stops the engine when enough rows have come.
	ctx, cancel := context.WithCancel(clickhouse.Context(ctx, clickhouse.WithSettings(limits)))
	defer cancel()
	rows, err := s.locked.Query(ctx, sql)
	if err != nil {
		return Table{}, fmt.Errorf("run statement: %w", err)
	}
	table, err := collect(rows, q.MaxRows)
	if table.Truncated {
		cancel()
	}
	if e := rows.Close(); err == nil && e != nil && !table.Truncated {
		err = e
	}
	if err != nil {
		return Table{}, fmt.Errorf("run statement: %w", err)
	}
	if len(table.Columns) == 0 { // the engine sends no header with an empty answer
		table.Columns, err = s.describe(ctx, sql)
	}
	return table, err
}

// limits are the settings of one person's connection; readonly, which the
// engine package sets last, makes them final.
func (s *Store) limits(q PeopleQuery) clickhouse.Settings {
	if q.MaxTime <= 0 {
		q.MaxTime = 30 * time.Second
	}
	if q.MaxMemory == 0 {
		q.MaxMemory = 1 << 30
	}
	set := clickhouse.Settings{
		"max_execution_time":            max(1, int(q.MaxTime.Seconds())),
		"max_memory_usage":              q.MaxMemory,
		"max_result_bytes":              256 << 20,
		"result_overflow_mode":          "throw",
		"max_ast_depth":                 500,
		"max_ast_elements":              20_000,
		"max_expanded_ast_elements":     100_000,
		"max_query_size":                256 << 10,
		"max_subquery_depth":            20,
		"allow_introspection_functions": 0,
		"allow_ddl":                     0,
		"implicit_select":               0,
		"readonly":                      1,
	}
	if q.Sites != nil {
		set["additional_table_filters"] = s.siteFilters(q.Sites)
	}
	return s.avoidFaults(set)
}

// siteFilters renders the map by which the engine narrows every read of a
// table to the sites, wherever in the statement it stands.
func (s *Store) siteFilters(sites []model.SiteID) string {
	condition := "0"
	if len(sites) > 0 {
		condition = "site IN (" + strings.Join(mapped(sites, func(v model.SiteID) string { return literal(string(v)) }), ", ") + ")"
	}
	filters := make([]string, len(openTables))
	for i, t := range openTables {
		filters[i] = literal(s.cfg.Database+"."+t) + ": " + literal(condition)
	}
	return "{" + strings.Join(filters, ", ") + "}"
}

func (s *Store) describe(ctx context.Context, sql string) ([]Column, error) {
	rows, err := s.locked.Query(ctx, "DESCRIBE ("+sql+")")
	if err != nil {
		return nil, fmt.Errorf("describe statement: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []Column
	for rows.Next() {
		var c Column
		var ignore string
		if err := rows.Scan(&c.Name, &c.Type, &ignore, &ignore, &ignore, &ignore, &ignore); err != nil {
			return nil, fmt.Errorf("describe statement: %w", err)
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

func collect(rows driver.Rows, most int) (Table, error) {
	var table Table
	types := rows.ColumnTypes()
	for _, c := range types {
		table.Columns = append(table.Columns, Column{c.Name(), c.DatabaseTypeName()})
	}
	for rows.Next() {
		if len(table.Rows) == most {
			table.Truncated = true
			return table, nil
		}
		targets := make([]any, len(types))
		for i, c := range types {
			targets[i] = reflect.New(c.ScanType()).Interface()
		}
		if err := rows.Scan(targets...); err != nil {
			return table, err
		}
		row := make([]any, len(targets))
		for i, v := range targets {
			row[i] = plain(reflect.ValueOf(v).Elem())
		}
		table.Rows = append(table.Rows, row)
	}
	return table, rows.Err()
}

// plain makes a value of what JSON can say.
func plain(v reflect.Value) any {
	if !v.IsValid() {
		return nil
	}
	switch x := v.Interface().(type) {
	case time.Time:
		return x.UTC().Format(time.RFC3339Nano)
	case net.IP:
		if a, ok := netip.AddrFromSlice(x); ok {
			return a.Unmap().String()
		}
		return ""
	case fmt.Stringer:
		return x.String()
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return plain(v.Elem())
	case reflect.Slice, reflect.Array:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = plain(v.Index(i))
		}
		return out
	case reflect.Map:
		out := map[string]any{}
		for _, k := range v.MapKeys() {
			out[fmt.Sprint(plain(k))] = plain(v.MapIndex(k))
		}
		return out
	}
	return v.Interface()
}

// AuditLines counts the lines of the audit.
func (s *Store) AuditLines(ctx context.Context) (uint64, error) {
	var n uint64
	if err := s.reader.QueryRow(ctx, "SELECT count() FROM audit").Scan(&n); err != nil {
		return 0, fmt.Errorf("count audit lines: %w", err)
	}
	return n, nil
}

var errNoParse = errors.New("the engine gave no parse of the statement")
