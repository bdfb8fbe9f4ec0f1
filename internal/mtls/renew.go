package mtls

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// RenewAt is when two thirds of a certificate's life are over. The time by which it was dated back
// does not count.
func RenewAt(cert *x509.Certificate) time.Time {
	whole := cert.NotAfter.Sub(cert.NotBefore)
	return cert.NotAfter.Add(-(whole - min(backdate, whole/2)) / 3)
}

// Renewal takes over new certificates for the files of a sensor. Its methods may be called by any
// goroutine.
type Renewal struct {
	files Files

	mu      sync.Mutex
	key     crypto.Signer // of the request that is open; nil: none is
	request []byte
}

// NewRenewal makes one.
func NewRenewal(files Files) *Renewal { return &Renewal{files: files} }

// Request is the signing request to send when the certificate has to be renewed, or nil. It stays
// the same until Take, so that the hub may be asked twice.
func (r *Renewal) Request(now time.Time) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	pair, err := r.files.pair()
	if err != nil {
		return nil, err
	}
	if now.Before(RenewAt(pair.Leaf)) {
		return nil, nil
	}
	if r.key != nil {
		return r.request, nil
	}
	key, err := NewKey()
	if err != nil {
		return nil, err
	}
	request, err := NewRequest(key)
	if err != nil {
		return nil, err
	}
	r.key, r.request = key, request
	return request, nil
}

// Take checks a certificate that the hub gave and puts it, with its key, into the certificate's file,
// at once: a crash leaves the old pair or the new one. Connections stay; the next one uses it.
func (r *Renewal) Take(text []byte) (expires time.Time, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.key == nil {
		return time.Time{}, errors.New("take new certificate: none was asked for")
	}
	cert, err := ParseCertificate(text)
	if err != nil {
		return time.Time{}, fmt.Errorf("take new certificate: %w", err)
	}
	if err := r.check(cert); err != nil {
		return time.Time{}, fmt.Errorf("take new certificate: %w", err)
	}
	key, err := keyPEM(r.key)
	if err != nil {
		return time.Time{}, err
	}
	if err := WriteFile(r.files.Cert, append(certPEM(cert.Raw), key...), 0o600); err != nil {
		return time.Time{}, err
	}
	r.key, r.request = nil, nil
	return cert.NotAfter, nil
}

// check wants the names of before, the key of the request and a known authority.
func (r *Renewal) check(cert *x509.Certificate) error {
	old, err := r.files.Identity()
	if err != nil {
		return err
	}
	if id, err := PeerIdentity(cert); err != nil || id != old {
		return fmt.Errorf("it is %v, not %v: %w", id, old, errors.Join(err))
	}
	mine, err := KeyID(r.key.Public())
	if err != nil {
		return err
	}
	if theirs, err := KeyID(cert.PublicKey); err != nil || theirs != mine {
		return errors.New("it is for another key")
	}
	ca, err := os.ReadFile(r.files.CA)
	if err != nil {
		return err
	}
	roots, err := ParsePool(ca)
	if err != nil {
		return err
	}
	// As of its own begin: whether clocks agree is another matter.
	_, err = cert.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: cert.NotBefore.Add(time.Second), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	return err
}

// pair reads certificate and key. A key in the certificate's file goes with it; the other file holds
// one of before.
func (f Files) pair() (tls.Certificate, error) {
	cert, err := os.ReadFile(f.Cert)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("read cert: %w", err)
	}
	key := cert
	if !bytes.Contains(cert, []byte("PRIVATE KEY-----")) {
		if key, err = os.ReadFile(f.Key); err != nil {
			return tls.Certificate{}, fmt.Errorf("read key: %w", err)
		}
	}
	return keyPair(cert, key)
}

// current gives each handshake what the files hold then; where they cannot be read, what they held.
func (f Files) current(held tls.Certificate) func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	var mu sync.Mutex
	return func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		mu.Lock()
		defer mu.Unlock()
		if pair, err := f.pair(); err == nil {
			held = pair
		}
		pair := held
		return &pair, nil
	}
}
