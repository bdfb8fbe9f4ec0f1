package hl7

import (
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// charsets are those of one byte a character that a message may declare in MSH-18 (HL7 v2.9, table 0211).
var charsets = map[string]*charmap.Charmap{
	"": charmap.ISO8859_1, "ASCII": charmap.ISO8859_1, "8859/1": charmap.ISO8859_1, "8859/2": charmap.ISO8859_2, "8859/3": charmap.ISO8859_3,
	"8859/4": charmap.ISO8859_4, "8859/5": charmap.ISO8859_5, "8859/6": charmap.ISO8859_6, "8859/7": charmap.ISO8859_7,
	"8859/8": charmap.ISO8859_8, "8859/9": charmap.ISO8859_9, "8859/15": charmap.ISO8859_15,
}

// decoded is a text of the message in UTF-8. Senders declare nothing and mean Latin-1, or declare
// Latin-1 and send UTF-8: what is valid UTF-8 is taken for that. Sets of several bytes a character stay as
// they are.
func (x *end) decoded(v []byte) []byte {
	if utf8.Valid(v) {
		return v
	}
	set := charsets[x.charset]
	if set == nil {
		return v
	}
	out := make([]byte, 0, 2*len(v))
	for _, b := range v {
		out = utf8.AppendRune(out, set.DecodeByte(b))
	}
	return out
}

// text is a value without escape sequences, in UTF-8.
func (x *end) text(v []byte) []byte { return x.decoded(x.enc.plain(v)) }
