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
	"time"

	lenient "github.com/zmap/zcrypto/x509"
)

const (
	maxNames       = 16
	maxCertificate = 16 << 10 // bytes
)

// certificate is what leaves of a server's certificate.
type certificate struct {
	subject, issuer string
	names           []string
	expiry          time.Time
	key             string // e.g. "RSA 2048"
	weakKey         bool
	signature       string
	digest, keyHash string // SHA-256 of the certificate and of its public key, hexadecimal
}

// parseCertificate reads a certificate with the standard library, and with zcrypto what that
// refuses: many devices have negative serial numbers or odd encodings.
func parseCertificate(der []byte) (*certificate, bool) {
	if len(der) > maxCertificate {
		return nil, false
	}
	sum := sha256.Sum256(der)
	c := &certificate{digest: hex.EncodeToString(sum[:])}
	if x, err := x509.ParseCertificate(der); err == nil {
		c.subject, c.issuer = name(x.Subject.CommonName, x.Subject.Organization), name(x.Issuer.CommonName, x.Issuer.Organization)
		c.expiry, c.signature = x.NotAfter, x.SignatureAlgorithm.String()
		c.setNames(x.DNSNames)
		for _, ip := range x.IPAddresses {
			c.setNames([]string{ip.String()})
		}
		c.setKey(x.PublicKey, x.RawSubjectPublicKeyInfo)
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
	return c, true
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
