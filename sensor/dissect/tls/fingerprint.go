package tls

import (
	"crypto/md5" //nolint:gosec // JA3 is defined by MD5; nothing is protected by it
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"

	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// ja3 is the client fingerprint of Salesforce's JA3: version, suites, extensions, groups, point
// formats, without the values of RFC 8701.
func (h *hello) ja3() string {
	var room [1024]byte
	b := strconv.AppendUint(room[:0], uint64(h.version), 10)
	b = joined(append(b, ','), h.suites)
	b = joined(append(b, ','), h.extensions)
	b = joined(append(b, ','), h.groups)
	b = append(b, ',')
	for i, p := range h.points {
		if i > 0 {
			b = append(b, '-')
		}
		b = strconv.AppendUint(b, uint64(p), 10)
	}
	return md5Hex("ja3:", b)
}

// ja3s is the server's counterpart: version, suite, extensions.
func (h *hello) ja3s() string {
	var room [256]byte
	b := strconv.AppendUint(room[:0], uint64(h.version), 10)
	b = joined(append(b, ','), h.suites)
	b = joined(append(b, ','), h.extensions)
	return md5Hex("ja3s:", b)
}

func md5Hex(prefix string, b []byte) string {
	var room [48]byte
	sum := md5.Sum(b) //nolint:gosec // see the import
	return wire.String(hex.AppendEncode(append(room[:0], prefix...), sum[:]))
}

func joined(b []byte, values []uint16) []byte {
	first := true
	for _, v := range values {
		if grease(v) {
			continue
		}
		if !first {
			b = append(b, '-')
		}
		first = false
		b = strconv.AppendUint(b, uint64(v), 10)
	}
	return b
}

// ja4 is FoxIO's JA4 client fingerprint (BSD licence, technical details version 0.18). Carrier is
// 't' for TCP, 'q' for QUIC, 'd' for DTLS.
func (h *hello) ja4(carrier byte) string {
	var suiteRoom, extensionRoom [64]uint16
	suites, extensions := plain(suiteRoom[:0], h.suites), plain(extensionRoom[:0], h.extensions)
	var room [48]byte
	b := append(append(room[:0], "ja4:"...), carrier)
	b = append(b, ja4Version(h.best())...)
	if h.serverName != nil {
		b = append(b, 'd')
	} else {
		b = append(b, 'i')
	}
	b = twoDigits(b, len(suites))
	b = twoDigits(b, len(extensions))
	ends := h.ja4ALPN()
	b = append(b, ends[:]...)
	slices.Sort(suites)
	var listRoom [1024]byte
	b = digest(append(b, '_'), hexList(listRoom[:0], suites))
	extensions = slices.DeleteFunc(extensions, func(t uint16) bool { return t == extServerName || t == extALPN })
	slices.Sort(extensions)
	list := hexList(listRoom[:0], extensions)
	if len(h.signatures) > 0 {
		list = hexList(append(list, '_'), h.signatures)
	}
	if len(extensions) == 0 {
		list = nil
	}
	return wire.String(digest(append(b, '_'), list))
}

func plain(out, values []uint16) []uint16 {
	for _, v := range values {
		if !grease(v) {
			out = append(out, v)
		}
	}
	return out
}

func ja4Version(v uint16) string {
	switch v {
	case 0x0304:
		return "13"
	case 0x0303:
		return "12"
	case 0x0302:
		return "11"
	case 0x0301:
		return "10"
	case 0x0300:
		return "s3"
	case 0x0002:
		return "s2"
	case 0xfeff:
		return "d1"
	case 0xfefd:
		return "d2"
	case 0xfefc:
		return "d3"
	}
	return "00"
}

func twoDigits(b []byte, n int) []byte {
	n = min(n, 99)
	return append(b, byte('0'+n/10), byte('0'+n%10))
}

// ja4ALPN is the first and last character of the first application protocol, or their hexadecimal
// digits when they are no letters or digits.
func (h *hello) ja4ALPN() [2]byte {
	if len(h.alpn) == 0 {
		return [2]byte{'0', '0'}
	}
	a := h.alpn[0]
	first, last := a[0], a[len(a)-1]
	if alphanumeric(first) && alphanumeric(last) {
		return [2]byte{first, last}
	}
	const digits = "0123456789abcdef"
	return [2]byte{digits[first>>4], digits[last&15]}
}

func alphanumeric(b byte) bool {
	return b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'z'
}

func hexList(b []byte, values []uint16) []byte {
	const digits = "0123456789abcdef"
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, digits[v>>12], digits[v>>8&15], digits[v>>4&15], digits[v&15])
	}
	return b
}

// digest appends the first twelve digits of the SHA-256 of a list.
func digest(b, list []byte) []byte {
	if len(list) == 0 {
		return append(b, "000000000000"...)
	}
	sum := sha256.Sum256(list)
	return hex.AppendEncode(b, sum[:6])
}
