package tls

import (
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// The messages of SSL 2.0 (draft-hickman-netscape-ssl-00, section 2).
const (
	ssl2ClientHello = 1
	ssl2ServerHello = 4
)

// probeSSL2 judges a two-byte record header and the message behind it. Clients of TLS 1.0 times
// open in the same form with a newer version (RFC 5246, appendix E.2).
func probeSSL2(data []byte, dir dissect.Direction) dissect.Verdict {
	if data[0]&0x80 == 0 {
		return dissect.NotMine
	}
	if len(data) < 3 {
		return dissect.More
	}
	switch {
	case data[2] == ssl2ClientHello && dir == dissect.FromInitiator:
		if len(data) < 11 {
			return dissect.More
		}
		if _, ok := parseSSL2Client(data); ok {
			return dissect.Mine
		}
	case data[2] == ssl2ServerHello && dir == dissect.FromResponder:
		if len(data) < 13 {
			return dissect.More
		}
		if _, ok := parseSSL2Server(data); ok {
			return dissect.Mine
		}
	}
	return dissect.NotMine
}

// ssl2Hello is what the two hellos say.
type ssl2Hello struct {
	size        int // of the record
	version     uint16
	certificate []byte
}

func parseSSL2Client(data []byte) (ssl2Hello, bool) {
	c := wire.At(data)
	n := int(c.U16() & 0x7fff)
	c.Skip(1)
	h := ssl2Hello{size: n + 2, version: c.U16()}
	specs, id, challenge := int(c.U16()), int(c.U16()), int(c.U16())
	ok := c.OK() && (h.version == 2 || h.version>>8 == 3 && h.version&0xff <= 4) && specs%3 == 0 && specs > 0 &&
		(id == 0 || id == 16) && challenge >= 16 && challenge <= 32 && n == 9+specs+id+challenge
	return h, ok
}

func parseSSL2Server(data []byte) (ssl2Hello, bool) {
	c := wire.At(data)
	n := int(c.U16() & 0x7fff)
	c.Skip(1)
	hit, kind := c.U8(), c.U8()
	h := ssl2Hello{size: n + 2, version: c.U16()}
	cert, specs, id := int(c.U16()), int(c.U16()), int(c.U16())
	ok := c.OK() && h.version == 2 && hit <= 1 && kind <= 1 && specs%3 == 0 && id <= 16 && n == 11+cert+specs+id
	if ok {
		h.certificate = c.Bytes(cert)
	}
	return h, ok
}

// ssl2 reads a hello of the old form. NotMine means that it is none.
func (s *session) ssl2(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if v := probeSSL2(data, dir); v != dissect.Mine {
		if v == dissect.More {
			return 0, v
		}
		return 0, dissect.NotMine
	}
	if dir == dissect.FromInitiator {
		h, _ := parseSSL2Client(data)
		if len(data) < h.size {
			return 0, dissect.More
		}
		e.Encrypted()
		e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Initiator), Kind: model.KindCapability,
			Value: "SSL 2.0 hello, up to " + versionName(h.version), Source: "tls.client_version"})
		return h.size, dissect.More
	}
	h, _ := parseSSL2Server(data)
	if len(data) < h.size {
		return 0, dissect.More
	}
	h, _ = parseSSL2Server(data)
	f := e.Flow()
	e.Version(versionName(h.version))
	s.judge(e, f.Responder, f.Initiator, h.version, 0)
	if x, ok := readCertificate(h.certificate); ok {
		s.describe(e, f.Responder, f.Initiator, x)
	}
	return h.size, dissect.Done
}
