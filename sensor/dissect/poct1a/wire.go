package poct1a

import "bytes"

const maxHello = 8 << 10

var (
	opening = []byte("<HEL.R01")
	closing = []byte("</HEL.R01>")
)

// Hello is the DEV object of a hello message, by element name without its prefix "DEV.".
type Hello map[string]string

// names of the elements that are read.
var names = []string{"device_id", "vendor_id", "model_id", "serial_id", "manufacturer_name", "hw_version", "sw_version"}

// Find reports whether b is, or may still become, a document whose root is the hello: found 1, may be 0, not -1.
func Find(b []byte) int {
	b = bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\ufeff")), " \t\r\n")
	if bytes.HasPrefix(b, []byte("<?xml")) {
		end := bytes.Index(b, []byte("?>"))
		if end < 0 {
			return 0
		}
		b = bytes.TrimLeft(b[end+2:], " \t\r\n")
	} else if len(b) < 5 && bytes.HasPrefix([]byte("<?xml"), b) {
		return 0
	}
	n := min(len(b), len(opening))
	switch {
	case !bytes.Equal(b[:n], opening[:n]):
		return -1
	case n < len(opening):
		return 0
	}
	return 1
}

// Parse reads a whole hello: its size, 0 when more bytes are needed.
func Parse(b []byte) (h Hello, size int) {
	end := bytes.Index(b, closing)
	if end < 0 {
		return nil, 0
	}
	h = Hello{}
	for _, name := range names {
		if v := value(b[:end], "<DEV."+name); v != "" {
			h[name] = v
		}
	}
	return h, end + len(closing)
}

// value is the attribute V of the first element that opens so.
func value(b []byte, open string) string {
	at := bytes.Index(b, []byte(open))
	if at < 0 {
		return ""
	}
	b = b[at+len(open):]
	if len(b) == 0 || b[0] != ' ' {
		return ""
	}
	tag, _, found := bytes.Cut(b, []byte{'>'})
	_, quoted, has := bytes.Cut(tag, []byte(` V="`))
	v, _, closed := bytes.Cut(quoted, []byte{'"'})
	if !found || !has || !closed {
		return ""
	}
	return string(v)
}
