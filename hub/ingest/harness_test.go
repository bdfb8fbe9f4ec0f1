package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"github.com/wardscope/wardscope/hub/ingest"
	"github.com/wardscope/wardscope/hub/receive"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/internal/subject"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" { // this process is the hub that a crash test kills
		if err := crashHub(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// memory is a store that knows tokens, as the real one does, and can be told to fail.
type memory struct {
	mu      sync.Mutex
	tokens  map[string]store.Group
	inserts int
	fail    func(n int) (before, after error) // of the n-th insert: refuse it, or store it and lose the answer
}

func (m *memory) InsertGroup(_ context.Context, g store.Group) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inserts++
	var before, after error
	if m.fail != nil {
		before, after = m.fail(m.inserts)
	}
	if before != nil {
		return before
	}
	if m.tokens == nil {
		m.tokens = map[string]store.Group{}
	}
	if _, there := m.tokens[g.Token]; !there {
		m.tokens[g.Token] = g
	}
	return after
}

func (m *memory) groups() []store.Group {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Collect(maps.Values(m.tokens))
}

// batches counts the stored batches by "sensor/epoch/sequence".
func (m *memory) batches() map[string]int {
	out := map[string]int{}
	for _, g := range m.groups() {
		for _, b := range g.Batches {
			out[name(b.Stamp)]++
		}
	}
	return out
}

func name(s store.Stamp) string {
	return subject.MessageID(model.BatchID{Sensor: s.Sensor, Epoch: s.Epoch, Sequence: s.Sequence})
}

// hub is a stream with its control state; ingest is started and stopped by run.
type hub struct {
	t     *testing.T
	rx    *receive.Receiver
	js    jetstream.JetStream
	state *state.State
	store *memory
	codec *event.Codec
}

func newHub(t *testing.T) *hub {
	t.Helper()
	return openHub(t, filepath.Join(t.TempDir(), "stream"))
}

// openHub starts on a folder that may hold a stream already.
func openHub(t *testing.T, dir string) *hub {
	t.Helper()
	authority, err := mtls.NewAuthority("test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	cfg := receive.DefaultConfig()
	cfg.Dir, cfg.Listen = dir, "127.0.0.1:0"
	cfg.Duplicates = time.Second // so that ingest has to know old batches again
	rx, err := receive.New(cfg, receive.Deps{Authority: authority, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if err := rx.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(rx.Close)
	st, err := state.Open(t.Context(), rx.JetStream(), state.Config{Replicas: 1})
	if err != nil {
		t.Fatal(err)
	}
	codec, err := event.NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	return &hub{t: t, rx: rx, js: rx.JetStream(), state: st, store: &memory{}, codec: codec}
}

func quick() ingest.Config {
	cfg := ingest.DefaultConfig()
	cfg.Linger, cfg.RetryMin, cfg.RetryMax = 10*time.Millisecond, time.Millisecond, 10*time.Millisecond
	return cfg
}

// run starts ingest and returns what ends it and waits.
func (h *hub) run(cfg ingest.Config, st ingest.Store) (*ingest.Ingest, func()) {
	h.t.Helper()
	in, err := ingest.New(cfg, ingest.Deps{JetStream: h.js, State: h.state, Store: st, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- in.Run(ctx) }()
	var once sync.Once
	stop := func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				h.t.Error(err)
			}
		})
	}
	h.t.Cleanup(stop)
	return in, stop
}

// batch makes one with n flows and one of each other kind.
func batch(site, sensor string, epoch, sequence uint64, n int) *model.Batch {
	const t0 = 1_700_000_000_000_000_000
	b := &model.Batch{
		ID:     model.BatchID{Site: model.SiteID(site), Sensor: model.SensorID(sensor), Epoch: epoch, Sequence: sequence},
		Sealed: t0, Version: "test", ClockOffset: 5,
		Observations: []model.Observation{{Subject: model.Subject{MAC: 0x0200}, Kind: model.KindHostname, Value: "ct-03", Source: "dhcp.option12", First: t0, Last: t0, Count: 1}},
		Findings:     []model.Finding{{Type: model.FindingCleartextProtocol, Rule: "telnet.cleartext", Subject: model.Subject{MAC: 1}, First: t0, Last: t0, Count: 1}},
		Losses:       []model.Loss{{Place: model.PlaceKernel, Packets: 3, First: t0, Last: t0}},
		Stats:        []model.Stats{{Minute: t0, Packets: 10}},
	}
	for i := range n {
		b.Flows = append(b.Flows, model.Flow{
			Start: t0 + int64(i)*1000, End: t0 + int64(i)*1000, Protocol: 6, InitiatorOctets: uint64(i),
			Initiator: model.Endpoint{Addr: model.AddrFrom4([]byte{10, 1, 2, 3}), Port: 1024}, Responder: model.Endpoint{Addr: model.AddrFrom4([]byte{10, 9, 0, 1}), Port: 80},
		})
	}
	return b
}

func (h *hub) encode(b *model.Batch) []byte {
	h.t.Helper()
	data, err := h.codec.Encode(b)
	if err != nil {
		h.t.Fatal(err)
	}
	return data
}

// send publishes a batch as its sensor would.
func (h *hub) send(b *model.Batch) {
	h.t.Helper()
	h.sendRaw(subject.Events(b.ID.Site, b.ID.Sensor), subject.MessageID(b.ID), h.encode(b))
}

func (h *hub) sendRaw(to, id string, data []byte) {
	h.t.Helper()
	var opts []jetstream.PublishOpt
	if id != "" {
		opts = append(opts, jetstream.WithMsgID(id))
	}
	if _, err := h.js.Publish(h.t.Context(), to, data, opts...); err != nil {
		h.t.Fatal(err)
	}
}

// until waits for a condition, asking often.
func (h *hub) until(what string, ok func() bool) {
	h.t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); <-tick.C {
		if ok() {
			return
		}
	}
	h.t.Fatalf("not within 30 s: %s", what)
}

// drained waits until everything in the stream is committed.
func (h *hub) drained() {
	h.t.Helper()
	last := map[int]uint64{}
	s, err := h.js.Stream(h.t.Context(), subject.Stream)
	if err != nil {
		h.t.Fatal(err)
	}
	for p := range subject.Partitions {
		m, err := s.GetLastMsgForSubject(h.t.Context(), subject.Partition(p))
		if err == nil {
			last[p] = m.Sequence
		} else if !errors.Is(err, jetstream.ErrMsgNotFound) {
			h.t.Fatal(err)
		}
	}
	h.until("stream read to its end", func() bool {
		for p, seq := range last {
			var rec ingest.Record
			if _, err := h.state.Record(h.t.Context(), p, &rec); err != nil || rec.Committed < seq || rec.Group != nil {
				return false
			}
		}
		return true
	})
}

// once fails the test unless exactly these batches are stored, each once.
func (h *hub) once(want ...string) {
	h.t.Helper()
	got := h.store.batches()
	for _, id := range want {
		if got[id] != 1 {
			h.t.Errorf("batch %s: stored %d times, want 1", id, got[id])
		}
		delete(got, id)
	}
	for id, n := range got {
		h.t.Errorf("batch %s: stored %d times, want 0", id, n)
	}
}

func ids(sensor string, epoch, from, to uint64) (out []string) {
	for i := from; i <= to; i++ {
		out = append(out, subject.MessageID(model.BatchID{Sensor: model.SensorID(sensor), Epoch: epoch, Sequence: i}))
	}
	return out
}

var errInjected = errors.New("injected")

// flaky refuses one insert in five and loses the answer of one in five.
func flaky(seed uint64) func(int) (error, error) {
	r := rand.New(rand.NewPCG(seed, 1))
	return func(int) (before, after error) {
		switch r.IntN(5) {
		case 0:
			return errInjected, nil
		case 1:
			return nil, errInjected
		}
		return nil, nil
	}
}

func contains(list []string, part string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.Contains(s, part) })
}
