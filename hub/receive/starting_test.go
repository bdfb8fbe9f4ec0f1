package receive_test

import (
	"context"
	"crypto/tls"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/wardscope/wardscope/hub/receive"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/internal/subject"
)

// begun is a receiver that is started and does not answer logins before serve is called.
func begun(t *testing.T, now func() time.Time) (h hub, serve func()) {
	t.Helper()
	authority, err := mtls.NewAuthority("test", now())
	if err != nil {
		t.Fatal(err)
	}
	cfg := config(t)
	cfg.WebSocket = "127.0.0.1:0"
	r, err := receive.New(cfg, receive.Deps{Authority: authority, Log: quiet(), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	st, err := state.Open(t.Context(), r.JetStream(), state.Config{Replicas: 1})
	if err != nil {
		t.Fatal(err)
	}
	return hub{Receiver: r, state: st, authority: authority}, func() {
		ctx, cancel := context.WithCancel(context.Background())
		roll, done := st.Roll(), make(chan error, 2)
		go func() { done <- roll.Run(ctx) }()
		go func() { done <- r.Serve(ctx, roll) }()
		t.Cleanup(func() {
			cancel()
			for range 2 {
				if err := <-done; err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// A sensor that comes while the hub starts waits, instead of being refused as a stranger.
func TestLoginsWaitForAStartingHub(t *testing.T) {
	h, serve := begun(t, time.Now)
	type end struct {
		over string
		err  error
	}
	ends := make(chan end, 2)
	sensor := h.sensor(t, "north", "n1")
	for over, url := range map[string]string{"nats": h.SensorURL(), "websocket": h.WebURL()} {
		go func() {
			nc, err := nats.Connect(url, nats.Secure(sensor), nats.CustomInboxPrefix(subject.InboxPrefix("n1")), nats.Timeout(10*time.Second))
			if err == nil {
				nc.Close()
			}
			ends <- end{over, err}
		}()
	}
	select {
	case e := <-ends:
		t.Fatalf("over %s: %v, before the hub answers logins", e.over, e.err)
	case <-time.After(700 * time.Millisecond):
	}
	serve()
	for range 2 {
		if e := <-ends; e.err != nil {
			t.Errorf("over %s: %v", e.over, e.err)
		}
	}
}

// By real handshakes on all three ways in: the hub's certificate becomes another one while it runs, and
// who is connected stays connected and sends.
func TestServerCertificateRotates(t *testing.T) {
	var clock atomic.Int64
	clock.Store(time.Now().UnixNano())
	now := func() time.Time { return time.Unix(0, clock.Load()) }
	h, serve := begun(t, now)
	serve()
	gateway, err := h.SensorTLS("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", gateway)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if secure, ok := conn.(*tls.Conn); ok {
				_ = secure.HandshakeContext(t.Context()) // the client says what became of it
			}
			_ = conn.Close()
		}
	}()
	id := mtls.Identity{Site: "north", Sensor: "n1"}
	pair, err := h.authority.ClientFor(id, now(), mtls.ServerLife) // its own end is another test
	if err != nil {
		t.Fatal(err)
	}
	if err := h.state.RegisterSensor(t.Context(), id, state.Certificate{Serial: pair.Serial, Issued: now(), Expires: pair.Expires}); err != nil {
		t.Fatal(err)
	}
	clients := h.client(t, pair)
	clients.Time = now
	shown := func(over string) (serial string, nc *nats.Conn) {
		t.Helper()
		c := clients.Clone()
		c.VerifyConnection = func(s tls.ConnectionState) error {
			serial = mtls.Serial(s.PeerCertificates[0])
			return nil
		}
		url := map[string]string{"nats": h.SensorURL(), "websocket": h.WebURL()}[over]
		if url == "" {
			conn, err := tls.Dial("tcp", listener.Addr().String(), c)
			if err != nil {
				t.Fatal(err)
			}
			_ = conn.Close()
			return serial, nil
		}
		nc, err := nats.Connect(url, nats.Secure(c), nats.CustomInboxPrefix(subject.InboxPrefix("n1")), nats.NoReconnect())
		if err != nil {
			t.Fatalf("over %s: %v", over, err)
		}
		t.Cleanup(nc.Close)
		return serial, nc
	}
	ways := []string{"nats", "websocket", "grpc"}
	first, open := map[string]string{}, map[string]*nats.Conn{}
	for _, over := range ways {
		first[over], open[over] = shown(over)
		if again, _ := shown(over); again != first[over] {
			t.Errorf("over %s: another certificate in the same hour", over)
		}
	}
	clock.Store(now().Add(mtls.ServerLife*2/3 + time.Hour).UnixNano())
	for _, over := range ways {
		second, _ := shown(over)
		if second == first[over] {
			t.Errorf("over %s: the certificate has run for two thirds of its life, and is still shown", over)
		}
		nc := open[over]
		if nc == nil {
			continue
		}
		js, err := jetstream.New(nc)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := js.Publish(t.Context(), subject.Events("north", "n1"), []byte(over)); err != nil || nc.Stats().Reconnects != 0 {
			t.Errorf("over %s: who was connected before cannot send: %v, %d reconnects", over, err, nc.Stats().Reconnects)
		}
	}
}
