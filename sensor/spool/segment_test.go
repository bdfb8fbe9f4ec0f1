package spool_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/observe"
	"github.com/wardscope/wardscope/sensor/spool"
)

// segment is the first file of a spool with n batches.
func segment(t testing.TB, n int) []byte {
	t.Helper()
	c := config(t.TempDir())
	c.Fsync = spool.Fsync(time.Minute)
	q := open(t, c)
	f := newFeeder(t, q)
	for range n {
		f.must(t, 10)
	}
	shut(t, q)
	raw, err := os.ReadFile(filepath.Join(c.Dir, fmt.Sprintf("%016x.seg", 1)))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// No bytes make the reader panic, or see a record outside of the file.
func FuzzSegment(f *testing.F) {
	whole := segment(f, 3)
	f.Add(whole)
	f.Add(whole[:len(whole)-7])
	f.Add(append(bytes.Clone(whole[:9000]), whole[8192:]...))
	f.Add([]byte("WSPOOL1\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		records, end, ordered, err := spool.ScanSegment(bytes.NewReader(raw), int64(len(raw)))
		if err != nil || !ordered || records > 0 && end > int64(len(raw)) {
			t.Errorf("%d records, end %d of %d, ordered %v, %v", records, end, len(raw), ordered, err)
		}
	})
}

func FuzzState(f *testing.F) {
	c := config(f.TempDir())
	shut(f, open(f, c))
	raw, err := os.ReadFile(filepath.Join(c.Dir, "state.0"))
	if err != nil {
		f.Fatal(err)
	}
	if !spool.ParseState(raw) {
		f.Fatal("a good state was refused")
	}
	f.Add(raw[:400])
	f.Add([]byte("WSTATE1 00000000 00000000\n{}"))
	f.Fuzz(func(_ *testing.T, raw []byte) { spool.ParseState(raw) })
}

func TestScanFindsAllAroundDamage(t *testing.T) {
	whole := segment(t, 20)
	for at := 8192; at < len(whole); at += 97 {
		raw := bytes.Clone(whole)
		raw[at] ^= 0xff
		records, _, ordered, err := spool.ScanSegment(bytes.NewReader(raw), int64(len(raw)))
		if err != nil || !ordered || records < 19 { // 20: the header is whole, and the batch's own checksum tells
			t.Fatalf("byte %d: %d records of 20, ordered %v, %v", at, records, ordered, err)
		}
	}
}

func TestGaps(t *testing.T) {
	for _, c := range []struct {
		name   string
		ranges [][2]uint64
		high   uint64
		want   [][2]uint64
	}{
		{name: "nothing", high: 0},
		{name: "all missing", high: 3, want: [][2]uint64{{1, 3}}},
		{name: "all there", ranges: [][2]uint64{{1, 2}, {3, 3}}, high: 3},
		{name: "joined from both sides", ranges: [][2]uint64{{1, 2}, {4, 5}, {3, 3}, {8, 9}}, high: 10, want: [][2]uint64{{6, 7}, {10, 10}}},
		{name: "overlap", ranges: [][2]uint64{{5, 9}, {2, 6}, {7, 7}}, high: 9, want: [][2]uint64{{1, 1}}},
		{name: "beyond", ranges: [][2]uint64{{3, 20}}, high: 5, want: [][2]uint64{{1, 2}}},
	} {
		if d := cmp.Diff(c.want, spool.Gaps(c.high, c.ranges...)); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

// MB/s to disk by policy, with the overhead of the files in bytes a batch.
func BenchmarkPut(b *testing.B) {
	for _, size := range []int{16 << 10, 256 << 10, 1 << 20} {
		for _, fsync := range []spool.Fsync{0, spool.Fsync(200 * time.Millisecond)} {
			text, err := fsync.MarshalText()
			if err != nil {
				b.Fatal(err)
			}
			b.Run(fmt.Sprintf("%dKiB/fsync-%s", size>>10, text), func(b *testing.B) {
				c := config(b.TempDir())
				c.Fsync, c.MaxBytes = fsync, 256<<20
				q := open(b, c)
				done := make(chan error, 1)
				go func() { done <- q.Run(b.Context(), nil) }()
				data := bytes.Repeat([]byte{7}, size)
				b.SetBytes(int64(size))
				sequence := uint64(0)
				for b.Loop() {
					sequence++
					q.Put(observe.Sealed{ID: model.BatchID{Site: "north", Sensor: "n1", Epoch: q.Epoch(), Sequence: sequence}, Data: data, Events: 1})
				}
				if h := q.Held(); h.Batches > 0 {
					b.ReportMetric(float64(h.Bytes-h.Batches*size)/float64(h.Batches), "overhead-B/batch")
				}
				shut(b, q)
			})
		}
	}
}

// BenchmarkDrain reads batches back and lets go of them, as the link does.
func BenchmarkDrain(b *testing.B) {
	const size = 256 << 10
	c := config(b.TempDir())
	c.Fsync, c.MaxBytes = spool.Fsync(time.Minute), 1<<30
	data := bytes.Repeat([]byte{7}, size)
	b.SetBytes(size)
	q := open(b, c)
	sequence := uint64(0)
	for b.Loop() {
		got, ok := next(b, q)
		if !ok {
			b.StopTimer()
			for range 512 {
				sequence++
				q.Put(observe.Sealed{ID: model.BatchID{Site: "north", Sensor: "n1", Epoch: q.Epoch(), Sequence: sequence}, Data: data, Events: 1})
			}
			shut(b, q)
			q, sequence = open(b, c), 0
			b.StartTimer()
			continue
		}
		if err := q.Ack(got.ID); err != nil {
			b.Fatal(err)
		}
	}
	shut(b, q)
}
