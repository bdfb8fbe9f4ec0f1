package tls

import (
	"sync"

	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// The extensions that are read (IANA, TLS ExtensionType values).
const (
	extServerName        = 0
	extGroups            = 10
	extPointFormats      = 11
	extSignatures        = 13
	extALPN              = 16
	extSupportedVersions = 43
)

// hello is what a ClientHello or ServerHello says. Slices alias the message, except the lists.
type hello struct {
	dtls       bool
	version    uint16   // legacy_version
	versions   []uint16 // supported_versions of a client; the chosen one of a server
	suites     []uint16 // of a client; the chosen one of a server
	extensions []uint16
	groups     []uint16
	points     []uint8
	signatures []uint16
	serverName []byte
	alpn       [][]byte
	retry      bool // HelloRetryRequest

	room struct { // of the lists, for hellos of the usual size
		suites, extensions, groups, signatures [40]uint16
		versions                               [8]uint16
		alpn                                   [4][]byte
	}
}

const (
	maxSuites     = 512 // more than IANA has assigned
	maxExtensions = 128
	maxALPN       = 16
)

// retryRandom marks a ServerHello as HelloRetryRequest (RFC 8446, section 4.1.3).
const retryRandom = "\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c"

// hellos are kept, because each connection has two of them for a moment.
var hellos sync.Pool

func newHello(dtls bool) *hello {
	h, ok := hellos.Get().(*hello)
	if !ok {
		h = &hello{}
	}
	h.dtls = dtls
	return h
}

// free gives h back; what it told stays valid, its slices do not.
func (h *hello) free() {
	*h = hello{}
	hellos.Put(h)
}

// parseClient reads the body of a ClientHello (RFC 8446, section 4.1.2) into h, which is fresh.
func (h *hello) parseClient(body []byte) bool {
	dtls := h.dtls
	c := wire.At(body)
	h.version = c.U16()
	c.Skip(32)
	c.Skip(int(c.U8()))
	if dtls {
		c.Skip(int(c.U8())) // cookie
	}
	h.suites = list16(h.room.suites[:0], c.Sub(int(c.U16())), maxSuites)
	c.Skip(int(c.U8()))
	if !c.OK() || !plausible(h.version, dtls) {
		return false
	}
	return h.readExtensions(&c, true)
}

// parseServer reads the body of a ServerHello (RFC 8446, section 4.1.3; RFC 5246, section 7.4.1.3)
// into h, which is fresh.
func (h *hello) parseServer(body []byte) bool {
	dtls := h.dtls
	c := wire.At(body)
	h.version = c.U16()
	h.retry = string(c.Bytes(32)) == retryRandom
	if h.version>>8 != 0x7f { // the drafts of TLS 1.3 up to 21 have no session id here
		c.Skip(int(c.U8()))
	}
	h.suites = append(h.room.suites[:0], c.U16())
	if h.version>>8 != 0x7f {
		c.Skip(1)
	}
	if !c.OK() || !plausible(h.version, dtls) {
		return false
	}
	return h.readExtensions(&c, false)
}

func plausible(version uint16, dtls bool) bool {
	if dtls {
		return version>>8 == 0xfe || version == 0x0100
	}
	return version>>8 == 3 || version>>8 == 0x7f
}

func (h *hello) readExtensions(c *wire.Cursor, client bool) bool {
	if c.Len() == 0 {
		return true
	}
	h.extensions, h.alpn = h.room.extensions[:0], h.room.alpn[:0]
	all := c.Sub(int(c.U16()))
	for all.Len() > 0 && len(h.extensions) < maxExtensions {
		t := all.U16()
		body := all.Sub(int(all.U16()))
		if !all.OK() {
			return false
		}
		h.extensions = append(h.extensions, t)
		h.extension(t, body, client)
	}
	return c.OK()
}

func (h *hello) extension(t uint16, c wire.Cursor, client bool) {
	switch t {
	case extServerName:
		names := c.Sub(int(c.U16()))
		if kind, name := names.U8(), names.Bytes(int(names.U16())); names.OK() && kind == 0 {
			h.serverName = name
		}
	case extGroups:
		h.groups = list16(h.room.groups[:0], c.Sub(int(c.U16())), maxSuites)
	case extPointFormats:
		h.points = c.Bytes(int(c.U8()))
	case extSignatures:
		h.signatures = list16(h.room.signatures[:0], c.Sub(int(c.U16())), maxSuites)
	case extALPN:
		names := c.Sub(int(c.U16()))
		for names.Len() > 0 && len(h.alpn) < maxALPN {
			if name := names.Bytes(int(names.U8())); len(name) > 0 {
				h.alpn = append(h.alpn, name)
			}
		}
	case extSupportedVersions:
		if client {
			h.versions = list16(h.room.versions[:0], c.Sub(int(c.U8())), maxExtensions)
		} else if v := c.U16(); c.OK() {
			h.versions = append(h.room.versions[:0], v)
		}
	}
}

func list16(out []uint16, c wire.Cursor, most int) []uint16 {
	for c.Len() >= 2 && len(out) < most {
		out = append(out, c.U16())
	}
	return out
}

// best is the highest version that a client offers, or the one a server chose.
func (h *hello) best() uint16 {
	v := uint16(0)
	for _, x := range h.versions {
		if !grease(x) && newer(x, v, h.dtls) {
			v = x
		}
	}
	if v == 0 {
		v = h.version
	}
	return v
}

func newer(a, b uint16, dtls bool) bool {
	if b == 0 {
		return true
	}
	if dtls {
		return a < b // the numbers of DTLS run downwards
	}
	return order(a) > order(b)
}

func order(v uint16) uint16 {
	if v>>8 == 0x7f { // drafts of 1.3
		return 0x0303
	}
	return v
}

// grease reports the reserved values of RFC 8701.
func grease(v uint16) bool { return v&0x0f0f == 0x0a0a && v>>8 == v&0xff }

// versionName is the name of a version as people write it.
func versionName(v uint16) string {
	switch v {
	case 0x0002:
		return "SSL 2.0"
	case 0x0300:
		return "SSL 3.0"
	case 0x0301:
		return "TLS 1.0"
	case 0x0302:
		return "TLS 1.1"
	case 0x0303:
		return "TLS 1.2"
	case 0x0304:
		return "TLS 1.3"
	case 0xfeff, 0x0100:
		return "DTLS 1.0"
	case 0xfefd:
		return "DTLS 1.2"
	case 0xfefc:
		return "DTLS 1.3"
	}
	if v>>8 == 0x7f {
		return "TLS 1.3 draft"
	}
	return ""
}

// obsolete reports versions that RFC 6176, 7568 and 8996 withdrew.
func obsolete(v uint16) bool {
	return v == 2 || v >= 0x0300 && v <= 0x0302 || v == 0xfeff || v == 0x0100
}
