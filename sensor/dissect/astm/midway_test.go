package astm_test

import (
	"testing"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/astm"
)

type claims struct{ values []string }

func (c *claims) Observe(o model.Observation) { c.values = append(c.values, o.Value) }
func (c *claims) Finding(model.Finding)       {}

// The frames of a message's rest: results, then the next message.
const (
	second = "\x022P|1||CANARY\r\x1709\r\n"
	third  = "\x023R|1|^^^GLU|CANARY\rL|1|N\r\x03CA\r\n"
	fifth  = "\x025R|2|^^^NA|CANARY\r\x03A4\r\n"
	header = "\x021H|\\^&|||Analyser^2000|||||||P|LIS2-A|20240101\r\x0376\r\n"
)

// An analyser's connection may be older than the sensor.
func TestConnectionOlderThanTheSensor(t *testing.T) {
	for _, c := range []struct {
		name     string
		inferred bool
		pieces   []string
		service  string
		claims   int // role and sender
	}{
		{"two frames in sequence", true, []string{second, third}, "astm", 0},
		{"then the next message", true, []string{second, third, "\x04\x05", header}, "astm", 2},
		{"one frame, the end, the next message", true, []string{third + "\x04", "\x05" + header}, "astm", 2},
		{"one frame", true, []string{second}, "", 0},
		{"out of sequence", true, []string{second, fifth}, "", 0},
		{"a wrong sum", true, []string{second[:len(second)-4] + "00\r\n", third}, "", 0},
		{"seen from the beginning", false, []string{second, third}, "", 0},
	} {
		s := &claims{}
		rt, err := dissect.NewRuntime(dissect.DefaultConfig(), []dissect.Protocol{astm.New()}, nil, s)
		if err != nil {
			t.Fatal(err)
		}
		flow := &dissect.Flow{Protocol: 6, Inferred: c.inferred, Initiator: model.Endpoint{Addr: model.Addr{Lo: 1}, Port: 40000}, Responder: model.Endpoint{Addr: model.Addr{Lo: 2}, Port: 7001}}
		h, service := rt.Open(flow), uint16(0)
		for _, p := range c.pieces {
			_, service = rt.Data(h, flow, dissect.FromInitiator, []byte(p))
		}
		if got := rt.ServiceName(service); got != c.service || len(s.values) != c.claims {
			t.Errorf("%s: service %q, claims %q", c.name, got, s.values)
		}
	}
}
