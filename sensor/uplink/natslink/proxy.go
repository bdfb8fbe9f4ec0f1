package natslink

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
	"time"
)

// proxy dials through an HTTP CONNECT proxy (RFC 9110, section 9.3.6). TLS to the hub runs
// inside, so the proxy sees no more than the hub's name.
type proxy struct {
	url     *url.URL
	timeout time.Duration
}

// Dial implements the NATS client's dialer.
func (p *proxy) Dial(network, address string) (net.Conn, error) {
	return p.dial(context.Background(), network, address) // the library's interface has no context
}

func (p *proxy) dial(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	conn, err := p.reach(ctx, network)
	if err != nil {
		return nil, fmt.Errorf("connect to proxy %s: %w", p.url.Host, err)
	}
	if err := p.tunnel(conn, address); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("ask proxy %s for %s: %w", p.url.Host, address, err)
	}
	return conn, nil
}

func (p *proxy) reach(ctx context.Context, network string) (net.Conn, error) {
	port := p.url.Port()
	if p.url.Scheme == "https" {
		if port == "" {
			port = "443"
		}
		dialer := &tls.Dialer{Config: &tls.Config{MinVersion: tls.VersionTLS12}}
		return dialer.DialContext(ctx, network, net.JoinHostPort(p.url.Hostname(), port))
	}
	if port == "" {
		port = "80"
	}
	return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort(p.url.Hostname(), port))
}

func (p *proxy) tunnel(conn net.Conn, address string) error {
	if err := conn.SetDeadline(time.Now().Add(p.timeout)); err != nil {
		return err
	}
	request := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: address}, Host: address, Header: http.Header{}}
	if u := p.url.User; u != nil {
		password, _ := u.Password() // none is the empty one
		request.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(u.Username()+":"+password)))
	}
	if err := request.Write(conn); err != nil {
		return err
	}
	// The NATS server speaks first, so what the reader takes ahead must not be lost: it is read
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
