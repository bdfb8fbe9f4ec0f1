package mtls

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"slices"
	"time"
)

// Lives of certificates. Clocks of hospital equipment are off by hours, so each certificate is
// valid from a day before it was made, and a short one from as long before as it lasts.
const (
	AuthorityLife = 20 * 365 * 24 * time.Hour
	ServerLife    = 398 * 24 * time.Hour // the longest that browsers accept
	ClientLife    = 30 * 24 * time.Hour  // sensors renew theirs by themselves
	backdate      = 24 * time.Hour
)

// Files of an authority in its folder.
const (
	AuthorityCertFile = "ca.pem"
	AuthorityKeyFile  = "ca-key.pem"
)

// Pair is a certificate and its private key, in PEM.
type Pair struct {
	CertPEM []byte
	KeyPEM  []byte
	Serial  string    // lower-case hexadecimal
	Expires time.Time // end of validity
}

// Signed is a certificate whose key the authority never saw.
type Signed struct {
	CertPEM []byte
	Serial  string // lower-case hexadecimal
	Expires time.Time
}

// Authority signs the certificates of one hub and its sensors.
type Authority struct {
	cert *x509.Certificate
	key  crypto.Signer
	pem  []byte
}

// NewAuthority makes an authority with a fresh P-256 key, in memory only.
func NewAuthority(name string, now time.Time) (*Authority, error) {
	key, err := NewKey()
	if err != nil {
		return nil, err
	}
	template, err := template(pkix.Name{CommonName: name, Organization: []string{"Wardscope"}}, now, AuthorityLife)
	if err != nil {
		return nil, err
	}
	template.IsCA, template.BasicConstraintsValid, template.MaxPathLenZero = true, true, true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make authority certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read back authority certificate: %w", err)
	}
	return &Authority{cert: cert, key: key, pem: certPEM(der)}, nil
}

// OpenAuthority is Folder.Open for a folder that makes its own passphrase.
func OpenAuthority(dir, name string, now time.Time) (*Authority, error) {
	return Folder{Dir: dir, Name: name}.Open(now)
}

func parseAuthority(certFile string, certText, keyText []byte, now time.Time) (*Authority, error) {
	pair, err := keyPair(certText, keyText)
	if err != nil {
		return nil, fmt.Errorf("load authority %s: %w", certFile, err)
	}
	key, ok := pair.PrivateKey.(crypto.Signer)
	if !ok || !pair.Leaf.IsCA {
		return nil, fmt.Errorf("load authority %s: is no certificate authority", certFile)
	}
	if now.After(pair.Leaf.NotAfter) {
		return nil, fmt.Errorf("load authority %s: expired on %s", certFile, pair.Leaf.NotAfter.Format(time.DateOnly))
	}
	return &Authority{cert: pair.Leaf, key: key, pem: certPEM(pair.Leaf.Raw)}, nil
}

// PEM is the authority's certificate, for whoever has to trust it.
func (a *Authority) PEM() []byte { return append([]byte(nil), a.pem...) }

// Fingerprint is the SHA-256 of the authority's certificate, by which an enrolment token names it.
func (a *Authority) Fingerprint() [sha256.Size]byte { return sha256.Sum256(a.cert.Raw) }

// Chain adds the authority's certificate to a pair, for those who know its fingerprint only.
func (a *Authority) Chain(pair tls.Certificate) tls.Certificate {
	pair.Certificate = append(slices.Clone(pair.Certificate), a.cert.Raw)
	return pair
}

// Pool holds the authority's certificate alone.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// Server makes a certificate by which a hub shows itself under host names and addresses.
func (a *Authority) Server(names []string, now time.Time) (Pair, error) {
	if len(names) == 0 {
		return Pair{}, errors.New("make server certificate: no names")
	}
	t, err := template(pkix.Name{CommonName: names[0], Organization: []string{"Wardscope"}}, now, ServerLife)
	if err != nil {
		return Pair{}, err
	}
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, name)
		}
	}
	return a.issue(t)
}

// Client makes the certificate of a sensor, good for ClientLife. Its key exists in the answer only.
func (a *Authority) Client(id Identity, now time.Time) (Pair, error) {
	return a.ClientFor(id, now, ClientLife)
}

// ClientFor is Client for another life.
func (a *Authority) ClientFor(id Identity, now time.Time, life time.Duration) (Pair, error) {
	t, err := client(id, now, life)
	if err != nil {
		return Pair{}, err
	}
	return a.issue(t)
}

// Sign makes the certificate of a sensor for the key of its signing request. Of the request only
// the key counts: who the sensor is, the caller knows better.
func (a *Authority) Sign(request []byte, id Identity, now time.Time, life time.Duration) (Signed, error) {
	key, err := RequestKey(request)
	if err != nil {
		return Signed{}, err
	}
	t, err := client(id, now, life)
	if err != nil {
		return Signed{}, err
	}
	return a.sign(t, key)
}

func client(id Identity, now time.Time, life time.Duration) (*x509.Certificate, error) {
	if err := id.Check(); err != nil {
		return nil, fmt.Errorf("make sensor certificate: %w", err)
	}
	t, err := template(pkix.Name{CommonName: string(id.Sensor), Organization: []string{"Wardscope"}}, now, life)
	if err != nil {
		return nil, err
	}
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	t.URIs = []*url.URL{id.URI()}
	return t, nil
}

func (a *Authority) issue(t *x509.Certificate) (Pair, error) {
	key, err := NewKey()
	if err != nil {
		return Pair{}, err
	}
	signed, err := a.sign(t, key.Public())
	if err != nil {
		return Pair{}, err
	}
	text, err := keyPEM(key)
	if err != nil {
		return Pair{}, err
	}
	return Pair{CertPEM: signed.CertPEM, KeyPEM: text, Serial: signed.Serial, Expires: signed.Expires}, nil
}

func (a *Authority) sign(t *x509.Certificate, key crypto.PublicKey) (Signed, error) {
	if t.NotAfter.After(a.cert.NotAfter) {
		t.NotAfter = a.cert.NotAfter
	}
	t.KeyUsage = x509.KeyUsageDigitalSignature
	der, err := x509.CreateCertificate(rand.Reader, t, a.cert, key, a.key)
	if err != nil {
		return Signed{}, fmt.Errorf("sign certificate: %w", err)
	}
	return Signed{CertPEM: certPEM(der), Serial: t.SerialNumber.Text(16), Expires: t.NotAfter}, nil
}

func template(subject pkix.Name, now time.Time, life time.Duration) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)) // 20 octets at most: RFC 5280, section 4.1.2.2
	if err != nil {
		return nil, fmt.Errorf("make serial number: %w", err)
	}
	return &x509.Certificate{SerialNumber: serial, Subject: subject, NotBefore: now.Add(-min(backdate, life)).Truncate(time.Second), NotAfter: now.Add(life).Truncate(time.Second)}, nil
}

func certPEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func keyPEM(key crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode private key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}
