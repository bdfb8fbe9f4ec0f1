package receive_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/wardscope/wardscope/hub/receive"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/internal/subject"
)

func TestFullStreamRefuses(t *testing.T) {
	cfg := config(t)
	cfg.MaxBytes = 64 << 20
	h := start(t, cfg)
	_, js, err := h.connect(t, h.sensor(t, "north", "n1"), "n1")
	if err != nil {
		t.Fatal(err)
	}
	body := make([]byte, 1<<20)
	var stored uint64
	for range 65 {
		if _, err = js.Publish(t.Context(), subject.Events("north", "n1"), body); err != nil {
			break
		}
		stored++
	}
	var api *jetstream.APIError
	if !errors.As(err, &api) || api.ErrorCode != 10077 {
		t.Errorf("got %v, want maximum bytes exceeded", err)
	}
	if got := h.stream(t).State.Msgs; got != stored {
		t.Errorf("messages: got %d, want the %d acknowledged", got, stored)
	}
	if _, err := h.state.PutSites(t.Context(), state.Sites{}, 0); err != nil {
		t.Errorf("control state with a full stream: %v", err)
	}
	p, err := h.Pending(t.Context())
	if err != nil || p.Batches != stored || p.MaxBytes != 64<<20 {
		t.Errorf("pending: got %+v %v", p, err)
	}
}

func TestRestartKeepsEverything(t *testing.T) {
	cfg := config(t)
	authority, err := mtls.NewAuthority("test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var revision uint64
	for i := range 2 {
		r, err := receive.New(cfg, receive.Deps{Authority: authority, Log: quiet(), Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		st, err := state.Open(t.Context(), r.JetStream(), state.Config{Replicas: 1})
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			if revision, err = st.PutSites(t.Context(), state.Sites{Sites: []state.Site{{ID: "north"}}}, 0); err != nil {
				t.Fatal(err)
			}
		} else if s, err := st.Sites(t.Context()); err != nil || s.Revision != revision {
			t.Errorf("sites: got %+v %v, want revision %d", s, err, revision)
		}
		r.Close()
		r.Close()
	}
}

func TestStartSaysWhatIsWrong(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "thesis.doc"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(foreign, "thesis.doc")
	used := config(t)
	start(t, used)
	for _, tc := range []struct {
		name   string
		change func(*receive.Config)
		is     error
		want   string
	}{
		{name: "port in use", change: func(c *receive.Config) { c.Listen = taken.Addr().String() }, is: receive.ErrPortInUse, want: taken.Addr().String()},
		{name: "foreign folder", change: func(c *receive.Config) { c.Dir = foreign }, is: receive.ErrForeign, want: "thesis.doc"},
		{name: "second hub", change: func(c *receive.Config) { c.Dir = used.Dir }, is: receive.ErrLocked, want: "process"},
		{name: "folder is a file", change: func(c *receive.Config) { c.Dir = file }, want: "thesis.doc"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg := config(t)
			tc.change(&cfg)
			r, _ := newReceiver(t, cfg)
			err := r.Start(t.Context())
			if err == nil || tc.is != nil && !errors.Is(err, tc.is) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %v about %q", err, tc.is, tc.want)
			}
		})
	}
}

func TestValidateReportsAllFaults(t *testing.T) {
	_, err := receive.New(receive.Config{Listen: "nowhere"}, receive.Deps{})
	if err == nil {
		t.Fatal("got no error")
	}
	for _, key := range []string{"max_bytes", "duplicates", "replicas", "dir", "listen"} {
		if !strings.Contains(err.Error(), "receive."+key) {
			t.Errorf("no word about %s in %q", key, err)
		}
	}
	cfg := receive.DefaultConfig()
	cfg.External = &receive.External{}
	_, err = receive.New(cfg, receive.Deps{})
	for _, key := range []string{"url", "hub_password", "sys_password", "issuer_seed", "sensor_url"} {
		if err == nil || !strings.Contains(err.Error(), "receive.external."+key) {
			t.Errorf("no word about external.%s in %v", key, err)
		}
	}
}

func TestAdvertised(t *testing.T) {
	cfg := config(t)
	cfg.Names, cfg.WebSocket = []string{"hub.example"}, "127.0.0.1:0"
	h := start(t, cfg)
	for _, c := range []struct{ got, head string }{{h.SensorURL(), "tls://hub.example:"}, {h.WebURL(), "wss://hub.example:"}, {h.Advertised("0.0.0.0:443"), "hub.example:443"}} {
		if !strings.HasPrefix(c.got, c.head) {
			t.Errorf("got %s, want %s…", c.got, c.head)
		}
	}
	other, _ := newReceiver(t, config(t))
	if url := other.WebURL(); url != "" {
		t.Errorf("without a listener: %s", url)
	}
	cfg = config(t)
	cfg.WebSocket = h.WebURL()[len("wss://hub.example"):]
	cfg.WebSocket = "127.0.0.1" + cfg.WebSocket
	busy, _ := newReceiver(t, cfg)
	if err := busy.Start(t.Context()); !errors.Is(err, receive.ErrPortInUse) || !strings.Contains(err.Error(), "receive.websocket") {
		t.Errorf("port in use: %v", err)
	}
	cfg.WebSocket = "nonsense"
	if _, err := receive.New(cfg, receive.Deps{}); err == nil {
		t.Error("no error")
	}
}
