package tls

import (
	"time"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// The handshake types that are read (RFC 8446, appendix B.3; RFC 5246, section 7.4).
const (
	msgClientHello     = 1
	msgServerHello     = 2
	msgCertificate     = 11
	msgServerHelloDone = 14
)

// handshake turns handshake messages into claims, whatever carried them.
type handshake struct {
	service  string // "tls", "dtls" or "quic": where the facts come from
	carrier  byte   // of JA4
	dtls     bool
	version  uint16
	retried  bool // the server asked for another hello
	finished bool // nothing readable follows from the server
	told     bool // the certificate was told
}

// source names a field or a rule by where it was seen.
func (s *handshake) source(field string) string { return wire.Join(s.service, ".", field) }

// message reads one message: its type and its body.
func (s *handshake) message(e dissect.Emitter, dir dissect.Direction, kind byte, body []byte) {
	switch kind {
	case msgClientHello:
		h := newHello(s.dtls)
		if h.parseClient(body) && !s.retried { // a second hello says nothing new
			s.client(e, dir, h)
		}
		h.free()
	case msgServerHello:
		h := newHello(s.dtls)
		if ok := h.parseServer(body); ok && h.retry {
			s.retried = true
		} else if ok {
			s.server(e, dir, h)
		}
		h.free()
	case msgCertificate:
		s.certificates(e, dir, body)
	case msgServerHelloDone:
		s.finished = true
	}
}

func (s *handshake) client(e dissect.Emitter, dir dissect.Direction, h *hello) {
	f := e.Flow()
	client := dissect.About(f.Sender(dir))
	e.Encrypted()
	if len(h.serverName) > 0 {
		name := wire.String(h.serverName)
		e.ServerName(name)
		kind := model.KindHostname
		if wire.IsAddr(name) { // RFC 6066 forbids it, some send it
			kind = model.KindServiceOffered
		}
		e.Observe(dissect.Claim{Subject: dissect.About(f.Receiver(dir)), Kind: kind, Value: name, Source: s.source("sni")})
		if service, product, ok := remoteProduct(name); ok {
			tellRemote(e, f.Sender(dir), service, product, s.source("sni"))
		}
	}
	if len(h.alpn) > 0 {
		e.ALPN(wire.String(h.alpn[0]))
	}
	e.Observe(dissect.Claim{Subject: client, Kind: model.KindFingerprint, Value: h.ja3(), Source: s.source("ja3")})
	e.Observe(dissect.Claim{Subject: client, Kind: model.KindFingerprint, Value: h.ja4(s.carrier), Source: s.source("ja4")})
	if v := versionName(h.best()); v != "" {
		e.Observe(dissect.Claim{Subject: client, Kind: model.KindCapability, Value: wire.Join("up to ", v), Source: s.source("client_version")})
	}
}

func (s *handshake) server(e dissect.Emitter, dir dissect.Direction, h *hello) {
	f := e.Flow()
	server := dissect.About(f.Sender(dir))
	s.version = h.best()
	v := versionName(s.version)
	e.Encrypted()
	e.Version(v)
	if len(h.alpn) > 0 {
		e.ALPN(wire.String(h.alpn[0]))
	}
	e.Observe(dissect.Claim{Subject: server, Kind: model.KindFingerprint, Value: h.ja3s(), Source: s.source("ja3s")})
	e.Observe(dissect.Claim{Subject: server, Kind: model.KindCapability, Value: wire.Join(v, " ", suiteName(h.suites[0])), Source: s.source("server_hello")})
	s.judge(e, f.Sender(dir), f.Receiver(dir), s.version, h.suites[0])
	if v == "TLS 1.3" || v == "TLS 1.3 draft" || v == "DTLS 1.3" {
		s.finished = true // the rest is encrypted
	}
}

func (s *handshake) judge(e dissect.Emitter, server, client model.Endpoint, version, suite uint16) {
	w := dissect.Weakness{Version: 1, Subject: server, Peer: client, Evidence: s.source("server_hello")}
	if obsolete(version) {
		w.Type, w.Rule, w.Detail = model.FindingObsoleteProtocol, s.source("obsolete_version"), versionName(version)
		e.Report(w)
	}
	if why := weakness(suite); why != "" {
		w.Type, w.Rule, w.Detail = model.FindingWeakCrypto, s.source("weak_suite"), wire.Join(suiteName(suite), ": ", why)
		e.Report(w)
	}
}

// certificates reads the first certificate of a Certificate message (RFC 5246, section 7.4.2).
func (s *handshake) certificates(e dissect.Emitter, dir dissect.Direction, body []byte) {
	c := wire.At(body)
	list := c.Sub(int(c.U24()))
	der := list.Bytes(int(list.U24()))
	if !list.OK() || len(der) == 0 {
		return
	}
	f := e.Flow()
	if dir == dissect.FromInitiator {
		e.Observe(dissect.Claim{Subject: dissect.About(f.Initiator), Kind: model.KindCapability, Value: "client certificate", Source: s.source("client_certificate")})
		return
	}
	if s.told {
		return
	}
	x, ok := readCertificate(der)
	if !ok {
		return
	}
	s.told = true
	s.describe(e, f.Responder, f.Initiator, x)
}

func (s *handshake) describe(e dissect.Emitter, server, client model.Endpoint, x *certificate) {
	claim := func(kind model.Kind, field, value string) {
		e.Observe(dissect.Claim{Subject: dissect.About(server), Kind: kind, Value: value, Source: s.source(field)})
	}
	claim(model.KindCertificate, "cert_subject", x.subject)
	claim(model.KindCertificate, "cert_issuer", x.issuer)
	for _, n := range x.names {
		claim(model.KindCertificate, "cert_name", n)
	}
	if !x.expiry.IsZero() {
		claim(model.KindCertificate, "cert_expiry", x.until)
	}
	if service, product, ok := remoteCertificate(x.subject, x.issuer); ok {
		tellRemote(e, client, service, product, s.source("certificate"))
	}
	claim(model.KindCertificate, "cert_key", x.key)
	claim(model.KindCertificate, "cert_sha256", x.digest)
	claim(model.KindFingerprint, "cert_key_sha256", wire.Join("spki:", x.keyHash))
	w := dissect.Weakness{Type: model.FindingWeakCrypto, Version: 1, Subject: server, Peer: client, Evidence: s.source("certificate")}
	if x.weakKey {
		w.Rule, w.Detail = s.source("weak_key"), x.key
		e.Report(w)
	}
	if x.weakSignature() {
		w.Rule, w.Detail = s.source("weak_signature"), x.signature
		e.Report(w)
	}
	if !x.expiry.IsZero() && x.expiry.UnixNano() < e.Flow().Time {
		w.Rule, w.Detail = s.source("expired_certificate"), x.expiry.UTC().Format(time.DateOnly)
		e.Report(w)
	}
}
