package wire

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Printable reports whether b is not empty and holds only printable ASCII (0x20 to 0x7e).
func Printable(b []byte) bool {
	for _, c := range b {
		if c < 0x20 || c > 0x7e {
			return false
		}
	}
	return len(b) > 0
}

// Word reports whether b is not empty and holds only letters and digits of ASCII and the given signs, as names of
// computers, programs and rooms do.
func Word(b []byte, signs string) bool {
	for _, c := range b {
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && strings.IndexByte(signs, c) < 0 {
			return false
		}
	}
	return len(b) > 0
}

// Until returns b up to, not including, the first end byte; all of b when there is none.
func Until(b []byte, end byte) []byte {
	for i, c := range b {
		if c == end {
			return b[:i]
		}
	}
	return b
}

// TrimText cuts NULs and spaces off both ends.
func TrimText(b []byte) []byte {
	for len(b) > 0 && (b[0] == 0 || b[0] == ' ') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == 0 || b[len(b)-1] == ' ') {
		b = b[:len(b)-1]
	}
	return b
}

// Line reads up to and including the first '\n' and returns it without its line end; ok is
// false, and nothing is read, when there is no '\n'.
func (c *Cursor) Line() (line []byte, ok bool) {
	i := bytes.IndexByte(c.rest, '\n')
	if i < 0 {
		return nil, false
	}
	line = c.rest[:i:i]
	c.rest = c.rest[i+1:]
	if i > 0 && line[i-1] == '\r' {
		line = line[:i-1]
	}
	return line, true
}

// Colons writes an identifier, such as an EUI-64, as hexadecimal bytes between colons.
func Colons(b []byte) string {
	const digits = "0123456789abcdef"
	var room [96]byte
	out := room[:0]
	for i, v := range b {
		if i > 0 {
			out = append(out, ':')
		}
		out = append(out, digits[v>>4], digits[v&15])
	}
	return String(out)
}

// Latin returns b in UTF-8: as it is when it is valid, else taken for Latin-1 (ISO 8859-1), which devices
// send that do not know of anything else.
func Latin(b []byte) []byte {
	if utf8.Valid(b) {
		return b
	}
	out := make([]byte, 0, 2*len(b))
	for _, c := range b {
		out = utf8.AppendRune(out, rune(c))
	}
	return out
}
