package subject_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/subject"
)

func TestStoredRoundTrip(t *testing.T) {
	for _, tc := range []struct {
		name, subject string
		p             int
		site, sensor  string
		fault         string
	}{
		{name: "plain", subject: "partitioned.15.north.s-1", p: 15, site: "north", sensor: "s-1"},
		{name: "too few parts", subject: "partitioned.1.north", fault: "want partitioned"},
		{name: "another stream's", subject: "events.1.north.s1", fault: "want partitioned"},
		{name: "partition past the end", subject: "partitioned.16.north.s1", fault: "partition"},
		{name: "partition with a zero in front", subject: "partitioned.01.north.s1", fault: "partition"},
		{name: "negative", subject: "partitioned.-1.north.s1", fault: "partition"},
		{name: "upper-case site", subject: "partitioned.1.North.s1", fault: "site"},
		{name: "wildcard as sensor", subject: "partitioned.1.north.*", fault: "sensor"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, site, sensor, err := subject.ParseStored(tc.subject)
			if tc.fault != "" {
				if err == nil || !strings.Contains(err.Error(), tc.fault) {
					t.Fatalf("error: got %v, want one about %q", err, tc.fault)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if p != tc.p || string(site) != tc.site || string(sensor) != tc.sensor {
				t.Errorf("got %d %s %s, want %d %s %s", p, site, sensor, tc.p, tc.site, tc.sensor)
			}
		})
	}
}

func TestMessageID(t *testing.T) {
	want := model.BatchID{Sensor: "s-1", Epoch: 1<<64 - 1, Sequence: 7}
	got, err := subject.ParseMessageID(subject.MessageID(want))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for _, bad := range []string{"", "s1", "s1/1", "s1/1/0", "s1/1/-1", "s1/01/1", "s1/1/+1", "S1/1/1", "s1/1/1/1", "s1/x/1", "/1/1", "s1/1/18446744073709551616"} {
		if id, err := subject.ParseMessageID(bad); err == nil {
			t.Errorf("parse %q: got %v, want an error", bad, id)
		}
	}
}

func TestTransformHasAsManyPartitionsAsTheConstant(t *testing.T) {
	if want := "partition(" + strconv.Itoa(subject.Partitions) + ",1,2)"; !strings.Contains(subject.IngressTransform, want) {
		t.Errorf("transform %q does not contain %q", subject.IngressTransform, want)
	}
}

func TestKeysAreDistinct(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range []string{
		subject.KeySites, subject.KeyZones, subject.KeyAdmin, subject.SensorKey("sites"), subject.DenyKey("sites"),
		subject.CursorKey(1), subject.PinKey(1, 1), subject.PinKey(11, 1), subject.Events("a", "b"), subject.Inbox("b"), subject.Partition(3),
		subject.LeaseSubject(2), subject.Kick("X"), subject.Control("a", "b"), subject.WishKey("sites"), subject.ConfigurationKey(1), subject.RolloutKey(1),
	} {
		if seen[k] {
			t.Errorf("%q twice", k)
		}
		seen[k] = true
	}
	if got, want := subject.Pins(1), "realms.1.*"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestControlRoundTrip(t *testing.T) {
	site, sensor, err := subject.ParseControl(subject.Control("north", "n-1"))
	if err != nil || site != "north" || sensor != "n-1" {
		t.Errorf("got %q %q %v", site, sensor, err)
	}
	for _, bad := range []string{"", "control.a", "events.a.b", "control.a.b.c", "control.A.b", "control.a.*"} {
		if _, _, err := subject.ParseControl(bad); err == nil {
			t.Errorf("parse %q: got no error", bad)
		}
	}
}

func FuzzParseMessageID(f *testing.F) {
	f.Add("s1/1/1")
	f.Add("s1/18446744073709551615/2")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := subject.ParseMessageID(s)
		if err == nil && subject.MessageID(id) != s {
			t.Errorf("%q parses to %v, which is written %q", s, id, subject.MessageID(id))
		}
	})
}
