package engine_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/wardscope/wardscope/hub/store/engine"
	"github.com/wardscope/wardscope/hub/store/storetest"
)

func open(t *testing.T, cfg engine.Config) *engine.Engine {
	t.Helper()
	e, err := engine.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func dial(t *testing.T, e *engine.Engine, settings clickhouse.Settings) driver.Conn {
	t.Helper()
	db, err := clickhouse.Open(&clickhouse.Options{Protocol: clickhouse.HTTP, Addr: []string{"engine"}, Settings: settings,
		TransportFunc: func(*http.Transport) (http.RoundTripper, error) { return e, nil }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func engineAndDriver(t *testing.T) (*engine.Engine, driver.Conn) {
	t.Helper()
	storetest.Engine(t)
	e := open(t, engine.Config{Dir: filepath.Join(t.TempDir(), "data"), MaxMemory: 2 << 30})
	return e, dial(t, e, nil)
}

func exec1(t *testing.T, db driver.Conn, sql string) {
	t.Helper()
	if err := db.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func count(t *testing.T, db driver.Conn, sql string, args ...any) uint64 {
	t.Helper()
	var n uint64
	if err := db.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func TestLocateSaysWhereItLooked(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("WARDSCOPE_CHDB", dir+"/a.so")
	t.Setenv("WARDSCOPE_CACHE", dir+"/cache")
	t.Setenv("XDG_CACHE_HOME", dir+"/home")
	_, err := engine.Locate(dir + "/explicit.so")
	var missing *engine.MissingError
	if !errors.As(err, &missing) || len(missing.Looked) != 1 {
		t.Errorf("explicit: got %v", err)
	}
	want := []string{dir + "/a.so", dir + "/cache/chdb/libchdb.so", dir + "/home/wardscope/chdb/libchdb.so", "/usr/lib/wardscope/libchdb.so"}
	if got := engine.Candidates(); strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got %v, want %v", got, want)
	}
	text := (&engine.MissingError{Looked: want}).Error()
	if strings.Contains(text, "\n") || !strings.Contains(text, "make deps") || !strings.Contains(text, want[2]) {
		t.Errorf("got %q, want one line with the command and the paths", text)
	}
	if err := os.MkdirAll(dir+"/cache/chdb", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(want[1], []byte("no library"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := engine.Locate(""); err != nil || got != want[1] {
		t.Errorf("got %q, %v; want %q", got, err, want[1])
	}
	if _, err := engine.Open(engine.Config{Library: want[1], Dir: dir + "/data"}); err == nil {
		t.Error("a file that is no library: got no error")
	}
}

func TestOpenFolders(t *testing.T) {
	storetest.Engine(t)
	foreign := t.TempDir()
	if err := os.WriteFile(foreign+"/letter.txt", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var notOurs *engine.ForeignError
	if _, err := engine.Open(engine.Config{Dir: foreign}); !errors.As(err, &notOurs) {
		t.Errorf("foreign: got %v", err)
	}
	if _, err := engine.Open(engine.Config{Dir: foreign + "/letter.txt"}); err == nil {
		t.Error("a file: got no error")
	}
	if _, err := engine.Open(engine.Config{}); err == nil {
		t.Error("no folder: got no error")
	}
	dir := t.TempDir()
	t.Chdir(dir)
	e := open(t, engine.Config{Dir: "relative"}) // must be made absolute: see the insert
	db := dial(t, e, nil)
	exec1(t, db, "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS fsync_after_insert = 1, fsync_part_directory = 1")
	exec1(t, db, "INSERT INTO t SELECT 1")
	var locked *engine.LockedError
	if _, err := engine.Open(engine.Config{Dir: dir + "/relative"}); !errors.As(err, &locked) || !strings.Contains(locked.Error(), fmt.Sprint("process ", os.Getpid())) {
		t.Errorf("second engine on it: got %v, want who holds it", err)
	}
	if _, err := engine.Open(engine.Config{Dir: dir + "/other"}); err == nil {
		t.Error("second folder in one process: got no error")
	}
}

// holdDir makes this binary a process that holds a data directory.
const holdDir = "WARDSCOPE_ENGINE_HOLD"

func TestHolder(t *testing.T) {
	dir := os.Getenv(holdDir)
	if dir == "" {
		t.Skip("not a child of TestLockNamesItsHolder: " + holdDir + " is not set")
	}
	if _, err := engine.Open(engine.Config{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	fmt.Println("open")
	select {} // until killed
}

func TestLockNamesItsHolder(t *testing.T) {
	storetest.Engine(t)
	dir := filepath.Join(t.TempDir(), "data")
	cmd := exec.Command(os.Args[0], "-test.run=^TestHolder$", "-test.v")
	cmd.Env = append(os.Environ(), holdDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 256)
	for text := ""; !strings.Contains(text, "open"); {
		n, err := out.Read(buf)
		text += string(buf[:n])
		if err != nil {
			t.Fatalf("the child ended: %s", text)
		}
	}
	_, err = engine.Open(engine.Config{Dir: dir})
	var locked *engine.LockedError
	if !errors.As(err, &locked) || !strings.Contains(locked.Holder, fmt.Sprint(cmd.Process.Pid)) {
		t.Errorf("got %v, want the child's process id %d", err, cmd.Process.Pid)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	open(t, engine.Config{Dir: dir}) // kill -9 leaves no lock behind
}

func TestHelloSaysRevisionZero(t *testing.T) {
	_, db := engineAndDriver(t)
	v, err := db.ServerVersion()
	if err != nil || v.Revision != 0 || v.Version.Major < 25 {
		t.Errorf("got %+v, %v; want revision 0", v, err)
	}
}

func TestInsertBinary(t *testing.T) {
	_, db := engineAndDriver(t)
	exec1(t, db, "CREATE TABLE t (a UInt64, s String) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100")
	for range 3 {
		ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"insert_deduplication_token": `it's \ a "token"`}))
		batch, err := db.PrepareBatch(ctx, "INSERT INTO t")
		if err != nil {
			t.Fatal(err)
		}
		for i := range uint64(1000) {
			if err := batch.Append(i, "zero \x00 byte; quote ' and\n"); err != nil {
				t.Fatal(err)
			}
		}
		if err := batch.Send(); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, db, "SELECT count() FROM t WHERE length(s) = 25"); n != 1000 {
		t.Errorf("got %d rows under one token, want 1000", n)
	}
	files, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if target, err := os.Readlink(f); err == nil && strings.Contains(target, "wardscope-insert") {
			t.Errorf("insert body %s is still there", target)
		}
	}
}

func TestErrorsAreTyped(t *testing.T) {
	_, db := engineAndDriver(t)
	var ex *clickhouse.Exception
	if err := db.Exec(t.Context(), "SELECT nope"); !errors.As(err, &ex) || ex.Code != 47 {
		t.Errorf("exec: got %v, want code 47", err)
	}
	if _, err := db.Query(t.Context(), "SELECT count() FROM missing"); !errors.As(err, &ex) || ex.Code != 60 {
		t.Errorf("query: got %v, want code 60", err)
	}
	if _, err := db.PrepareBatch(t.Context(), "INSERT INTO missing"); !errors.As(err, &ex) || ex.Code != 60 {
		t.Errorf("insert: got %v, want code 60", err)
	}
	rows, err := db.Query(t.Context(), "SELECT number, throwIf(number = 3000000) FROM numbers(10000000)")
	if err == nil { // the error comes while the answer streams
		for rows.Next() {
		}
		err = rows.Err()
		_ = rows.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO") {
		t.Errorf("mid-stream: got %v, want the engine's error", err)
	}
	exec1(t, db, "SELECT 1") // the connections are still good
}

func TestParametersAreBound(t *testing.T) {
	_, db := engineAndDriver(t)
	for _, text := range []string{"plain", "it's", `back\slash`, "line\nbreak\ttab", "'; DROP TABLE t; --", "ünï", "\x01"} {
		var got string
		if err := db.QueryRow(t.Context(), "SELECT {x:String}", clickhouse.Named("x", text)).Scan(&got); err != nil || got != text {
			t.Errorf("got %q, %v; want %q", got, err, text)
		}
	}
	if n := count(t, db, "SELECT length({x:Array(String)})", clickhouse.Named("x", []string{"a'b", `c\`, ""})); n != 3 {
		t.Errorf("got %d elements, want 3", n)
	}
}

func TestSettingsStickToTheirPool(t *testing.T) {
	e, db := engineAndDriver(t)
	exec1(t, db, "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	locked := dial(t, e, clickhouse.Settings{"max_result_rows": 5, "readonly": 1})
	for range 3 {
		if err := locked.Exec(t.Context(), "INSERT INTO t SELECT 1"); err == nil {
			t.Error("insert on a readonly pool: got no error")
		}
		if err := locked.Exec(t.Context(), "SET max_result_rows = 100"); err == nil {
			t.Error("SET on a readonly pool: got no error")
		}
		if _, err := locked.Query(t.Context(), "SELECT number FROM numbers(100)"); err == nil {
			t.Error("100 rows on a pool of 5: got no error")
		}
		exec1(t, db, "INSERT INTO t SELECT number FROM numbers(10)")
	}
	if n := count(t, db, "SELECT count() FROM t"); n != 30 {
		t.Errorf("got %d rows, want 30", n)
	}
}

func TestCancelKillsTheStatement(t *testing.T) {
	e, db := engineAndDriver(t)
	watch := dial(t, e, nil)
	for _, sql := range []string{
		"SELECT sum(cityHash64(number)) FROM numbers(1000000000000)",
		"SELECT number FROM numbers(1000000000000) WHERE cityHash64(number) = 1",
		"INSERT INTO FUNCTION null('n UInt64') SELECT cityHash64(number) FROM numbers(1000000000000)",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		begin := time.Now()
		err := db.Exec(ctx, sql)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v, want deadline exceeded", sql, err)
		}
		if took := time.Since(begin); took > 10*time.Second {
			t.Errorf("%s: took %v to end", sql, took)
		}
	}
	if n := count(t, watch, "SELECT count() FROM system.processes WHERE query LIKE '%1000000000000%' AND query NOT LIKE '%processes%'"); n != 0 {
		t.Errorf("%d statements still run", n)
	}
	exec1(t, db, "SELECT 1")
}

func TestMemoryLimitNamesItself(t *testing.T) {
	e, _ := engineAndDriver(t)
	small := dial(t, e, clickhouse.Settings{"max_memory_usage": 50 << 20})
	rows, err := small.Query(t.Context(), "SELECT groupArray(number) FROM numbers(100000000)")
	if err == nil {
		_ = rows.Close()
		t.Fatal("got no error")
	}
	var ex *clickhouse.Exception
	if !errors.As(err, &ex) || ex.Code != 241 || !strings.Contains(ex.Message, "limit") {
		t.Errorf("got %v, want code 241 that names the limit", err)
	}
	var limit string
	if err := small.QueryRow(t.Context(), "SELECT value FROM system.server_settings WHERE name = 'max_server_memory_usage'").Scan(&limit); err != nil || limit != fmt.Sprint(2<<30) {
		t.Errorf("whole engine: got %q, %v; want %d", limit, err, 2<<30)
	}
}

func TestStreamsDoNotBlockClose(t *testing.T) {
	storetest.Engine(t)
	e, err := engine.Open(engine.Config{Dir: filepath.Join(t.TempDir(), "data")})
	if err != nil {
		t.Fatal(err)
	}
	db := dial(t, e, nil)
	rows, err := db.Query(t.Context(), "SELECT number FROM numbers(1000000000)")
	if err != nil {
		t.Fatal(err)
	}
	if !rows.Next() {
		t.Fatal("got no row")
	}
	if err := e.Close(); err != nil { // the reader went away without a Close
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
	if err := db.Ping(t.Context()); err == nil {
		t.Error("ping after close: got no error")
	}
	for rows.Next() { // ends, whatever was buffered
	}
}

func TestManyAtOnce(t *testing.T) {
	e, db := engineAndDriver(t)
	exec1(t, db, "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	var wg sync.WaitGroup
	for w := range 6 {
		conn := dial(t, e, clickhouse.Settings{"max_threads": w%3 + 1})
		wg.Go(func() {
			for i := range 15 {
				batch, err := conn.PrepareBatch(t.Context(), "INSERT INTO t")
				if err == nil {
					err = batch.Append(uint64(w*100 + i))
				}
				if err == nil {
					err = batch.Send()
				}
				var n uint64
				if err == nil {
					err = conn.QueryRow(t.Context(), "SELECT count() FROM t WHERE a = {a:UInt64}", clickhouse.Named("a", uint64(w*100+i))).Scan(&n)
				}
				if err != nil || n != 1 {
					t.Errorf("worker %d: got %d, %v; want 1", w, n, err)
				}
			}
		})
	}
	wg.Wait()
	if n := count(t, db, "SELECT count() FROM t"); n != 90 {
		t.Errorf("got %d rows, want 90", n)
	}
}

// The library gives up idle connections now and then: the statement goes over another one.
func TestConnectionsThatTheLibraryGaveUpAreReplaced(t *testing.T) {
	e, db := engineAndDriver(t)
	exec1(t, db, "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	for name, use := range map[string]func(){
		"statement": func() { exec1(t, db, "OPTIMIZE TABLE t") },
		"query":     func() { count(t, db, "SELECT count() FROM t") },
		"insert": func() {
			batch, err := db.PrepareBatch(t.Context(), "INSERT INTO t")
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(batch.Append(uint64(1)), batch.Send()); err != nil {
				t.Error(err)
			}
		},
	} {
		if engine.BreakIdle(e) == 0 {
			t.Errorf("%s: no idle connection to break", name)
		}
		use()
	}
	if n := count(t, db, "SELECT count() FROM t"); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
}

// More pools than connections are kept: the oldest connection makes room, and no other.
func TestTheOldestConnectionMakesRoom(t *testing.T) {
	e, _ := engineAndDriver(t)
	var pools []driver.Conn
	for i := range 24 {
		pools = append(pools, dial(t, e, clickhouse.Settings{"max_block_size": 1000 + i}))
	}
	for round := range 3 {
		for i, db := range pools {
			if n := count(t, db, "SELECT toUInt64(count()) FROM numbers(10)"); n != 10 {
				t.Errorf("round %d, pool %d: got %d", round, i, n)
			}
			if lost := engine.LostIdle(e); lost > 0 {
				t.Fatalf("round %d, pool %d: %d idle connections are closed", round, i, lost)
			}
		}
	}
}
