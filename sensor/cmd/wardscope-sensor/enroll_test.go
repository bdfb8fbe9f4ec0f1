package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/sensor/control/enrol"
)

// A clock that is three hours off does not stop an enrolment, and is said; what time servers leave is not.
func TestEnrolmentTellsOfTheClock(t *testing.T) {
	r := enrol.Result{Identity: mtls.Identity{Site: "north", Sensor: "n1"}, Config: "/x/sensor.yaml", Hub: "tls://hub:4222", Error: 10 * time.Millisecond}
	for _, c := range []struct {
		clock time.Duration
		want  string
	}{
		{3 * time.Hour, "warning: the clock here is 3h0m0s ahead of the hub's; set it by a time server"},
		{-3 * time.Hour, "warning: the clock here is 3h0m0s behind the hub's; set it by a time server"},
		{time.Second, ""},
	} {
		var out strings.Builder
		r.Clock = c.clock
		if err := tellEnrolled(&out, enrol.Config{Interface: "eth1"}, r); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); !strings.Contains(got, "enrolled as n1 at site north") || !strings.Contains(got, c.want) || c.want == "" && strings.Contains(got, "warning") {
			t.Errorf("%v: got %s", c.clock, got)
		}
	}
}

func TestEnrolmentExitCodes(t *testing.T) {
	for cause, want := range map[string]int{"expired": exitUsage, "used": exitUsage, "authority": exitUsage, "unreachable": exitMissing, "busy": exitMissing} {
		err := enrolFailed(&enrol.Fault{Cause: cause})
		if coded, ok := errors.AsType[*codedError](err); !ok || coded.code != want {
			t.Errorf("%s: got %v, want exit %d", cause, coded, want)
		}
	}
}
