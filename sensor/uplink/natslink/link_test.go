package natslink_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/sensor/spool"
	"github.com/wardscope/wardscope/sensor/uplink"
	"github.com/wardscope/wardscope/sensor/uplink/linktest"
	"github.com/wardscope/wardscope/sensor/uplink/natslink"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func config(t *testing.T, a *mtls.Authority, address string) natslink.Config {
	t.Helper()
	cfg := natslink.DefaultConfig()
	cfg.URL, cfg.Site, cfg.Sensor, cfg.TLS = "tls://"+address, linktest.Identity.Site, linktest.Identity.Sensor, linktest.Files(t, a, linktest.Identity)
	cfg.AckTimeout, cfg.Retry = 300*time.Millisecond, linktest.Retry()
	return cfg
}

func newLink(t *testing.T, cfg natslink.Config, box uplink.Outbox) *natslink.Link {
	t.Helper()
	l, err := natslink.New(cfg, natslink.Deps{Outbox: box, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestEverythingArrivesWhateverTheServerDoes(t *testing.T) {
	for _, tc := range linktest.Cases() {
		t.Run(tc.Name, func(t *testing.T) {
			a := linktest.Authority(t)
			s := newServer(t, a, tc.Decide)
			box := linktest.Outbox(t, 150)
			l := newLink(t, config(t, a, s.listener.Addr().String()), box)
			if err := l.Run(linktest.Deadline(t, 30*time.Second)); err != nil {
				t.Fatal(err, l.Status())
			}
			got := s.ids()
			for i := range 150 {
				id := fmt.Sprintf("n1/7/%d", i+1)
				if got[id] == 0 || tc.Exact && got[id] != 1 {
					t.Errorf("%s: stored %d times", id, got[id])
				}
				delete(got, id)
			}
			if len(got) != 0 {
				t.Errorf("unknown ids: %v", got)
			}
			if h := box.Held(); h.Batches != 0 {
				t.Errorf("outbox still holds %+v", h)
			}
			if d := cmp.Diff(map[string]bool{"events.north.n1": true}, s.subjects); d != "" {
				t.Error(d)
			}
			for _, sub := range s.subs {
				if !strings.HasPrefix(sub, "_INBOX.n1.") {
					t.Errorf("subscribed to %s", sub)
				}
			}
			if got := l.Status().Acked; got != 150 {
				t.Errorf("acknowledged: got %d, want 150", got)
			}
		})
	}
}

// What was under way on a connection that is cut goes again on the next one, however long its
// answer would have been waited for.
func TestCutConnectionIsNotWaitedFor(t *testing.T) {
	a := linktest.Authority(t)
	s := newServer(t, a, func(n int) linktest.Action {
		if n == 1 {
			return linktest.Disconnect
		}
		return linktest.Accept
	})
	cfg := config(t, a, s.listener.Addr().String())
	cfg.AckTimeout = time.Hour
	box := linktest.Outbox(t, 3)
	if err := newLink(t, cfg, box).Run(linktest.Deadline(t, 20*time.Second)); err != nil {
		t.Fatal(err)
	}
	if h := box.Held(); h.Batches != 0 {
		t.Errorf("outbox still holds %+v", h)
	}
}

func TestAtMost64InFlight(t *testing.T) {
	a := linktest.Authority(t)
	s := newServer(t, a, linktest.Always(linktest.Accept))
	s.hold = make(chan struct{})
	cfg := config(t, a, s.listener.Addr().String())
	cfg.AckTimeout = 50 * time.Second
	l := newLink(t, cfg, linktest.Outbox(t, 200))
	done := make(chan error, 1)
	go func() { done <- l.Run(linktest.Deadline(t, 30*time.Second)) }()
	for range spool.MaxInFlight { // each quick answer lets one more follow
		s.hold <- struct{}{}
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for waiting := 0; waiting < spool.MaxInFlight; <-tick.C {
		s.mu.Lock()
		waiting = s.inFlight
		s.mu.Unlock()
	}
	close(s.hold)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if s.most != spool.MaxInFlight {
		t.Errorf("in flight: got %d at most, want %d", s.most, spool.MaxInFlight)
	}
}

func TestHubThatIsAwayIsWaitedForUntilTheDeadline(t *testing.T) {
	a := linktest.Authority(t)
	s := newServer(t, a, linktest.Always(linktest.Accept))
	s.close()
	box := linktest.Outbox(t, 3)
	l := newLink(t, config(t, a, s.listener.Addr().String()), box)
	if err := l.Run(linktest.Deadline(t, 200*time.Millisecond)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want deadline exceeded", err)
	}
	if h := box.Held(); h.Batches != 3 {
		t.Errorf("outbox: got %+v, want all 3 batches", h)
	}
	if st := l.Status(); st.Connected || st.Fault == "" {
		t.Errorf("status: got %+v, want a fault", st)
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
			cfg := config(t, a, s.listener.Addr().String())
			cfg.TLS = tc.files
			l := newLink(t, cfg, linktest.Outbox(t, 1))
			err := l.Run(linktest.Deadline(t, 300*time.Millisecond))
			if err == nil || !strings.Contains(err.Error(), tc.fault) {
				t.Errorf("got %v, want an error about %q", err, tc.fault)
			}
		})
	}
	if got := s.ids(); len(got) != 0 {
		t.Errorf("stored %v", got)
	}
}

func TestThroughAProxy(t *testing.T) {
	a := linktest.Authority(t)
	s := newServer(t, a, linktest.Always(linktest.Accept))
	for _, tc := range []struct{ name, user, want string }{
		{name: "open"},
		{name: "with a password", user: "site:secret@", want: "Basic c2l0ZTpzZWNyZXQ="},
	} {
		t.Run(tc.name, func(t *testing.T) {
			proxy, asked := connectProxy(t, s.listener.Addr().String(), tc.want)
			cfg := config(t, a, "hub.test:4222") // a name that only the proxy can resolve
			cfg.Proxy = strings.Replace(proxy, "http://", "http://"+tc.user, 1)
			if err := newLink(t, cfg, linktest.Outbox(t, 20)).Run(linktest.Deadline(t, 10*time.Second)); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff([]string{"CONNECT hub.test:4222"}, asked()); d != "" {
				t.Error(d)
			}
		})
	}
	t.Run("refused", func(t *testing.T) {
		proxy, _ := connectProxy(t, s.listener.Addr().String(), "other")
		cfg := config(t, a, "hub.test:4222")
		cfg.Proxy = proxy
		l := newLink(t, cfg, linktest.Outbox(t, 1))
		if err := l.Run(linktest.Deadline(t, 300*time.Millisecond)); err == nil {
			t.Error("got through")
		}
		if st := l.Status(); !strings.Contains(st.Fault, "407") {
			t.Errorf("fault: got %q, want what the proxy answers", st.Fault)
		}
	})
}

func TestValidate(t *testing.T) {
	cfg := natslink.DefaultConfig()
	cfg.URL, cfg.Proxy, cfg.Site, cfg.Sensor = "hub:4222", "socks5://x", "North", ""
	err := cfg.Validate()
	if err == nil {
		t.Fatal("got no error")
	}
	for _, part := range []string{"hub.nats", "hub.proxy", "site", "sensor"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("no word about %s in %q", part, err)
		}
	}
}
