//go:build !race

package dissecttest_test

import (
	"bytes"
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
)

// waiting never has enough: with each byte it looks at all that it was shown, again and again.
type waiting struct{ times int }

func (waiting) Info() dissect.Info { return dissect.Info{Name: "waiting", Transport: dissect.TCP} }
func (waiting) Probe(*dissect.Flow, dissect.Direction, []byte) dissect.Verdict {
	return dissect.Mine
}
func (p waiting) New() dissect.Dissector { return p }
func (p waiting) Feed(_ dissect.Emitter, _ dissect.Direction, data []byte) (int, dissect.Verdict) {
	sum := 0
	for range p.times {
		sum += bytes.Count(data, []byte("ab")) + bytes.Count(data, []byte("ba"))
	}
	if sum < 0 {
		return len(data), dissect.Done
	}
	return 0, dissect.More
}

func TestSlownessIsFound(t *testing.T) {
	c := &dissecttest.Conversation{Messages: []dissecttest.Message{{Data: []byte("hello there")}}}
	c.Flow.Protocol = 6
	if got := dissecttest.Slow(t, c, waiting{0}); len(got) > 0 {
		t.Errorf("a dissector that does nothing is called slow: %q", got)
	}
	if got := dissecttest.Slow(t, c, waiting{80}); len(got) == 0 {
		t.Error("a dissector that looks at all bytes with each byte is not called slow")
	}
}
