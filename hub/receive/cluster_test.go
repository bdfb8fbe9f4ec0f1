package receive_test

import (
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/wardscope/wardscope/hub/receive"
	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/internal/subject"
)

// What is written for an external server makes one that hub and sensors can use.
func TestNewCluster(t *testing.T) {
	a, err := mtls.NewAuthority("test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	c, err := receive.NewCluster(a, []string{"127.0.0.1"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, data := range map[string][]byte{
		"server.pem": c.Server.CertPEM, "server-key.pem": c.Server.KeyPEM, "hub.pem": c.Hub.CertPEM, "hub-key.pem": c.Hub.KeyPEM, "ca.pem": a.PEM(),
	} {
		if err := mtls.WriteFile(dir+"/"+name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := c.ServerText(dir)
	if err != nil {
		t.Fatal(err)
	}
	opts := &server.Options{}
	if err := opts.ProcessConfigString(text); err != nil {
		t.Fatal(err)
	}
	opts.Host, opts.Port, opts.Websocket.Port, opts.NoSigs, opts.NoLog = "127.0.0.1", server.RANDOM_PORT, server.RANDOM_PORT, true, true
	s, err := server.NewServer(opts)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("not ready")
	}
	cfg := receive.DefaultConfig()
	cfg.External = &c.External
	c.External.URL = "tls://" + s.Addr().String()
	c.External.SensorURL, c.External.TLS = c.External.URL, mtls.Files{Cert: dir + "/hub.pem", Key: dir + "/hub-key.pem", CA: dir + "/ca.pem"}
	h := serve(t, cfg, a)
	_, js, err := h.connect(t, h.sensor(t, "north", "n1"), "n1")
	if err != nil {
		t.Fatal(err)
	}
	if ack, err := js.Publish(t.Context(), subject.Events("north", "n1"), []byte("x"), jetstream.WithMsgID("n1/1/1")); err != nil || ack.Sequence != 1 {
		t.Errorf("got %+v, %v", ack, err)
	}
}
