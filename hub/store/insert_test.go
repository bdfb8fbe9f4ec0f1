package store_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/hub/store/storetest"
	"github.com/wardscope/wardscope/internal/model"
)

// totals is what a database holds, tables and views alike.
type totals struct {
	Ledger                                   store.Counts
	EdgeFlows, EdgeOctets                    uint64
	Claims, ClaimCount                       uint64
	Findings, FindingCount, FlowOctets, Seen uint64
}

func totalsOf(t *testing.T, s *store.Store) totals {
	t.Helper()
	ctx := t.Context()
	var out totals
	ledger, err := s.Recount(ctx, store.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range ledger {
		if diff := cmp.Diff(l.Stored, l.Rows); diff != "" {
			t.Errorf("ledger of %s: stored and rows differ: %s", l.Sensor, diff)
		}
		out.Ledger.Flows += l.Rows.Flows
		out.Ledger.Observations += l.Rows.Observations
		out.Ledger.Findings += l.Rows.Findings
		out.Ledger.Losses += l.Rows.Losses
		out.Ledger.Stats += l.Rows.Stats
		out.Seen += l.Batches
	}
	edges, err := s.Edges(ctx, store.EdgeFilter{Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range edges {
		out.EdgeFlows += e.Flows
		out.EdgeOctets += e.InitiatorOctets + e.ResponderOctets
	}
	err = s.Claims(ctx, store.ClaimFilter{}, func(c store.Claim) error {
		out.Claims++
		out.ClaimCount += c.Count
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	findings, _, err := s.Findings(ctx, store.FindingFilter{Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		out.Findings++
		out.FindingCount += f.Count
	}
	table, err := s.Query(ctx, store.PeopleQuery{SQL: "SELECT sum(initiator_octets + responder_octets) FROM flows"})
	if err != nil {
		t.Fatal(err)
	}
	octets, ok := table.Rows[0][0].(uint64)
	if !ok {
		t.Fatalf("got octets %v, want a number", table.Rows[0][0])
	}
	out.FlowOctets = octets
	return out
}

// want computes the totals of groups from the rows themselves.
func want(groups ...store.Group) totals {
	var out totals
	claims, findings := map[string]bool{}, map[string]bool{}
	for _, g := range groups {
		out.Seen += uint64(len(g.Batches))
		out.Ledger.Losses += uint64(len(g.Losses))
		out.Ledger.Stats += uint64(len(g.Stats))
		for _, f := range g.Flows {
			out.Ledger.Flows++
			out.EdgeFlows++
			out.FlowOctets += f.InitiatorOctets + f.ResponderOctets
		}
		for _, o := range g.Observations {
			out.Ledger.Observations++
			out.ClaimCount += o.Count
			claims[fmt.Sprint(o.Site, o.Subject, o.Value)] = true
		}
		for _, f := range g.Findings {
			out.Ledger.Findings++
			out.FindingCount += f.Count
			findings[string(f.Site)+f.Key()] = true
		}
	}
	out.EdgeOctets = out.FlowOctets
	out.Claims, out.Findings = uint64(len(claims)), uint64(len(findings))
	return out
}

func TestInsertGroupThreeTimesIsOnce(t *testing.T) {
	s := storetest.Open(t)
	a, b := group("c1/1/p0/1-9/aa", "north", 1, 2000), group("c1/1/p0/10-19/bb", "north", 2, 2000)
	for range 3 {
		for _, g := range []store.Group{a, b} {
			if err := s.InsertGroup(t.Context(), g); err != nil {
				t.Fatal(err)
			}
		}
	}
	if diff := cmp.Diff(want(a, b), totalsOf(t, s)); diff != "" {
		t.Errorf("after three inserts (-want +got):\n%s", diff)
	}
	// Equal rows under another token are other rows.
	c := a
	c.Token = "c1/1/p0/20-29/aa"
	if err := s.InsertGroup(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want(a, b, c), totalsOf(t, s)); diff != "" {
		t.Errorf("after a group with equal rows (-want +got):\n%s", diff)
	}
}

func TestInsertGroupNeedsToken(t *testing.T) {
	s := storetest.Open(t)
	if err := s.InsertGroup(t.Context(), store.Group{Flows: flows("north", 1, 1, day, captured, 0)}); err == nil {
		t.Error("got no error for a group without token")
	}
}

func TestInsertGroupHostileTimes(t *testing.T) {
	s := storetest.Open(t)
	rows := flows("north", 1, 3, day, captured, time.Hour)
	rows[0].Start, rows[0].End = -1<<63, 1<<63-1
	rows[1].Start, rows[1].ClockOffset = 1<<63-1, -1<<63
	rows[2].ClockOffset = 1<<63 - 1
	if err := s.InsertGroup(t.Context(), store.Group{Token: "t", Flows: rows}); err != nil {
		t.Fatal(err)
	}
	page, err := s.Flows(t.Context(), store.FlowFilter{})
	if err != nil || len(page.Flows) != 3 {
		t.Fatalf("got %d flows, %v; want 3", len(page.Flows), err)
	}
	edges, err := s.Edges(t.Context(), store.EdgeFilter{})
	if err != nil || len(edges) != 3 {
		t.Fatalf("got %d edges, %v; want 3", len(edges), err)
	}
}

// crashDir makes this binary the child of TestInsertGroupSurvivesKill.
const crashDir = "WARDSCOPE_STORE_CRASH_DIR"

func crashGroups() []store.Group {
	var out []store.Group
	for i := range 6 {
		out = append(out, group(fmt.Sprintf("c1/1/p0/%d/aa", i), "north", uint64(i+1), 4000))
	}
	return out
}

// TestCrashChild inserts the groups and says so after each, until it is killed.
func TestCrashChild(t *testing.T) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		t.Skip("not a child of TestInsertGroupSurvivesKill: " + crashDir + " is not set")
	}
	cfg := store.DefaultConfig()
	cfg.DataDir = dir
	s, err := store.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("open")
	for i, g := range crashGroups() {
		if err := s.InsertGroup(context.Background(), g); err != nil {
			t.Fatal(err)
		}
		fmt.Println("group", i)
	}
	fmt.Println("end")
	select {} // the parent kills us with the engine open
}

func TestInsertGroupSurvivesKill(t *testing.T) {
	storetest.Engine(t)
	cfg := storetest.Config(t)
	// After each kill the next child inserts the same groups from the start.
	for round, delay := range []time.Duration{20 * time.Millisecond, 60 * time.Millisecond, 110 * time.Millisecond, 180 * time.Millisecond, 270 * time.Millisecond, 400 * time.Millisecond, 600 * time.Millisecond} {
		killAfter(t, cfg.DataDir, delay, round)
	}
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	groups := crashGroups()
	for _, g := range groups {
		if err := s.InsertGroup(t.Context(), g); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want(groups...), totalsOf(t, s)); diff != "" {
		t.Errorf("after kills and the same groups again (-want +got):\n%s", diff)
	}
}

// killAfter runs a child and kills it some time after it has begun to insert.
func killAfter(t *testing.T, dir string, delay time.Duration, round int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrashChild$", "-test.v")
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	opened, done := false, 0
	var timer *time.Timer
	for lines.Scan() {
		switch text := lines.Text(); {
		case text == "open":
			opened = true
			timer = time.AfterFunc(delay, func() { _ = cmd.Process.Kill() })
		case len(text) > 6 && text[:6] == "group ":
			done++
		}
	}
	if timer != nil {
		timer.Stop()
	}
	_ = cmd.Process.Kill()
	err = cmd.Wait()
	if !opened {
		t.Fatalf("round %d: the child did not open the store: %v", round, err)
	}
	t.Logf("round %d: killed after %v with %d groups acknowledged", round, delay, done)
}

func TestAuditIsKept(t *testing.T) {
	s := storetest.Open(t)
	at := time.Now().UTC().Truncate(time.Microsecond)
	row := store.AuditRow{Time: at, Actor: "admin", Role: "admin", Remote: "192.0.2.1", Method: "Sites.Put", Site: "north", Object: "n1", Outcome: "ok", Detail: "CHG-1"}
	for range 2 { // two equal reads are two lines
		if err := s.InsertAudit(t.Context(), row); err != nil {
			t.Fatal(err)
		}
	}
	later := store.AuditRow{Time: at.Add(time.Second), Actor: "sensor", Method: "Enrol", Object: "n2", Outcome: "refused"}
	if err := s.InsertAudit(t.Context(), later); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		q    store.AuditQuery
		want []store.AuditRow
	}{
		"all":        {store.AuditQuery{Limit: 10}, []store.AuditRow{later, row, row}},
		"newest":     {store.AuditQuery{Limit: 1}, []store.AuditRow{later}},
		"one object": {store.AuditQuery{Object: "n1", Limit: 10}, []store.AuditRow{row, row}},
		"from":       {store.AuditQuery{From: at.Add(time.Millisecond), Limit: 10}, []store.AuditRow{later}},
		"to":         {store.AuditQuery{To: at.Add(time.Millisecond), Limit: 10}, []store.AuditRow{row, row}},
	} {
		got, err := s.Audit(t.Context(), tc.q)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(tc.want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestQuarantineIsInTheLedger(t *testing.T) {
	s := storetest.Open(t)
	st := stamp("north", 7, 0, day)
	g := store.Group{Token: "q", Quarantine: []store.QuarantineRow{{Stamp: st, Reason: "bad column", Payload: []byte{0, 1, 255}}},
		Batches: []store.BatchRow{{Stamp: st, Reason: "bad column"}}}
	for range 2 {
		if err := s.InsertGroup(t.Context(), g); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Ledger(t.Context(), store.Scope{Sites: []model.SiteID{"north"}})
	if err != nil || len(got) != 1 || got[0].Quarantined != 1 || got[0].Batches != 1 {
		t.Errorf("got %+v, %v; want one batch in quarantine", got, err)
	}
}
