package linktest

import (
	"context"
	"crypto/tls"
	"path/filepath"
	"testing"
	"time"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/sensor/observe"
	"github.com/wardscope/wardscope/sensor/uplink"
)

// Identity is the sensor's.
var Identity = mtls.Identity{Site: "north", Sensor: "n1"}

// Epoch is the boot of the batches in an Outbox.
const Epoch = 7

// Action is what a hub does with a batch.
type Action int

// The actions.
const (
	Accept     Action = iota
	Full              // refuse as a full stream does
	Silent            // store it and lose the answer
	Disconnect        // store it and cut the connection
	Elsewhere         // answer for something else
)

// Case is a hub by what it does with the n-th batch, counted from 1.
type Case struct {
	Name   string
	Decide func(n int) Action
	Exact  bool // each batch arrives to be stored once
}

// Always does the same with every batch.
func Always(what Action) func(int) Action { return func(int) Action { return what } }

// upTo does something with the first n, and takes the others.
func upTo(last int, what Action) func(int) Action {
	return func(n int) Action {
		if n <= last {
			return what
		}
		return Accept
	}
}

// every does something with each so manieth up to a last one, and takes the others.
func every(step, last int, what Action) func(int) Action {
	return func(n int) Action {
		if n%step == 0 && n < last {
			return what
		}
		return Accept
	}
}

// Cases are hubs that take everything in the end.
func Cases() []Case {
	const ever = 1 << 30
	return []Case{
		{Name: "all well", Decide: Always(Accept), Exact: true},
		{Name: "full for a while", Decide: upTo(300, Full), Exact: true},
		{Name: "answers lost", Decide: every(10, ever, Silent)},
		{Name: "cut again and again", Decide: every(20, 400, Disconnect)},
		{Name: "answers for something else at first", Decide: upTo(10, Elsewhere), Exact: true},
	}
}

// Authority is a hub's.
func Authority(t *testing.T) *mtls.Authority {
	t.Helper()
	a, err := mtls.NewAuthority("test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// HubTLS is the configuration of a hub's listener, as 127.0.0.1 and hub.test.
func HubTLS(t *testing.T, a *mtls.Authority) *tls.Config {
	t.Helper()
	p, err := a.Server([]string{"127.0.0.1", "hub.test"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	cert, err := p.TLS()
	if err != nil {
		t.Fatal(err)
	}
	return mtls.Server(cert, a.Pool())
}

// Files writes a sensor's certificate, key and authority.
func Files(t *testing.T, a *mtls.Authority, id mtls.Identity) mtls.Files {
	t.Helper()
	p, err := a.Client(id, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	f := mtls.Files{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem"), CA: filepath.Join(dir, "ca.pem")}
	for name, data := range map[string][]byte{f.Cert: p.CertPEM, f.Key: p.KeyPEM, f.CA: a.PEM()} {
		if err := mtls.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// Retry is quick.
func Retry() uplink.Retry { return uplink.Retry{Min: time.Millisecond, Max: 20 * time.Millisecond} }

// Outbox holds n batches and is closed.
func Outbox(t *testing.T, n int) *uplink.Memory {
	t.Helper()
	m, err := uplink.NewMemory(8 << 20)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		id := model.BatchID{Site: Identity.Site, Sensor: Identity.Sensor, Epoch: Epoch, Sequence: uint64(i + 1)}
		m.Put(observe.Sealed{ID: id, Data: []byte("batch"), Events: 1})
	}
	m.Close()
	return m
}

// Deadline is the test's context with an end.
func Deadline(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}
