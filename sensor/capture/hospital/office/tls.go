package office

import (
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"time"

	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

// Hello says what kind of program opens a TLS connection.
type Hello uint8

// The kinds.
const (
	Browser  Hello = iota // TLS 1.3, GREASE, h2
	Schannel              // Windows 7 to 10 services: TLS 1.2
	Embedded              // OpenSSL 1.0 in a device: TLS 1.2, no SNI list of a browser
	Legacy                // Windows XP: TLS 1.0, RC4 first, no extensions but SNI
)

// Certificate makes a self-signed certificate for a name, the same for the same name.
func Certificate(name, organisation string, from time.Time) ([]byte, error) {
	r := wire.NewRand(wire.Key(name), wire.Key(organisation))
	key := ed25519.NewKeyFromSeed(r.Bytes(ed25519.SeedSize))
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetUint64(r.Uint64() >> 1),
		Subject:      pkix.Name{CommonName: name, Organization: []string{organisation}},
		NotBefore:    from, NotAfter: from.AddDate(10, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, DNSNames: []string{name},
	}
	der, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make certificate of %s: %w", name, err)
	}
	return der, nil
}

func extension(id uint16, parts ...[]byte) []byte {
	var b wire.Buf
	b.U16(id).Raw(wire.Len16(parts...))
	return b
}

func u16s(v ...uint16) []byte {
	var b wire.Buf
	b.U16(v...)
	return b
}

func serverName(name string) []byte {
	return extension(0, wire.Len16([]byte{0}, wire.Len16([]byte(name))))
}

func alpn(names ...string) []byte {
	var list []byte
	for _, n := range names {
		list = append(list, wire.Len8([]byte(n))...)
	}
	return extension(16, wire.Len16(list))
}

// extensions of each kind, in the order that the program sends them.
func (h Hello) extensions(r *wire.Rand, name string) []byte {
	var sni []byte
	if name != "" {
		sni = serverName(name)
	}
	switch h {
	case Legacy:
		return sni
	case Schannel:
		return wire.Join(sni, extension(5, []byte{1, 0, 0, 0, 0}), extension(10, wire.Len16(u16s(29, 23, 24))), extension(11, []byte{1, 0}),
			extension(13, wire.Len16(u16s(0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0201, 0x0403, 0x0503, 0x0203))), extension(35), extension(23), extension(0xff01, []byte{0}))
	case Embedded:
		return wire.Join(sni, extension(11, []byte{3, 0, 1, 2}), extension(10, wire.Len16(u16s(23, 25, 28, 27, 24))), extension(35),
			extension(13, wire.Len16(u16s(0x0601, 0x0602, 0x0603, 0x0501, 0x0503, 0x0401, 0x0403, 0x0201, 0x0203))), extension(15, []byte{1}))
	}
	key := wire.Join([]byte{0x0a, 0x0a, 0, 1, 0, 0, 29}, wire.Len16(r.Bytes(32)))
	return wire.Join(extension(0x0a0a), sni, extension(23), extension(0xff01, []byte{0}), extension(10, wire.Len16(u16s(0x0a0a, 29, 23, 24))),
		extension(11, []byte{1, 0}), extension(35), alpn("h2", "http/1.1"), extension(5, []byte{1, 0, 0, 0, 0}),
		extension(13, wire.Len16(u16s(0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601))), extension(18),
		extension(51, wire.Len16(key)), extension(45, []byte{1, 1}), extension(43, wire.Len8(u16s(0x0a0a, 0x0304, 0x0303))), extension(0x1a1a, []byte{0}))
}

var suites = map[Hello][]uint16{
	Browser:  {0x0a0a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035},
	Schannel: {0xc02c, 0xc02b, 0xc030, 0xc02f, 0xc024, 0xc023, 0xc028, 0xc027, 0xc00a, 0xc009, 0xc014, 0xc013, 0x009d, 0x009c, 0x003d, 0x003c, 0x0035, 0x002f, 0x000a},
	Embedded: {0xc030, 0xc02c, 0xc028, 0xc024, 0xc014, 0xc00a, 0x009d, 0x003d, 0x0035, 0xc02f, 0xc02b, 0xc027, 0xc023, 0xc013, 0xc009, 0x009c, 0x003c, 0x002f, 0x00ff},
	Legacy:   {0x0004, 0x0005, 0x000a, 0x0009, 0x0064, 0x0062, 0x0003, 0x0006, 0x0013, 0x0012, 0x0063},
}

func handshake(typ byte, parts ...[]byte) []byte {
	body := wire.Join(parts...)
	n := len(body)
	return wire.Join([]byte{typ, byte(n >> 16), byte(n >> 8), byte(n)}, body)
}

func tlsRecord(typ byte, version uint16, parts ...[]byte) []byte {
	var b wire.Buf
	b.U8(typ).U16(version).Raw(wire.Len16(parts...))
	return b
}

func (h Hello) clientHello(r *wire.Rand, name string) []byte {
	version := uint16(0x0303)
	if h == Legacy {
		version = 0x0301
	}
	session := []byte{0}
	if h == Browser {
		session = wire.Len8(r.Bytes(32))
	}
	body := wire.Join(u16s(version), r.Bytes(32), session, wire.Len16(u16s(suites[h]...)), []byte{1, 0})
	if e := h.extensions(r, name); e != nil {
		body = wire.Join(body, wire.Len16(e))
	}
	return tlsRecord(22, 0x0301, handshake(1, body))
}

// Secure is one TLS connection.
type Secure struct {
	Hello       Hello
	Name        string // server name indication; empty for none
	Certificate []byte
	Version     uint16 // 0x0301 to 0x0304, what the server chooses
	Suite       uint16
	Protocol    string // ALPN result; empty for none
	Exchanges   int
	Up, Down    int // octets of an exchange
	Every       time.Duration
}

// TLS writes a connection: handshake, then exchanges of sealed records.
func TLS(s *wire.Script, c Secure) {
	s.Ask(c.Hello.clientHello(s.Rand, c.Name))
	if c.Version >= 0x0304 {
		c.flight13(s)
	} else {
		c.flight12(s)
	}
	version := min(c.Version, 0x0303)
	sealed := func(from wire.From, wait time.Duration, n int) {
		var b wire.Buf
		b.U8(23).U16(version, uint16(n))
		s.Bulk(from, wait, b, n)
	}
	for range c.Exchanges {
		sealed(wire.Client, c.Every+s.Rand.Between(time.Millisecond, 50*time.Millisecond), max(c.Up, 40))
		for left := max(c.Down, 40); left > 0; left -= 16000 {
			sealed(wire.Server, s.Rand.Between(100*time.Microsecond, 2*time.Millisecond), min(left, 16000))
		}
	}
	if c.Version < 0x0304 {
		s.Say(wire.Client, time.Millisecond, tlsRecord(21, version, s.Rand.Bytes(26)))
	}
}

func (c Secure) flight13(s *wire.Script) {
	share := extension(51, u16s(29), wire.Len16(s.Rand.Bytes(32)))
	body := wire.Join(u16s(0x0303), s.Rand.Bytes(32), wire.Len8(s.Rand.Bytes(32)), u16s(c.Suite), []byte{0}, wire.Len16(share, extension(43, u16s(0x0304))))
	s.Answer(tlsRecord(22, 0x0303, handshake(2, body)), tlsRecord(20, 0x0303, []byte{1}),
		tlsRecord(23, 0x0303, s.Rand.Bytes(900+len(c.Certificate))))
	s.Ask(tlsRecord(20, 0x0303, []byte{1}), tlsRecord(23, 0x0303, s.Rand.Bytes(53)))
}

func (c Secure) flight12(s *wire.Script) {
	v := c.Version
	extensions := []byte{}
	if c.Hello != Legacy {
		e := extension(0xff01, []byte{0})
		if c.Protocol != "" {
			e = wire.Join(e, alpn(c.Protocol))
		}
		extensions = wire.Len16(e)
	}
	hello := handshake(2, u16s(v), s.Rand.Bytes(32), wire.Len8(s.Rand.Bytes(32)), u16s(c.Suite), []byte{0}, extensions)
	n := len(c.Certificate)
	one := wire.Join([]byte{byte(n >> 16), byte(n >> 8), byte(n)}, c.Certificate)
	n = len(one)
	chain := handshake(11, []byte{byte(n >> 16), byte(n >> 8), byte(n)}, one)
	ephemeral := c.Suite>>8 == 0xc0
	parts := [][]byte{tlsRecord(22, v, hello), tlsRecord(22, v, chain)}
	key := wire.Len16(s.Rand.Bytes(256)) // RSA: encrypted premaster secret
	if ephemeral {
		point := wire.Join([]byte{4}, s.Rand.Bytes(64))
		parts = append(parts, tlsRecord(22, v, handshake(12, []byte{3, 0, 23}, wire.Len8(point), u16s(0x0401), wire.Len16(s.Rand.Bytes(256)))))
		key = wire.Len8(wire.Join([]byte{4}, s.Rand.Bytes(64)))
	}
	s.Answer(append(parts, tlsRecord(22, v, handshake(14)))...)
	s.Ask(tlsRecord(22, v, handshake(16, key)), tlsRecord(20, v, []byte{1}), tlsRecord(22, v, s.Rand.Bytes(40)))
	s.Answer(tlsRecord(20, v, []byte{1}), tlsRecord(22, v, s.Rand.Bytes(40)))
}
