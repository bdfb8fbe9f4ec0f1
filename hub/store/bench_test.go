package store_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/hub/store/storetest"
	"github.com/wardscope/wardscope/internal/model"
)

// BenchmarkStore loads flows of three sites over 30 days and prints what each
// query takes. WARDSCOPE_BENCH_FLOWS sets their number, 1 M without it.
func BenchmarkStore(b *testing.B) {
	total := 1_000_000
	if v := os.Getenv("WARDSCOPE_BENCH_FLOWS"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			b.Fatalf("WARDSCOPE_BENCH_FLOWS: %v", err)
		}
		total = n
	}
	s := storetest.Open(b)
	begin, inserting := time.Now(), time.Duration(0)
	const perGroup = 100_000
	span := 30 * 24 * time.Hour
	groups := max(1, total/perGroup)
	sites := []string{"north", "south", "west"}
	var sample store.FlowRow
	for i := range groups {
		from := captured.Add(span * time.Duration(i) / time.Duration(groups))
		rows := flows(sites[i%3], uint64(i+1), perGroup, day, from, span/time.Duration(groups))
		for j := range rows { // each site numbers its hosts alike: without realms all edges would be seen thrice
			rows[j].Realm = model.Realm(sites[i%3])
		}
		sample = rows[perGroup/2]
		t := time.Now()
		if err := s.InsertGroup(b.Context(), store.Group{Token: fmt.Sprint(i), Flows: rows}); err != nil {
			b.Fatal(err)
		}
		inserting += time.Since(t)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	defer func() { _ = w.Flush() }()
	n := groups * perGroup
	fmt.Fprintf(w, "%d flows loaded in %v; inserts alone %.0f rows/s\n", n, time.Since(begin).Round(time.Millisecond), float64(n)/inserting.Seconds())
	fmt.Fprintf(w, "query\tfirst\twarm\trows\n")
	for _, q := range benchQueries(s, b, sample) {
		var first, warm time.Duration
		var count int
		for try := range 4 {
			t := time.Now()
			got, err := q.run()
			if err != nil {
				b.Fatalf("%s: %v", q.name, err)
			}
			took := time.Since(t)
			if try == 0 {
				first, warm = took, took
			}
			warm, count = min(warm, took), got
		}
		fmt.Fprintf(w, "%s\t%v\t%v\t%d\n", q.name, first.Round(100*time.Microsecond), warm.Round(100*time.Microsecond), count)
	}
}

type benchQuery struct {
	name string
	run  func() (int, error)
}

func benchQueries(s *store.Store, b *testing.B, sample store.FlowRow) []benchQuery {
	ctx := b.Context()
	north := store.Scope{Sites: []model.SiteID{"north"}}
	hour := store.Period{From: captured.Add(24 * time.Hour), To: captured.Add(25 * time.Hour)}
	list := func(name string, f store.FlowFilter) benchQuery {
		return benchQuery{"flows: " + name, func() (int, error) {
			page, err := s.Flows(ctx, f)
			return len(page.Flows), err
		}}
	}
	edges := func(name string, f store.EdgeFilter) benchQuery {
		return benchQuery{"edges: " + name, func() (int, error) {
			got, err := s.Edges(ctx, f)
			return len(got), err
		}}
	}
	known := []store.AddrRange{{From: addr4(10, 0, 0, 0), To: addr4(10, 255, 255, 255)}}
	return []benchQuery{
		list("newest 100 of all", store.FlowFilter{}),
		list("site and hour", store.FlowFilter{Scope: north, Period: hour}),
		list("one host", store.FlowFilter{Addrs: []model.Addr{sample.Initiator.Addr}}),
		list("pair", store.FlowFilter{Addrs: []model.Addr{sample.Initiator.Addr}, Peers: []model.Addr{sample.Responder.Addr}}),
		list("service", store.FlowFilter{Services: []string{"telnet"}}),
		list("port", store.FlowFilter{Port: 502}),
		list("community id", store.FlowFilter{CommunityID: sample.CommunityID}),
		edges("site, one day", store.EdgeFilter{Scope: north, Period: store.Period{From: captured, To: captured.Add(24 * time.Hour)}}),
		edges("one host, 30 days", store.EdgeFilter{Addrs: []model.Addr{sample.Initiator.Addr}}),
		edges("all, 30 days, top 10,000", store.EdgeFilter{}),
		{"external: all, 30 days", func() (int, error) {
			got, err := s.External(ctx, store.ExternalFilter{Known: known})
			return len(got), err
		}},
		{"sql: octets by service", func() (int, error) {
			got, err := s.Query(ctx, store.PeopleQuery{SQL: "SELECT service, sum(initiator_octets) FROM flows GROUP BY service"})
			return len(got.Rows), err
		}},
		{"ledger", func() (int, error) {
			got, err := s.Ledger(ctx, store.Scope{})
			return len(got), err
		}},
	}
}
