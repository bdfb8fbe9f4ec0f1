package track

import (
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"
)

// A look-up is to cost two lines of the caches that lie side by side.
func TestRecordSize(t *testing.T) {
	if n, more := unsafe.Sizeof(record{}), unsafe.Sizeof(rare{}); n != 128 || more != 32 {
		t.Errorf("%d and %d bytes a record, want 128 and 32", n, more)
	}
	c, _ := newChunk()
	if at := uintptr(unsafe.Pointer(c)); at%128 != 0 {
		t.Errorf("a chunk's records begin at %#x, within a pair of lines", at)
	}
}

func TestArena(t *testing.T) {
	var a arena
	const many = 2*chunkSize + 1
	for want := uint32(1); want <= many; want++ {
		i := a.take()
		if i != want || *a.at(i) != (record{}) || *a.rare(i) != (rare{}) {
			t.Fatalf("record %d: got number %d, %+v", want, i, *a.at(i))
		}
		a.at(i).start, a.rare(i).timing, a.at(i).state = int64(i), i, stateActive
	}
	for i := uint32(1); i <= many; i++ {
		if a.at(i).start != int64(i) || a.rare(i).timing != i {
			t.Fatalf("record %d holds %d and %d", i, a.at(i).start, a.rare(i).timing)
		}
	}
	if a.live != many || a.bytes() != 3*chunkSize*160 {
		t.Errorf("%d live in %d bytes", a.live, a.bytes())
	}
	a.give(7)
	a.give(chunkSize + 1)
	for _, want := range []uint32{chunkSize + 1, 7, many + 1} {
		if i := a.take(); i != want || *a.at(i) != (record{}) || *a.rare(i) != (rare{}) {
			t.Errorf("got number %d, %+v, want %d, empty", i, *a.at(i), want)
		}
	}
}

// Chunks are mapped, not of the collector's heap: an arena that is gone must give them back.
func TestArenaIsGivenBack(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("chunks are mapped on Linux only")
	}
	mapped := func() int {
		maps, err := os.ReadFile("/proc/self/maps")
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for line := range strings.Lines(string(maps)) {
			if strings.Contains(line, "rw-p") {
				from, to := span(t, line)
				n += int(to - from)
			}
		}
		return n
	}
	const chunks, size = 40, chunkSize * 128
	before := mapped()
	func() {
		var a arena
		for range chunks * chunkSize {
			a.take()
		}
		if grown := mapped() - before; grown < chunks*size {
			t.Fatalf("%d bytes more are mapped for %d chunks of %d", grown, chunks, size)
		}
		runtime.KeepAlive(&a)
	}()
	deadline := time.Now().Add(10 * time.Second)
	for runtime.GC(); mapped()-before > chunks*size/2; runtime.GC() {
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes are still mapped", mapped()-before)
		}
		runtime.Gosched()
	}
}

func span(t *testing.T, line string) (from, to uintptr) {
	t.Helper()
	low, rest, _ := strings.Cut(line, "-")
	high, _, _ := strings.Cut(rest, " ")
	for _, c := range []struct {
		text string
		into *uintptr
	}{{low, &from}, {high, &to}} {
		for _, d := range c.text {
			*c.into = *c.into<<4 | uintptr(strings.IndexRune("0123456789abcdef", d))
		}
	}
	return from, to
}
