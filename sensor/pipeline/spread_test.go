package pipeline_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/sensor/capture/hospital"
	"github.com/wardscope/wardscope/sensor/capture/pcapfile"
	"github.com/wardscope/wardscope/sensor/pipeline"
)

// chance matches what two runs may differ in: the estimate of hosts, the VLAN of a claim that two
// packets of the same nanosecond made on two VLANs, and whether a flow that was idle in the last
// seconds of a file was found so before the end.
var chance = regexp.MustCompile(`"(hosts":"\d+"|vlanId":\d+|endReason":"END_REASON_(IDLE_TIMEOUT|FORCED_END)")`)

// Three workers see what one sees: the same flows, claims, findings and statistics, in another order.
func TestWorkersSeeWhatOneSees(t *testing.T) {
	read := func(workers int) []string {
		cfg := pipeline.DefaultConfig()
		cfg.Workers = workers
		var out bytes.Buffer
		if err := pipeline.Read(t.Context(), cfg, hospital.NewSource(ward(t, "north"), 1), &out); err != nil {
			t.Fatal(err)
		}
		all := slices.Collect(strings.Lines(chance.ReplaceAllString(out.String(), "")))
		// How often a time to live or a signature is claimed again depends on what else the shard saw lately.
		signatures := map[string]bool{}
		all = slices.DeleteFunc(all, func(line string) bool {
			if strings.Contains(line, `"source":"tcp.syn"`) {
				signature, _, _ := strings.Cut(line, `,"firstSeen"`)
				signatures[signature] = true
				return true
			}
			return strings.Contains(line, `"source":"ip.ttl"`)
		})
		all = slices.AppendSeq(all, maps.Keys(signatures))
		slices.Sort(all)
		return all
	}
	if diff := cmp.Diff(read(1), read(3)); diff != "" {
		t.Errorf("(-one worker +three):\n%s", diff)
	}
}

func TestSummaryCounts(t *testing.T) {
	mix := writeLoad(t, "mix", 20_000)
	sum := func(workers int) *pipeline.Summary {
		cfg := pipeline.DefaultConfig()
		cfg.Workers = workers
		s, err := pipeline.Summarize(t.Context(), cfg, pcapfile.New(1, mix))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	one, two := sum(1), sum(2)
	if one.Packets != 20_000 || one.Flows == 0 || one.Services["dicom"] == 0 || one.Observations["banner"] == 0 || one.Batches == 0 || one.BatchBytes == 0 {
		t.Errorf("got %+v", one)
	}
	if diff := cmp.Diff(one.Services, two.Services); diff != "" || one.Flows != two.Flows || one.Octets != two.Octets || two.Packets != 20_000 {
		t.Errorf("two workers: %+v, services (-one +two):\n%s", two, diff)
	}
}

func TestSpreadStopsWhenTold(t *testing.T) {
	cfg := pipeline.DefaultConfig()
	cfg.Workers = 2
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out bytes.Buffer
	if err := pipeline.Read(ctx, cfg, hospital.NewSource(ward(t, "east"), 1), &out); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
