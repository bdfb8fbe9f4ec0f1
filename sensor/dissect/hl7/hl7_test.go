package hl7_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/hl7"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, hl7.New(), dissecttest.Cases{}) }

type heard struct{ claims []model.Observation }

func (h *heard) Observe(o model.Observation) {
	if o.Source == "hl7.MSH-3" {
		h.claims = append(h.claims, o)
	}
}
func (h *heard) Finding(model.Finding) {}

// Headers that say the same are counted, and told after a minute, when another comes, and at the end.
func TestRepeatsAreCounted(t *testing.T) {
	var got heard
	rt, err := dissect.NewRuntime(dissect.DefaultConfig(), []dissect.Protocol{hl7.New()}, nil, &got)
	if err != nil {
		t.Fatal(err)
	}
	flow := &dissect.Flow{Protocol: 6, Initiator: model.Endpoint{MAC: 1, Port: 40000}, Responder: model.Endpoint{MAC: 2, Port: 2575}}
	h := rt.Open(flow)
	say := func(second int64, application string, control int) {
		flow.Time = second * 1e9
		rt.Data(h, flow, dissect.FromInitiator, fmt.Appendf(nil, "\x0bMSH|^~\\&|%s|WARD|EHR|MAIN|20260101||ORU^R01|%d|P|2.5\r\x1c\r", application, control))
	}
	for second := range int64(70) {
		say(second, "MONITOR", int(second))
	}
	say(71, "OTHER", 71)
	say(72, "OTHER", 72)
	rt.Close(h, flow)
	var lines []string
	for _, o := range got.claims {
		lines = append(lines, fmt.Sprintf("%s %d of %d to %d", o.Value, o.Count, o.First/1e9, o.Last/1e9))
	}
	want := []string{"MONITOR 1 of 0 to 0", "MONITOR 60 of 1 to 60", "MONITOR 9 of 61 to 69", "OTHER 1 of 71 to 71", "OTHER 1 of 72 to 72"}
	if !slices.Equal(lines, want) {
		t.Errorf("got %q, want %q", lines, want)
	}
}
