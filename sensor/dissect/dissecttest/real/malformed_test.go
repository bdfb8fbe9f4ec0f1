package real_test

import (
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/wardscope/wardscope/sensor/capture/pcapfile"
	"github.com/wardscope/wardscope/sensor/pipeline"
)

// What a packet of a capture that was made to break readers may cost at most, what is made once aside.
const (
	onceBytes, packetBytes = 4 << 20, 2 << 10
	onceTime, packetTime   = 250e6, 250e3 // nanoseconds of processor time; the machine is shared, and slow under the race detector
)

// TestMalformed plays every capture of the malformed group, and each of its variations: no dissector fails, and none
// takes memory or time beyond the bounds.
func TestMalformed(t *testing.T) {
	files, err := filepath.Glob(elsewhere + "/malformed/*.pcap*")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("absent: the labelled captures in ../shared/pcaps")
	}
	plain := variation{name: "plain", make: each()}
	bytes, nanoseconds := uint64(0), int64(0)
	for _, file := range files {
		src := pcapfile.New(1, file)
		frames := framesBefore(src) // the damage of a file is the reader's business
		if err := src.Close(); err != nil {
			t.Error(err)
		}
		for _, v := range append([]variation{plain}, variations...) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := processor()
			changed := &replay{frames: v.make(frames)}
			s, err := pipeline.Summarize(t.Context(), pipeline.DefaultConfig(), changed)
			took := processor() - start
			runtime.ReadMemStats(&after)
			if err != nil {
				t.Errorf("%s, %s: %v", filepath.Base(file), v.name, err)
				continue
			}
			if len(s.Panics) > 0 {
				t.Errorf("%s, %s: dissectors failed: %v", filepath.Base(file), v.name, s.Panics)
			}
			got := after.TotalAlloc - before.TotalAlloc
			if most := uint64(onceBytes + packetBytes*len(changed.frames)); got > most {
				t.Errorf("%s, %s: %d bytes allocated for %d frames, the bound is %d", filepath.Base(file), v.name, got, len(changed.frames), most)
			}
			if most := int64(onceTime + packetTime*float64(len(changed.frames))); took > most {
				t.Errorf("%s, %s: %d ms for %d frames, the bound is %d ms", filepath.Base(file), v.name, took/1e6, len(changed.frames), most/1e6)
			}
			bytes, nanoseconds = max(bytes, got), max(nanoseconds, took)
		}
	}
	t.Logf("%d captures in %d variations: at most %d KiB and %d ms each", len(files), len(variations)+1, bytes>>10, nanoseconds/1e6)
}

// processor is the time that this process spent on the processor, in nanoseconds.
func processor() int64 {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r) // cannot fail with these arguments
	return r.Utime.Nano() + r.Stime.Nano()
}
