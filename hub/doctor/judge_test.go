package doctor_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/wardscope/wardscope/hub/doctor"
)

func well() *doctor.Facts {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	return &doctor.Facts{
		Now: now, Running: true, Data: doctor.Data{Path: "/data", Mode: 0o700, Free: 50 << 30, Total: 100 << 30}, Stream: doctor.Stream{Bytes: 1, MaxBytes: 100},
		Partitions:   []doctor.Partition{{Number: 3, Pending: 2, Received: now}},
		Certificates: []doctor.Certificate{{Name: "authority", Expires: now.AddDate(1, 0, 0), Remedy: "renew it"}},
		Sensors:      []doctor.Sensor{{Name: "n1", State: "ok", Good: true, ClockOffset: time.Millisecond, ClockError: time.Millisecond}},
		Knowledge:    []doctor.Knowledge{{Name: "advisories", Age: 24 * time.Hour}},
	}
}

func TestEveryFlawHasALineAndARemedy(t *testing.T) {
	for _, c := range doctor.Judge(well()) {
		if c.Level != doctor.OK {
			t.Errorf("all is well, and yet: %+v", c)
		}
	}
	for _, tc := range []struct {
		name  string
		make  func(*doctor.Facts)
		level doctor.Level
		says  string
	}{
		{"not writable", func(f *doctor.Facts) { f.Data.Fault = errors.New("permission denied") }, doctor.Fault, "permission denied"},
		{"open to others", func(f *doctor.Facts) { f.Data.Mode = 0o755 }, doctor.Warning, "0755"},
		{"little space", func(f *doctor.Facts) { f.Data.Free = 8 << 30 }, doctor.Warning, "8.0 GiB of 100.0 GiB"},
		{"no space", func(f *doctor.Facts) { f.Data.Free = 1 << 30 }, doctor.Fault, "1.0 GiB"},
		{"engine", func(f *doctor.Facts) { f.Engine = errors.New("refused") }, doctor.Fault, "refused"},
		{"stream", func(f *doctor.Facts) { f.Stream.Bytes = 90 }, doctor.Warning, "90 %"},
		{"lag", func(f *doctor.Facts) { f.Partitions[0].Received = f.Now.Add(-time.Hour) }, doctor.Warning, "partition 3 is 1h0m0s behind, with 2"},
		{"refused", func(f *doctor.Facts) { f.Partitions[0].Refused = "too many parts" }, doctor.Fault, "too many parts"},
		{"stopped", func(f *doctor.Facts) { f.Partitions[0].Stopped = "stream made anew" }, doctor.Fault, "stream made anew"},
		{"quarantine", func(f *doctor.Facts) {
			f.Quarantine = []doctor.Quarantine{{Sensor: "n1", Reason: "schema 9", Batches: 4, Last: f.Now}}
		}, doctor.Warning, "4 batches of sensor n1"},
		{"expires soon", func(f *doctor.Facts) { f.Certificates[0].Expires = f.Now.Add(time.Hour) }, doctor.Warning, "authority expires on 2026-11-24"},
		{"expired", func(f *doctor.Facts) { f.Certificates[0].Expires = f.Now.Add(-time.Hour) }, doctor.Fault, "expired"},
		{"silent sensor", func(f *doctor.Facts) {
			f.Sensors[0].Good, f.Sensors[0].State, f.Sensors[0].Reason = false, "silent", "for 3h"
		}, doctor.Warning, "n1 is silent: for 3h"},
		{"clock", func(f *doctor.Facts) { f.Sensors[0].ClockOffset = 3 * time.Hour }, doctor.Warning, "3h0m0s from the hub's"},
		{"old knowledge", func(f *doctor.Facts) { f.Knowledge[0].Age = 91 * 24 * time.Hour }, doctor.Warning, "advisories is 91 days old"},
		{"not asked", func(f *doctor.Facts) { f.Unknown = []error{errors.New("stream does not answer")} }, doctor.Fault, "stream does not answer"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := well()
			tc.make(f)
			list := doctor.Judge(f)
			found := 0
			for _, c := range list {
				if c.Level == doctor.OK {
					continue
				}
				if found++; c.Level != tc.level || c.Remedy == "" || !strings.Contains(c.Text, tc.says) {
					t.Errorf("got %+v, want level %v about %q, with a remedy", c, tc.level, tc.says)
				}
			}
			if found != 1 || doctor.Worst(list) != tc.level {
				t.Errorf("%d flaws, worst %v: %+v", found, doctor.Worst(list), list)
			}
		})
	}
}

func TestAStoreThatDoesNotAnswerHasNoEmptyQuarantine(t *testing.T) {
	f := well()
	f.Engine = errors.New("refused")
	for _, c := range doctor.Judge(f) {
		if c.Topic == "quarantine" {
			t.Errorf("got %+v", c)
		}
	}
}

func TestAStoppedHubIsNotJudgedByItsIngest(t *testing.T) {
	for _, c := range doctor.Judge(&doctor.Facts{Data: doctor.Data{Mode: 0o700}}) {
		if c.Topic == "ingest" || c.Topic == "stream" {
			t.Errorf("got %+v", c)
		}
	}
}
