package poct1a_test

import (
	"slices"
	"testing"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/poct1a"
)

type claims struct{ values []string }

func (c *claims) Observe(o model.Observation) {
	c.values = append(c.values, o.Subject.Addr.String()+" "+o.Value)
}
func (c *claims) Finding(model.Finding) {}

// An analyser's connection may be older than the sensor: its later messages tell that it is one, not which.
func TestConnectionOlderThanTheSensor(t *testing.T) {
	status := "<?xml version=\"1.0\"?>\n<DST.R01><HDR><HDR.control_id V=\"CANARY\"/></HDR><DST><DST.status_dttm V=\"x\"/></DST></DST.R01>"
	for _, c := range []struct {
		name     string
		inferred bool
		dir      dissect.Direction
		text     string
		want     []string
	}{
		{"status", true, dissect.FromInitiator, status, []string{"192.0.2.1 point-of-care analyser"}},
		{"status, roles guessed wrongly", true, dissect.FromResponder, status, []string{"192.0.2.2 point-of-care analyser"}},
		{"seen from its beginning", false, dissect.FromInitiator, status, nil},
		{"no header object", true, dissect.FromInitiator, "<OBS.R01><PT.name V=\"CANARY\"/></OBS.R01>", nil},
		{"another document", true, dissect.FromInitiator, "<OBS><HDR.control_id V=\"1\"/></OBS>", nil},
	} {
		s := &claims{}
		rt, err := dissect.NewRuntime(dissect.DefaultConfig(), []dissect.Protocol{poct1a.New()}, nil, s)
		if err != nil {
			t.Fatal(err)
		}
		a, _ := model.ParseAddr("192.0.2.1")
		b, _ := model.ParseAddr("192.0.2.2")
		flow := &dissect.Flow{Protocol: 6, Inferred: c.inferred, Initiator: model.Endpoint{Addr: a, Port: 40000}, Responder: model.Endpoint{Addr: b, Port: 3001}}
		h := rt.Open(flow)
		rt.Data(h, flow, c.dir, []byte(c.text[:20]))
		rt.Data(h, flow, c.dir, []byte(c.text[20:]))
		rt.Data(h, flow, c.dir, []byte(c.text))
		if !slices.Equal(s.values, c.want) {
			t.Errorf("%s: claimed %q, want %q", c.name, s.values, c.want)
		}
	}
}
