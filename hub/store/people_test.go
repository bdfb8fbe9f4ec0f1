package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/hub/store/storetest"
	"github.com/wardscope/wardscope/internal/model"
)

// twoSites has 300 flows at north and 200 at south.
func twoSites(t *testing.T) *store.Store {
	t.Helper()
	s := storetest.Open(t)
	for _, g := range []store.Group{group("a", "north", 1, 300), group("b", "south", 1, 200)} {
		if err := s.InsertGroup(t.Context(), g); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestQueryScope(t *testing.T) {
	s := twoSites(t)
	north := []model.SiteID{"north"}
	for _, c := range []struct {
		name, sql string
		sites     []model.SiteID
		want      any
	}{
		{"all sites", "SELECT count() FROM flows", nil, uint64(500)},
		{"one site", "SELECT count() FROM flows", north, uint64(300)},
		{"no site", "SELECT count() FROM flows", []model.SiteID{}, uint64(0)},
		{"full name", "SELECT count() FROM wardscope.flows", north, uint64(300)},
		{"quoted name", "SELECT count() FROM `wardscope`.\"flows\"", north, uint64(300)},
		{"alias", "SELECT count() FROM flows AS x WHERE x.site != ''", north, uint64(300)},
		{"alias of another table's name", "SELECT count() FROM flows AS devices", north, uint64(300)},
		{"subquery", "SELECT count() FROM (SELECT * FROM (SELECT site FROM flows))", north, uint64(300)},
		{"union", "SELECT sum(n) FROM (SELECT count() AS n FROM flows UNION ALL SELECT count() FROM flows)", north, uint64(600)},
		{"with", "WITH f AS (SELECT site FROM flows) SELECT count() FROM f", north, uint64(300)},
		{"with twice", "WITH a AS (SELECT site FROM flows), b AS (SELECT * FROM a) SELECT count() FROM b", north, uint64(300)},
		{"scalar with", "WITH (SELECT count() FROM flows) AS n SELECT n", north, uint64(300)},
		{"scalar subquery", "SELECT (SELECT count() FROM flows)", north, uint64(300)},
		{"join", "SELECT count() FROM (SELECT DISTINCT site FROM flows) a JOIN (SELECT DISTINCT site FROM observations) b USING site", north, uint64(1)},
		{"in subquery", "SELECT count() FROM batches WHERE site IN (SELECT site FROM flows)", north, uint64(1)},
		{"or true", "SELECT count() FROM flows WHERE 1 OR site = 'south'", north, uint64(300)},
		{"exists", "SELECT count() FROM batches WHERE EXISTS (SELECT 1 FROM flows WHERE site = 'south')", north, uint64(0)},
		{"having", "SELECT count() FROM (SELECT site FROM flows GROUP BY site)", north, uint64(1)},
		{"limit by a comment", "SELECT count() FROM flows -- ; DROP TABLE flows", north, uint64(300)},
		{"table function", "SELECT count() FROM numbers(7)", north, uint64(7)},
		{"no table", "SELECT toUInt64(1)", north, uint64(1)},
		{"semicolon at the end", "SELECT count() FROM flows;", north, uint64(300)},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := s.Query(t.Context(), store.PeopleQuery{SQL: c.sql, Sites: c.sites})
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Rows) != 1 || !cmp.Equal(got.Rows[0][0], c.want) {
				t.Errorf("got %v, want %v", got.Rows, c.want)
			}
		})
	}
}

// TestQueryRefuses tries to get round the scope, the tables and the lock.
func TestQueryRefuses(t *testing.T) {
	s := twoSites(t)
	secret := filepath.Join(t.TempDir(), "secret.csv")
	if err := os.WriteFile(secret, []byte("1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, sql string }{
		{"merge", "SELECT count() FROM merge('wardscope', '^flows$')"},
		{"merge of this database", "SELECT count() FROM merge('flows')"},
		{"merge in upper case", "SELECT count() FROM MERGE('wardscope', 'flows')"},
		{"merge quoted", "SELECT count() FROM `merge`('wardscope', 'flows')"},
		{"merge with alias", "SELECT count() FROM merge('wardscope', 'flows') AS flows"},
		{"merge in a subquery", "SELECT * FROM (SELECT count() FROM merge('wardscope', 'flows'))"},
		{"merge in a scalar subquery", "SELECT (SELECT count() FROM merge('wardscope', 'flows'))"},
		{"merge in with", "WITH f AS (SELECT * FROM merge('wardscope', 'flows')) SELECT count() FROM f"},
		{"merge in scalar with", "WITH (SELECT count() FROM merge('wardscope', 'flows')) AS n SELECT n"},
		{"merge in union", "SELECT 1 UNION ALL SELECT count() FROM merge('wardscope', 'flows')"},
		{"merge in except", "SELECT 1 EXCEPT SELECT count() FROM merge('wardscope', 'flows')"},
		{"merge in in", "SELECT 1 WHERE 1 IN (SELECT count() FROM merge('wardscope', 'flows'))"},
		{"merge in exists", "SELECT 1 WHERE EXISTS (SELECT 1 FROM merge('wardscope', 'flows'))"},
		{"merge in join", "SELECT count() FROM flows a JOIN merge('wardscope', 'flows') b ON a.row = b.row"},
		{"merge in order by", "SELECT 1 ORDER BY (SELECT count() FROM merge('wardscope', 'flows'))"},
		{"merge in limit", "SELECT 1 FROM flows LIMIT (SELECT count() FROM merge('wardscope', 'flows'))"},
		{"merge in a window", "SELECT sum(1) OVER (ORDER BY (SELECT count() FROM merge('wardscope', 'flows')))"},
		{"merge in a function", "SELECT arrayMap(x -> (SELECT count() FROM merge('wardscope', 'flows')), [1])"},
		{"view", "SELECT count() FROM view(SELECT * FROM merge('wardscope', 'flows'))"},
		{"system table", "SELECT * FROM system.tables"},
		{"system table quoted", "SELECT * FROM `system`.`tables`"},
		{"system table by with of that name", "WITH `system.tables` AS (SELECT 1) SELECT * FROM system.tables"},
		{"system table with a with of its short name", "WITH tables AS (SELECT 1) SELECT * FROM system.tables"},
		{"system table behind in", "SELECT 'x' IN system.tables"},
		{"system column behind in", "SELECT count() FROM flows WHERE site IN system.databases"},
		{"system table in in()", "SELECT in('x', system.tables)"},
		{"other system table", "SELECT * FROM system.processes"},
		{"information schema", "SELECT * FROM information_schema.tables"},
		{"INFORMATION_SCHEMA", "SELECT * FROM INFORMATION_SCHEMA.TABLES"},
		{"audit", "SELECT * FROM audit"},
		{"audit behind a with name", "WITH x AS (SELECT 1) SELECT * FROM audit"},
		{"audit in a scalar subquery with a with", "WITH x AS (SELECT 1) SELECT (SELECT count() FROM audit)"},
		{"audit in a scalar with after a with", "WITH x AS (SELECT 1), (SELECT count() FROM audit) AS n SELECT n"},
		{"audit in limit with a with", "WITH x AS (SELECT 1) SELECT 1 FROM flows LIMIT (SELECT count() FROM audit)"},
		{"audit in in with a with", "WITH x AS (SELECT 1) SELECT 1 WHERE 1 IN (SELECT count() FROM audit)"},
		{"audit behind in", "SELECT 'x' IN audit"},
		{"audit behind in with a with", "WITH x AS (SELECT 1) SELECT 'x' IN audit"},
		{"quarantine", "SELECT payload FROM quarantine"},
		{"migrations", "SELECT * FROM schema_migrations"},
		{"view's own table", "SELECT * FROM flow_edges_view"},
		{"inner table", "SELECT * FROM `.inner.flow_edges_view`"},
		{"file", "SELECT * FROM file('" + secret + "', 'CSV')"},
		{"file function", "SELECT file('" + secret + "')"},
		{"url", "SELECT * FROM url('http://127.0.0.1:1/', 'CSV')"},
		{"remote", "SELECT * FROM remote('127.0.0.1', 'wardscope', 'flows')"},
		{"cluster", "SELECT * FROM cluster('default', 'wardscope', 'flows')"},
		{"loop", "SELECT * FROM loop('wardscope', 'flows') LIMIT 1"},
		{"executable", "SELECT * FROM executable('sh', 'CSV', 'a String')"},
		{"mergeTreeIndex", "SELECT * FROM mergeTreeIndex('wardscope', 'flows')"},
		{"python", "SELECT * FROM Python(x)"},
		{"dictGet", "SELECT dictGet('d', 'v', 1)"},
		{"dictGet in lambda", "SELECT arrayMap(x -> dictGetOrDefault('d', 'v', x, 1), [1])"},
		{"joinGet", "SELECT joinGet('wardscope.j', 'v', 1)"},
		{"sleep", "SELECT sleep(1)"},
		{"hostName", "SELECT hostName()"},
		{"getSetting", "SELECT getSetting('additional_table_filters')"},
		{"introspection", "SELECT addressToLine(1)"},
		{"settings", "SELECT count() FROM flows SETTINGS additional_table_filters = {}"},
		{"settings in a subquery", "SELECT * FROM (SELECT count() FROM flows SETTINGS max_execution_time = 0)"},
		{"settings of a limit", "SELECT 1 SETTINGS readonly = 0"},
		{"set", "SET readonly = 0"},
		{"format", "SELECT 1 FORMAT CSV"},
		{"outfile", "SELECT 1 INTO OUTFILE '" + secret + ".out'"},
		{"outfile in csv", "SELECT 1 INTO OUTFILE '" + secret + ".out' FORMAT CSV"},
		{"insert", "INSERT INTO flows (site) VALUES ('x')"},
		{"insert select", "INSERT INTO FUNCTION file('" + secret + ".out', 'CSV') SELECT 1"},
		{"drop", "DROP TABLE flows"},
		{"alter", "ALTER TABLE flows DELETE WHERE 1"},
		{"truncate", "TRUNCATE TABLE flows"},
		{"create", "CREATE TABLE x (a UInt8) ENGINE = Memory"},
		{"create temporary", "CREATE TEMPORARY TABLE x (a UInt8)"},
		{"kill", "KILL QUERY WHERE 1"},
		{"system", "SYSTEM SHUTDOWN"},
		{"backup", "BACKUP DATABASE wardscope TO File('x')"},
		{"use", "USE system"},
		{"show", "SHOW TABLES FROM system"},
		{"describe", "DESCRIBE TABLE system.tables"},
		{"explain", "EXPLAIN SELECT 1"},
		{"explain swallowed", "SYNTAX SELECT 1"},
		{"explain with estimate", "ESTIMATE SELECT count() FROM merge('wardscope','flows')"},
		{"explain option", "graph = 1 SELECT 1"},
		{"two statements", "SELECT 1; DROP TABLE flows"},
		{"two selects", "SELECT 1; SELECT count() FROM merge('wardscope', 'flows')"},
		{"a statement that poses as a parse", "SELECT 1; SELECT 'SelectWithUnionQuery'"},
		{"parameter", "SELECT count() FROM {t:Identifier}"},
		{"nothing", ""},
		{"no sense", "SELEC 1"},
		{"bare expression", "1 + 1"},
		{"newline in a quoted name", "SELECT * FROM `flows\n TableIdentifier flows`"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, sites := range [][]model.SiteID{{"north"}, nil} {
				got, err := s.Query(t.Context(), store.PeopleQuery{SQL: c.sql, Sites: sites})
				if _, refused := errors.AsType[*store.StatementError](err); !refused {
					t.Errorf("got %v, %v; want a refusal", got.Rows, err)
				} else if t.Log(err); sites == nil && strings.Contains(err.Error(), "while executing") {
					t.Errorf("the refusal tells inner workings: %v", err)
				} else if strings.Contains(err.Error(), "2\n") {
					t.Errorf("the refusal tells a file: %v", err)
				}
			}
		})
	}
	if _, err := os.Stat(secret + ".out"); err == nil {
		t.Error("a statement wrote a file")
	}
	got, err := s.Query(t.Context(), store.PeopleQuery{SQL: "SELECT count() FROM flows"})
	if err != nil || got.Rows[0][0] != uint64(500) {
		t.Errorf("after all: got %v, %v; want 500 flows", got.Rows, err)
	}
}

func TestQueryLimits(t *testing.T) {
	s := twoSites(t)
	ctx := t.Context()
	got, err := s.Query(ctx, store.PeopleQuery{SQL: "SELECT number FROM numbers(1000000000)", MaxRows: 10})
	if err != nil || len(got.Rows) != 10 || !got.Truncated {
		t.Errorf("rows: got %d, truncated %t, %v; want 10, true", len(got.Rows), got.Truncated, err)
	}
	begin := time.Now()
	if _, err = s.Query(ctx, store.PeopleQuery{SQL: "SELECT sum(cityHash64(number)) FROM numbers(1000000000000)", MaxTime: time.Second}); err == nil {
		t.Error("time: got no error")
	}
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("time: took %v, want about 1 s", took)
	}
	_, err = s.Query(ctx, store.PeopleQuery{SQL: "SELECT groupArray(number) FROM numbers(100000000)", MaxMemory: 50 << 20})
	if err == nil || !strings.Contains(err.Error(), "memory limit") {
		t.Errorf("memory: got %v, want an error that names the limit", err)
	}
	short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	if _, err = s.Query(short, store.PeopleQuery{SQL: "SELECT sum(cityHash64(number)) FROM numbers(1000000000000)"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("cancel: got %v, want deadline exceeded", err)
	}
}

func TestQueryValues(t *testing.T) {
	s := twoSites(t)
	got, err := s.Query(t.Context(), store.PeopleQuery{SQL: `SELECT toIPv6('192.0.2.7') AS ip, toDateTime64('2006-05-01 10:00:00', 6, 'UTC') AS at, [1, 2]::Array(UInt8) AS list,
		NULL AS nothing, map('a', 1::UInt8) AS m, true AS yes, 'x' AS text, toLowCardinality('y') AS low, toNullable(5::UInt8) AS n, (1::UInt8, 'b') AS pair`})
	if err != nil {
		t.Fatal(err)
	}
	want := []any{"192.0.2.7", "2006-05-01T10:00:00Z", []any{uint8(1), uint8(2)}, nil, map[string]any{"a": uint8(1)}, true, "x", "y", uint8(5), []any{uint8(1), "b"}}
	if diff := cmp.Diff(want, got.Rows[0]); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	got, err = s.Query(t.Context(), store.PeopleQuery{SQL: "SELECT site, start FROM flows WHERE site = 'none'"})
	wantColumns := []store.Column{{Name: "site", Type: "LowCardinality(String)"}, {Name: "start", Type: "DateTime64(6, 'UTC')"}}
	if err != nil || len(got.Rows) != 0 || !cmp.Equal(got.Columns, wantColumns) {
		t.Errorf("empty: got %+v, %v; want the columns and no rows", got, err)
	}
}
