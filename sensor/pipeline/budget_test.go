package pipeline_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"strings"
	"syscall"
	"testing"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/capture/hospital"
	"github.com/wardscope/wardscope/sensor/capture/pcapfile"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/pipeline"
	"github.com/wardscope/wardscope/sensor/track"
)

// writeLoad writes a reference capture of so many packets.
func writeLoad(tb testing.TB, name string, packets int) string {
	tb.Helper()
	s, err := hospital.Load(name)
	if err != nil {
		tb.Fatal(err)
	}
	s.Packets = packets
	g, err := hospital.New(s, name, s.Seed)
	if err != nil {
		tb.Fatal(err)
	}
	file := filepath.Join(tb.TempDir(), name+".pcap")
	out, err := os.Create(file)
	if err != nil {
		tb.Fatal(err)
	}
	if err := errors.Join(g.WritePcap(out), out.Close()); err != nil {
		tb.Fatal(err)
	}
	return file
}

// The stages up to one, each with those before it.
var stages = []struct {
	name string
	run  func(file string) error
}{
	{"read", func(file string) error { return eachFrame(file, func(*capture.Frame) {}) }},
	{"read+decode", baseline},
	{"read+decode+track", func(file string) error { _, err := trackOnly(file); return err }},
	{"flows-only", func(file string) error { return summarize(file, 1, true) }},
	{"full", func(file string) error { return summarize(file, 1, false) }},
	{"full-2-workers", func(file string) error { return summarize(file, 2, false) }},
}

func eachFrame(file string, take func(*capture.Frame)) error {
	r := pcapfile.New(1, file)
	var f capture.Frame
	for {
		if err := r.Next(&f); err != nil {
			if errors.Is(err, io.EOF) {
				return r.Close()
			}
			return err
		}
		take(&f)
	}
}

// baseline is what every sensor has to do: read records and decode their headers.
func baseline(file string) error {
	d := decode.New(decode.Config{})
	var p decode.Packet
	return eachFrame(file, func(f *capture.Frame) { d.Decode(f, &p) })
}

type noFlows struct{}

func (noFlows) Flow(*model.Flow) {}

func trackOnly(file string) (track.Counters, error) {
	t, err := track.New(track.DefaultConfig(), track.Deps{Seed: track.NewSeed(), Sink: noFlows{}})
	if err != nil {
		return track.Counters{}, err
	}
	d := decode.New(decode.Config{})
	var p decode.Packet
	err = eachFrame(file, func(f *capture.Frame) {
		d.Decode(f, &p)
		t.Packet(&p)
	})
	counters := t.Counters()
	t.Flush(model.EndForced)
	return counters, err
}

func summarize(file string, workers int, flowsOnly bool) error {
	cfg := pipeline.DefaultConfig()
	cfg.Workers, cfg.FlowsOnly = workers, flowsOnly
	_, err := pipeline.Summarize(context.Background(), cfg, pcapfile.New(1, file))
	return err
}

// processor is the time that this process spent on the processor, in nanoseconds.
func processor() int64 {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r) // cannot fail with these arguments
	return r.Utime.Nano() + r.Stime.Nano()
}

// collecting is the processor time that the garbage collector took, in seconds.
func collecting() float64 {
	s := []metrics.Sample{{Name: "/cpu/classes/gc/total:cpu-seconds"}}
	metrics.Read(s)
	return s[0].Value.Float64()
}

// BenchmarkStage tells what each stage adds: processor time (not wall time), allocations and the
// garbage collector's share.
func BenchmarkStage(b *testing.B) {
	const packets = 300_000
	file := writeLoad(b, "mix", packets)
	for _, s := range stages {
		b.Run(s.name, func(b *testing.B) {
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			gc, cpu := collecting(), processor()
			for b.Loop() {
				if err := s.run(file); err != nil {
					b.Fatal(err)
				}
			}
			cpu, gc = processor()-cpu, collecting()-gc
			runtime.ReadMemStats(&after)
			n := float64(b.N) * packets
			b.ReportMetric(float64(cpu)/n, "cpu-ns/packet")
			b.ReportMetric(float64(after.Mallocs-before.Mallocs)/n, "allocs/packet")
			b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/n, "B/packet")
			b.ReportMetric(100*gc/(float64(cpu)/1e9), "gc-%")
		})
	}
}

// ceilings do not depend on the machine. Beside each stands what was measured when it was set; ratios of time on a
// machine whose other tenants empty the caches, where they are worst.
var ceilings = map[string]float64{
	"rss_mib":                  60,   // 46, of a process that reads 200,000 packets of the mix; 1,500,000 take 90
	"allocs_packet":            0.12, // 0.082, of the first 200,000 packets, what is made once included
	"allocs_packet_steady":     0.05, // 0.036, of the 200,000 after them
	"allocs_classified_flow":   2,    // 1.4, of the flows that those began
	"allocs_packet_flows_only": 0.01, // 0.0034
	"allocs_flow":              0.05, // 0.015, of a load that is nothing but new flows, flows only
	"two_workers_to_one":       1.4,  // 1.04 to 1.32, processor time; 1.15 is the aim, on a machine that others leave alone
	"full_to_baseline":         25,   // 13, processor time to that of reading and decoding
	"flows_only_to_baseline":   6,    // 3.4
	"bytes_flow":               200,  // 186, of records and index, with 65,536 flows
	"batch_bytes_to_flow":      130,  // 113, of the mix, all events
}

// judge holds what the child measured against the ceilings. A figure that is absent, or that cannot
// be because it is not above zero, is a fault as one over its ceiling is.
func judge(out string) (faults []string) {
	got := map[string]float64{}
	for line := range strings.Lines(out) {
		var what string
		var value float64
		if n, _ := fmt.Sscanf(line, "measured %s %f", &what, &value); n == 2 {
			got[what] = value
		}
	}
	for what, most := range ceilings {
		switch value, ok := got[what]; {
		case !ok:
			faults = append(faults, what+" was not measured")
		case !(value > 0):
			faults = append(faults, fmt.Sprintf("%s is %f: nothing was measured", what, value))
		case value > most:
			faults = append(faults, fmt.Sprintf("%s is %.3f, more than %.3f", what, value, most))
		}
	}
	for what := range got {
		if _, ok := ceilings[what]; !ok {
			faults = append(faults, what+" has no ceiling")
		}
	}
	return faults
}

// The gate must not pass because nothing came.
func TestJudge(t *testing.T) {
	var good strings.Builder
	for what, most := range ceilings {
		fmt.Fprintf(&good, "measured %s %f\n", what, most)
	}
	if faults := judge(good.String()); len(faults) > 0 {
		t.Errorf("figures at their ceilings: %q", faults)
	}
	if faults := judge("ok\n"); len(faults) != len(ceilings) {
		t.Errorf("no figures: %q", faults)
	}
	for _, line := range []string{"measured rss_mib 0", "measured rss_mib -1", "measured rss_mib NaN", "measured rss_mib 61", "measured unknown 1"} {
		if faults := judge(good.String() + line + "\n"); len(faults) != 1 {
			t.Errorf("%s: %q", line, faults)
		}
	}
}

const budgetPackets = 200_000

// TestBudget holds the packet path to its ceilings, in a process of its own, so that its memory
// and time are not those of other tests.
func TestBudget(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector's memory and time are not the sensor's: -short leaves the budget out")
	}
	files := []string{writeLoad(t, "mix", budgetPackets), writeLoad(t, "mix", 2*budgetPackets), writeLoad(t, "flows", 262_144)}
	cmd := exec.Command(os.Args[0], "-test.run=^TestBudgetChild$", "-test.v")
	cmd.Env = append(os.Environ(), "WARDSCOPE_BUDGET="+strings.Join(files, ":"), "GOMAXPROCS=1", "GOGC=40")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "measured") {
			t.Log(strings.TrimSpace(line))
		}
	}
	for _, fault := range judge(string(out)) {
		t.Error(fault)
	}
}

// cost is what a run over a capture took.
type cost struct {
	cpu     float64 // nanoseconds
	mallocs float64
	flows   float64
	named   float64 // flows with a service
	bytes   float64 // of batches
}

// least runs a capture three times: other processes only ever add.
func least(t *testing.T, file string, packets uint64, workers int, flowsOnly bool) cost {
	t.Helper()
	c := cost{cpu: 1e18, mallocs: 1e18}
	for range 3 {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		start := processor()
		cfg := pipeline.DefaultConfig()
		cfg.Workers, cfg.FlowsOnly = workers, flowsOnly
		s, err := pipeline.Summarize(t.Context(), cfg, pcapfile.New(1, file))
		if err != nil {
			t.Fatal(err)
		}
		c.cpu = min(c.cpu, float64(processor()-start))
		runtime.ReadMemStats(&after)
		c.mallocs = min(c.mallocs, float64(after.Mallocs-before.Mallocs))
		c.flows, c.named, c.bytes = float64(s.Flows), float64(s.Flows-s.Services[""]), float64(s.BatchBytes)
		// Work that is left out costs nothing: the figures count only if the work was done.
		if s.Packets != packets || s.Flows == 0 || !flowsOnly && c.named < 0.9*c.flows && !strings.Contains(file, "flows") {
			t.Fatalf("%s: %d packets, %.0f flows, %.0f of them named", file, s.Packets, c.flows, c.named)
		}
	}
	return c
}

// TestBudgetChild measures; TestBudget starts it and judges.
func TestBudgetChild(t *testing.T) {
	files := strings.Split(os.Getenv("WARDSCOPE_BUDGET"), ":")
	if len(files) != 3 {
		return // it is no test by itself
	}
	mix, longer, flows := files[0], files[1], files[2]
	report := func(what string, value float64) { fmt.Printf("measured %s %f\n", what, value) }
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // resets VmHWM; without it the peak is the parent's too
	full := least(t, mix, budgetPackets, 1, false)
	report("rss_mib", float64(peak(t))/1024)
	report("allocs_packet", full.mallocs/budgetPackets)
	report("batch_bytes_to_flow", full.bytes/full.flows)
	both := least(t, longer, 2*budgetPackets, 1, false)
	report("allocs_packet_steady", (both.mallocs-full.mallocs)/budgetPackets)
	report("allocs_classified_flow", (both.mallocs-full.mallocs)/(both.named-full.named))
	only := least(t, mix, budgetPackets, 1, true)
	report("allocs_packet_flows_only", only.mallocs/budgetPackets)
	report("two_workers_to_one", least(t, mix, budgetPackets, 2, false).cpu/full.cpu)
	base := 1e18
	for range 3 {
		start := processor()
		if err := baseline(mix); err != nil {
			t.Fatal(err)
		}
		base = min(base, float64(processor()-start))
	}
	report("full_to_baseline", full.cpu/base)
	report("flows_only_to_baseline", only.cpu/base)
	begun := least(t, flows, 262_144, 1, true)
	report("allocs_flow", begun.mallocs/begun.flows)
	counters, err := trackOnly(flows)
	if err != nil || counters.Live != 65_536 {
		t.Fatalf("%d live flows, %v", counters.Live, err)
	}
	report("bytes_flow", float64(counters.Bytes)/float64(counters.Live))
}

// peak is the largest resident set since the start, in KiB.
func peak(t *testing.T) (kib int) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscanf(rest, "%d", &kib); err != nil {
		t.Fatalf("VmHWM: %v", err)
	}
	return kib
}

// known yields datagrams of a few flows that nobody can name.
type known struct {
	left  int
	frame []byte
}

func (k *known) Next(f *capture.Frame) error {
	if k.left == 0 {
		return io.EOF
	}
	k.left--
	binary.BigEndian.PutUint16(k.frame[18:], uint16(k.left))          // IP identification
	binary.BigEndian.PutUint16(k.frame[34:], 40000+uint16(k.left&63)) // source port
	*f = capture.Frame{Time: 1_700_000_000_000_000_000 - int64(k.left)*1000, Data: k.frame, WireLen: len(k.frame), LinkType: capture.LinkEthernet}
	return nil
}

func (k *known) Stats() capture.Stats { return capture.Stats{} }
func (k *known) Close() error         { return nil }

// A packet of a flow past its dissection costs no allocation in any stage.
func TestKnownFlowAllocs(t *testing.T) {
	frame := append([]byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0, 0, 60, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 0, 0xfa, 0, 0, 40, 0, 0},
		bytes.Repeat([]byte{0xff}, 32)...)
	mallocs := func(packets int) float64 {
		return testing.AllocsPerRun(3, func() {
			s, err := pipeline.Summarize(t.Context(), pipeline.DefaultConfig(), &known{left: packets, frame: frame})
			if err != nil || s.Packets != uint64(packets) || s.Flows != 64 {
				t.Fatalf("%+v, %v", s, err)
			}
		})
	}
	few, many := mallocs(20_000), mallocs(220_000)
	if perPacket := (many - few) / 200_000; perPacket > 0.001 {
		t.Errorf("%.4f allocations a packet of a known flow (%.0f for 20,000 packets, %.0f for 220,000)", perPacket, few, many)
	}
}
