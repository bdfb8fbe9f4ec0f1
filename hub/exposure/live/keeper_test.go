package live_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wardscope/wardscope/hub/exposure"
	"github.com/wardscope/wardscope/hub/exposure/advisory"
	"github.com/wardscope/wardscope/hub/exposure/live"
	"github.com/wardscope/wardscope/hub/inventory"
	inventorylive "github.com/wardscope/wardscope/hub/inventory/live"
	"github.com/wardscope/wardscope/hub/inventory/sites"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
)

var errBusy = errors.New("busy")

// hospital is a store that counts what it is asked, and an inventory that is replaced by hand.
type hospital struct {
	reads   atomic.Int64
	refuses atomic.Bool
	pages   int // of findings
	current atomic.Pointer[inventorylive.Snapshot]
	asked   chan store.Period // when not nil: each read of edges is told here
}

func (h *hospital) External(_ context.Context, f store.ExternalFilter) ([]store.External, error) {
	h.reads.Add(1)
	if h.asked != nil {
		h.asked <- f.Period
	}
	if h.refuses.Load() {
		return nil, errBusy
	}
	return nil, nil
}

func (h *hospital) Findings(_ context.Context, f store.FindingFilter) ([]store.Finding, *store.FindingCursor, error) {
	n := 0
	if f.After != nil {
		n = int(f.After.Key[0] - '0')
	}
	if n++; n < h.pages {
		return []store.Finding{{Type: model.FindingCleartextProtocol, Key: string(rune('0' + n)), Rule: "telnet.cleartext", Service: "telnet", Site: "north",
			Subject: model.Subject{Addr: model.AddrFrom4([]byte{10, 1, 0, byte(n)})}}}, &store.FindingCursor{Key: string(rune('0' + n))}, nil
	}
	return nil, nil, nil
}

func (h *hospital) Current() *inventorylive.Snapshot { return h.current.Load() }

func (h *hospital) resolve() *inventorylive.Snapshot {
	table := sites.New(state.Sites{})
	h.current.Store(&inventorylive.Snapshot{Inventory: inventory.Resolve(&inventory.Input{Places: table}, nil), Sites: table})
	return h.current.Load()
}

func deps(t *testing.T, h *hospital, now func() time.Time) live.Deps {
	t.Helper()
	ratings, err := exposure.LoadRatings()
	if err != nil {
		t.Fatal(err)
	}
	h.resolve()
	return live.Deps{Store: h, Inventory: h, Ratings: ratings, Now: now}
}

func keeper(t *testing.T, h *hospital, now func() time.Time) *live.Keeper {
	t.Helper()
	return live.New(deps(t, h, now))
}

func TestCurrentIsKeptForSeconds(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	h := &hospital{}
	k := keeper(t, h, func() time.Time { return now })
	ask := func(name string, reads int64) {
		t.Helper()
		if _, err := k.Current(t.Context(), h.Current()); err != nil || h.reads.Load() != reads {
			t.Errorf("%s: %d reads, %v; want %d", name, h.reads.Load(), err, reads)
		}
	}
	ask("first", 1)
	ask("again", 1)
	now = now.Add(6 * time.Second)
	ask("too old", 2)
	h.resolve()
	ask("another inventory", 3)
}

func TestRenewIsDoneOnce(t *testing.T) {
	h := &hospital{}
	k := keeper(t, h, time.Now)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if err := k.Renew(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if h.reads.Load() != 1 {
		t.Errorf("assessed %d times", h.reads.Load())
	}
	h.refuses.Store(true)
	h.resolve()
	if err := k.Renew(t.Context()); !errors.Is(err, errBusy) {
		t.Errorf("got %v", err)
	}
	if _, err := k.Current(t.Context(), h.Current()); !errors.Is(err, errBusy) {
		t.Errorf("after a renewal that failed: %v", err)
	}
}

func TestAssessReadsAllPages(t *testing.T) {
	h := &hospital{pages: 3, asked: make(chan store.Period, 1)}
	k := keeper(t, h, time.Now)
	p := store.Period{From: time.Unix(1, 0), To: time.Unix(2, 0)}
	a, err := k.Assess(t.Context(), h.Current(), p)
	if err != nil {
		t.Fatal(err)
	}
	if got := <-h.asked; got != p {
		t.Errorf("asked for %v", got)
	}
	if len(a.Findings) != 2 {
		t.Errorf("%d findings of three pages, want 2", len(a.Findings))
	}
}

// What is weak about the devices themselves is found once for an inventory and its advisories.
func TestDevicesAreHeldAgainstAdvisoriesOnce(t *testing.T) {
	builtin, err := advisory.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	pack := builtin
	h := &hospital{}
	d := deps(t, h, time.Now)
	d.Advisories = func() *advisory.Pack { return pack }
	k := live.New(d)
	known := func() int {
		t.Helper()
		a, err := k.Assess(t.Context(), h.Current(), store.Period{})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for i := range a.Findings {
			if a.Findings[i].Type == model.FindingKnownVulnerability {
				n++
			}
		}
		return n
	}
	snap := h.resolve()
	pump := inventory.Device{ID: "a", Vendor: "BD", Model: "Alaris PC Unit Model 8015"}
	snap.Inventory.Devices = append(snap.Inventory.Devices, pump)
	first := known()
	if first == 0 {
		t.Fatal("no advisory about a pump that several are about")
	}
	snap.Inventory.Devices[0].Model = "nothing known" // unseen: nobody changes a snapshot that is in use
	if again := known(); again != first {
		t.Errorf("held against the same inventory again: %d advisories, then %d", first, again)
	}
	pack = &advisory.Pack{}
	if none := known(); none != 0 {
		t.Errorf("%d advisories of a pack that has none", none)
	}
	pack = builtin
	h.resolve()
	if none := known(); none != 0 {
		t.Errorf("%d advisories about an inventory without devices", none)
	}
}

func TestRunFollowsTheInventory(t *testing.T) {
	h := &hospital{asked: make(chan store.Period)}
	k := keeper(t, h, time.Now)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- k.Run(ctx) }()
	<-h.asked
	h.refuses.Store(true)
	h.resolve()
	<-h.asked // refused
	h.refuses.Store(false)
	<-h.asked // and tried again
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
