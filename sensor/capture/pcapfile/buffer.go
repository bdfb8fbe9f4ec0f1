package pcapfile

import (
	"errors"
	"io"
)

// Bytes read at once: more would only drive the flow table out of the processor's second-level cache.
const blockSize = 256 << 10

// buffer is a window onto a stream: peek shows the next n bytes without copying them out.
type buffer struct {
	src        io.Reader
	data       []byte
	start, end int
	offset     int64 // of data[start] in the stream
	err        error // of src, once it gave one
}

func (b *buffer) reset(src io.Reader) {
	if b.data == nil {
		b.data = make([]byte, blockSize)
	}
	*b = buffer{src: src, data: b.data}
}

// peek returns the next n bytes, fewer only at the end of the stream or on a read fault. They are
// valid until the next call.
func (b *buffer) peek(n int) []byte {
	if b.end-b.start < n {
		b.fill(n)
	}
	return b.data[b.start:min(b.start+n, b.end)]
}

// skip passes over n bytes that peek returned.
func (b *buffer) skip(n int) {
	b.start += n
	b.offset += int64(n)
}

// discard passes over n bytes, however many.
func (b *buffer) discard(n int64) bool {
	for n > 0 {
		p := b.peek(int(min(n, blockSize)))
		if len(p) == 0 {
			return false
		}
		b.skip(len(p))
		n -= int64(len(p))
	}
	return true
}

func (b *buffer) fill(n int) {
	copy(b.data, b.data[b.start:b.end])
	b.end -= b.start
	b.start = 0
	if n > len(b.data) {
		grown := make([]byte, n)
		copy(grown, b.data[:b.end])
		b.data = grown
	}
	for b.end < n && b.err == nil {
		got, err := b.src.Read(b.data[b.end:])
		b.end += got
		b.err = err
	}
}

// fault is the read fault that ended the stream, nil at a regular end.
func (b *buffer) fault() error {
	if b.err == nil || errors.Is(b.err, io.EOF) {
		return nil
	}
	return b.err
}
