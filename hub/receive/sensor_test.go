package receive_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/internal/subject"
)

func TestSensorPublishesAsItself(t *testing.T) { both(t, sensorPublishesAsItself) }

func sensorPublishesAsItself(t *testing.T, h hub) {
	t.Helper()
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

func TestSensorCannotDoMore(t *testing.T) { both(t, sensorCannotDoMore) }

func sensorCannotDoMore(t *testing.T, h hub) {
	t.Helper()
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
		subject.Events("north", "n2"), subject.Events("south", "n1"), subject.Control("north", "n2"), subject.Control("south", "n1"), "$KV.CONTROL.sites", "$JS.API.STREAM.PURGE.EVENTS", "$JS.API.INFO",
		"partitioned.1.north.n1", "_INBOX.n2.x", subject.AuthCallout, "$SYS.REQ.SERVER.PING",
	} {
		t.Run("publish "+subj, func(t *testing.T) {
			if err := nc.Publish(subj, []byte("x")); err != nil {
				t.Fatal(err)
			}
			expectRefusal(t)
		})
	}
	for _, subj := range []string{"events.>", "_INBOX.n2.>", "$KV.>", ">", "partitioned.>", "control.>", subject.Control("north", "n1")} {
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

func TestLoginRefused(t *testing.T) { both(t, loginRefused) }

func loginRefused(t *testing.T, h hub) {
	t.Helper()
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

func TestKick(t *testing.T) { both(t, kick) }

func kick(t *testing.T, h hub) {
	t.Helper()
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
	if n, err := h.Kick(t.Context(), "n1"); err != nil || n > 1 { // 0 when Enforce was quicker
		t.Errorf("kick: got %d %v, want at most 1 connection", n, err)
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

// Every hub of a cluster cuts by itself, whoever wrote the denial; a withdrawn certificate cuts too,
// and a sensor that still has a good one comes back.
func TestEnforceCutsWhoLostAdmission(t *testing.T) {
	h := start(t, config(t))
	cut := make(chan time.Time, 8)
	watch := nats.DisconnectErrHandler(func(*nats.Conn, error) { cut <- time.Now() })
	stay, _, err := h.connect(t, h.sensor(t, "north", "n2"), "n2")
	if err != nil {
		t.Fatal(err)
	}
	revoked := h.sensor(t, "north", "n1")
	if _, _, err := h.connect(t, revoked, "n1", watch, nats.NoReconnect()); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if err := h.state.Deny(t.Context(), state.Denial{Sensor: "n1", Since: begin, Reason: "stolen"}); err != nil {
		t.Fatal(err)
	}
	t.Logf("cut %v after the denial was written", (<-cut).Sub(begin))
	if _, _, err := h.connect(t, revoked, "n1"); err == nil {
		t.Error("came back")
	}
	old, err := h.authority.Client(mtls.Identity{Site: "north", Sensor: "n3"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	id := mtls.Identity{Site: "north", Sensor: "n3"}
	if err := h.state.RegisterSensor(t.Context(), id, state.Certificate{Serial: old.Serial, Issued: time.Now(), Expires: old.Expires}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.connect(t, h.client(t, old), "n3", watch, nats.NoReconnect()); err != nil {
		t.Fatal(err)
	}
	begin = time.Now()
	if err := h.state.ReplaceSensor(t.Context(), id, state.Certificate{Serial: "2", Issued: begin, Expires: old.Expires}, begin); err != nil {
		t.Fatal(err)
	}
	t.Logf("cut %v after the certificate was withdrawn", (<-cut).Sub(begin))
	if !stay.IsConnected() {
		t.Error("cut another sensor")
	}
}

// A report reaches the hub under the name that the sensor's certificate has, and only the sensor
// gets the answer. One that cannot be answered stops nothing.
func TestReportsAreAnswered(t *testing.T) {
	h := start(t, config(t))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- h.Reports(ctx, func(_ context.Context, from mtls.Identity, report []byte) ([]byte, error) {
			if string(report) == "bad" {
				return nil, errors.New("bad report")
			}
			return []byte(from.String() + " " + string(report)), nil
		})
	}()
	nc, _, err := h.connect(t, h.sensor(t, "north", "n1"), "n1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := nc.Request(subject.Control("north", "n1"), []byte("bad"), 100*time.Millisecond); err == nil {
		t.Error("a bad report is answered")
	}
	want := mtls.Identity{Site: "north", Sensor: "n1"}.String() + " good"
	if msg, err := nc.Request(subject.Control("north", "n1"), []byte("good"), 5*time.Second); err != nil || string(msg.Data) != want {
		t.Errorf("got %v %v, want %q", msg, err, want)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
