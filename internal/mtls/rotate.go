package mtls

import (
	"crypto/tls"
	"crypto/x509"
	"sync"
	"time"
)

// Rotating is a hub's server certificate that never grows old: with the first handshake after two
// thirds of its life the next one is made. Connections that are open stay open.
type Rotating struct {
	authority *Authority
	names     []string
	chain     bool // with the authority's certificate, for those who know its fingerprint only
	now       func() time.Time

	mu      sync.Mutex
	current tls.Certificate // guarded by mu
}

// Rotating makes the first certificate, for host names and addresses.
func (a *Authority) Rotating(names []string, chain bool, now func() time.Time) (*Rotating, error) {
	r := &Rotating{authority: a, names: names, chain: chain, now: now}
	return r, r.renew(now())
}

func (r *Rotating) renew(at time.Time) error {
	pair, err := r.authority.Server(r.names, at)
	if err != nil {
		return err
	}
	next, err := pair.TLS()
	if err != nil {
		return err
	}
	if r.chain {
		next = r.authority.Chain(next)
	}
	r.current = next
	return nil
}

// Certificate is the one to show now. While the next one cannot be made, it is the present one, as
// long as it is good.
func (r *Rotating) Certificate() (*tls.Certificate, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at := r.now(); !at.Before(RenewAt(r.current.Leaf)) {
		if err := r.renew(at); err != nil && at.After(r.current.Leaf.NotAfter) {
			return nil, err
		}
	}
	shown := r.current
	return &shown, nil
}

// Leaf is the certificate that is shown now.
func (r *Rotating) Leaf() *x509.Certificate {
	c, err := r.Certificate()
	if err != nil {
		return nil
	}
	return c.Leaf
}

// Get is Certificate for a tls.Config.
func (r *Rotating) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) { return r.Certificate() }
