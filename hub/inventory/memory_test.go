package inventory_test

import (
	gocmp "cmp"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/internal/model"
)

// minute lets some devices be heard again, one say a new name, and one machine appear.
func (y *year) minute(n int) {
	for range n {
		c := &y.in.Claims[y.r.IntN(len(y.in.Claims))]
		c.Last, c.Count = c.Last+int64(60e9), c.Count+1
	}
	sub := model.Subject{Addr: model.AddrFrom4([]byte{10, 62, byte(y.next >> 8), byte(y.next)}), MAC: model.MAC(0x0018f3f00000 + int(y.next))}
	y.lease(y.thing("new"), "north", sub.MAC, sub.Addr, yearDays, yearDays+0.01)
	y.claim("north", sub, model.KindHostname, "dhcp.option12", "newcomer", yearDays, yearDays+0.01)
}

// stored brings claims and sightings into the order in which the store tells them.
func (y *year) stored() {
	slices.SortStableFunc(y.in.Claims, func(a, b inventory.Claim) int {
		return gocmp.Or(gocmp.Compare(a.Site, b.Site), gocmp.Compare(a.Subject.Addr.Hi, b.Subject.Addr.Hi), gocmp.Compare(a.Subject.Addr.Lo, b.Subject.Addr.Lo), gocmp.Compare(a.Subject.MAC, b.Subject.MAC), gocmp.Compare(a.Subject.Part, b.Subject.Part))
	})
	slices.SortStableFunc(y.in.Sightings, func(a, b inventory.Sighting) int {
		return gocmp.Or(gocmp.Compare(a.Site, b.Site), gocmp.Compare(a.Addr.Hi, b.Addr.Hi), gocmp.Compare(a.Addr.Lo, b.Addr.Lo), gocmp.Compare(a.MAC, b.MAC))
	})
}

// TestMemoryChangesNothing resolves a year minute by minute with a memory, and each time anew.
func TestMemoryChangesNothing(t *testing.T) {
	y, s := newYear(3, 300), set(t)
	var m inventory.Memory
	for minute := range 5 {
		got, want := m.Resolve(&y.in, s), inventory.Resolve(&y.in, s)
		if diff := cmp.Diff(want.Devices, got.Devices, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("minute %d (-anew +with memory):\n%s", minute, diff)
		}
		reused, anew := m.Reused()
		if minute > 0 && (anew == 0 || anew > 40 || reused+anew != len(got.Devices)) || minute == 0 && reused > 0 {
			t.Errorf("minute %d: %d reused, %d anew", minute, reused, anew)
		}
		y.minute(10)
	}
	// Other rules, another day: nothing is taken over.
	m.Resolve(&y.in, set(t))
	if reused, _ := m.Reused(); reused > 0 {
		t.Errorf("other rules: %d reused", reused)
	}
	y.in.Now += 24 * 3600e9
	m.Resolve(&y.in, s)
	if reused, _ := m.Reused(); reused > 0 {
		t.Errorf("another day: %d reused", reused)
	}
}

// TestAnswersShareNothingThatChanges adds evidence to one answer: an answer from the same memory
// must not show it.
func TestAnswersShareNothingThatChanges(t *testing.T) {
	y, s := newYear(4, 300), set(t)
	var m inventory.Memory
	first := m.Resolve(&y.in, s)
	second := m.Resolve(&y.in, s)
	want := inventory.Resolve(&y.in, s)
	for i := range first.Devices {
		for k := range first.Devices[i].Attributes {
			a := &first.Devices[i].Attributes[k]
			a.Evidence = append(a.Evidence, inventory.Evidence{Source: "register.x"})
			a.Conflicts = append(a.Conflicts, "x")
			a.Value = "changed"
		}
	}
	if diff := cmp.Diff(want.Devices, second.Devices, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// processorTime is what this process has used of all processors: it means the same on a busy machine.
func processorTime(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkResolveMinute takes a minute's observations of 20,000 devices into a year's: one claim
// in thirty is refreshed, one device is new.
func BenchmarkResolveMinute(b *testing.B) {
	y, s := newYear(1, 20_000), set(b)
	y.stored()
	var m inventory.Memory
	m.Resolve(&y.in, s)
	var used time.Duration
	for b.Loop() {
		b.StopTimer()
		y.minute(len(y.in.Claims) / 30)
		b.StartTimer()
		before := processorTime(b)
		m.Resolve(&y.in, s)
		used += processorTime(b) - before
	}
	b.ReportMetric(used.Seconds()/float64(b.N), "cpu-s/op")
	reused, anew := m.Reused()
	b.ReportMetric(float64(anew), "anew")
	b.ReportMetric(float64(reused), "reused")
}
