package e2e_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// sealing is after how long at most a conversation that has ended is in a sealed batch: five
// seconds until it counts as closed, eleven until the table's hand has come round, five until its
// batch is sealed, and some on a busy machine.
const sealing = 27 * time.Second

// judge holds what the hub has against what the sensors sealed and what was sent.
func (c *chaos) judge(t *testing.T) {
	t.Helper()
	h := c.hub
	for _, s := range c.sensors {
		// Until then the ledger does not know how much was sealed.
		eventually(t, 2*time.Minute, "the last batch of "+s.name+" is stored", func() bool {
			return h.sql(t, fmt.Sprintf("SELECT toUInt64(countIf(sealed_at >= fromUnixTimestamp64Milli(toInt64(%d)))) FROM batches WHERE sensor = '%s'", s.ended.UnixMilli(), s.name)) > 0
		})
	}
	var sealed, stored, dropped uint64
	eventually(t, 2*time.Minute, "sealed = stored + dropped", func() bool {
		sealed, stored, dropped = 0, 0, 0
		missing := uint64(0)
		for _, s := range c.sensors {
			for _, e := range h.ledger(t, s.name) {
				sealed, stored, dropped, missing = sealed+e.Sealed, stored+e.Stored, dropped+e.Dropped, missing+e.Missing+e.Quarantined
			}
		}
		return missing == 0 && sealed == stored+dropped && sealed > 0
	})
	for _, s := range c.sensors {
		for _, e := range h.ledger(t, s.name) {
			if e.Missing != 0 || e.Quarantined != 0 || e.Sealed != e.Stored+e.Dropped {
				t.Errorf("%s, boot %d: %+v", s.name, e.Epoch, e)
			}
		}
	}
	twice := h.sql(t, "SELECT count() - uniqExact(sensor, epoch, sequence) FROM batches")
	if twice != 0 {
		t.Errorf("%d batches stand twice in the ledger", twice)
	}
	for _, table := range []string{"flows", "observations", "findings", "losses"} {
		got, want := h.sql(t, "SELECT count() FROM "+table), h.sql(t, "SELECT sum(sealed_"+table+") FROM batches")
		if got != want {
			t.Errorf("%d %s stored, %d sealed", got, table, want)
		}
	}
	events := h.sql(t, storedEvents)
	var all, whole, missing int
	for _, s := range c.sensors {
		a, w, m := c.judgeFlows(t, s)
		all, whole, missing = all+a, whole+w, missing+m
	}
	t.Logf("batches sealed %d = stored %d + dropped with reason %d; events stored %d; lost 0, duplicated %d", sealed, stored, dropped, events, twice)
	t.Logf("conversations sent %d = whole %d + missing in reported losses %d", all, whole, missing)
}

// losses gives the intervals of a sensor's losses at a place, Unix nanoseconds.
func (h *hub) losses(t *testing.T, sensor, place string) (out [][2]uint64) {
	t.Helper()
	text := h.text(t, fmt.Sprintf("SELECT arrayStringConcat(groupArray(concat(toString(toUnixTimestamp64Nano(CAST(first AS DateTime64(9)))), ':', toString(toUnixTimestamp64Nano(CAST(last AS DateTime64(9)))))), ' ') FROM losses WHERE sensor = '%s' AND place = '%s'", sensor, place))
	for part := range strings.FieldsSeq(text) {
		first, last, _ := strings.Cut(part, ":")
		a, err := strconv.ParseUint(first, 10, 64)
		b, err2 := strconv.ParseUint(last, 10, 64)
		if err != nil || err2 != nil {
			t.Fatalf("loss %q", part)
		}
		out = append(out, [2]uint64{a, b})
	}
	return out
}

// within tells whether a time lies in an interval, widened.
func within(at uint64, intervals [][2]uint64, before, after time.Duration) bool {
	for _, i := range intervals {
		if at+uint64(before) >= i[0] && at <= i[1]+uint64(after) {
			return true
		}
	}
	return false
}

// clock shows intervals for people.
func clock(intervals [][2]uint64) string {
	var out []string
	for _, i := range intervals {
		out = append(out, time.Unix(0, int64(i[0])).Format(time.StampMilli)+" to "+time.Unix(0, int64(i[1])).Format("05.000"))
	}
	return strings.Join(out, ", ")
}

// judgeFlows holds the flows of one sensor against the conversations that it was shown.
func (c *chaos) judgeFlows(t *testing.T, s *chaosSensor) (all, whole, missing int) {
	t.Helper()
	sent, got := s.mirror.sent(), c.hub.conversations(t, s.name)
	unclean, shed := c.hub.losses(t, s.name, "unclean_stop"), append(c.hub.losses(t, s.name, "spool"), s.full...)
	var dropped [][2]uint64 // by a kernel that had no time, and told so
	for _, place := range []string{"kernel", "interface", "softnet"} {
		dropped = append(dropped, c.hub.losses(t, s.name, place)...)
	}
	if s.disk == "" && len(unclean) != len(s.outages) {
		t.Errorf("%s: %d unclean stops reported, %d kills", s.name, len(unclean), len(s.outages))
	}
	faults := 0
	for id, when := range sent {
		packets, at := got[id], uint64(when.UnixNano())
		delete(got, id)
		switch {
		case packets == packetsEach:
			whole++
			continue
		case packets > packetsEach:
			t.Errorf("%s: conversation %d has %d packets, %d were sent: duplicated", s.name, id, packets, packetsEach)
		}
		missing++
		if within(at, dropped, 2*time.Second, 2*time.Second) {
			continue
		}
		// Reported: an unclean stop, or batches that the full disk did not take.
		reported := within(at, unclean, 0, 0) || within(at, shed, sealing, 0)
		// And no more than that: what was sealed before a kill is there.
		recent := within(at, s.outages, sealing, time.Second) || within(at, shed, sealing, 0)
		if faults < 5 && (!reported || !recent) {
			faults++
			t.Errorf("%s: conversation %d of %s has %d of %d packets; reported as lost: %v, not sealed yet at a kill: %v", s.name, id, when.Format(time.StampMilli), packets, packetsEach, reported, recent)
		}
	}
	for id := range got {
		t.Errorf("%s: conversation %d was never sent", s.name, id)
	}
	if faults > 0 {
		t.Logf("%s: outages %s\nunclean %s\nspool %s\nkernel %s\n%s", s.name, clock(s.outages), clock(unclean), clock(shed), clock(dropped), strings.Join(c.done, "\n"))
	}
	return len(sent), whole, missing
}
