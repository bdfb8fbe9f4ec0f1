package store

import (
	"context"
	"embed"
	"fmt"
	"strings"
	"text/template"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/wardscope/wardscope/hub/store/row"
	"github.com/wardscope/wardscope/internal/model"
)

//go:embed query/*.sql
var queryFiles embed.FS

// queries holds query/*.sql by file name. Templates choose among fixed
// conditions; values are only ever bound as parameters.
var queries = template.Must(template.New("query").Option("missingkey=error").ParseFS(queryFiles, "query/*.sql"))

// render gives the SQL of one read for one filter.
func render(file string, data any) (string, error) {
	var b strings.Builder
	if err := queries.ExecuteTemplate(&b, file, data); err != nil {
		return "", fmt.Errorf("render query: %w", err)
	}
	return b.String(), nil
}

// read runs a query file and calls scan for each row.
func (s *Store) read(ctx context.Context, file string, data any, args []any, scan func(driver.Rows) error) (err error) {
	sql, err := render(file, data)
	if err != nil {
		return err
	}
	rows, err := s.reader.Query(ctx, sql, args...)
	if err != nil {
		return fmt.Errorf("read %s: %w", strings.TrimSuffix(file, ".sql"), err)
	}
	defer func() {
		if e := rows.Close(); e != nil && err == nil {
			err = fmt.Errorf("read %s: %w", strings.TrimSuffix(file, ".sql"), e)
		}
	}()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return fmt.Errorf("read %s: %w", strings.TrimSuffix(file, ".sql"), err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read %s: %w", strings.TrimSuffix(file, ".sql"), err)
	}
	return nil
}

// arguments collects bound parameters.
type arguments []any

func (a *arguments) add(name string, value any) { *a = append(*a, clickhouse.Named(name, value)) }

func (a *arguments) scope(s Scope) {
	a.add("sites", texts(s.Sites))
	a.add("realm", string(s.Realm))
}

// micros binds a period to microseconds.
func (a *arguments) micros(p Period) {
	a.add("from", p.From.UnixMicro())
	a.add("to", p.To.UnixMicro())
}

// seconds binds a period to seconds, its end rounded up.
func (a *arguments) seconds(p Period) {
	to := p.To.Unix()
	if p.To.Nanosecond() > 0 {
		to++
	}
	a.add("from", max(p.From.Unix(), 0))
	a.add("to", max(to, 0))
}

func (a *arguments) addrs(name string, list []model.Addr) {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = row.Address(v).String()
	}
	a.add(name, out)
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

func limitOr(n, standard, most int) uint32 {
	if n <= 0 {
		n = standard
	}
	return uint32(min(n, most))
}
