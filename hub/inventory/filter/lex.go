package filter

import "strings"

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenQuoted
	tokenOperator // = != < <= > >= :
	tokenOpen
	tokenClose
	tokenMinus
)

type token struct {
	kind tokenKind
	text string
	at   int
}

// maxFilter bounds a filter's text, bytes.
const maxFilter = 4096

func lex(s string) ([]token, error) {
	if len(s) > maxFilter {
		return nil, &Error{At: maxFilter, What: "the filter is longer than 4,096 bytes"}
	}
	var out []token
	for i := 0; i < len(s); {
		value := len(out) > 0 && out[len(out)-1].kind == tokenOperator // a value is due: ":" and "-" may begin it
		switch c := s[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case c == '(' || c == ')':
			kind := tokenOpen
			if c == ')' {
				kind = tokenClose
			}
			out = append(out, token{kind, s[i : i+1], i})
			i++
		case c == '"' || c == '\'':
			text, n, ok := quoted(s[i:])
			if !ok {
				return nil, &Error{At: i, What: "a quote is not closed"}
			}
			out = append(out, token{tokenQuoted, text, i})
			i += n
		case strings.IndexByte("=!<>:", c) >= 0 && (!value || c != ':'):
			n := 1
			if c != ':' && c != '=' && i+1 < len(s) && s[i+1] == '=' {
				n = 2
			}
			if c == '!' && n == 1 {
				return nil, &Error{At: i, What: `"!" is no operator`, Meant: "!="}
			}
			out = append(out, token{tokenOperator, s[i : i+n], i})
			i += n
		case c == '-' && !value && i+1 < len(s) && (i == 0 || s[i-1] == ' ' || s[i-1] == '('):
			out = append(out, token{tokenMinus, "-", i})
			i++
		default:
			n := wordLength(s[i:], value)
			out = append(out, token{tokenWord, s[i : i+n], i})
			i += n
		}
	}
	return append(out, token{tokenEnd, "", len(s)}), nil
}

// wordLength is how far a bare word goes. A value may hold colons (IPv6, MAC, Community ID), a
// field name may not.
func wordLength(s string, value bool) int {
	stop := " \t\r\n()\"'=!<>"
	if !value {
		stop += ":"
	} else {
		stop = " \t\r\n()\"'" // base64 of a Community ID ends with "="
	}
	if n := strings.IndexAny(s, stop); n > 0 {
		return n
	}
	return len(s)
}

func quoted(s string) (text string, n int, ok bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == s[0]:
			return b.String(), i + 1, true
		default:
			b.WriteByte(s[i])
		}
	}
	return "", 0, false
}
