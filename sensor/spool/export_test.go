package spool

import "io"

// ScanSegment reads a segment as Open does and returns what it found: the number of records, the
// end of the last, and whether all lie inside the file in order.
func ScanSegment(file io.ReaderAt, size int64) (records int, end int64, ordered bool, err error) {
	s := &segment{number: 1}
	found, err := scan(file, size, s)
	at := int64(recordsAt)
	ordered = true
	for _, e := range s.entries {
		ordered = ordered && e.offset >= at && e.offset+headerBytes+int64(e.length) <= size
		at = e.offset + headerBytes + int64(e.length)
	}
	return len(s.entries), found.end, ordered && (len(s.entries) == 0 || found.end == at), err
}

// ParseState reads a slot and says whether it holds a state.
func ParseState(raw []byte) bool {
	_, ok := parseState(raw)
	return ok
}

// Gaps adds ranges and returns what is missing up to high.
func Gaps(high uint64, ranges ...[2]uint64) (out [][2]uint64) {
	var s spans
	for _, r := range ranges {
		s = s.add(r[0], r[1])
	}
	for _, g := range s.gaps(high) {
		out = append(out, [2]uint64{g.First, g.Last})
	}
	return out
}
