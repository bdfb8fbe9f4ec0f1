package mtls

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"
)

// Files names a certificate, its key and the authority that the other side must have.
type Files struct {
	Cert string `yaml:"cert"`
	Key  string `yaml:"key"`
	CA   string `yaml:"ca"`
}

// Load reads the files and makes the configuration of a client that presents the certificate
// and trusts the authority alone. Each handshake presents what the files hold then, so a renewed
// certificate is used from the next connection on. Errors name the file, what is wrong and what to do.
func (f Files) Load(now time.Time) (*tls.Config, error) {
	var errs []error
	for _, file := range []struct{ key, name string }{{"cert", f.Cert}, {"key", f.Key}, {"ca", f.CA}} {
		if file.name == "" {
			errs = append(errs, fmt.Errorf("no %s file named", file.key))
		} else if _, err := os.Stat(file.name); err != nil {
			errs = append(errs, fmt.Errorf("read %s: %w", file.key, err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("load certificates: %w", err)
	}
	pair, err := f.pair()
	if err != nil {
		return nil, fmt.Errorf("load certificate %s with key %s: %w", f.Cert, f.Key, err)
	}
	if now.After(pair.Leaf.NotAfter) {
		return nil, fmt.Errorf("load certificate %s: expired on %s, and it is %s here; enrol the sensor again (wardscope sensors enroll-token)",
			f.Cert, pair.Leaf.NotAfter.Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	ca, err := os.ReadFile(f.CA)
	if err != nil {
		return nil, fmt.Errorf("load authority: %w", err)
	}
	pool, err := ParsePool(ca)
	if err != nil {
		return nil, fmt.Errorf("load authority %s: %w", f.CA, err)
	}
	config := Client(pair, pool)
	config.GetClientCertificate = f.current(pair)
	return config, nil
}

// Identity reads whom the certificate file names.
func (f Files) Identity() (Identity, error) {
	text, err := os.ReadFile(f.Cert)
	if err != nil {
		return Identity{}, fmt.Errorf("load certificate: %w", err)
	}
	cert, err := ParseCertificate(text)
	if err != nil {
		return Identity{}, fmt.Errorf("load certificate %s: %w", f.Cert, err)
	}
	return PeerIdentity(cert)
}

// Client is the configuration of a side that connects. Server names are checked by the
// standard rules.
func Client(pair tls.Certificate, roots *x509.CertPool) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{pair}, RootCAs: roots}
}

// Server is the configuration of a side that listens to sensors: no certificate, no connection.
func Server(pair tls.Certificate, clients *x509.CertPool) *tls.Config {
	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{pair},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    clients,
	}
}

// ServerBy is Server with a certificate that may become another one while connections are open.
func ServerBy(get func(*tls.ClientHelloInfo) (*tls.Certificate, error), clients *x509.CertPool) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13, GetCertificate: get, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}
}

// TLS parses the pair.
func (p Pair) TLS() (tls.Certificate, error) { return keyPair(p.CertPEM, p.KeyPEM) }

// ParseCertificate reads the first certificate of a PEM text.
func ParseCertificate(text []byte) (*x509.Certificate, error) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			return x509.ParseCertificate(block.Bytes)
		}
	}
	return nil, errors.New("holds no certificate in PEM form")
}

// ParsePool reads all certificates of a PEM text.
func ParsePool(text []byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, errors.New("holds no certificate in PEM form")
	}
	return pool, nil
}

func keyPair(cert, key []byte) (tls.Certificate, error) {
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	if pair.Leaf == nil {
		if pair.Leaf, err = x509.ParseCertificate(pair.Certificate[0]); err != nil {
			return tls.Certificate{}, err
		}
	}
	return pair, nil
}
