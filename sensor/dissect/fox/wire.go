package fox

import (
	"bytes"

	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const maxHello = 4096

var magic = []byte("fox a ")

// Hello is the fields of a hello, by name.
type Hello map[string]string

// Parse reads a hello: its size, 0 when more bytes are needed, -1 when b is none.
func Parse(b []byte) (h Hello, size int) {
	if n := min(len(b), len(magic)); !bytes.Equal(b[:n], magic[:n]) {
		return nil, -1
	}
	end := bytes.Index(b, []byte("};;"))
	if end < 0 {
		if len(b) > maxHello {
			return nil, -1
		}
		return nil, 0
	}
	c := wire.At(b[:end])
	first, ok := c.Line()
	if open, more := c.Line(); !ok || !more || !bytes.Equal(open, []byte("{")) || !bytes.HasSuffix(first, []byte(" fox hello")) {
		return nil, -1
	}
	h = Hello{}
	for c.Len() > 0 && len(h) < 32 {
		line, more := c.Line()
		if !more {
			break // the last field ends with the line before the brace
		}
		key, value, found := bytes.Cut(line, []byte{'='})
		if kind, v, typed := bytes.Cut(value, []byte{':'}); found && typed && len(kind) <= 2 {
			h[string(key)] = string(v)
		}
	}
	return h, end + 3
}
