package dial_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/wardscope/wardscope/sensor/uplink/dial"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve answers each connection with f until the test ends.
func serve(t *testing.T, f func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			f(conn)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return l.Addr().String()
}

// proxy answers a CONNECT with text, and tells what it was asked.
func proxy(t *testing.T, text string) (address string, asked chan *http.Request) {
	t.Helper()
	asked = make(chan *http.Request, 8)
	return serve(t, func(conn net.Conn) {
		r, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		asked <- r
		_, _ = io.WriteString(conn, text)
	}), asked
}

func TestThroughTheProxy(t *testing.T) {
	address, asked := proxy(t, "HTTP/1.1 200 Connection established\r\n\r\nINFO from the hub")
	d := &dial.Dialer{Proxy: "http://site:s3cret@" + address, Timeout: 5 * time.Second}
	if !d.Proxied("hub.test:443") {
		t.Error("not proxied")
	}
	conn, err := d.Dial("tcp", "hub.test:443")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got, err := io.ReadAll(conn); err != nil || string(got) != "INFO from the hub" {
		t.Errorf("got %q, %v: what the hub says first is lost", got, err)
	}
	r := <-asked
	if user, password, ok := (&http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}).BasicAuth(); r.Method != http.MethodConnect || r.Host != "hub.test:443" || !ok || user != "site" || password != "s3cret" {
		t.Errorf("asked %s %s as %s", r.Method, r.Host, user)
	}
}

// Whatever goes wrong, the password is not in what is said about it.
func TestNoErrorHoldsThePassword(t *testing.T) {
	refusing, _ := proxy(t, "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
	portal, _ := proxy(t, "<html>log in first</html>")
	for _, c := range []struct{ name, proxy, want string }{
		{name: "refused", proxy: "http://site:s3cret@" + refusing, want: "407"},
		{name: "no proxy", proxy: "http://site:s3cret@" + portal, want: "malformed"},
		{name: "nobody there", proxy: "http://site:s3cret@127.0.0.1:1", want: "connect to proxy 127.0.0.1:1"},
		{name: "another scheme", proxy: "socks5://site:s3cret@127.0.0.1:1", want: "hub.proxy"},
		{name: "unreadable", proxy: "http://site:s3cret@127.0.0.1:port", want: "hub.proxy"},
		{name: "TLS with what speaks none", proxy: "https://site:s3cret@" + refusing, want: "connect to proxy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &dial.Dialer{Proxy: c.proxy, Timeout: 5 * time.Second}
			_, err := d.Connect(t.Context(), "hub.test:443")
			if err == nil {
				t.Fatal("got through")
			}
			fault, ok := errors.AsType[*dial.Fault](err)
			if !ok || fault.Remedy == "" || !strings.Contains(fault.Text, c.want) {
				t.Errorf("got %+v, want %q", fault, c.want)
			}
			for _, text := range []string{err.Error(), fault.Remedy, dial.Redact(c.proxy)} {
				if strings.Contains(text, "s3cret") {
					t.Errorf("the password is in %q", text)
				}
			}
		})
	}
}

func TestDirect(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1") // loopback is exempt, whatever it says
	address := serve(t, func(conn net.Conn) { _, _ = io.WriteString(conn, "hello") })
	for _, choice := range []string{"", dial.Direct} {
		d := &dial.Dialer{Proxy: choice, Timeout: 5 * time.Second}
		conn, err := d.Connect(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(conn); err != nil || string(got) != "hello" {
			t.Errorf("got %q, %v", got, err)
		}
		_ = conn.Close()
	}
	d := &dial.Dialer{Proxy: dial.Direct, Timeout: 5 * time.Second}
	for address, want := range map[string]string{"127.0.0.1:1": "unreachable", "hub.invalid:443": "name"} {
		_, err := d.Connect(t.Context(), address)
		if fault, ok := errors.AsType[*dial.Fault](err); !ok || fault.Name != want {
			t.Errorf("%s: got %v, want %s", address, err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.DialContext(ctx, "tcp", address); err == nil {
		t.Error("dialled although the context has ended")
	}
}

func TestCheckProxy(t *testing.T) {
	for _, good := range []string{"", "direct", "http://proxy:3128", "https://user:pw@proxy", "http://[2001:db8::1]:8080"} {
		if err := dial.CheckProxy(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"proxy:3128", "socks5://proxy", "http://", "none"} {
		if dial.CheckProxy(bad) == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
