package pipeline_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/service"
	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/capture/hospital"
	"github.com/wardscope/wardscope/sensor/capture/pcapfile"
	"github.com/wardscope/wardscope/sensor/observe"
	"github.com/wardscope/wardscope/sensor/pipeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ward is ten minutes of a small north site, as a generator.
func ward(t testing.TB, site string) *hospital.Generator {
	t.Helper()
	s, err := hospital.Load("demo")
	if err != nil {
		t.Fatal(err)
	}
	s.Scale, s.Duration, s.Start = 0.3, 10*time.Minute, time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	g, err := hospital.New(s, site, 7)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

type line struct {
	Flow        *struct{ Service, InitiatorOctets, ResponderOctets string }
	Observation *struct{ Kind, Value, Source, Count string }
	Finding     *struct{ Type, Service, CommunityID string }
	Stats       *struct{ Packets, Octets, Hosts, Truncated string }
	Loss        *struct{ Place string }
}

func lines(t *testing.T, out []byte) []line {
	t.Helper()
	var all []line
	for raw := range bytes.Lines(out) {
		var l line
		if err := json.Unmarshal(raw, &l); err != nil {
			t.Fatalf("line %q: %v", raw, err)
		}
		all = append(all, l)
	}
	return all
}

func TestReadSeesWhatTheTruthSays(t *testing.T) {
	g := ward(t, "north")
	var out bytes.Buffer
	if err := pipeline.Read(t.Context(), pipeline.DefaultConfig(), hospital.NewSource(g, 1), &out); err != nil {
		t.Fatal(err)
	}
	all, truth := lines(t, out.Bytes()), g.Truth()
	last := all[len(all)-1]
	if last.Stats == nil || last.Stats.Packets != decimal(truth.Packets) || last.Stats.Octets != decimal(truth.Octets) {
		t.Errorf("statistics %+v, truth says %d packets, %d octets", last.Stats, truth.Packets, truth.Octets)
	}
	services, findings := map[string]bool{}, map[string]bool{}
	for _, l := range all {
		switch {
		case l.Flow != nil:
			services[l.Flow.Service] = true
		case l.Finding != nil:
			findings[strings.TrimPrefix(l.Finding.Type, "FINDING_TYPE_")] = true
		}
	}
	for _, want := range []string{"dicom", "hl7", "tls", "dns", "dhcp", "smb", "bacnet", "http"} {
		if !services[want] {
			t.Errorf("no flow of service %s among %v", want, services)
		}
	}
	for _, want := range []string{"CLEARTEXT_PROTOCOL", "DEFAULT_CREDENTIAL", "OBSOLETE_PROTOCOL"} {
		if !findings[want] {
			t.Errorf("no finding of type %s among %v", want, findings)
		}
	}
	for name := range services {
		if _, ok := service.ByName(name); name != "" && !ok {
			t.Errorf("service %q is not in the table", name)
		}
	}
}

func decimal(n uint64) string {
	raw, _ := json.Marshal(n)
	return string(raw)
}

// Names of patients, record numbers and passwords stand in the generated traffic under marks.
func TestNothingMarkedLeaves(t *testing.T) {
	for _, site := range []string{"north", "south", "east"} {
		var traffic, out bytes.Buffer
		if err := ward(t, site).WritePcap(&traffic); err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(traffic.Bytes(), []byte("CANARY")) {
			t.Fatalf("%s: the traffic has no marks", site)
		}
		if err := pipeline.Read(t.Context(), pipeline.DefaultConfig(), hospital.NewSource(ward(t, site), 1), &out); err != nil {
			t.Fatal(err)
		}
		if i := bytes.Index(bytes.ToUpper(out.Bytes()), []byte("CANARY")); i >= 0 {
			t.Errorf("%s: left the sensor: …%s…", site, out.Bytes()[max(0, i-200):min(out.Len(), i+100)])
		}
	}
}

func TestReadDeliversWhatCameBeforeTheDamage(t *testing.T) {
	var whole bytes.Buffer
	if err := ward(t, "east").WritePcap(&whole); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "cut.pcap")
	if err := os.WriteFile(file, whole.Bytes()[:whole.Len()/2], 0o600); err != nil {
		t.Fatal(err)
	}
	src := pcapfile.New(1, file)
	defer src.Close()
	var out bytes.Buffer
	err := pipeline.Read(t.Context(), pipeline.DefaultConfig(), src, &out)
	if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "cut.pcap") {
		t.Errorf("got error %v", err)
	}
	all := lines(t, out.Bytes())
	if len(all) < 100 || all[len(all)-1].Stats == nil {
		t.Errorf("got %d lines and no statistics", len(all))
	}
}

func TestReadEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := pipeline.Read(ctx, pipeline.DefaultConfig(), hospital.NewSource(ward(t, "east"), 1), io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestWriteErrorIsReported(t *testing.T) {
	if err := pipeline.Read(t.Context(), pipeline.DefaultConfig(), hospital.NewSource(ward(t, "east"), 1), brokenPipe{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// box keeps batches; it can be made to block.
type box struct {
	mu     sync.Mutex
	sealed []observe.Sealed
	gate   chan struct{} // closed or nil: open
}

func (b *box) Put(s observe.Sealed) {
	if b.gate != nil {
		<-b.gate
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sealed = append(b.sealed, s)
}

func (b *box) Losses() []model.Loss { return nil }

func (b *box) decode(t *testing.T) []*model.Batch {
	t.Helper()
	codec, err := event.NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	var all []*model.Batch
	for i, s := range b.sealed {
		batch, err := codec.Decode(s.Data)
		if err != nil {
			t.Fatal(err)
		}
		if batch.ID.Sequence != uint64(i+1) || batch.ID.Sensor != "north-1" || batch.ID.Epoch != 5 {
			t.Errorf("batch %d has id %+v", i, batch.ID)
		}
		all = append(all, batch)
	}
	return all
}

var identity = pipeline.Identity{Site: "north", Sensor: "north-1", Epoch: 5, Version: "test"}

func TestRunSealsWhatReadSees(t *testing.T) {
	var out bytes.Buffer
	if err := pipeline.Read(t.Context(), pipeline.DefaultConfig(), hospital.NewSource(ward(t, "north"), 1), &out); err != nil {
		t.Fatal(err)
	}
	flows := 0
	for _, l := range lines(t, out.Bytes()) {
		if l.Flow != nil {
			flows++
		}
	}
	var b box
	deps := pipeline.RunDeps{
		Feeds: []pipeline.Feed{{Source: hospital.NewSource(ward(t, "north"), 1), Domain: 1}}, Outbox: &b, Log: slog.New(slog.DiscardHandler),
		Interfaces: func() []model.Interface { return []model.Interface{{Name: "eth1"}} }, Offset: func() time.Duration { return time.Second },
	}
	if err := pipeline.Run(t.Context(), pipeline.DefaultConfig(), identity, deps); err != nil {
		t.Fatal(err)
	}
	got, packets := 0, uint64(0)
	for _, batch := range b.decode(t) {
		got += len(batch.Flows)
		for _, s := range batch.Stats {
			packets += s.Packets
			if len(s.Interfaces) != 1 {
				t.Error("statistics do not tell of the interface")
			}
		}
		if batch.ClockOffset != int64(time.Second) || batch.Version != "test" {
			t.Errorf("batch says offset %d, version %s", batch.ClockOffset, batch.Version)
		}
	}
	if truth := ward(t, "north"); got != flows || packets == 0 {
		t.Errorf("sealed %d flows and %d packets of %s, read saw %d flows", got, packets, truth.Truth().Site, flows)
	}
}

// burst is a live source that counts drops. It pauses once, for longer than a flush, so that the
// sealer is stuck in its outbox when the rest comes.
type burst struct {
	*hospital.Source
	kernel uint64
	frames int
}

func (s *burst) Next(f *capture.Frame) error {
	if s.frames++; s.frames == 1000 {
		<-time.After(10 * time.Second)
	}
	return s.Source.Next(f)
}

func (s *burst) Stats() capture.Stats {
	st := s.Source.Stats()
	st.KernelDrops = s.kernel
	return st
}

func TestLiveSourceDropsAndSaysSo(t *testing.T) {
	synctest.Test(t, liveSourceDrops)
}

func liveSourceDrops(t *testing.T) {
	b := box{gate: make(chan struct{})}
	src := &burst{Source: hospital.NewSource(ward(t, "north"), 3), kernel: 17}
	deps := pipeline.RunDeps{Feeds: []pipeline.Feed{{Source: src, Domain: 3, Live: true}}, Outbox: &b, Log: slog.New(slog.DiscardHandler)}
	cfg := pipeline.DefaultConfig()
	done := make(chan error, 1)
	release := time.AfterFunc(time.Minute, func() { close(b.gate) }) // longer than a flush: the sealer is stuck when the burst comes
	defer release.Stop()
	go func() { done <- pipeline.Run(t.Context(), cfg, identity, deps) }()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	var kernel, dropped uint64
	for _, batch := range b.decode(t) {
		for _, l := range batch.Losses {
			switch l.Place {
			case model.PlaceKernel:
				kernel += l.Packets
			case model.PlaceObserve:
				dropped += l.Events
			}
		}
		for _, s := range batch.Stats {
			for _, d := range s.Drops {
				if d.Place == model.PlaceKernel && d.Packets != 17 {
					t.Errorf("statistics say %d packets", d.Packets)
				}
			}
		}
	}
	if kernel != 17 {
		t.Errorf("losses say %d packets dropped by the kernel, want 17", kernel)
	}
	var all box
	deps.Feeds, deps.Outbox = []pipeline.Feed{{Source: hospital.NewSource(ward(t, "north"), 3), Domain: 3}}, &all
	if err := pipeline.Run(t.Context(), cfg, identity, deps); err != nil {
		t.Fatal(err)
	}
	if want, got := events(all.decode(t)), events(b.decode(t)); got+dropped != want || dropped == 0 {
		t.Errorf("%d events sealed and %d dropped, want %d together", got, dropped, want)
	}
}

// events counts all but losses.
func events(batches []*model.Batch) (n uint64) {
	for _, b := range batches {
		n += uint64(b.Events() - len(b.Losses))
	}
	return n
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var b box
	idle := &idleSource{ticked: make(chan struct{})}
	deps := pipeline.RunDeps{Feeds: []pipeline.Feed{{Source: idle, Domain: 1, Live: true}}, Outbox: &b, Log: slog.New(slog.DiscardHandler)}
	done := make(chan error, 1)
	go func() { done <- pipeline.Run(ctx, pipeline.DefaultConfig(), identity, deps) }()
	<-idle.ticked
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

type idleSource struct {
	ticked chan struct{}
	once   sync.Once
}

func (s *idleSource) Next(*capture.Frame) error {
	s.once.Do(func() { close(s.ticked) })
	return capture.ErrTimeout
}
func (s *idleSource) Stats() capture.Stats { return capture.Stats{} }
func (s *idleSource) Close() error         { return nil }

func TestSourceThatFailsStopsTheSensor(t *testing.T) {
	var b box
	deps := pipeline.RunDeps{Feeds: []pipeline.Feed{{Source: pcapfile.New(1, "/nonexistent.pcap"), Domain: 1}}, Outbox: &b, Log: slog.New(slog.DiscardHandler)}
	if err := pipeline.Run(t.Context(), pipeline.DefaultConfig(), identity, deps); err == nil || !strings.Contains(err.Error(), "nonexistent.pcap") {
		t.Errorf("got %v", err)
	}
}

func TestFlowsOnly(t *testing.T) {
	cfg := pipeline.DefaultConfig()
	cfg.FlowsOnly = true
	var out bytes.Buffer
	if err := pipeline.Read(t.Context(), cfg, hospital.NewSource(ward(t, "south"), 1), &out); err != nil {
		t.Fatal(err)
	}
	for _, l := range lines(t, out.Bytes()) {
		if l.Observation != nil || l.Finding != nil || l.Flow != nil && l.Flow.Service != "" {
			t.Fatalf("dissected: %+v", l)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	var traffic bytes.Buffer
	if err := ward(b, "north").WritePcap(&traffic); err != nil {
		b.Fatal(err)
	}
	packets := uint64(0)
	for b.Loop() {
		src := pcapfile.NewStream(1, "north", bytes.NewReader(traffic.Bytes()))
		if err := pipeline.Read(b.Context(), pipeline.DefaultConfig(), src, io.Discard); err != nil {
			b.Fatal(err)
		}
		packets = src.Stats().Frames
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(packets), "ns/packet")
}
