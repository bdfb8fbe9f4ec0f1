package hl7_test

import (
	"slices"
	"testing"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/hl7"
)

// claims remembers what was claimed.
type claims struct{ values []string }

func (c *claims) Observe(o model.Observation) { c.values = append(c.values, o.Source+"="+o.Value) }
func (c *claims) Finding(model.Finding)       {}

// An interface keeps its connection for weeks: a sensor that starts sees it from within a message.
func TestConnectionFirstSeenWithinAMessage(t *testing.T) {
	next := "\x0bMSH|^~\\&|MON7|ICU|EHR|HOSP|20240101||ORU^R01|1|P|2.6\rPID|1||CANARY\r\x1c\r"
	for _, c := range []struct {
		name     string
		inferred bool
		pieces   []string
		want     bool
	}{
		{"the rest of a message, then the next", true, []string{"3||CANARY^ANA|||F\rOBX|1|NM|8867-4||72\r\x1c\r", next}, true},
		{"both in one piece", true, []string{"||CANARY|||F\rOBX|1|NM|8867-4||72\r\x1c\r" + next}, true},
		{"the end block alone", true, []string{"OBX|9|\x1c\r", next}, true},
		{"from the beginning of a connection", false, []string{"3||CANARY^ANA|||F\rOBX|1|NM|8867-4||72\r\x1c\r", next}, false},
		{"text without separators", true, []string{"GET / of something that is no message", next}, false},
		{"binary before it", true, []string{"\x00\x01|a|b|", next}, false},
		{"a header of something else", true, []string{"a|b|c|\x0bMSHELL of a sort|", "more"}, false},
	} {
		s := &claims{}
		rt, err := dissect.NewRuntime(dissect.DefaultConfig(), []dissect.Protocol{hl7.New()}, nil, s)
		if err != nil {
			t.Fatal(err)
		}
		flow := &dissect.Flow{Protocol: 6, Inferred: c.inferred, Initiator: model.Endpoint{Addr: model.Addr{Lo: 1}, Port: 40000}, Responder: model.Endpoint{Addr: model.Addr{Lo: 2}, Port: 2575}}
		h := rt.Open(flow)
		for _, p := range c.pieces {
			rt.Data(h, flow, dissect.FromInitiator, []byte(p))
		}
		if got := slices.Contains(s.values, "hl7.MSH-3=MON7"); got != c.want || !c.want && len(s.values) > 0 {
			t.Errorf("%s: claimed %q", c.name, s.values)
		}
	}
}
