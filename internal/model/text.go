package model

import (
	"strings"
	"unicode/utf8"
)

// Longest strings that leave a sensor, in bytes (design.md, invariant 4). The hub refuses longer ones.
const (
	MaxText   = 256
	MaxBanner = 512
)

const cut = "…"

// Text makes a value of bytes from the wire: valid UTF-8, control bytes and invalid bytes
// escaped as \xNN, surrounding white space removed, at most MaxText bytes with truncation
// marked by "…". It is the only way such a string becomes part of an event.
func Text[T ~string | ~[]byte](raw T) string { return text(string(raw), MaxText) }

// Banner is Text with the longer limit of banners.
func Banner[T ~string | ~[]byte](raw T) string { return text(string(raw), MaxBanner) }

func text(s string, limit int) string {
	s = strings.Trim(s, " \t\r\n\x00")
	if len(s) <= limit && clean(s) {
		return s
	}
	var b strings.Builder
	b.Grow(min(len(s), limit))
	fits := 0 // length up to which a mark still fits behind
	for len(s) > 0 {
		piece, n := escape(s)
		if b.Len()+len(piece) > limit {
			return b.String()[:fits] + cut
		}
		b.WriteString(piece)
		if b.Len() <= limit-len(cut) {
			fits = b.Len()
		}
		s = s[n:]
	}
	return b.String()
}

// escape returns the first rune of s in its outgoing form, and how many bytes of s it took.
func escape(s string) (piece string, n int) {
	r, n := utf8.DecodeRuneInString(s)
	if !isControl(r) && (r != utf8.RuneError || n > 1) {
		return s[:n], n
	}
	const digits = "0123456789abcdef"
	out := make([]byte, 0, 12)
	for i := range n {
		out = append(out, '\\', 'x', digits[s[i]>>4], digits[s[i]&15])
	}
	return string(out), n
}

func clean(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if isControl(r) {
			return false
		}
	}
	return true
}

// isControl covers C0, DEL, C1 and the line and direction marks that could rewrite a terminal.
func isControl(r rune) bool {
	return r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}
