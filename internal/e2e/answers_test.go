package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

// What a person waits for an answer about the last day with data without asking why, and for one about a month.
const (
	longest      = time.Second
	longestMonth = 3 * time.Second
)

// The analyst's questions over the flows that `make bench-answers` generated: whole commands, as a
// person waits for them. Prints a table of the first, the median and the best of five.
func TestAnswersOverManyFlows(t *testing.T) {
	held := os.Getenv("WARDSCOPE_BENCH_DIR")
	if held == "" {
		t.Skip("WARDSCOPE_BENCH_DIR is not set: make bench-answers generates flows and sets it")
	}
	h := prepareHub(t, t.TempDir())
	if err := os.MkdirAll(filepath.Join(h.dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(held, "engine"), filepath.Join(h.dir, "data", "engine")); err != nil {
		t.Fatal(err)
	}
	h.start(t)
	eventually(t, 5*time.Minute, "devices are resolved", func() bool {
		return strings.Contains(tool(t, h.env(), "wardscope", "devices", "list", "--limit", "1").out, "1 of ")
	})
	zones := filepath.Join(h.dir, "zones.yaml")
	if err := os.WriteFile(zones, []byte("zones:\n  - {name: north, selector: 'site=\"north\"'}\n  - {name: south, selector: 'site=\"south\"'}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, h.env(), "wardscope", "zones", "apply", zones)
	device, community := h.text(t, "SELECT toString(initiator) FROM flows WHERE service = 'dicom' ORDER BY start DESC LIMIT 1"),
		h.text(t, "SELECT community_id FROM flows ORDER BY start DESC LIMIT 1")
	device = strings.TrimPrefix(device, "::ffff:")
	month := []string{"--from", "720h"}
	table := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintf(table, "%s flows\tfirst\tmedian\tbest\n", h.text(t, "SELECT formatReadableQuantity(count()) FROM flows"))
	for _, args := range [][]string{
		{"devices", "list"}, {"devices", "show", device}, {"flows"}, append([]string{"flows"}, month...),
		append([]string{"flows", "--ip", device}, month...), append([]string{"flows", "--community-id", community}, month...),
		append([]string{"flows", "--service", "dicom"}, month...),
		{"map"}, append([]string{"map"}, month...), {"map", "--by", "group"}, append([]string{"map", "--by", "group"}, month...), append([]string{"map", "--by", "device", "--site", "north"}, month...),
		{"exposure"}, append([]string{"exposure"}, month...), {"findings", "list"}, {"zones", "matrix"}, append([]string{"zones", "matrix"}, month...),
		{"sites", "list"}, {"sensors", "list"}, {"status"}, {"sql", "SELECT service, count() FROM flows GROUP BY service ORDER BY 2 DESC"},
	} {
		var took []time.Duration
		for range 5 {
			began := time.Now()
			must(t, h.env(), "wardscope", args...)
			took = append(took, time.Since(began))
		}
		first := took[0]
		slices.Sort(took)
		fmt.Fprintf(table, "wardscope %s\t%v\t%v\t%v\n", strings.Join(args, " "), round(first), round(took[2]), round(took[0]))
		most := longest
		if slices.Contains(args, month[1]) {
			most = longestMonth
		}
		if took[2] > most {
			t.Errorf("wardscope %s took %v, want under %v", strings.Join(args, " "), round(took[2]), most)
		}
	}
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Millisecond) }
