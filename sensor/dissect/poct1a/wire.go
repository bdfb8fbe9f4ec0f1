package poct1a

import (
	"bytes"
	"html"

	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

const maxHello = 8 << 10

var closing = []byte("</HEL.R01>")

// Hello is the DEV object of a hello message, by element name without its prefix "DEV.".
type Hello map[string]string

// names of the elements that are read.
var names = []string{"device_id", "vendor_id", "model_id", "serial_id", "manufacturer_name", "hw_version", "sw_version"}

// prolog takes off what may stand before the root element (XML 1.0, section 2.8): a byte order mark, the
// declaration, comments and the document type. The rest is nil while its end is not there.
func prolog(b []byte) []byte {
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	for {
		b = bytes.TrimLeft(b, " \t\r\n")
		end := ""
		for _, p := range [...]struct{ begin, end string }{{"<?", "?>"}, {"<!--", "-->"}, {"<!DOCTYPE", ">"}} {
			n := min(len(b), len(p.begin))
			if string(b[:n]) != p.begin[:n] {
				continue
			}
			if n < len(p.begin) {
				if n < 2 {
					break // "<" may begin anything
				}
				return nil
			}
			end = p.end
		}
		if end == "" {
			return b
		}
		at := bytes.Index(b, []byte(end))
		if at < 0 {
			return nil
		}
		b = b[at+len(end):]
	}
}

// Find reports whether b is, or may still become, a document whose root is the hello: found 1, may be 0, not -1.
func Find(b []byte) int { return root(b, "<HEL.R01") }

func root(b []byte, opening string) int {
	b = prolog(b)
	n := min(len(b), len(opening))
	switch {
	case string(b[:n]) != opening[:n]:
		return -1
	case n < len(opening):
		return 0
	}
	return 1
}

// fromDevice are the other messages that only a device sends: status, observations, events, end of topic.
var fromDevice = [...]string{"<DST.R01", "<OBS.R01", "<OBS.R02", "<EVS.R01", "<EOT.R01"}

// Later reports whether b is a document of a conversation whose hello was not seen: found 1, may be 0, not -1.
func Later(b []byte) int {
	found := -1
	for _, opening := range fromDevice {
		switch root(b, opening) {
		case 1:
			// The header object comes first in each.
			if bytes.Contains(b, []byte("<HDR.control_id ")) {
				return 1
			}
			return 0
		case 0:
			found = 0
		}
	}
	return found
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
	_, quoted, has := bytes.Cut(b, []byte(" V="))
	if !has || len(quoted) == 0 || quoted[0] != '"' && quoted[0] != '\'' || bytes.IndexByte(b[:len(b)-len(quoted)], '>') >= 0 {
		return ""
	}
	v, _, closed := bytes.Cut(quoted[1:], quoted[:1])
	if !closed {
		return ""
	}
	return html.UnescapeString(string(wire.Latin(v)))
}
