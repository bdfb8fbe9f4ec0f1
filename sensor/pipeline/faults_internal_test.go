package pipeline

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/observe"
	"github.com/wardscope/wardscope/sensor/track"
)

// broken is a protocol whose reader fails at the first byte.
type broken struct{}

func (broken) Info() dissect.Info { return dissect.Info{Name: "broken", Transport: dissect.UDP} }
func (broken) Probe(*dissect.Flow, dissect.Direction, []byte) dissect.Verdict {
	return dissect.Mine
}
func (broken) New() dissect.Dissector { return broken{} }
func (broken) Feed(dissect.Emitter, dissect.Direction, []byte) (int, dissect.Verdict) {
	panic("made for the test")
}

type nowhere struct{}

func (nowhere) Observation(*model.Observation) {}
func (nowhere) Finding(*model.Finding)         {}
func (nowhere) Flow(*model.Flow)               {}
func (nowhere) Loss(*model.Loss)               {}
func (nowhere) Bucket(*track.Bucket)           {}

var _ observe.Sink = nowhere{}

// A dissector that fails costs conversations: that must not be silent.
func TestFaultsAreTold(t *testing.T) {
	s, err := newShard(DefaultConfig(), track.NewSeed(), nowhere{})
	if err != nil {
		t.Fatal(err)
	}
	if s.runtime, err = dissect.NewRuntime(dissect.DefaultConfig(), []dissect.Protocol{broken{}}, nil, s.reader); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	s.log = slog.New(slog.NewTextHandler(&out, nil))
	flow := &dissect.Flow{Protocol: 17}
	for i, want := range []string{"", "protocol=broken since_start=1", "", "protocol=broken since_start=3"} {
		for range i & 1 * i { // one, then three
			if s.runtime.Stats().Faults < uint64(i) {
				s.runtime.Data(s.runtime.Open(flow), flow, dissect.FromInitiator, []byte{1})
			}
		}
		out.Reset()
		s.tick(int64(i+1) * 2e9)
		if got := out.String(); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("tick %d logs %q, want %q", i, got, want)
		}
	}
	var sum Summary
	sum.faults([]*shard{s, s})
	if sum.Panics["broken"] != 6 || len(sum.Panics) != 1 {
		t.Errorf("the summary of two shards says %v", sum.Panics)
	}
}
