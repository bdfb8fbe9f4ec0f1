package natslink_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wardscope/wardscope/internal/mtls"

	"github.com/wardscope/wardscope/sensor/uplink/linktest"
)

// server speaks as much of the NATS protocol as a sensor needs. The real server belongs to the
// hub's module; both meet in internal/e2e.
type server struct {
	listener net.Listener
	tls      *tls.Config
	decide   func(n int) linktest.Action

	mu       sync.Mutex
	n        int
	stored   map[string]int // times each message id arrived to be stored
	subjects map[string]bool
	subs     []string
	inFlight int
	most     int
	conns    []net.Conn
	hold     chan struct{} // when set, publishes wait for it
	done     sync.WaitGroup
}

func newServer(t *testing.T, a *mtls.Authority, decide func(int) linktest.Action) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{listener: l, tls: linktest.HubTLS(t, a), decide: decide, stored: map[string]int{}, subjects: map[string]bool{}}
	s.done.Go(s.accept)
	t.Cleanup(s.close)
	return s
}

func (s *server) close() {
	_ = s.listener.Close()
	s.cut()
	s.done.Wait()
}

// cut ends all connections.
func (s *server) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		_ = c.Close()
	}
	s.conns = nil
}

func (s *server) accept() {
	for {
		raw, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.done.Go(func() {
			s.serve(raw)
			_ = raw.Close()
		})
	}
}

func (s *server) serve(raw net.Conn) {
	_, err := io.WriteString(raw, `INFO {"server_id":"S","version":"2.15.2","proto":1,"headers":true,"max_payload":2097152,"tls_required":true,"jetstream":true}`+"\r\n")
	if err != nil {
		return
	}
	conn := tls.Server(raw, s.tls)
	s.mu.Lock()
	s.conns = append(s.conns, raw)
	s.mu.Unlock()
	var write sync.Mutex
	send := func(text string) {
		write.Lock()
		defer write.Unlock()
		_, _ = io.WriteString(conn, text) // a client that is gone comes again
	}
	in := bufio.NewReader(conn)
	sids := map[string]string{}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		f := strings.Fields(line)
		switch {
		case len(f) == 0 || f[0] == "CONNECT":
		case f[0] == "PING":
			send("PONG\r\n")
		case f[0] == "SUB":
			sids[strings.TrimSuffix(f[1], "*")] = f[len(f)-1]
			s.mu.Lock()
			s.subs = append(s.subs, f[1])
			s.mu.Unlock()
		case f[0] == "HPUB":
			header, _ := strconv.Atoi(f[len(f)-2]) // a client that errs here fails the test anyway
			total, _ := strconv.Atoi(f[len(f)-1])
			body := make([]byte, total+2)
			if _, err := io.ReadFull(in, body); err != nil {
				return
			}
			reply := f[2]
			sid := sids[reply[:strings.LastIndex(reply, ".")+1]]
			s.done.Go(func() { s.publish(send, raw, f[1], reply, sid, messageID(string(body[:header]))) })
		}
	}
}

func messageID(header string) string {
	_, rest, _ := strings.Cut(header, "Nats-Msg-Id: ")
	id, _, _ := strings.Cut(rest, "\r\n")
	return id
}

func (s *server) publish(send func(string), raw net.Conn, subj, reply, sid, id string) {
	s.mu.Lock()
	s.n++
	n, hold := s.n, s.hold
	s.subjects[subj] = true
	s.inFlight++
	s.most = max(s.most, s.inFlight)
	s.mu.Unlock()
	if hold != nil {
		<-hold
	}
	s.mu.Lock()
	s.inFlight--
	what := s.decide(n)
	if what != linktest.Full && what != linktest.Elsewhere {
		s.stored[id]++
	}
	s.mu.Unlock()
	answer := `{"stream":"EVENTS","seq":1}`
	switch what {
	case linktest.Full:
		answer = `{"error":{"code":503,"err_code":10077,"description":"maximum bytes exceeded"}}`
	case linktest.Elsewhere:
		answer = `{"stream":"OTHER","seq":1}`
	case linktest.Silent:
		return
	case linktest.Disconnect:
		_ = raw.Close()
		return
	}
	send(fmt.Sprintf("MSG %s %s %d\r\n%s\r\n", reply, sid, len(answer), answer))
}

func (s *server) ids() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.stored)
}

// connectProxy is an HTTP CONNECT proxy that resolves every name to the target.
func connectProxy(t *testing.T, target, wantAuth string) (url string, asked func() []string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var hosts []string
	srv := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		hosts = append(hosts, r.Method+" "+r.Host)
		mu.Unlock()
		if r.Header.Get("Proxy-Authorization") != wantAuth {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		out, err := net.Dial("tcp", target)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		in, buf, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(in, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() {
			_, _ = io.Copy(out, buf)
			_ = out.Close()
		}()
		_, _ = io.Copy(in, out)
		_ = in.Close()
	})}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(l) }()
	t.Cleanup(func() {
		_ = srv.Close()
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return "http://" + l.Addr().String(), func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string(nil), hosts...)
	}
}
