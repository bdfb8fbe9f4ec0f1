package http

import (
	"bytes"
	"math"
)

// head is the part of a message before its body. Slices alias the message.
type head struct {
	size          int // bytes with the empty line
	method        []byte
	target        []byte
	status        int
	simple        bool // a request of HTTP/0.9
	contentLength int  // -1 when not said
	chunked       bool
	closing       bool
	upgrade       []byte
	subprotocol   []byte // of a WebSocket
	userAgent     []byte
	server        []byte
	host          []byte
	contentType   []byte
	accept        []byte
	encoded       bool      // compressed
	credentials   []byte    // Authorization
	challenges    [4][]byte // WWW-Authenticate
	challenged    int       // how many of them
}

const maxLength = math.MaxInt32 // bytes: a body longer than this has no end as far as we care

// headSize finds the end of the head; 0 when it is not there yet.
func headSize(data []byte) int {
	if i := bytes.Index(data, []byte("\r\n\r\n")); i >= 0 {
		return i + 4
	}
	if i := bytes.Index(data, []byte("\n\n")); i >= 0 {
		return i + 2
	}
	return 0
}

// parse reads a head of which all bytes are there. It returns false for bytes that are no HTTP.
func (h *head) parse(data []byte) bool {
	*h = head{size: headSize(data), contentLength: -1}
	rest := data[:h.size]
	first, rest := cutLine(rest)
	if !h.start(first) {
		return false
	}
	for len(rest) > 0 {
		var l []byte
		l, rest = cutLine(rest)
		if i := bytes.IndexByte(l, ':'); i > 0 {
			h.field(l[:i], bytes.TrimSpace(l[i+1:]))
		}
	}
	return true
}

func cutLine(data []byte) (line, rest []byte) {
	before, after, ok := bytes.Cut(data, []byte{'\n'})
	if !ok {
		return data, nil
	}
	return bytes.TrimSuffix(before, []byte("\r")), after
}

func (h *head) start(l []byte) bool {
	if bytes.HasPrefix(l, []byte("HTTP/1.")) || bytes.HasPrefix(l, []byte("ICY ")) {
		var code []byte
		n := 0
		for word := range bytes.FieldsSeq(l) {
			if code = word; n == 1 {
				break
			}
			n++
		}
		if n != 1 || len(code) != 3 {
			return false
		}
		for _, d := range code {
			if d < '0' || d > '9' {
				return false
			}
			h.status = 10*h.status + int(d-'0')
		}
		return true
	}
	sp := bytes.IndexByte(l, ' ')
	if sp < 0 || !known(l[:sp]) {
		return false
	}
	h.method = l[:sp]
	h.target = bytes.TrimSpace(l[sp:])
	i := bytes.LastIndexByte(h.target, ' ')
	if h.simple = i < 0; !h.simple {
		h.target = h.target[:i]
	}
	return true
}

func (h *head) field(name, value []byte) {
	switch len(name) {
	case 4:
		pick(name, "host", value, &h.host)
	case 6:
		pick(name, "server", value, &h.server)
		pick(name, "accept", value, &h.accept)
	case 7:
		pick(name, "upgrade", value, &h.upgrade)
	case 10:
		pick(name, "user-agent", value, &h.userAgent)
		if bytes.EqualFold(name, []byte("connection")) {
			h.closing = bytes.EqualFold(value, []byte("close"))
		}
	case 12:
		pick(name, "content-type", value, &h.contentType)
	case 13:
		pick(name, "authorization", value, &h.credentials)
	case 14:
		if bytes.EqualFold(name, []byte("content-length")) {
			h.contentLength = number(value)
		}
	case 16:
		if bytes.EqualFold(name, []byte("www-authenticate")) && h.challenged < len(h.challenges) {
			h.challenges[h.challenged] = value
			h.challenged++
		}
		if bytes.EqualFold(name, []byte("content-encoding")) {
			h.encoded = !bytes.EqualFold(value, []byte("identity"))
		}
	case 17:
		if bytes.EqualFold(name, []byte("transfer-encoding")) {
			h.chunked = bytes.HasSuffix(bytes.ToLower(value), []byte("chunked"))
		}
	case 22:
		pick(name, "sec-websocket-protocol", value, &h.subprotocol)
	}
}

func pick(name []byte, want string, value []byte, into *[]byte) {
	if bytes.EqualFold(name, []byte(want)) {
		*into = value
	}
}

func number(b []byte) int {
	if len(b) == 0 {
		return -1
	}
	n := 0
	for _, d := range b {
		if d < '0' || d > '9' {
			return -1
		}
		n = min(10*n+int(d-'0'), maxLength)
	}
	return n
}

// chunkSize reads the line before a chunk (RFC 9112, section 7.1): the chunk's length and the
// line's size, 0 when the line is not complete; ok is false for bytes that are no such line.
func chunkSize(data []byte) (length, size int, ok bool) {
	i := bytes.IndexByte(data[:min(len(data), 256)], '\n')
	if i < 0 {
		return 0, 0, len(data) < 256
	}
	digits := 0
	for _, b := range data[:i] {
		v := -1
		switch {
		case b >= '0' && b <= '9':
			v = int(b - '0')
		case b|0x20 >= 'a' && b|0x20 <= 'f':
			v = int(b|0x20-'a') + 10
		}
		if v < 0 {
			break
		}
		length = min(length<<4|v, maxLength)
		digits++
	}
	return length, i + 1, digits > 0
}

// methods are those of RFC 9110, WebDAV (RFC 4918), UPnP eventing, and a few in wide use.
var methods = [...]string{"GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE", "PROPFIND", "PROPPATCH",
	"MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "SEARCH", "REPORT", "NOTIFY", "SUBSCRIBE", "UNSUBSCRIBE", "RPC_IN_DATA", "RPC_OUT_DATA", "BITS_POST", "CCM_POST"}

func known(method []byte) bool {
	for _, m := range methods {
		if string(method) == m {
			return true
		}
	}
	return false
}

// begins reports whether data could be the beginning of a method.
func begins(data []byte) bool {
	for _, m := range methods {
		if n := min(len(m), len(data)); string(data[:n]) == m[:n] && (len(data) <= n || data[n] == ' ') {
			return true
		}
	}
	return false
}
