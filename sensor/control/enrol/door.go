package enrol

import (
	"bytes"
	"context"
	"crypto/sha256"
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

	"google.golang.org/protobuf/encoding/protojson"

	uplinkv1 "github.com/wardscope/wardscope/proto/wardscope/uplink/v1"
)

// enrolPath is where a hub answers new sensors.
const enrolPath = "/enrol/v1"

// Bounds of the exchange.
const (
	askTime   = 30 * time.Second
	maxAnswer = 1 << 20 // bytes
)

// door is the hub as a sensor without a certificate sees it.
type door struct {
	url    *url.URL
	client *http.Client
}

func newDoor(cfg Config, fingerprint [sha256.Size]byte) (*door, error) {
	text := cfg.Hub
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" {
		return nil, &Fault{"address", fmt.Sprintf("--hub %s is no address", cfg.Hub), "write it as https://hub.example.org:8443, as `wardscope sensors enroll-token` prints it", err}
	}
	d := &door{url: u.JoinPath(enrolPath)}
	transport := &http.Transport{DisableKeepAlives: true, TLSHandshakeTimeout: askTime, TLSClientConfig: &tls.Config{
		MinVersion: tls.VersionTLS13, ServerName: u.Hostname(),
		// Verified below, by the fingerprint in the token and the standard rules.
		InsecureSkipVerify: true,
		VerifyConnection: func(s tls.ConnectionState) error {
			return verifyHub(s.PeerCertificates, fingerprint, u.Hostname(), time.Now())
		},
	}}
	if cfg.Proxy != "" {
		proxy, err := url.Parse(cfg.Proxy)
		if err != nil || proxy.Host == "" {
			return nil, &Fault{"proxy", fmt.Sprintf("--proxy %s is no address", cfg.Proxy), "write it as http://proxy.example.org:3128", err}
		}
		transport.Proxy = http.ProxyURL(proxy)
	}
	d.client = &http.Client{Transport: transport, Timeout: askTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return d, nil
}

func hashOf(c *x509.Certificate) [sha256.Size]byte { return sha256.Sum256(c.Raw) }

// verifyHub accepts a hub that shows the authority with the fingerprint, and a certificate of it for
// the name. Nothing was sent before.
func verifyHub(chain []*x509.Certificate, fingerprint [sha256.Size]byte, name string, now time.Time) error {
	if len(chain) == 0 {
		return errors.New("no certificate")
	}
	leaf, roots := chain[0], x509.NewCertPool()
	found := false
	for _, c := range chain {
		if hashOf(c) == fingerprint {
			roots.AddCert(c)
			found = true
		}
	}
	if !found {
		return &Fault{
			"authority", fmt.Sprintf("the certificate for %s is signed by %q, not by the hub that made this token: a proxy re-signs TLS, or it is another hub; the token was not sent", name, issuer(leaf)),
			"exempt " + name + " from TLS inspection, or use a token of the hub at this address", nil,
		}
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: name, CurrentTime: now})
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		names := append([]string(nil), leaf.DNSNames...)
		for _, ip := range leaf.IPAddresses {
			names = append(names, ip.String())
		}
		return &Fault{"hub_name", fmt.Sprintf("the hub's certificate does not name %s but %s", name, strings.Join(names, ", ")), "use one of these with --hub, or add this one to `names` of the hub", err}
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return &Fault{
			"clock", fmt.Sprintf("the hub's certificate is valid from %s to %s, and it is %s here: one of the clocks is wrong", leaf.NotBefore.Format(time.RFC3339), leaf.NotAfter.Format(time.RFC3339), now.UTC().Format(time.RFC3339)),
			"set this machine's clock by a time server; the token was not sent", err,
		}
	}
	return &Fault{"authority", fmt.Sprintf("the hub's certificate cannot be verified: %v", err), "see the hub's log", err}
}

// ask sends the request and reads the answer.
func (d *door) ask(ctx context.Context, r *uplinkv1.EnrolRequest) (*uplinkv1.EnrolResponse, error) {
	body, err := protojson.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("ask hub: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.url.String(), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask hub: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := d.client.Do(request)
	if err != nil {
		return nil, d.fault(err)
	}
	defer func() { _ = response.Body.Close() }() // read as far as it is wanted
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, d.fault(err)
	}
	read := protojson.UnmarshalOptions{DiscardUnknown: true} // a newer hub
	if response.StatusCode == http.StatusOK {
		var answer uplinkv1.EnrolResponse
		if err := read.Unmarshal(raw, &answer); err != nil {
			return nil, d.notAHub(response.Status)
		}
		return &answer, nil
	}
	var refusal uplinkv1.EnrolRefusal
	if err := read.Unmarshal(raw, &refusal); err != nil || refusal.GetText() == "" {
		return nil, d.notAHub(response.Status)
	}
	return nil, &Fault{refusal.GetCause(), "the hub refuses: " + refusal.GetText(), refusal.GetRemedy(), nil}
}

func (d *door) notAHub(status string) error {
	return &Fault{"protocol", fmt.Sprintf("%s answers %s, but not as a hub that enrols sensors", d.url.Host, status), "use the address that `wardscope sensors enroll-token` prints", nil}
}

// fault says why the hub was not reached.
func (d *door) fault(err error) error {
	if fault, ok := errors.AsType[*Fault](err); ok {
		return fault
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return &Fault{"name", fmt.Sprintf("the name %s is not known here", dns.Name), "see the name servers of the management interface, or set --proxy", err}
	}
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err // without the address, which is said anyway
	}
	if alert, ok := errors.AsType[tls.AlertError](err); ok {
		return &Fault{"tls", fmt.Sprintf("no TLS 1.3 with %s: %v", d.url.Host, alert), "something on the way breaks TLS; exempt the hub's address from inspection", err}
	}
	return &Fault{"unreachable", fmt.Sprintf("%s cannot be reached: %v", d.url.Host, err), "let the firewall pass TCP from the sensor to it, or set --proxy", err}
}
