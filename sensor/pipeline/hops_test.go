package pipeline_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/wardscope/wardscope/sensor/capture/hospital"
	"github.com/wardscope/wardscope/sensor/pipeline"
)

// South's sensor sees south's hosts with their start values and north's with less, behind the router.
func TestTimeToLiveTellsHostsFromRoutedOnes(t *testing.T) {
	var out bytes.Buffer
	if err := pipeline.Read(t.Context(), pipeline.DefaultConfig(), hospital.NewSource(ward(t, "south"), 1), &out); err != nil {
		t.Fatal(err)
	}
	own, routed := 0, 0
	for line := range strings.Lines(out.String()) {
		if !strings.Contains(line, `"source":"ip.ttl"`) {
			continue
		}
		start := strings.Contains(line, `"value":"64"`) || strings.Contains(line, `"value":"128"`) || strings.Contains(line, `"value":"255"`)
		switch {
		case strings.Contains(line, `"ip":"10.20.`) && start:
			own++
		case strings.Contains(line, `"ip":"10.10.`) && !start:
			routed++
		case strings.Contains(line, `"ip":"10.10.`):
			t.Errorf("a host of north shows a start value at south: %s", line)
		}
	}
	if own < 10 || routed == 0 {
		t.Errorf("%d own hosts with a start value, %d routed ones with less", own, routed)
	}
}
