package dial

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// Direct as a proxy means none, whatever the environment says.
const Direct = "direct"

// CheckProxy says what is wrong with a proxy of the configuration. What it says holds no password.
func CheckProxy(proxy string) error {
	if proxy == "" || proxy == Direct {
		return nil
	}
	u, err := url.Parse(proxy)
	if err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https"}, u.Scheme) {
		return errors.New("hub.proxy: is no address of a proxy; write it as http://host:port, or http://user:password@host:port, or direct")
	}
	return nil
}

// Redact shows a proxy without its password.
func Redact(proxy string) string {
	u, err := url.Parse(proxy)
	if err != nil {
		return "(unreadable)"
	}
	return u.Redacted()
}

// Dialer connects to the hub.
type Dialer struct {
	Proxy   string        // http://[user:password@]host:port, Direct, or empty: what the environment says
	Timeout time.Duration // for all of it
}

// proxy chooses for an address; nil is none. The environment is HTTPS_PROXY and NO_PROXY, read once
// a process; loopback is never proxied by it.
func (d *Dialer) proxy(address string) (*url.URL, error) {
	switch d.Proxy {
	case Direct:
		return nil, nil //nolint:nilnil // none is an answer
	case "":
		u, err := http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: "https", Host: address}})
		if err != nil {
			return nil, errors.New("the environment's HTTPS_PROXY is no address of a proxy")
		}
		return u, nil
	}
	if err := CheckProxy(d.Proxy); err != nil {
		return nil, err
	}
	return url.Parse(d.Proxy)
}

// Proxied reports whether an address is reached through a proxy, which then resolves its name.
func (d *Dialer) Proxied(address string) bool {
	u, err := d.proxy(address)
	return err != nil || u != nil
}

// Dial implements the NATS client's dialer.
func (d *Dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address) // the library's interface has no context
}

// DialContext connects to host:port.
func (d *Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, d.Timeout)
	defer cancel()
	proxy, err := d.proxy(address)
	if err != nil {
		return nil, err
	}
	if proxy == nil {
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	conn, err := reach(ctx, network, proxy)
	if err != nil {
		return nil, &ProxyError{fmt.Errorf("connect to proxy %s: %w", proxy.Host, err)}
	}
	if err := d.tunnel(conn, proxy, address); err != nil {
		_ = conn.Close()
		return nil, &ProxyError{fmt.Errorf("ask proxy %s for %s: %w", proxy.Host, address, err)}
	}
	return conn, nil
}

// ProxyError is a failure at or by the proxy.
type ProxyError struct{ cause error }

func (e *ProxyError) Error() string { return e.cause.Error() }
func (e *ProxyError) Unwrap() error { return e.cause }

func reach(ctx context.Context, network string, proxy *url.URL) (net.Conn, error) {
	port := proxy.Port()
	if proxy.Scheme == "https" {
		if port == "" {
			port = "443"
		}
		dialer := &tls.Dialer{Config: &tls.Config{MinVersion: tls.VersionTLS12}}
		return dialer.DialContext(ctx, network, net.JoinHostPort(proxy.Hostname(), port))
	}
	if port == "" {
		port = "80"
	}
	return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort(proxy.Hostname(), port))
}

// tunnel asks for the way to the hub (RFC 9110, section 9.3.6).
func (d *Dialer) tunnel(conn net.Conn, proxy *url.URL, address string) error {
	if err := conn.SetDeadline(time.Now().Add(d.Timeout)); err != nil {
		return err
	}
	request := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: address}, Host: address, Header: http.Header{}}
	if u := proxy.User; u != nil {
		password, _ := u.Password() // none is the empty one
		request.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(u.Username()+":"+password)))
	}
	if err := request.Write(conn); err != nil {
		return err
	}
	// A NATS server speaks first, so what the reader takes ahead must not be lost: it is read
	// byte by byte up to the end of the answer.
	answer := bufio.NewReaderSize(&single{conn}, 16)
	response, err := http.ReadResponse(answer, request)
	if err != nil {
		return err
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("it answers %s", response.Status)
	}
	if answer.Buffered() > 0 {
		return errors.New("it sends more than its answer")
	}
	return conn.SetDeadline(time.Time{})
}

// single reads one byte at a time, so that nothing behind an answer's end is taken.
type single struct{ net.Conn }

func (s *single) Read(b []byte) (int, error) {
	if len(b) > 1 {
		b = b[:1]
	}
	return s.Conn.Read(b)
}
