package grpclink_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/wardscope/wardscope/internal/mtls"
	uplinkv1 "github.com/wardscope/wardscope/proto/wardscope/uplink/v1"
	"github.com/wardscope/wardscope/sensor/uplink"
	"github.com/wardscope/wardscope/sensor/uplink/dial"
	"github.com/wardscope/wardscope/sensor/uplink/grpclink"
	"github.com/wardscope/wardscope/sensor/uplink/linktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func config(t *testing.T, a *mtls.Authority, address string) grpclink.Config {
	t.Helper()
	cfg := grpclink.DefaultConfig()
	cfg.URL, cfg.Site, cfg.Sensor, cfg.TLS = "grpc://"+address, linktest.Identity.Site, linktest.Identity.Sensor, linktest.Files(t, a, linktest.Identity)
	cfg.AckTimeout, cfg.Retry = 300*time.Millisecond, linktest.Retry()
	return cfg
}

func newLink(t *testing.T, cfg grpclink.Config, box uplink.Outbox) *grpclink.Link {
	t.Helper()
	l, err := grpclink.New(cfg, grpclink.Deps{Outbox: box, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestEverythingArrivesWhateverTheHubDoes(t *testing.T) {
	for _, tc := range linktest.Cases() {
		t.Run(tc.Name, func(t *testing.T) {
			a := linktest.Authority(t)
			s := newServer(t, a, tc.Decide)
			box := linktest.Outbox(t, 150)
			l := newLink(t, config(t, a, s.address), box)
			if err := l.Run(linktest.Deadline(t, 30*time.Second)); err != nil {
				t.Fatal(err, l.Status())
			}
			got := s.got()
			for i := range 150 {
				id := fmt.Sprintf("7/%d", i+1)
				if got[id] == 0 || tc.Exact && got[id] != 1 {
					t.Errorf("%s: stored %d times", id, got[id])
				}
				delete(got, id)
			}
			if len(got) != 0 {
				t.Errorf("unknown batches: %v", got)
			}
			if h := box.Held(); h.Batches != 0 {
				t.Errorf("outbox still holds %+v", h)
			}
			if st := l.Status(); st.Acked != 150 || st.Over != "grpc" {
				t.Errorf("status %+v", st)
			}
		})
	}
}

func TestHubThatIsAwayIsWaitedForUntilTheDeadline(t *testing.T) {
	a := linktest.Authority(t)
	s := newServer(t, a, linktest.Always(linktest.Accept))
	s.grpc.Stop()
	box := linktest.Outbox(t, 30)
	l := newLink(t, config(t, a, s.address), box)
	if err := l.Run(linktest.Deadline(t, 200*time.Millisecond)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want deadline exceeded", err)
	}
	if h := box.Held(); h.Batches != 30 {
		t.Errorf("outbox: got %+v, want all 30 batches", h)
	}
	if st := l.Status(); st.Connected || st.Fault == "" {
		t.Errorf("status: got %+v, want a fault", st)
	}
	if _, err := l.Ask(t.Context(), nil); !errors.Is(err, uplink.ErrAway) {
		t.Errorf("ask: got %v", err)
	}
}

func TestWrongCertificatesNeverSend(t *testing.T) {
	a, other := linktest.Authority(t), linktest.Authority(t)
	s := newServer(t, a, linktest.Always(linktest.Accept))
	for _, tc := range []struct {
		name  string
		files mtls.Files
		fault string // of Run itself; empty: of the status
	}{
		{name: "hub of another authority", files: linktest.Files(t, other, linktest.Identity)},
		{name: "certificate of another sensor", files: linktest.Files(t, a, mtls.Identity{Site: "north", Sensor: "n2"}), fault: "wardscope://north/n2"},
		{name: "no certificate", files: mtls.Files{}, fault: "no cert file"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg := config(t, a, s.address)
			cfg.TLS = tc.files
			l := newLink(t, cfg, linktest.Outbox(t, 1))
			err := l.Run(linktest.Deadline(t, 300*time.Millisecond))
			if err == nil || !strings.Contains(err.Error(), tc.fault) {
				t.Errorf("got %v, want an error about %q", err, tc.fault)
			}
		})
	}
	if got := s.got(); len(got) != 0 {
		t.Errorf("stored %v", got)
	}
}

func TestAsk(t *testing.T) {
	a := linktest.Authority(t)
	s := newServer(t, a, linktest.Always(linktest.Accept))
	m, err := uplink.NewMemory(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	l := newLink(t, config(t, a, s.address), m)
	ctx, cancel := context.WithCancel(linktest.Deadline(t, 20*time.Second))
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	for tick := time.NewTicker(time.Millisecond); !l.Connected(); {
		<-tick.C
	}
	report, err := proto.Marshal(&uplinkv1.Report{Epoch: 41})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := l.Ask(ctx, report)
	var answer uplinkv1.Answer
	if err := errors.Join(err, proto.Unmarshal(raw, &answer)); err != nil || answer.GetConfiguration() != 42 {
		t.Errorf("got %v, %v", &answer, err)
	}
	if _, err := l.Ask(ctx, []byte{0xff}); err == nil {
		t.Error("what is no report is sent")
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestThroughAProxy(t *testing.T) {
	a := linktest.Authority(t)
	s := newServer(t, a, linktest.Always(linktest.Accept))
	proxy, asked := connectProxy(t, s.address)
	cfg := config(t, a, "hub.test:443") // a name that only the proxy can resolve
	cfg.AckTimeout = 5 * time.Second
	cfg.Proxy = "http://site:secret@" + proxy
	if err := newLink(t, cfg, linktest.Outbox(t, 20)).Run(linktest.Deadline(t, 10*time.Second)); err != nil {
		t.Fatal(err)
	}
	if got := <-asked; got != "CONNECT hub.test:443 Basic c2l0ZTpzZWNyZXQ=" {
		t.Errorf("asked %s", got)
	}
}

// connectProxy passes one connection after the other on to a target.
func connectProxy(t *testing.T, target string) (address string, asked chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked = make(chan string, 16)
	var group sync.WaitGroup
	group.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			buffered := bufio.NewReader(in)
			r, err := http.ReadRequest(buffered)
			if err != nil {
				continue
			}
			asked <- r.Method + " " + r.Host + " " + r.Header.Get("Proxy-Authorization")
			out, err := net.Dial("tcp", target)
			if err != nil {
				continue
			}
			_, _ = io.WriteString(in, "HTTP/1.1 200 OK\r\n\r\n")
			group.Go(func() {
				_, _ = io.Copy(out, buffered)
				_ = out.Close()
			})
			group.Go(func() {
				_, _ = io.Copy(in, out)
				_ = in.Close()
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		group.Wait()
	})
	return l.Addr().String(), asked
}

func TestProbeNamesWhatIsWrong(t *testing.T) {
	own, proxy := linktest.Authority(t), linktest.Authority(t)
	good, resigning, refusing := newServer(t, own, nil), newServer(t, proxy, nil), newServer(t, own, nil)
	refusing.admit = status.Error(codes.PermissionDenied, "not admitted")
	for _, c := range []struct{ name, url, want, text string }{
		{name: "good", url: "grpc://" + good.address},
		{name: "re-signed", url: "grpc://" + resigning.address, want: "resigned", text: "re-signs"},
		{name: "another name", url: strings.Replace("grpc://"+good.address, "127.0.0.1", "localhost", 1), want: "hub_name", text: "hub.test"},
		{name: "not admitted", url: "grpc://" + refusing.address, want: "refused", text: "not admitted"},
		{name: "nobody listens", url: "grpc://127.0.0.1:1", want: "unreachable", text: "127.0.0.1:1"},
		{name: "no address", url: "http://x", want: "configuration"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := config(t, own, "")
			cfg.URL, cfg.AckTimeout = c.url, 5*time.Second
			reach, err := grpclink.Probe(linktest.Deadline(t, 10*time.Second), cfg)
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

func TestValidate(t *testing.T) {
	cfg := grpclink.DefaultConfig()
	cfg.URL, cfg.Proxy, cfg.Site, cfg.Sensor = "hub:443", "socks5://x", "North", ""
	err := cfg.Validate()
	if err == nil {
		t.Fatal("got no error")
	}
	for _, part := range []string{"hub.grpc", "hub.proxy", "site", "sensor"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("no word about %s in %q", part, err)
		}
	}
}
