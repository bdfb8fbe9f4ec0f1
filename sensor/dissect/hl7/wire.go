package hl7

import "bytes"

const maxSegment = 8 << 10 // bytes; longer ones are documents in OBX-5

// Framing bytes of MLLP.
const (
	startBlock = 0x0b
	endBlock   = 0x1c
	carriage   = '\r'
)

// Encoding is what MSH-1 and MSH-2 declare.
type Encoding struct{ Field, Component, Repetition, Escape, Sub byte }

// begins reports whether b starts like the header of a message, a file or a batch (HL7 v2.9,
// sections 2.14.9, 2.14.6 and 2.14.2).
func begins(b []byte) bool {
	n := min(len(b), 3)
	return string(b[:n]) == "MSH"[:n] || string(b[:n]) == "FHS"[:n] || string(b[:n]) == "BHS"[:n]
}

// ParseEncoding reads the eight bytes header name + field separator + four encoding characters.
func ParseEncoding(b []byte) (enc Encoding, ok bool) {
	if len(b) < 8 || !begins(b) {
		return enc, false
	}
	enc = Encoding{b[3], b[4], b[5], b[6], b[7]}
	if enc.Escape == enc.Field { // old senders declare two encoding characters: the next field follows
		enc.Escape, enc.Sub = enc.Field, enc.Field
		b = append(append(make([]byte, 0, 8), b[:7]...), enc.Field)
	}
	for i, x := range b[3:8] {
		if x < 0x21 || x > 0x7e || x >= '0' && x <= '9' || x >= 'A' && x <= 'Z' || x >= 'a' && x <= 'z' {
			// old senders declare two or three encoding characters: the rest is the separator
			return enc, false
		}
		for _, y := range b[3 : 3+i] {
			if x == y && !(i >= 3 && x == enc.Field) {
				return enc, false
			}
		}
	}
	return enc, true
}

// Nth is field n of a segment, its first repetition.
func (enc Encoding) Nth(segment []byte, n int) []byte {
	return until(enc.All(segment, n), enc.Repetition)
}

// All is field n of a segment with its repetitions. MSH-1 is the separator itself, so in MSH the fields stand
// one place earlier.
func (enc Encoding) All(segment []byte, n int) []byte {
	if bytes.HasPrefix(segment, []byte("MSH")) {
		n--
	}
	for ; n > 0; n-- {
		at := bytes.IndexByte(segment, enc.Field)
		if at < 0 {
			return nil
		}
		segment = segment[at+1:]
	}
	return until(segment, enc.Field)
}

// lastHeaderField is the last field of MSH that is read: the character set.
const lastHeaderField = 18

// header splits an MSH segment into the first repetitions of its fields, by their numbers.
func (enc Encoding) header(segment []byte, fields *[lastHeaderField + 1][]byte) {
	for n := 1; n <= lastHeaderField; n++ { // the separator before MSH-2 is MSH-1
		field, rest, more := segment, []byte(nil), false
		if at := bytes.IndexByte(segment, enc.Field); at >= 0 {
			field, rest, more = segment[:at], segment[at+1:], true
		}
		fields[n] = until(field, enc.Repetition)
		if !more {
			return
		}
		segment = rest
	}
}

// designator is an HD field's name: the namespace id, else the universal id.
func (enc Encoding) designator(field []byte) []byte {
	if v := enc.Part(field, 1); len(v) > 0 {
		return enc.plain(v)
	}
	return enc.plain(enc.Part(field, 2))
}

// plain takes the escape sequences for separators out of a value (HL7 v2.9, section 2.7.1). Other
// sequences, for highlighting and for characters by their codes, stand as they are.
func (enc Encoding) plain(v []byte) []byte {
	at := bytes.IndexByte(v, enc.Escape)
	if at < 0 {
		return v
	}
	out := append(make([]byte, 0, len(v)), v[:at]...)
	for v = v[at:]; len(v) > 0; {
		if len(v) >= 3 && v[0] == enc.Escape && v[2] == enc.Escape {
			if c := enc.escaped(v[1]); c != 0 {
				out, v = append(out, c), v[3:]
				continue
			}
		}
		out, v = append(out, v[0]), v[1:]
	}
	return out
}

func (enc Encoding) escaped(code byte) byte {
	switch code {
	case 'F':
		return enc.Field
	case 'S':
		return enc.Component
	case 'T':
		return enc.Sub
	case 'R':
		return enc.Repetition
	case 'E':
		return enc.Escape
	}
	return 0
}

// Part is component n, from 1, of a field.
func (enc Encoding) Part(field []byte, n int) []byte {
	for ; n > 1; n-- {
		at := bytes.IndexByte(field, enc.Component)
		if at < 0 {
			return nil
		}
		field = field[at+1:]
	}
	return until(until(field, enc.Component), enc.Sub)
}

func until(b []byte, end byte) []byte {
	if before, _, ok := bytes.Cut(b, []byte{end}); ok {
		return before
	}
	return b
}

// Device is the MDC reference id of OBX-3 iff the code names a device: IEEE 11073-10101 gives
// those the prefix MDC_DEV_.
func (enc Encoding) Device(obx3 []byte) string {
	for _, at := range [2]int{2, 5} { // text and coding system, then the alternate ones
		if text := enc.Part(obx3, at); bytes.Equal(enc.Part(obx3, at+1), []byte("MDC")) && bytes.HasPrefix(text, []byte("MDC_DEV_")) {
			return string(text)
		}
	}
	return ""
}
