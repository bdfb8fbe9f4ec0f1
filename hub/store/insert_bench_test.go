package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/hub/store/storetest"
)

// BenchmarkInsertGroup compares how fast groups of 200,000 flows are stored,
// from rows in Go to durable tables and views, with how fast the engine alone
// inserts the same rows from a table into the same tables and views.
func BenchmarkInsertGroup(b *testing.B) {
	s := storetest.Open(b)
	const perGroup = 200_000
	n, groups, plain := 0, time.Duration(0), time.Duration(0)
	for b.Loop() {
		g := store.Group{Token: fmt.Sprint("group", n), Flows: flows("north", uint64(n+1), perGroup, day, captured, 24*time.Hour)}
		t := time.Now()
		if err := s.InsertGroup(b.Context(), g); err != nil {
			b.Fatal(err)
		}
		groups += time.Since(t)
		from := "SELECT * REPLACE('south' AS site) FROM flows WHERE sensor = 's-north' AND sequence = " + fmt.Sprint(n+1) + " ORDER BY row"
		if err := store.Exec(b.Context(), s, "CREATE TABLE IF NOT EXISTS copied ENGINE = Memory AS "+from+" LIMIT 0"); err != nil {
			b.Fatal(err)
		}
		if err := store.Exec(b.Context(), s, "INSERT INTO copied "+from); err != nil {
			b.Fatal(err)
		}
		t = time.Now()
		if err := store.Exec(b.Context(), s, "INSERT INTO flows SELECT * FROM copied"); err != nil {
			b.Fatal(err)
		}
		plain += time.Since(t)
		if err := store.Exec(b.Context(), s, "TRUNCATE TABLE copied"); err != nil {
			b.Fatal(err)
		}
		n++
	}
	rows := float64(n * perGroup)
	b.ReportMetric(rows/groups.Seconds(), "rows/s")
	b.ReportMetric(rows/plain.Seconds(), "engine-rows/s")
	b.ReportMetric(plain.Seconds()/groups.Seconds(), "ratio")
}
