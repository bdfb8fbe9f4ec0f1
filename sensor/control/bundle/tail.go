package bundle

import "sync"

// tailBytes is how much of the log is held.
const tailBytes = 256 << 10

// Tail keeps the end of what is written to it. The zero Tail is ready.
type Tail struct {
	mu   sync.Mutex
	ring []byte // guarded by mu
	next int    // where the next byte goes; guarded by mu
	full bool   // guarded by mu
}

// Write never fails.
func (t *Tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ring == nil {
		t.ring = make([]byte, tailBytes)
	}
	n := len(p)
	if len(p) > tailBytes {
		p = p[len(p)-tailBytes:]
	}
	for len(p) > 0 {
		k := copy(t.ring[t.next:], p)
		p = p[k:]
		if t.next += k; t.next == tailBytes {
			t.next, t.full = 0, true
		}
	}
	return n, nil
}

// String is what is held, the oldest first, from the begin of a line.
func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.full {
		return string(t.ring[:t.next])
	}
	return end("\x00"+string(t.ring[t.next:])+string(t.ring[:t.next]), tailBytes)
}
