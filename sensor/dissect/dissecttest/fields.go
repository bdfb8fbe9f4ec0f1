package dissecttest

import (
	"encoding/base64"
	"slices"
)

// field is a place in a message that may hold text, and the same place with a mark in it.
type field struct {
	text   string // what stands there
	mark   string // what the other message has there
	marked []byte // the whole message with the mark
}

// shortest is how many characters make a text.
const shortest = 3

// fields finds whatever may be text in a message: runs of printable characters, one or two octets each, the parts
// and words of those, and the same inside base64. Of each it makes a message with a mark of the same length and
// form, so that length fields stay true and numbers stay numbers.
func fields(data []byte) []field {
	var out []field
	seen := map[span]bool{}
	for _, s := range spans(data) {
		if seen[s] {
			continue
		}
		seen[s] = true
		text := s.text(data)
		for _, mark := range marks(text) {
			marked := slices.Clone(data)
			for i := range len(mark) {
				marked[s.from+i*s.step] = mark[i]
			}
			out = append(out, field{text, mark, marked})
		}
		if s.step == 1 {
			out = append(out, insideBase64(data, s, text)...)
		}
	}
	return out
}

// insideBase64 finds the fields of an encoded text, such as a password of HTTP.
func insideBase64(data []byte, s span, text string) []field {
	if len(text) < 8 || len(text)%4 != 0 {
		return nil
	}
	plain, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	out := fields(plain)
	for i := range out {
		marked := slices.Clone(data)
		copy(marked[s.from:], base64.StdEncoding.EncodeToString(out[i].marked))
		out[i].marked = marked
	}
	return out
}

// span is a run of characters: step octets each, the first of which is the character.
type span struct{ from, chars, step int }

func (s span) text(data []byte) string {
	out := make([]byte, s.chars)
	for i := range out {
		out[i] = data[s.from+i*s.step]
	}
	return string(out)
}

func (s span) part(from, to int) span { return span{s.from + from*s.step, to - from, s.step} }

func printable(c byte) bool { return c >= ' ' && c < 0x7f }

// spans lists the runs of printable characters, then their parts.
func spans(data []byte) []span {
	var runs, out []span
	for i := 0; i < len(data); i++ {
		from := i
		for i < len(data) && printable(data[i]) {
			i++
		}
		runs = append(runs, span{from, i - from, 1})
	}
	for i := 0; i+1 < len(data); i++ {
		from := i
		for i+1 < len(data) && printable(data[i]) && data[i+1] == 0 {
			i += 2
		}
		if n := (i - from) / 2; n >= shortest {
			runs = append(runs, span{from, n, 2})
			i--
		}
	}
	for _, r := range runs {
		if r.chars >= shortest {
			out = append(out, r.parts(r.text(data))...)
		}
	}
	return out
}

// parts are a run itself, what stands between its marks of syntax, its words, and what may be base64; of each also
// all but the first and all but the last character, which may be a length or a tag.
func (s span) parts(text string) []span {
	out := s.ends(nil)
	for _, within := range []func(byte) bool{value, word, letter, code} {
		from := 0
		for i := 0; i <= len(text); i++ {
			if i < len(text) && within(text[i]) {
				continue
			}
			if i-from >= shortest && i-from < s.chars {
				out = s.part(from, i).ends(out)
			}
			from = i + 1
		}
	}
	return out
}

func (s span) ends(out []span) []span {
	out = append(out, s)
	if s.chars > shortest {
		out = append(out, s.part(1, s.chars), s.part(0, s.chars-1))
	}
	return out
}

func letter(c byte) bool { return alpha(c) || digit(c) }
func alpha(c byte) bool  { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }
func word(c byte) bool   { return letter(c) || c == '-' || c == '_' || c == '.' || c == '@' || c >= 0x80 }
func code(c byte) bool   { return letter(c) || c == '+' || c == '/' || c == '=' } // of base64
func value(c byte) bool  { return word(c) || c == ' ' || c == '\'' || c == '/' }

// The characters of marks: letters that rarely stand together, digits, and for hexadecimal numbers letters up to f.
const (
	markLetters = "qxzvjkwqvzxkjwzqkxvj"
	markDigits  = "73951846207359148260"
	markHex     = "fbdcafebdacbfedabcfa"
)

// marks are texts of the form of another: capitals stay capitals, digits digits, and all else stays. A text that
// may be a hexadecimal number yields one more that is.
func marks(text string) []string {
	mark, hex, letters, digits, high := []byte(text), []byte(text), 0, 0, 0
	for i, c := range []byte(text) {
		switch {
		case alpha(c):
			mark[i] = markLetters[i%len(markLetters)] | c&0x20
			hex[i] = markHex[i%len(markHex)] | c&0x20
			mark[i] &^= ^c & 0x20
			hex[i] &^= ^c & 0x20
			letters++
			if c|0x20 > 'f' {
				high++
			}
		case digit(c):
			mark[i] = markDigits[i%len(markDigits)]
			hex[i] = mark[i]
			digits++
		}
	}
	switch {
	case letters+digits < shortest:
		return nil
	case letters > 0 && digits > 0 && high == 0:
		return []string{string(mark), string(hex)}
	}
	return []string{string(mark)}
}
