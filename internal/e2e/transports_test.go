package e2e_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// proxy is an HTTP CONNECT proxy that wants a password.
type proxy struct {
	address string
	mu      sync.Mutex
	asked   []string // hosts, of those who had the password
	refused int
}

func newProxy(t *testing.T) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{address: l.Addr().String()}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			group.Go(func() { p.serve(in) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		group.Wait()
	})
	return p
}

func (p *proxy) serve(in net.Conn) {
	defer in.Close()
	buffered := bufio.NewReader(in)
	r, err := http.ReadRequest(buffered)
	if err != nil {
		return
	}
	good := r.Method == http.MethodConnect && r.Header.Get("Proxy-Authorization") == "Basic c2l0ZTpzM2NyZXQ="
	p.mu.Lock()
	if good {
		p.asked = append(p.asked, r.Host)
	} else {
		p.refused++
	}
	p.mu.Unlock()
	if !good {
		_, _ = io.WriteString(in, "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
		return
	}
	out, err := net.Dial("tcp", r.Host)
	if err != nil {
		_, _ = io.WriteString(in, "HTTP/1.1 502 Bad Gateway\r\n\r\n")
		return
	}
	defer out.Close()
	_, _ = io.WriteString(in, "HTTP/1.1 200 OK\r\n\r\n")
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(out, buffered)
		_ = out.Close()
	}()
	_, _ = io.Copy(in, out)
	_ = in.Close()
	<-done
}

// change replaces lines of a configuration's section hub; an empty value removes the key.
func change(t *testing.T, config string, values map[string]string) {
	t.Helper()
	raw, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for key, value := range values {
		text = regexp.MustCompile(`(?m)^  `+key+`:.*\n`).ReplaceAllString(text, "")
		if value != "" {
			text = strings.Replace(text, "hub:\n", "hub:\n  "+key+": "+value+"\n", 1)
		}
	}
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// The same batches arrive over every transport, directly and through a proxy that wants a password,
// which no log holds; where several ways are configured, the sensor finds one that works.
func TestEveryTransport(t *testing.T) {
	t.Parallel() // it mostly waits
	h := newHub(t)
	small := filepath.Join(h.dir, "small.yaml")
	demo, err := os.ReadFile(filepath.Join("..", "..", "sensor", "capture", "hospital", "scenarios", "demo.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(small, append(demo, []byte("scale: 0.1\n")...), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(h.dir, "captures")
	must(t, nil, "wardscope-sensor", "simulate", "--scenario", small, "--site", "north", "--out", out)
	p := newProxy(t)
	var want uint64
	for _, c := range []struct {
		name   string
		values map[string]string
		over   string
		proxy  string // address that the proxy was asked for
	}{
		{name: "nats", values: map[string]string{"transport": "nats"}, over: "nats"},
		{name: "websocket", values: map[string]string{"transport": "websocket"}, over: "websocket"},
		{name: "grpc", values: map[string]string{"transport": "grpc"}, over: "grpc"},
		{name: "nats-proxy", values: map[string]string{"transport": "nats", "proxy": "http://site:s3cret@" + p.address}, over: "nats", proxy: h.nats},
		{name: "websocket-proxy", values: map[string]string{"transport": "websocket", "proxy": "http://site:s3cret@" + p.address}, over: "websocket", proxy: h.web},
		{name: "grpc-proxy", values: map[string]string{"transport": "grpc", "proxy": "http://site:s3cret@" + p.address}, over: "grpc", proxy: h.grpc},
		{name: "nats-closed", values: map[string]string{"nats": "tls://127.0.0.1:1", "websocket": "", "transport": "auto"}, over: "grpc"},
		{name: "nats-first", values: map[string]string{}, over: "nats"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := h.enrol(t, "north", c.name, "files: ["+filepath.Join(out, "north.pcap")+"]")
			change(t, config, c.values)
			p.mu.Lock()
			p.asked = nil
			p.mu.Unlock()
			r := runSensor(config)
			if r.err != nil || r.sealed == 0 || r.sealed != r.sent {
				t.Fatalf("%v, sealed %d, sent %d\n%s", r.err, r.sealed, r.sent, tail(r.log, 10))
			}
			want += r.events
			if !strings.Contains(r.log, `msg="hub connected"`) || !strings.Contains(r.log, "over="+c.over) {
				t.Errorf("not over %s\n%s", c.over, r.log)
			}
			check := tool(t, nil, "wardscope-sensor", "check", "--config", config, "--for", "100ms")
			if !strings.Contains(check.out, "takes this sensor's certificate") {
				t.Errorf("check says\n%s%s", check.out, check.errOut)
			}
			effective := must(t, nil, "wardscope-sensor", "config", "print", "--config", config)
			for _, text := range []string{r.log, check.out, check.errOut, effective} {
				if strings.Contains(text, "s3cret") {
					t.Errorf("the proxy's password is in\n%s", text)
				}
			}
			p.mu.Lock()
			defer p.mu.Unlock()
			if asked := strings.Join(p.asked, " "); c.proxy == "" && asked != "" || c.proxy != "" && !strings.HasPrefix(asked, c.proxy) {
				t.Errorf("proxy was asked for %q, want %q", asked, c.proxy)
			}
		})
	}
	eventually(t, waitStored, "everything is stored", func() bool { return h.sql(t, storedEvents) >= want })
	if got := h.sql(t, storedEvents); got != want {
		t.Errorf("%d events stored, sensors sent %d", got, want)
	}
	t.Run("wrong password", func(t *testing.T) {
		config := h.enrol(t, "north", "wrong", "files: ["+filepath.Join(out, "north.pcap")+"]")
		change(t, config, map[string]string{"proxy": "http://site:s3crEt@" + p.address})
		check := tool(t, nil, "wardscope-sensor", "check", "--config", config, "--for", "100ms")
		if check.code != 3 || strings.Count(check.out, "407") < 3 || strings.Contains(check.out+check.errOut, "s3crEt") {
			t.Errorf("exit %d\n%s%s", check.code, check.out, check.errOut)
		}
		t.Log("\n" + check.out)
	})
}
