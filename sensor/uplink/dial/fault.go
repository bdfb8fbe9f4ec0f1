package dial

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// Reach is what a look at the way to the hub learnt.
type Reach struct {
	Address string        // host and port
	Took    time.Duration // until the hub had taken the certificate
	Clock   time.Duration // this machine's clock minus the hub's; valid iff Timed
	Timed   bool
}

// Fault says what is wrong on the way to the hub, and what to do.
type Fault struct {
	Name   string // e.g. "resigned", "refused", for machines
	Text   string
	Remedy string
	Cause  error
}

func (f *Fault) Error() string { return f.Text }
func (f *Fault) Unwrap() error { return f.Cause }

// NotTaken is the fault of a hub that does not let a sensor in.
func NotTaken(address string, cause error) *Fault {
	return &Fault{"refused", fmt.Sprintf("the hub at %s refuses this sensor: %v", address, cause), "see `wardscope sensors list`: it may be revoked or unknown; enrol it again", cause}
}

// Connect dials and says what is wrong.
func (d *Dialer) Connect(ctx context.Context, address string) (net.Conn, error) {
	conn, err := d.DialContext(ctx, "tcp", address)
	if err == nil {
		return conn, nil
	}
	if proxy, ok := errors.AsType[*ProxyError](err); ok {
		return nil, &Fault{"proxy", proxy.Error(), "see that the proxy is right and lets CONNECT to " + address + " pass; a 407 wants user and password in hub.proxy", err}
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return nil, &Fault{"name", fmt.Sprintf("the hub's name %s is not known here", dns.Name), "see the name servers of the management interface, or name the hub by its address if its certificate has that", err}
	}
	return nil, &Fault{"unreachable", fmt.Sprintf("%s cannot be reached: %v", address, err), "let the firewall pass TCP from the sensor to " + address + ", or set hub.proxy", err}
}

// Handshake makes TLS and says who answers when that is not the hub. CertFile is the sensor's own.
func Handshake(ctx context.Context, conn net.Conn, base *tls.Config, name, certFile string) (*tls.Conn, error) {
	var chain []*x509.Certificate
	config := base.Clone()
	config.ServerName = name
	// The chain is verified below with the same rules, so that a fault can name who signed it.
	config.InsecureSkipVerify = true
	config.VerifyConnection = func(state tls.ConnectionState) error {
		chain = state.PeerCertificates
		return verifyHub(chain, base.RootCAs, name)
	}
	secure := tls.Client(conn, config)
	err := secure.HandshakeContext(ctx)
	if err == nil {
		return secure, nil
	}
	if fault, ok := errors.AsType[*Fault](err); ok {
		return nil, fault
	}
	if alert, ok := errors.AsType[tls.AlertError](err); ok {
		return nil, &Fault{"refused", fmt.Sprintf("the hub refuses this sensor's certificate %s: %v", certFile, alert), "enrol the sensor again", err}
	}
	return nil, &Fault{"tls", fmt.Sprintf("no TLS 1.3 with %s: %v", conn.RemoteAddr(), err), "something on the way breaks TLS; exempt the hub's address from inspection", err}
}

func verifyHub(chain []*x509.Certificate, roots *x509.CertPool, name string) error {
	if len(chain) == 0 {
		return errors.New("no certificate")
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	leaf := chain[0]
	_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, DNSName: name})
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return &Fault{"hub_name", fmt.Sprintf("the hub's certificate does not name %s but %s", name, strings.Join(hubNames(leaf), ", ")), "use a name from the certificate for the hub, or add this one to the hub's advertised names", err}
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return &Fault{"clock", fmt.Sprintf("the hub's certificate is valid from %s to %s, and it is %s here: one of the clocks is wrong",
			leaf.NotBefore.Format(time.RFC3339), leaf.NotAfter.Format(time.RFC3339), time.Now().UTC().Format(time.RFC3339)), "set this machine's clock by a time server", err}
	}
	return &Fault{"resigned", fmt.Sprintf("a proxy re-signs TLS: the certificate for %s is signed by %q, not by the hub's own authority", name, issuer(leaf)),
		"exempt the hub's address from TLS inspection; the sensor trusts its hub's authority alone, and its own certificate cannot pass such a proxy", err}
}

func issuer(c *x509.Certificate) string {
	if c.Issuer.CommonName != "" {
		return c.Issuer.CommonName
	}
	return c.Issuer.String()
}

func hubNames(c *x509.Certificate) []string {
	names := append([]string(nil), c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	return names
}
