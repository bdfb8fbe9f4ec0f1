package dissect

import "math/bits"

// bufferPool hands out the memory for bytes that wait for more. Sizes are powers of two; what is
// given back is kept, so that a steady load allocates nothing.
type bufferPool struct {
	limit int // bytes in use over all conversations
	used  int
	free  [classes][][]byte
}

const (
	smallest = 9 // 512 bytes
	classes  = 14
	keepFree = 64 // buffers kept a size
)

func class(n int) int { return max(bits.Len(uint(max(n, 1)-1)), smallest) - smallest }

// add returns a buffer that holds held and more behind it; held is given back if it moved. It
// returns false, and held unchanged, when the ceiling is reached.
func (p *bufferPool) add(held, more []byte) ([]byte, bool) {
	need := len(held) + len(more)
	if need <= cap(held) {
		return append(held, more...), true
	}
	k := class(need)
	if k >= classes || p.used-cap(held)+1<<(k+smallest) > p.limit {
		return held, false
	}
	var b []byte
	if n := len(p.free[k]); n > 0 {
		b = p.free[k][n-1]
		p.free[k] = p.free[k][:n-1]
	} else {
		b = make([]byte, 0, 1<<(k+smallest))
	}
	p.used += cap(b)
	b = append(append(b[:0], held...), more...)
	p.put(held)
	return b, true
}

// put takes a buffer back; nil is none.
func (p *bufferPool) put(b []byte) {
	if cap(b) == 0 {
		return
	}
	p.used -= cap(b)
	if k := class(cap(b)); len(p.free[k]) < keepFree {
		p.free[k] = append(p.free[k], b[:0])
	}
}
