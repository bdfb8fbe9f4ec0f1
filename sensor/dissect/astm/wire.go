package astm

import (
	"bytes"
	"strings"
)

// Control characters of LIS01-A2, section 5.
const (
	stx = 0x02
	enq = 0x05
)

const maxFrame = 1024 // bytes that are kept of a frame; E1381 says 247, LIS01-A2 64,000

// Frame is a frame with a fitting checksum.
type Frame struct {
	Number byte
	Text   []byte
}

// Next cuts a frame off b: its size, 0 when more bytes are needed, -1 when b begins with none.
func Next(b []byte) (f Frame, size int) {
	if len(b) < 2 {
		if len(b) == 1 && b[0] != stx {
			return f, -1
		}
		return f, 0
	}
	if b[0] != stx || b[1] < '0' || b[1] > '7' {
		return f, -1
	}
	end := bytes.IndexAny(b, "\x03\x17")
	switch {
	case end < 0 && len(b) > maxFrame, end > maxFrame:
		return f, -1
	case end < 0 || len(b) < end+5:
		return f, 0
	}
	var sum byte
	for _, x := range b[1 : end+1] {
		sum += x
	}
	const digits = "0123456789ABCDEF"
	if upper(b[end+1]) != digits[sum>>4] || upper(b[end+2]) != digits[sum&15] || b[end+3] != '\r' || b[end+4] != '\n' {
		return f, -1
	}
	return Frame{b[1], b[2:end]}, end + 5
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'f' {
		return c - 32
	}
	return c
}

// Long is the header record at the beginning of a frame that is too long to be kept, and so to be checked by its
// sum: it has to name the standard.
func Long(b []byte) (x Header, ok bool) {
	if len(b) <= maxFrame || b[0] != stx || b[1] < '0' || b[1] > '7' || bytes.IndexByte(b[:maxFrame], '\r') < 0 {
		return x, false
	}
	x, ok = ParseHeader(b[2:])
	return x, ok && x.Standard()
}

// recordTypes are those of E1394, section 5.
const recordTypes = "HPORCQLMS"

// results counts the frames of a stream that was joined midway: well-formed, in sequence, of records. More than one
// is no accident: each has a sum.
func results(b []byte) (frames int, whole bool) {
	last := -1
	for len(b) > 0 {
		switch b[0] {
		case enq: // frames are numbered anew
			last = -1
			fallthrough
		case 0x04, 0x06, 0x15: // end of transmission, acknowledge, not
			b = b[1:]
			continue
		}
		f, size := Next(b)
		if size <= 0 {
			return frames, size == 0
		}
		number := int(f.Number - '0')
		if len(f.Text) < 2 || strings.IndexByte(recordTypes, f.Text[0]) < 0 || f.Text[1] != '|' || last >= 0 && number != (last+1)&7 && number != last {
			return 0, false
		}
		last, frames, b = number, frames+1, b[size:]
	}
	return frames, true
}

// Header is what leaves of a header record: LIS02-A2, section 6.
type Header struct{ Sender, Version string }

// Standard reports whether the version is one of E1394 or LIS02.
func (x *Header) Standard() bool {
	for _, name := range [3]string{"1394", "LIS2", "LIS02"} {
		if strings.Contains(x.Version, name) {
			return true
		}
	}
	return false
}

// ParseHeader reads a header record: "H", then the delimiters for field, repeat, component and
// escape, which must be four different marks.
func ParseHeader(record []byte) (x Header, ok bool) {
	if len(record) < 6 || record[0] != 'H' || record[5] != record[1] {
		return x, false
	}
	for i, c := range record[1:5] {
		if c < 0x21 || c > 0x7e || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || bytes.IndexByte(record[1:1+i], c) >= 0 {
			return x, false
		}
	}
	record = record[:min(len(record), maxFrame)]
	if end := bytes.IndexByte(record, '\r'); end >= 0 {
		record = record[:end]
	}
	fields := bytes.Split(record, record[1:2]) // H-1 is "H", H-2 the delimiters
	if len(fields) > 4 {
		x.Sender = string(fields[4])
	}
	if len(fields) > 12 {
		x.Version = string(fields[12])
	}
	return x, true
}
