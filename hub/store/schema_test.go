package store_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/hub/store/migration"
	"github.com/wardscope/wardscope/hub/store/storetest"
	"github.com/wardscope/wardscope/internal/model"
)

func TestOpenAgainKeepsRowsAndTokens(t *testing.T) {
	storetest.Engine(t)
	cfg := storetest.Config(t)
	g := group("a", "north", 1, 400)
	for range 2 {
		s, err := store.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		insertAll(t, s, g)
		if diff := cmp.Diff(want(g), totalsOf(t, s)); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOpenRefusesForeignSchema(t *testing.T) {
	for name, change := range map[string]string{
		"newer":    "INSERT INTO schema_migrations SELECT max(number) + 1, 'x', 'x', now64(6) FROM schema_migrations",
		"checksum": "ALTER TABLE schema_migrations UPDATE checksum = 'x' WHERE number = 3 SETTINGS mutations_sync = 1",
		"missing":  "ALTER TABLE schema_migrations DELETE WHERE number = 3 SETTINGS mutations_sync = 1",
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Engine(t)
			cfg := storetest.Config(t)
			s, err := store.Open(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(store.Exec(t.Context(), s, change), s.Close()); err != nil {
				t.Fatal(err)
			}
			s, err = store.Open(t.Context(), cfg)
			if _, ok := errors.AsType[*store.SchemaError](err); !ok {
				t.Errorf("got %v, want a schema error", err)
			}
			if s != nil {
				_ = s.Close()
			}
		})
	}
}

// TestMigrationFinishesWhatACrashLeft takes the records of the last migrations
// away, as a crash between a statement and its record would, and the lock with it.
func TestMigrationFinishesWhatACrashLeft(t *testing.T) {
	storetest.Engine(t)
	cfg := storetest.Config(t)
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(store.Exec(t.Context(), s, "ALTER TABLE schema_migrations DELETE WHERE number > 5 SETTINGS mutations_sync = 1"),
		store.Exec(t.Context(), s, "CREATE TABLE schema_lock (holder String) ENGINE = Memory COMMENT 'process 1'"), s.Close())
	if err != nil {
		t.Fatal(err)
	}
	if s, err = store.Open(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	g := group("a", "north", 1, 40)
	insertAll(t, s, g)
	if diff := cmp.Diff(want(g), totalsOf(t, s)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// TestSchemaForms parses every statement in every form with the engine, since
// no cluster is at hand, and holds each file to one statement.
func TestSchemaForms(t *testing.T) {
	s := storetest.Open(t)
	for form, as := range map[string]migration.Form{"embedded": {DB: "wardscope", Embedded: true}, "server": {DB: "wardscope"}, "cluster": {DB: "wardscope", Cluster: "c1"}} {
		statements, err := migration.Statements(as)
		if err != nil {
			t.Fatal(err)
		}
		for name, sql := range statements {
			if err := store.Exec(t.Context(), s, "EXPLAIN AST "+sql); err != nil {
				t.Errorf("%s %s: %v", form, name, err)
			}
			table := strings.Contains(sql, "ENGINE")
			switch {
			case table && form == "cluster" && (!strings.Contains(sql, "Replicated") || !strings.Contains(sql, "ON CLUSTER") || !strings.Contains(sql, "replicated_deduplication_window_seconds = 2592000")):
				t.Errorf("%s %s is not replicated", form, name)
			case table && form == "embedded" && !strings.Contains(sql, "fsync_after_insert = 1"):
				t.Errorf("%s %s is not synced", form, name)
			case table && form != "cluster" && !strings.Contains(sql, "non_replicated_deduplication_window = 10000"):
				t.Errorf("%s %s has no window", form, name)
			}
			if !strings.HasPrefix(sql, "-- ") {
				t.Errorf("%s %s does not begin with what it is for", form, name)
			}
		}
	}
}

func TestConfigValidate(t *testing.T) {
	good := store.DefaultConfig()
	good.DataDir = "x"
	for _, c := range []struct {
		name   string
		change func(*store.Config)
		faults int
	}{
		{"default with a folder", func(*store.Config) {}, 0},
		{"no place", func(c *store.Config) { c.DataDir = "" }, 1},
		{"two places", func(c *store.Config) { c.DSN = "clickhouse://x" }, 1},
		{"cluster without server", func(c *store.Config) { c.Cluster = "c" }, 1},
		{"all wrong", func(c *store.Config) {
			*c = store.Config{DataDir: "x", Cluster: "A-B", Database: "a b"}
		}, 10},
	} {
		cfg := good
		c.change(&cfg)
		got := 0
		if err := cfg.Validate(); err != nil {
			got = len(strings.Split(err.Error(), "\n"))
		}
		if got != c.faults {
			t.Errorf("%s: got %d faults, want %d", c.name, got, c.faults)
		}
	}
}

func TestBackupRestore(t *testing.T) {
	storetest.Engine(t)
	cfg := storetest.Config(t)
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	g := group("a", "north", 1, 400)
	insertAll(t, s, g)
	for _, bad := range []string{"", "../x.tar.zst", "a/b.tar.zst", "x' OR.tar.zst", "x.zip"} {
		if _, err := s.Backup(t.Context(), bad); err == nil {
			t.Errorf("backup %q: got no error", bad)
		}
	}
	path, err := s.Backup(t.Context(), "first.tar.zst")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Backup(t.Context(), "first.tar.zst"); err == nil {
		t.Error("same name again: got no error")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := store.Restore(t.Context(), cfg, path); err == nil {
		t.Error("restore over a database: got no error")
	}
	other := cfg
	other.DataDir = filepath.Join(t.TempDir(), "restored")
	if err := store.Restore(t.Context(), other, path); err != nil {
		t.Fatal(err)
	}
	if s, err = store.Open(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if diff := cmp.Diff(want(g), totalsOf(t, s)); diff != "" {
		t.Errorf("restored (-want +got):\n%s", diff)
	}
}

// TestRetention stores rows of today and of a week ago, and shortens retention.
func TestRetention(t *testing.T) {
	storetest.Engine(t)
	cfg := storetest.Config(t)
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	const n = 50
	old := group("old", "north", 1, n)
	for i := range old.Flows {
		old.Flows[i].Receive = day.AddDate(0, 0, -7)
	}
	insertAll(t, s, old, store.Group{Token: "new", Flows: flows("north", 2, n, day, captured, time.Hour)})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	cfg.Retention.Flows, cfg.Retention.Edges = 3, 4
	for range 2 { // the second time nothing is left to change
		if s, err = store.Open(t.Context(), cfg); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"flows", "flow_edges", "flow_edges_daily"} {
			for _, how := range []string{"ALTER TABLE " + table + " MATERIALIZE TTL SETTINGS mutations_sync = 1", "OPTIMIZE TABLE " + table + " FINAL"} {
				if err := store.Exec(t.Context(), s, how); err != nil {
					t.Fatal(err)
				}
			}
			held, err := s.Query(t.Context(), store.PeopleQuery{SQL: "SELECT sum(" + map[bool]string{true: "1", false: "flows"}[table == "flows"] + ") FROM " + table})
			if err != nil || held.Rows[0][0] != uint64(n) {
				t.Errorf("%s: got %v, %v; want %d", table, held.Rows, err, n)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	cfg.Retention.Findings = 0
	if _, err := store.Open(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "store.retention.findings") {
		t.Errorf("retention of 0 days: got %v", err)
	}
}

// TestFlowFiltersUseAnIndex proves by EXPLAIN that each filter skips granules.
func TestFlowFiltersUseAnIndex(t *testing.T) {
	s := storetest.Open(t)
	const n = 60_000
	insertAll(t, s, store.Group{Token: "a", Flows: flows("north", 1, n, day, captured, 24*time.Hour)},
		store.Group{Token: "b", Flows: flows("south", 2, n, day, captured, 24*time.Hour)})
	rare := flows("north", 3, 1, day, captured, time.Hour)
	rare[0].Initiator.Addr, rare[0].Initiator.MAC, rare[0].Responder.Port, rare[0].Service, rare[0].CommunityID = addr4(192, 0, 2, 99), 99, 9999, "rare", "1:rare="
	insertAll(t, s, store.Group{Token: "c", Flows: rare})
	hour := store.Period{From: captured.Add(time.Hour), To: captured.Add(2 * time.Hour)}
	for _, c := range []struct {
		name   string
		filter store.FlowFilter
		index  string
	}{
		{"site and period", store.FlowFilter{Scope: store.Scope{Sites: []model.SiteID{"north"}}, Period: hour}, "PrimaryKey"},
		{"site", store.FlowFilter{Scope: store.Scope{Sites: []model.SiteID{"north"}}}, "PrimaryKey"},
		{"period", store.FlowFilter{Period: hour}, ""}, // either: the key excludes within a site
		{"address", store.FlowFilter{Addrs: []model.Addr{rare[0].Initiator.Addr}}, "by_address"},
		{"MAC", store.FlowFilter{MAC: 99}, "by_mac"},
		{"port", store.FlowFilter{Port: 9999}, "by_port"},
		{"service", store.FlowFilter{Services: []string{"rare"}}, "by_service"},
		{"community id", store.FlowFilter{CommunityID: "1:rare="}, "by_community"},
		{"cursor", store.FlowFilter{Scope: store.Scope{Sites: []model.SiteID{"north"}}, After: &store.FlowCursor{Start: captured.Add(time.Hour).UnixMicro()}}, "PrimaryKey"},
	} {
		plan, err := store.ExplainFlows(t.Context(), s, c.filter)
		if err != nil {
			t.Fatal(err)
		}
		used := false
		for _, use := range plan {
			if use.Granules < use.Total && (c.index == "" || use.Name == c.index) {
				used = true
			}
		}
		if !used {
			t.Errorf("%s: %s skips nothing: %+v", c.name, c.index, plan)
		}
	}
}
