package natslink

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Reach is what a probe learnt of the way to the hub.
type Reach struct {
	Address string        // host and port
	Took    time.Duration // until the hub had taken the certificate
	Clock   time.Duration // this machine's clock minus the hub's; valid iff Timed
	Timed   bool
}

// ProbeFault says what is wrong on the way to the hub, and what to do.
type ProbeFault struct {
	Name   string // e.g. "resigned", "refused", for machines
	Text   string
	Remedy string
	Cause  error
}

func (f *ProbeFault) Error() string { return f.Text }
func (f *ProbeFault) Unwrap() error { return f.Cause }

// Probe goes the way to the hub as a Link does, up to the login, and leaves again. Errors are
// *ProbeFault.
func Probe(ctx context.Context, cfg Config) (Reach, error) {
	begin := time.Now()
	u, err := url.Parse(cfg.URL)
	if err == nil {
		err = cfg.Validate()
	}
	if err != nil {
		return Reach{}, &ProbeFault{"configuration", err.Error(), "correct hub.nats and hub.proxy", err}
	}
	address := u.Host
	if u.Port() == "" {
		address = net.JoinHostPort(u.Hostname(), map[bool]string{true: "443", false: "4222"}[u.Scheme == "wss"])
	}
	reach := Reach{Address: address}
	tlsConfig, err := cfg.TLS.Load(begin)
	if err != nil {
		return reach, &ProbeFault{"certificate", err.Error(), "enrol the sensor again, or correct hub.certificate, hub.key and hub.ca", err}
	}
	conn, err := dialHub(ctx, cfg, address)
	if err != nil {
		return reach, err
	}
	defer func() { _ = conn.Close() }() // the probe is over
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline) // a closed connection says so by itself
	}
	if u.Scheme != "wss" {
		if err := readInfo(conn); err != nil {
			return reach, &ProbeFault{"protocol", fmt.Sprintf("%s answers, but not as a hub does (%v)", address, err), "see that hub.nats names the hub's sensor listener, and that no other service or portal answers for it", err}
		}
	}
	secure, err := handshake(ctx, conn, tlsConfig, u.Hostname(), cfg)
	if err != nil {
		return reach, err
	}
	if u.Scheme == "wss" {
		reach.Clock, reach.Timed, err = askWeb(secure, u)
	} else {
		err = login(secure)
	}
	reach.Took = time.Since(begin)
	if err != nil {
		return reach, &ProbeFault{"refused", fmt.Sprintf("the hub at %s refuses this sensor: %v", address, err), "see `wardscope sensors list`: it may be revoked or unknown; enrol it again", err}
	}
	return reach, nil
}

func dialHub(ctx context.Context, cfg Config, address string) (net.Conn, error) {
	if cfg.Proxy != "" {
		u, err := url.Parse(cfg.Proxy)
		if err != nil {
			return nil, &ProbeFault{"proxy", err.Error(), "correct hub.proxy", err}
		}
		conn, err := (&proxy{url: u, timeout: cfg.AckTimeout}).dial(ctx, "tcp", address)
		if err != nil {
			return nil, &ProbeFault{"proxy", err.Error(), "see that the proxy is right and lets CONNECT to " + address + " pass; a 407 wants user and password in hub.proxy", err}
		}
		return conn, nil
	}
	conn, err := (&net.Dialer{Timeout: cfg.AckTimeout}).DialContext(ctx, "tcp", address)
	if err == nil {
		return conn, nil
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return nil, &ProbeFault{"name", fmt.Sprintf("the hub's name %s is not known here", dns.Name), "see the name servers of the management interface, or name the hub by its address if its certificate has that", err}
	}
	return nil, &ProbeFault{"unreachable", fmt.Sprintf("%s cannot be reached: %v", address, err), "let the firewall pass TCP from the sensor to " + address + ", or set hub.proxy", err}
}

// readInfo takes the greeting of a NATS server, byte by byte: TLS begins right behind it.
func readInfo(conn net.Conn) error {
	var text []byte
	one := make([]byte, 1)
	for len(text) < 64<<10 {
		if _, err := io.ReadFull(conn, one); err != nil {
			return fmt.Errorf("read greeting: %w", err)
		}
		if text = append(text, one[0]); one[0] == '\n' {
			break
		}
		if n := min(len(text), 5); string(text[:n]) != "INFO "[:n] {
			break
		}
	}
	if !strings.HasPrefix(string(text), "INFO {") {
		return errors.New("no greeting")
	}
	return nil
}

// handshake makes TLS and says who answers when that is not the hub.
func handshake(ctx context.Context, conn net.Conn, base *tls.Config, name string, cfg Config) (*tls.Conn, error) {
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
	if fault, ok := errors.AsType[*ProbeFault](err); ok {
		return nil, fault
	}
	if alert, ok := errors.AsType[tls.AlertError](err); ok {
		return nil, &ProbeFault{"refused", fmt.Sprintf("the hub refuses this sensor's certificate %s: %v", cfg.TLS.Cert, alert), "enrol the sensor again", err}
	}
	return nil, &ProbeFault{"tls", fmt.Sprintf("no TLS 1.3 with %s: %v", conn.RemoteAddr(), err), "something on the way breaks TLS; exempt the hub's address from inspection", err}
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
		return &ProbeFault{"hub_name", fmt.Sprintf("the hub's certificate does not name %s but %s", name, strings.Join(hubNames(leaf), ", ")), "use a name from the certificate in hub.nats, or add this one to the hub's advertised names", err}
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return &ProbeFault{"clock", fmt.Sprintf("the hub's certificate is valid from %s to %s, and it is %s here: one of the clocks is wrong",
			leaf.NotBefore.Format(time.RFC3339), leaf.NotAfter.Format(time.RFC3339), time.Now().UTC().Format(time.RFC3339)), "set this machine's clock by a time server", err}
	}
	return &ProbeFault{"resigned", fmt.Sprintf("a proxy re-signs TLS: the certificate for %s is signed by %q, not by the hub's own authority", name, issuer(leaf)),
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

// login says who the sensor is: with TLS 1.3 a refused certificate shows only at the first answer.
func login(hub io.ReadWriter) error {
	if _, err := io.WriteString(hub, `CONNECT {"verbose":false,"pedantic":false,"lang":"go","version":"check","protocol":1,"name":"wardscope-sensor check"}`+"\r\nPING\r\n"); err != nil {
		return err
	}
	lines := bufio.NewReader(hub)
	for range 16 {
		line, err := lines.ReadString('\n')
		if err != nil {
			return err
		}
		if strings.HasPrefix(line, "PONG") {
			return nil
		}
		if text, ok := strings.CutPrefix(line, "-ERR"); ok {
			return errors.New(strings.Trim(strings.TrimSpace(text), "'"))
		}
	}
	return errors.New("it does not answer a login")
}

// askWeb makes one request of a WebSocket listener; an answer of any kind may have its clock.
func askWeb(hub io.ReadWriter, u *url.URL) (offset time.Duration, timed bool, err error) {
	if _, err := fmt.Fprintf(hub, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", u.Host); err != nil {
		return 0, false, err
	}
	response, err := http.ReadResponse(bufio.NewReader(hub), nil)
	if err != nil {
		return 0, false, err
	}
	_ = response.Body.Close()
	at, err := http.ParseTime(response.Header.Get("Date"))
	return time.Since(at), err == nil, nil
}
