package spool_test

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/observe"
	"github.com/wardscope/wardscope/sensor/spool"
)

func config(dir string) spool.Config {
	c := spool.DefaultConfig()
	c.Dir, c.Site, c.Sensor, c.Version, c.MaxBytes = dir, "north", "n1", "test", 2<<20
	return c
}

func open(t testing.TB, c spool.Config) *spool.Queue {
	t.Helper()
	q, err := spool.Open(c, spool.Deps{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func codec(t testing.TB) *event.Codec {
	t.Helper()
	c, err := event.NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// feeder seals batches as the pipeline does: losses first asked for, then put into the next one.
type feeder struct {
	sealer *observe.Sealer
	queue  interface {
		Put(b observe.Sealed)
		Losses() []model.Loss
	}
	random *rand.Rand
	put    func(b observe.Sealed, done bool) // before and after; nil for nobody
}

func newFeeder(t testing.TB, q *spool.Queue) *feeder {
	t.Helper()
	sealer, err := observe.NewSealer("north", "n1", q.Epoch(), "test")
	if err != nil {
		t.Fatal(err)
	}
	return &feeder{sealer: sealer, queue: q, random: rand.New(rand.NewPCG(q.Epoch(), 1))}
}

// feed seals one batch of n incompressible observations of about 60 bytes.
func (f *feeder) feed(n int) error {
	for _, l := range f.queue.Losses() {
		f.sealer.Loss(&l)
	}
	var value [24]byte
	for range n {
		for i := range value {
			value[i] = byte(f.random.Uint32())
		}
		f.sealer.Observation(&model.Observation{Kind: model.KindHostname, Value: hex.EncodeToString(value[:]), Source: "dhcp.option12", Count: 1})
	}
	return f.sealer.Seal(time.Now().UnixNano(), 0, func(b observe.Sealed) {
		if f.put != nil {
			f.put(b, false)
		}
		f.queue.Put(b)
		if f.put != nil {
			f.put(b, true)
		}
	})
}

func (f *feeder) must(t testing.TB, n int) {
	t.Helper()
	if err := f.feed(n); err != nil {
		t.Fatal(err)
	}
}

// next takes what is there now; false when nothing is.
func next(t testing.TB, q *spool.Queue) (observe.Sealed, bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b, err := q.Next(ctx)
	if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return b, err == nil
}

func shut(t testing.TB, q *spool.Queue) {
	t.Helper()
	if err := q.Shut(); err != nil {
		t.Fatal(err)
	}
}

// drain takes and acknowledges everything.
func drain(t testing.TB, q *spool.Queue) (got []observe.Sealed) {
	t.Helper()
	for {
		b, ok := next(t, q)
		if !ok {
			return got
		}
		got = append(got, b)
		if err := q.Ack(b.ID); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBatchesComeBackAfterARestart(t *testing.T) {
	c := config(t.TempDir())
	q := open(t, c)
	f := newFeeder(t, q)
	var want []observe.Sealed
	f.put = func(b observe.Sealed, done bool) {
		if done {
			want = append(want, b)
		}
	}
	for range 40 {
		f.must(t, 50)
	}
	first := q.Epoch()
	for i := range 10 {
		b, ok := next(t, q)
		if !ok || b.ID.Sequence != uint64(i+1) {
			t.Fatalf("got %d, %v; want %d", b.ID.Sequence, ok, i+1)
		}
		if i < 5 {
			if err := q.Ack(b.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	if h := q.Held(); h.Batches != 35 || h.InFlight != 5 || h.Events != 35*50 {
		t.Errorf("held: got %+v", h)
	}
	shut(t, q)

	q = open(t, c)
	if q.Epoch() <= first {
		t.Errorf("epoch %d after %d", q.Epoch(), first)
	}
	if got := q.Losses(); len(got) != 0 {
		t.Errorf("losses after a clean stop: %v", got)
	}
	if d := cmp.Diff(want[5:], drain(t, q)); d != "" {
		t.Error(d)
	}
	if h := q.Held(); h.Batches != 0 || h.Bytes != 0 {
		t.Errorf("held after all was acknowledged: %+v", h)
	}
	shut(t, q)
}

func TestOneProcessOneSensor(t *testing.T) {
	c := config(t.TempDir())
	q := open(t, c)
	if _, err := spool.Open(c, spool.Deps{Log: slog.New(slog.DiscardHandler)}); !errors.Is(err, spool.ErrLocked) {
		t.Errorf("second process: got %v, want %v", err, spool.ErrLocked)
	}
	newFeeder(t, q).must(t, 1)
	shut(t, q)
	c.Sensor = "n2"
	if _, err := spool.Open(c, spool.Deps{Log: slog.New(slog.DiscardHandler)}); !errors.Is(err, spool.ErrForeign) {
		t.Errorf("other sensor: got %v, want %v", err, spool.ErrForeign)
	}
	c.Sensor = "n1"
	q = open(t, c)
	if got := drain(t, q); len(got) != 1 {
		t.Errorf("got %d batches, want 1", len(got))
	}
	shut(t, q)
}

func TestEpochNeverRepeats(t *testing.T) {
	c := config(t.TempDir())
	seen := map[uint64]bool{}
	last := uint64(0)
	for range 20 {
		q := open(t, c)
		if e := q.Epoch(); seen[e] || e <= last {
			t.Fatalf("epoch %d after %d", e, last)
		}
		last = q.Epoch()
		seen[last] = true
		shut(t, q)
	}
	// A clock that was set back an hour: the stored epoch lies in the future.
	q := open(t, c)
	ahead := q.Epoch() + uint64(time.Hour)
	for range 3 {
		b := observe.Sealed{ID: model.BatchID{Site: "north", Sensor: "n1", Epoch: ahead, Sequence: 1}, Data: []byte("x")}
		q.Put(b)
		shut(t, q)
		q = open(t, c)
		if q.Epoch() <= ahead {
			t.Fatalf("epoch %d, but %d was used", q.Epoch(), ahead)
		}
		ahead = q.Epoch() + 1
	}
	shut(t, q)
	replaced := open(t, config(t.TempDir())) // another disk: the clock alone keeps them apart
	if seen[replaced.Epoch()] {
		t.Errorf("epoch %d came again", replaced.Epoch())
	}
	shut(t, replaced)
}

func TestCeilingShedsTheOldestAndTells(t *testing.T) {
	c := config(t.TempDir())
	q := open(t, c)
	f := newFeeder(t, q)
	const batches = 800
	for range batches {
		f.must(t, 100)
		if h := q.Held(); h.Bytes > int(c.MaxBytes) {
			t.Fatalf("%d bytes held, ceiling %d", h.Bytes, c.MaxBytes)
		}
	}
	f.must(t, 1)
	if used := folderBytes(t, c.Dir); used > c.MaxBytes+200<<10 { // and the two state files
		t.Errorf("%d bytes on disk, ceiling %d", used, c.MaxBytes)
	}
	tot, held := q.Totals(), q.Held()
	if tot.ShedBatches == 0 || tot.Batches != tot.ShedBatches+uint64(held.Batches) || tot.Events != tot.ShedEvents+uint64(held.Events) {
		t.Errorf("totals %+v, held %+v", tot, held)
	}
	a := newAudit(t)
	stored := drain(t, q)
	if stored[0].ID.Sequence <= 1 {
		t.Error("the oldest was not shed first")
	}
	for _, b := range stored {
		a.store(b)
	}
	a.sealed(q.Epoch(), batches+1)
	a.check()
	shut(t, q)
}

func folderBytes(t *testing.T, dir string) (sum int64) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		sum += info.Size()
	}
	return sum
}

// What was handed out may be at the hub, also when the process that did it is gone.
func TestHandedOutIsNeverShed(t *testing.T) {
	c := config(t.TempDir())
	q := open(t, c)
	f := newFeeder(t, q)
	for range 5 {
		f.must(t, 100)
	}
	for range 3 {
		next(t, q)
	}
	shut(t, q)
	q = open(t, c)
	f = newFeeder(t, q)
	for range 800 {
		f.must(t, 100)
	}
	for i := range 3 {
		b, ok := next(t, q)
		for ok && b.ID.Epoch == q.Epoch() { // the fresh lane has its turns
			b, ok = next(t, q)
		}
		if !ok || b.ID.Sequence != uint64(i+1) {
			t.Fatalf("got %d, %v; want the handed out batch %d", b.ID.Sequence, ok, i+1)
		}
	}
	shut(t, q)
}

func drainTo(t *testing.T, q *spool.Queue, n int) (got []observe.Sealed) {
	t.Helper()
	for len(got) < n {
		b, ok := next(t, q)
		if !ok {
			return got
		}
		got = append(got, b)
	}
	return got
}

func TestLanesShareAndWindow(t *testing.T) {
	c := config(t.TempDir())
	q := open(t, c)
	f := newFeeder(t, q)
	for range 30 {
		f.must(t, 1)
	}
	old := q.Epoch()
	shut(t, q)
	q = open(t, c)
	f = newFeeder(t, q)
	for range 60 {
		f.must(t, 1)
	}
	var order []uint64
	last := map[uint64]uint64{}
	for _, b := range drainTo(t, q, 100) {
		if b.ID.Sequence != last[b.ID.Epoch]+1 {
			t.Errorf("boot %d: %d after %d", b.ID.Epoch, b.ID.Sequence, last[b.ID.Epoch])
		}
		last[b.ID.Epoch] = b.ID.Sequence
		order = append(order, b.ID.Epoch)
	}
	if len(order) != spool.MaxInFlight {
		t.Errorf("%d in flight, want %d", len(order), spool.MaxInFlight)
	}
	backlog := 0
	for _, e := range order {
		if e == old {
			backlog++
		}
	}
	if backlog != spool.MaxInFlight/4 {
		t.Errorf("%d of %d from the backlog, want one in four", backlog, len(order))
	}
	shut(t, q)
}

func TestNextWaitsAndEnds(t *testing.T) {
	q := open(t, config(t.TempDir()))
	got := make(chan error, 1)
	go func() {
		_, err := q.Next(t.Context())
		got <- err
	}()
	newFeeder(t, q).must(t, 1)
	if err := <-got; err != nil {
		t.Error(err)
	}
	go func() {
		_, err := q.Next(t.Context())
		got <- err
	}()
	q.Close()
	if err := <-got; !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want EOF", err)
	}
	shut(t, q)
}

func TestIntervalHandsOutWhatIsSynced(t *testing.T) {
	c := config(t.TempDir())
	c.Fsync = spool.Fsync(20 * time.Millisecond)
	q := open(t, c)
	newFeeder(t, q).must(t, 1)
	if _, ok := next(t, q); ok {
		t.Error("handed out before it would survive a power cut")
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- q.Run(ctx, nil) }()
	if _, err := q.Next(t.Context()); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	shut(t, q)
}

func TestConfig(t *testing.T) {
	c := spool.Config{Fsync: -1}
	if err := c.Validate(); err == nil {
		t.Error("accepted an empty configuration")
	}
	for text, want := range map[string]spool.Fsync{"batch": 0, "200ms": spool.Fsync(200 * time.Millisecond)} {
		var f spool.Fsync
		if err := f.UnmarshalText([]byte(text)); err != nil || f != want {
			t.Errorf("%s: got %v, %v", text, f, err)
		}
		if back, err := f.MarshalText(); err != nil || string(back) != text {
			t.Errorf("%s: written as %s, %v", text, back, err)
		}
	}
	for _, bad := range []string{"", "never", "0s", "-1s", "2h"} {
		var f spool.Fsync
		if f.UnmarshalText([]byte(bad)) == nil {
			t.Errorf("%q was read", bad)
		}
	}
	if _, err := spool.Open(config(filepath.Join("/proc", "nowhere")), spool.Deps{Log: slog.New(slog.DiscardHandler)}); err == nil {
		t.Error("opened a folder that cannot be made")
	}
}
