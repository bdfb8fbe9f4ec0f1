package receive_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"github.com/wardscope/wardscope/hub/receive"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/internal/subject"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// Process-wide goroutines of the NATS server that it never ends.
		goleak.IgnoreAnyFunction("github.com/nats-io/nats-server/v2/server.init.0.func1"),
	)
}

// hub is a running receiver with its control state.
type hub struct {
	*receive.Receiver
	state     *state.State
	authority *mtls.Authority
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func config(t *testing.T) receive.Config {
	cfg := receive.DefaultConfig()
	cfg.Dir, cfg.Listen = filepath.Join(t.TempDir(), "stream"), "127.0.0.1:0"
	return cfg
}

func newReceiver(t *testing.T, cfg receive.Config) (*receive.Receiver, *mtls.Authority) {
	t.Helper()
	authority, err := mtls.NewAuthority("test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	r, err := receive.New(cfg, receive.Deps{Authority: authority, Log: quiet(), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return r, authority
}

func start(t *testing.T, cfg receive.Config) hub {
	t.Helper()
	r, authority := newReceiver(t, cfg)
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	st, err := state.Open(t.Context(), r.JetStream(), state.Config{Replicas: 1})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Serve(ctx, st) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		r.Close()
	})
	return hub{r, st, authority}
}

// sensor registers a sensor and returns its TLS configuration.
func (h hub) sensor(t *testing.T, site, name string) *tls.Config {
	t.Helper()
	id := mtls.Identity{Site: model.SiteID(site), Sensor: model.SensorID(name)}
	p, err := h.authority.Client(id, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := h.state.RegisterSensor(t.Context(), id, state.Certificate{Serial: p.Serial, Issued: time.Now(), Expires: p.Expires}); err != nil {
		t.Fatal(err)
	}
	return h.client(t, p)
}

func (h hub) client(t *testing.T, p mtls.Pair) *tls.Config {
	t.Helper()
	c, err := p.TLS()
	if err != nil {
		t.Fatal(err)
	}
	return mtls.Client(c, h.authority.Pool())
}

func (h hub) connect(t *testing.T, cfg *tls.Config, name string, opts ...nats.Option) (*nats.Conn, jetstream.JetStream, error) {
	t.Helper()
	opts = append(opts, nats.Secure(cfg), nats.CustomInboxPrefix(subject.InboxPrefix(model.SensorID(name))))
	nc, err := nats.Connect(h.SensorURL(), opts...)
	if err != nil {
		return nil, nil, err
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return nc, js, nil
}

func (h hub) stream(t *testing.T) *jetstream.StreamInfo {
	t.Helper()
	s, err := h.JetStream().Stream(t.Context(), subject.Stream)
	if err != nil {
		t.Fatal(err)
	}
	return s.CachedInfo()
}

func TestSensorPublishesAsItself(t *testing.T) {
	h := start(t, config(t))
	_, js, err := h.connect(t, h.sensor(t, "north", "n1"), "n1")
	if err != nil {
		t.Fatal(err)
	}
	body := bytes.Repeat([]byte{7}, 1<<20)
	ack, err := js.Publish(t.Context(), subject.Events("north", "n1"), body, jetstream.WithMsgID("n1/1/1"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := js.Publish(t.Context(), subject.Events("north", "n1"), body, jetstream.WithMsgID("n1/1/1"))
	if err != nil || !again.Duplicate || again.Sequence != ack.Sequence {
		t.Errorf("same batch again: got %+v %v, want a duplicate of %d", again, err, ack.Sequence)
	}
	s, err := h.JetStream().Stream(t.Context(), subject.Stream)
	if err != nil {
		t.Fatal(err)
	}
	msg, err := s.GetMsg(t.Context(), ack.Sequence)
	if err != nil {
		t.Fatal(err)
	}
	_, site, sensor, err := subject.ParseStored(msg.Subject)
	if err != nil || site != "north" || sensor != "n1" {
		t.Errorf("stored subject %q: got %s %s %v", msg.Subject, site, sensor, err)
	}
	if got := msg.Header.Get("Nats-Msg-Id"); got != "n1/1/1" {
		t.Errorf("message id: got %q", got)
	}
}

func TestSensorCannotDoMore(t *testing.T) {
	h := start(t, config(t))
	cfg := h.sensor(t, "north", "n1")
	h.sensor(t, "north", "n2")
	refused := make(chan error, 64)
	nc, js, err := h.connect(t, cfg, "n1", nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err }))
	if err != nil {
		t.Fatal(err)
	}
	expectRefusal := func(t *testing.T) {
		t.Helper()
		select {
		case err := <-refused:
			if !errors.Is(err, nats.ErrPermissionViolation) {
				t.Errorf("got %v, want a permissions violation", err)
			}
		case <-time.After(5 * time.Second):
			t.Error("nothing refused")
		}
	}
	for _, subj := range []string{
		subject.Events("north", "n2"), subject.Events("south", "n1"), "$KV.CONTROL.sites", "$JS.API.STREAM.PURGE.EVENTS", "$JS.API.INFO",
		"partitioned.1.north.n1", "_INBOX.n2.x", subject.AuthCallout, "$SYS.REQ.SERVER.PING",
	} {
		t.Run("publish "+subj, func(t *testing.T) {
			if err := nc.Publish(subj, []byte("x")); err != nil {
				t.Fatal(err)
			}
			expectRefusal(t)
		})
	}
	for _, subj := range []string{"events.>", "_INBOX.n2.>", "$KV.>", ">", "partitioned.>"} {
		t.Run("subscribe "+subj, func(t *testing.T) {
			if _, err := nc.SubscribeSync(subj); err != nil {
				t.Fatal(err)
			}
			expectRefusal(t)
		})
	}
	t.Run("over the size limit", func(t *testing.T) {
		_, err := js.Publish(t.Context(), subject.Events("north", "n1"), make([]byte, 1<<20+8<<10))
		if err == nil {
			t.Error("got no error")
		}
	})
	if got := h.stream(t).State.Msgs; got != 0 {
		t.Errorf("messages stored: got %d, want 0", got)
	}
}

// A sensor chooses where the server sends its acknowledgement. It must not thereby write what it
// may not write itself.
func TestReplyAddressReachesNothingOfTheHub(t *testing.T) {
	h := start(t, config(t))
	if _, err := h.state.PutSites(t.Context(), state.Sites{Sites: []state.Site{{ID: "north", Realm: "wan"}}}, 0); err != nil {
		t.Fatal(err)
	}
	nc, js, err := h.connect(t, h.sensor(t, "north", "n1"), "n1")
	if err != nil {
		t.Fatal(err)
	}
	for _, reply := range []string{"$KV.CONTROL.sites", "$KV.INGEST.p1", "$JS.API.STREAM.PURGE.EVENTS", "$JS.API.STREAM.DELETE.EVENTS", "$JS.API.STREAM.PURGE.KV_CONTROL", subject.Events("north", "n2")} {
		if err := nc.PublishRequest(subject.Events("north", "n1"), reply, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := js.Publish(t.Context(), subject.Events("north", "n1"), []byte("last")); err != nil {
		t.Fatal(err)
	}
	info := h.stream(t)
	if info.State.Msgs != 7 || info.State.FirstSeq != 1 {
		t.Errorf("stream: got %d messages from %d, want 7 from 1", info.State.Msgs, info.State.FirstSeq)
	}
	sites, err := h.state.Sites(t.Context())
	if err != nil || len(sites.Sites) != 1 || sites.Revision != 1 {
		t.Errorf("sites: got %+v %v, want what was declared, revision 1", sites, err)
	}
	var record map[string]any
	if rev, err := h.state.Record(t.Context(), 1, &record); err != nil || rev != 0 {
		t.Errorf("journal: got revision %d %v, want none", rev, err)
	}
}

func TestLoginRefused(t *testing.T) {
	h := start(t, config(t))
	other, err := mtls.NewAuthority("other", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	id := mtls.Identity{Site: "north", Sensor: "n1"}
	good := h.sensor(t, "north", "n1")
	make1 := func(a *mtls.Authority, id mtls.Identity, at time.Time) *tls.Config {
		p, err := a.Client(id, at)
		if err != nil {
			t.Fatal(err)
		}
		return h.client(t, p)
	}
	old := good.Clone()
	old.MinVersion, old.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
	for _, tc := range []struct {
		name string
		cfg  *tls.Config
		opt  nats.Option
	}{
		{name: "no certificate", cfg: &tls.Config{RootCAs: h.authority.Pool()}},
		{name: "forged certificate", cfg: make1(other, id, time.Now())},
		{name: "right authority, never registered", cfg: make1(h.authority, mtls.Identity{Site: "north", Sensor: "n9"}, time.Now())},
		{name: "unknown serial of a registered sensor", cfg: make1(h.authority, id, time.Now())},
		{name: "expired", cfg: make1(h.authority, id, time.Now().Add(-2*mtls.ClientLife))},
		{name: "TLS 1.2", cfg: old},
		{name: "as the hub, wrong password", cfg: good, opt: nats.UserInfo("hub", "hub")},
		{name: "as the system, no password", cfg: good, opt: nats.UserInfo("sys", "")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			opts := []nats.Option{nats.Timeout(5 * time.Second)}
			if tc.opt != nil {
				opts = append(opts, tc.opt)
			}
			if _, _, err := h.connect(t, tc.cfg, "n1", opts...); err == nil {
				t.Error("got in")
			}
		})
	}
	if _, _, err := h.connect(t, good, "n1"); err != nil {
		t.Errorf("the good one after all: %v", err)
	}
}

func TestKick(t *testing.T) {
	h := start(t, config(t))
	cfg, stay := h.sensor(t, "north", "n1"), h.sensor(t, "north", "n2")
	closed := make(chan time.Time, 1)
	_, _, err := h.connect(t, cfg, "n1", nats.NoReconnect(), nats.ClosedHandler(func(*nats.Conn) { closed <- time.Now() }))
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := h.connect(t, stay, "n2")
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if err := h.state.Deny(t.Context(), state.Denial{Sensor: "n1", Since: begin, Reason: "stolen"}); err != nil {
		t.Fatal(err)
	}
	n, err := h.Kick(t.Context(), "n1")
	if err != nil || n != 1 {
		t.Errorf("kick: got %d %v, want 1 connection", n, err)
	}
	at := <-closed
	if took := at.Sub(begin); took > 5*time.Second {
		t.Errorf("cut after %s", took)
	}
	if _, _, err := h.connect(t, cfg, "n1"); err == nil {
		t.Error("came back")
	}
	if !other.IsConnected() {
		t.Error("cut another sensor")
	}
}

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
