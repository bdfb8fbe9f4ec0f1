package people

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/wardscope/wardscope/hub/store/engine"
	"github.com/wardscope/wardscope/internal/model"
)

// Query is a statement written by a person.
type Query struct {
	SQL       string
	Sites     []model.SiteID // the caller's scope; nil means all sites, empty none
	MaxRows   int            // 0 means 10,000
	MaxTime   time.Duration  // 0 means 30 s
	MaxMemory uint64         // bytes; 0 means 1 GiB
}

// Table is an answer to a person's statement. Values are strings, numbers,
// booleans, slices, maps or nil: what JSON can say; times are RFC 3339 in UTC.
type Table struct {
	Columns   []Column
	Rows      [][]any
	Truncated bool // MaxRows was reached
}

// Column names a column and its ClickHouse type.
type Column struct{ Name, Type string }

// Reader runs statements on one database.
type Reader struct {
	conn     driver.Conn
	database string
	settings clickhouse.Settings
}

// New returns a reader on a pool of its own, since limits stick to its
// connections, and for each statement further settings of the engine's.
func New(conn driver.Conn, database string, settings clickhouse.Settings) *Reader {
	return &Reader{conn, database, settings}
}

// openTables are what people may read. All have a column site.
var openTables = []string{
	"batches", "claims", "device_bindings", "devices", "edges", "findings", "findings_by_key",
	"flow_edges", "flow_edges_daily", "flows", "losses", "observations", "sensor_stats",
}

// OpenTables lists the tables that SQL from people may name.
func OpenTables() []string { return slices.Clone(openTables) }

// StatementError says why a person's statement is not run. Its text is meant
// for that person.
type StatementError struct{ Reason string }

func (e *StatementError) Error() string { return "statement refused: " + e.Reason }

// Run runs a SELECT written by a person: on the tables of OpenTables, on
// rows of their sites, within limits. Its errors are *StatementError, or the
// engine's *clickhouse.Exception.
func (r *Reader) Run(ctx context.Context, q Query) (Table, error) {
	if q.MaxRows <= 0 {
		q.MaxRows = 10_000
	}
	limits := r.limits(q)
	sql, err := r.check(clickhouse.Context(ctx, clickhouse.WithSettings(limits)), q.SQL)
	if err != nil {
		return Table{}, err
	}
	// Cancelling stops the engine when enough rows have come.
	ctx, cancel := context.WithCancel(clickhouse.Context(ctx, clickhouse.WithSettings(limits)))
	defer cancel()
	rows, err := r.conn.Query(ctx, sql)
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
		table.Columns, err = r.describe(ctx, sql)
	}
	return table, err
}

// limits are the settings of one person's connection; readonly, which the
// engine package sets last, makes them final.
func (r *Reader) limits(q Query) clickhouse.Settings {
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
		set["additional_table_filters"] = r.siteFilters(q.Sites)
	}
	maps.Copy(set, r.settings)
	return set
}

// siteFilters renders the map by which the engine narrows every read of a
// table to the sites, wherever in the statement it stands.
func (r *Reader) siteFilters(sites []model.SiteID) string {
	condition := "0"
	if len(sites) > 0 {
		names := make([]string, len(sites))
		for i, v := range sites {
			names[i] = engine.Literal(string(v))
		}
		condition = "site IN (" + strings.Join(names, ", ") + ")"
	}
	filters := make([]string, len(openTables))
	for i, t := range openTables {
		filters[i] = engine.Literal(r.database+"."+t) + ": " + engine.Literal(condition)
	}
	return "{" + strings.Join(filters, ", ") + "}"
}

func (r *Reader) describe(ctx context.Context, sql string) ([]Column, error) {
	rows, err := r.conn.Query(ctx, "DESCRIBE ("+sql+")")
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

var errNoParse = errors.New("the engine gave no parse of the statement")
