package tls

import (
	"crypto/dsa" //nolint:staticcheck // old devices have such keys
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	lenient "github.com/zmap/zcrypto/x509"
)

const (
	maxNames       = 16
	maxCertificate = 16 << 10 // bytes
)

// certificate is what leaves of a server's certificate.
type certificate struct {
	sum             [sha256.Size]byte
	subject, issuer string
	names           []string
	expiry          time.Time
	until           string // expiry, RFC 3339
	key             string // e.g. "RSA 2048"
	weakKey         bool
	signature       string
	digest, keyHash string // SHA-256 of the certificate and of its public key, hexadecimal
}

// seen keeps what was read of the certificates that came last: a server shows the same one at
// each connection, and reading it costs as much as twenty packets. All shards share it; entries
// are never changed.
var seen [256]atomic.Pointer[certificate]

// readCertificate reads a certificate, or remembers it by its SHA-256.
func readCertificate(der []byte) (*certificate, bool) {
	if len(der) > maxCertificate {
		return nil, false
	}
	sum := sha256.Sum256(der)
	at := &seen[sum[0]]
	if c := at.Load(); c != nil && c.sum == sum {
		return c, true
	}
	c, ok := parseCertificate(der, sum)
	if ok {
		at.Store(c)
	}
	return c, ok
}

// parseCertificate reads a certificate with the standard library, and with zcrypto what that
// refuses: many devices have negative serial numbers or odd encodings.
func parseCertificate(der []byte, sum [sha256.Size]byte) (*certificate, bool) {
	c := &certificate{sum: sum, digest: hex.EncodeToString(sum[:])}
	if x, err := x509.ParseCertificate(der); err == nil {
		c.subject, c.issuer = name(x.Subject.CommonName, x.Subject.Organization), name(x.Issuer.CommonName, x.Issuer.Organization)
		c.expiry, c.signature = x.NotAfter, x.SignatureAlgorithm.String()
		c.setNames(x.DNSNames)
		for _, ip := range x.IPAddresses {
			c.setNames([]string{ip.String()})
		}
		c.setKey(x.PublicKey, x.RawSubjectPublicKeyInfo)
		c.own()
		return c, true
	}
	x, err := lenient.ParseCertificate(der)
	if err != nil {
		return nil, false
	}
	c.subject, c.issuer = name(x.Subject.CommonName, x.Subject.Organization), name(x.Issuer.CommonName, x.Issuer.Organization)
	c.expiry, c.signature = x.NotAfter, x.SignatureAlgorithm.String()
	c.setNames(x.DNSNames)
	c.setKey(x.PublicKey, x.RawSubjectPublicKeyInfo)
	c.own()
	return c, true
}

// own lets go of the certificate that the strings were cut out of.
func (c *certificate) own() {
	c.until = c.expiry.UTC().Format(time.RFC3339)
	c.subject, c.issuer = strings.Clone(c.subject), strings.Clone(c.issuer)
	for i := range c.names {
		c.names[i] = strings.Clone(c.names[i])
	}
}

func (c *certificate) setNames(names []string) {
	for _, n := range names {
		if len(c.names) < maxNames {
			c.names = append(c.names, n)
		}
	}
}

// setKey tells the kind of key. RSA below 2048 bits is weak (SP 800-131A).
func (c *certificate) setKey(key any, info []byte) {
	sum := sha256.Sum256(info)
	c.keyHash = hex.EncodeToString(sum[:])
	switch k := key.(type) {
	case *rsa.PublicKey:
		c.key, c.weakKey = fmt.Sprintf("RSA %d", k.N.BitLen()), k.N.BitLen() < 2048
	case *ecdsa.PublicKey:
		c.key = "ECDSA " + k.Params().Name
	case *lenient.AugmentedECDSA:
		c.key = "ECDSA " + k.Pub.Params().Name
	case ed25519.PublicKey:
		c.key = "Ed25519"
	case *dsa.PublicKey:
		c.key, c.weakKey = fmt.Sprintf("DSA %d", k.P.BitLen()), true
	}
}

func (c *certificate) weakSignature() bool {
	return strings.Contains(c.signature, "MD5") || strings.Contains(c.signature, "MD2") || strings.Contains(c.signature, "SHA1")
}

func name(common string, organization []string) string {
	s := ""
	if common != "" {
		s = "CN=" + common
	}
	for _, o := range organization {
		if s != "" {
			s += ", "
		}
		s += "O=" + o
	}
	return s
}
