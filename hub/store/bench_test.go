package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/hub/store/storetest"
	"github.com/wardscope/wardscope/internal/model"
)

// benchFlows is how many flows the benchmarks work on: WARDSCOPE_BENCH_FLOWS, else few.
func benchFlows(b *testing.B) int {
	b.Helper()
	v := os.Getenv("WARDSCOPE_BENCH_FLOWS")
	if v == "" {
		return 100_000
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		b.Fatalf("WARDSCOPE_BENCH_FLOWS: %v", err)
	}
	return n
}

// openBench opens the store that the benchmark reads. With WARDSCOPE_BENCH_DIR
// it is kept there, as "engine" of a hub's data directory, and used again.
func openBench(b *testing.B, h *hospitals) *store.Store {
	b.Helper()
	storetest.Engine(b)
	cfg := storetest.Config(b)
	if dir := os.Getenv("WARDSCOPE_BENCH_DIR"); dir != "" {
		cfg.DataDir = filepath.Join(dir, "engine")
	}
	s, err := store.Open(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	held, err := s.Totals(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	if held.Flows > 0 {
		return s
	}
	began, inserting, n := time.Now(), time.Duration(0), 0
	for day := range h.days {
		for site := range benchSites {
			g := h.day(site, day)
			t := time.Now()
			if err := s.InsertGroup(b.Context(), g); err != nil {
				b.Fatal(err)
			}
			inserting += time.Since(t)
			n += len(g.Flows)
		}
	}
	fmt.Printf("%d flows loaded in %v, inserting for %v of it\n", n, time.Since(began).Round(time.Millisecond), inserting.Round(time.Millisecond))
	return s
}

// cpu is what this process has used of the processors so far.
func cpu(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkStore prints what each read takes on the flows of three hospitals
// over up to 30 days: the first time, at best, and the processor time at best, which
// a busy machine does not change.
func BenchmarkStore(b *testing.B) {
	h := newHospitals(benchFlows(b))
	s := openBench(b, h)
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	defer func() { _ = w.Flush() }()
	fmt.Fprintf(w, "read\tfirst\twarm\tprocessor\trows\n")
	for _, q := range benchReads(b.Context(), s, h) {
		var first, warm, used time.Duration
		var count int
		for try := range 4 {
			t, c := time.Now(), cpu(b)
			got, err := q.run()
			if err != nil {
				b.Fatalf("%s: %v", q.name, err)
			}
			took, busy := time.Since(t), cpu(b)-c
			if try == 0 {
				first, warm, used = took, took, busy
			}
			warm, used, count = min(warm, took), min(used, busy), got
		}
		fmt.Fprintf(w, "%s\t%v\t%v\t%v\t%d\n", q.name, first.Round(time.Millisecond), warm.Round(time.Millisecond), used.Round(time.Millisecond), count)
	}
}

type benchRead struct {
	name string
	run  func() (int, error)
}

func benchReads(ctx context.Context, s *store.Store, h *hospitals) []benchRead {
	all := h.period()
	lastDay := store.Period{From: all.To.Add(-30 * time.Hour), To: all.To.Add(-6 * time.Hour)}
	lastWeek := store.Period{From: all.To.Add(-7*24*time.Hour - 90*time.Minute), To: all.To.Add(-90 * time.Minute)}
	lists := benchFlowLists(ctx, s, h, lastDay)
	edges := func(name string, f store.EdgeFilter) benchRead {
		f.Limit = max(f.Limit, 2_000_000) // the map asks for all
		return benchRead{"edges: " + name, func() (int, error) {
			got, err := s.Edges(ctx, f)
			return len(got), err
		}}
	}
	known := []store.AddrRange{{From: addr4(10, 0, 0, 0), To: addr4(10, 255, 255, 255)}, {From: addr4(172, 16, 0, 0), To: addr4(172, 31, 255, 255)},
		{From: addr4(192, 168, 0, 0), To: addr4(192, 168, 255, 255)}, {From: addr4(224, 0, 0, 0), To: addr4(255, 255, 255, 255)}}
	external := func(name string, p store.Period) benchRead {
		return benchRead{"external: " + name, func() (int, error) {
			got, err := s.External(ctx, store.ExternalFilter{Period: p, Known: known})
			return len(got), err
		}}
	}
	coverage := func(name string, p store.Period) benchRead {
		return benchRead{"coverage: " + name, func() (int, error) {
			got, err := s.Coverage(ctx, store.Scope{}, p)
			return len(got), err
		}}
	}
	return append(lists,
		edges("one day", store.EdgeFilter{Period: lastDay}), edges("one week", store.EdgeFilter{Period: lastWeek}), edges("all days", store.EdgeFilter{Period: all}),
		edges("all held", store.EdgeFilter{}), edges("one device", store.EdgeFilter{Scope: store.Scope{Realm: "main"}, Addrs: []model.Addr{benchAddr(1, 500)}}),
		edges("the archive", store.EdgeFilter{Scope: store.Scope{Realm: "main"}, Addrs: []model.Addr{benchAddr(0, 3)}}),
		edges("one port, all days", store.EdgeFilter{Period: all, Port: 104}),
		external("one day", lastDay), external("all days", all), external("all held", store.Period{}),
		coverage("one day", lastDay), coverage("all days", all), coverage("all held", store.Period{}),
		benchRead{"findings: all", func() (int, error) {
			got, _, err := s.Findings(ctx, store.FindingFilter{Limit: 50_000})
			return len(got), err
		}},
		benchRead{"ledger", func() (int, error) {
			got, err := s.Ledger(ctx, store.Scope{})
			return len(got), err
		}},
		benchRead{"recount", func() (int, error) {
			got, err := s.Recount(ctx, store.Scope{})
			return len(got), err
		}},
		benchRead{"totals", func() (int, error) {
			got, err := s.Totals(ctx)
			return int(got.Flows), err
		}},
		counting("resolution: claims", func(n *int) error {
			return s.Claims(ctx, store.ClaimFilter{}, func(store.Claim) error { *n++; return nil })
		}),
		counting("resolution: sightings", func(n *int) error {
			return s.Sightings(ctx, store.Scope{}, func(store.Sighting) error { *n++; return nil })
		}),
		counting("resolution: usages", func(n *int) error {
			return s.Usages(ctx, store.Scope{}, func(store.Usage) error { *n++; return nil })
		}),
		benchRead{"sql: octets by service", func() (int, error) {
			got, err := s.Query(ctx, store.PeopleQuery{SQL: "SELECT service, sum(initiator_octets) FROM flows GROUP BY service"})
			return len(got.Rows), err
		}})
}

func counting(name string, run func(n *int) error) benchRead {
	return benchRead{name, func() (int, error) {
		n := 0
		err := run(&n)
		return n, err
	}}
}

func benchFlowLists(ctx context.Context, s *store.Store, h *hospitals, lastDay store.Period) []benchRead {
	north := store.Scope{Sites: []model.SiteID{"north"}}
	hour := store.Period{From: h.begin.Add(58 * time.Hour), To: h.begin.Add(59 * time.Hour)}
	device, archive := []model.Addr{benchAddr(1, 500)}, []model.Addr{benchAddr(0, 3)}
	one := h.day(1, 2).Flows[100] // not one that was stored, but for its community id by name
	out := make([]benchRead, 0, 24)
	for _, v := range []struct {
		name   string
		filter store.FlowFilter
	}{
		{"newest", store.FlowFilter{}}, {"newest of a day", store.FlowFilter{Period: lastDay}}, {"site", store.FlowFilter{Scope: north}},
		{"site and hour", store.FlowFilter{Scope: north, Period: hour}}, {"device", store.FlowFilter{Addrs: device}},
		{"device, one day", store.FlowFilter{Addrs: device, Period: lastDay}}, {"the archive", store.FlowFilter{Addrs: archive}},
		{"pair", store.FlowFilter{Addrs: device, Peers: []model.Addr{benchAddr(1, (500*7)%benchServers)}}},
		{"unknown address", store.FlowFilter{Addrs: []model.Addr{addr4(192, 0, 2, 1)}}}, {"mac", store.FlowFilter{MAC: benchMAC(1, 500)}},
		{"port", store.FlowFilter{Port: 502}}, {"rare port", store.FlowFilter{Port: 10_007}}, {"unknown port", store.FlowFilter{Port: 9}},
		{"service", store.FlowFilter{Services: []string{"telnet"}}}, {"unknown service", store.FlowFilter{Services: []string{"axeda"}}},
		{"protocol", store.FlowFilter{Protocol: 17}}, {"sensor", store.FlowFilter{Sensor: "s-west"}}, {"unknown sensor", store.FlowFilter{Sensor: "s-none"}},
		{"unknown community id", store.FlowFilter{CommunityID: one.CommunityID}}, {"realm", store.FlowFilter{Scope: store.Scope{Realm: "other"}}},
		{"page of 1,000 after the middle", store.FlowFilter{Limit: 1000, After: &store.FlowCursor{Start: h.begin.AddDate(0, 0, h.days/2).UnixMicro()}}},
	} {
		out = append(out, benchRead{"flows: " + v.name, func() (int, error) {
			page, err := s.Flows(ctx, v.filter)
			return len(page.Flows), err
		}})
	}
	return append(out, benchRead{"flows: known community id", func() (int, error) {
		page, err := s.Flows(ctx, store.FlowFilter{Addrs: device, Limit: 1})
		if err != nil || len(page.Flows) == 0 {
			return 0, err
		}
		page, err = s.Flows(ctx, store.FlowFilter{CommunityID: page.Flows[0].CommunityID})
		return len(page.Flows), err
	}})
}
