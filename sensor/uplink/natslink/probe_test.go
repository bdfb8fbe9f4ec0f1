package natslink_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/sensor/uplink/dial"
	"github.com/wardscope/wardscope/sensor/uplink/natslink"
)

func TestProbeNamesWhatIsWrong(t *testing.T) {
	own, err := mtls.NewAuthority("Wardscope", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	proxy, err := mtls.NewAuthority("Inspecting Proxy CA", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	good, resigning := newServer(t, own, nil), newServer(t, proxy, nil)
	quiet, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer quiet.Close()
	go func() {
		for {
			conn, err := quiet.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte("HTTP/1.1 302 Found\r\n\r\n")) // a captive portal
			_ = conn.Close()
		}
	}()
	for _, c := range []struct {
		name, url, want, text string
	}{
		{name: "good", url: "tls://" + good.listener.Addr().String()},
		{name: "re-signed", url: "tls://" + resigning.listener.Addr().String(), want: "resigned", text: "Inspecting Proxy CA"},
		{name: "another name", url: "tls://localhost:" + port(good.listener), want: "hub_name", text: "hub.test"},
		{name: "nobody listens", url: "tls://127.0.0.1:1", want: "unreachable", text: "127.0.0.1:1"},
		{name: "no such name", url: "tls://hub.invalid:4222", want: "name", text: "hub.invalid"},
		{name: "a portal", url: "tls://" + quiet.Addr().String(), want: "protocol", text: "not as a hub"},
		{name: "no address", url: "http://x", want: "configuration"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := config(t, own, "")
			cfg.URL, cfg.AckTimeout = c.url, 5*time.Second
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			reach, err := natslink.Probe(ctx, cfg)
			if c.want == "" {
				if err != nil || reach.Took <= 0 {
					t.Errorf("got %+v, %v", reach, err)
				}
				return
			}
			fault, ok := errors.AsType[*dial.Fault](err)
			if !ok || fault.Name != c.want || !strings.Contains(fault.Text, c.text) || fault.Remedy == "" {
				t.Errorf("got %+v (%v), want %s", fault, err, c.want)
			}
		})
	}
}

func port(l net.Listener) string {
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return ""
	}
	return port
}
