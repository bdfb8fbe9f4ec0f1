package ingest_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/hub/store/storetest"
	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/internal/subject"
)

// flowsPerBatch is what each batch of a crash test holds.
const flowsPerBatch = 3

// crash is a hub process that is killed, and the sensors that go on sending to it.
type crash struct {
	t         *testing.T
	dir       string
	listen    string
	engine    bool
	authority *mtls.Authority
	sealed    atomic.Int64
	again     atomic.Int64 // batches sent that were acknowledged before
	restarts  atomic.Int64 // of sensors
	mu        sync.Mutex
	ids       map[string]bool
	hub       *os.Process // the one that runs now
}

func newCrash(t *testing.T, engine bool) *crash {
	t.Helper()
	// Not 127.0.0.1: a sensor that dials while the hub is down could be given the hub's port as its own.
	l, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &crash{t: t, dir: t.TempDir(), listen: l.Addr().String(), engine: engine, ids: map[string]bool{}}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if c.authority, err = mtls.OpenAuthority(filepath.Join(c.dir, "authority"), "test", time.Now()); err != nil {
		t.Fatal(err)
	}
	return c
}

// start runs the hub process and returns what kills it and waits.
func (c *crash) start() (kill func()) {
	c.t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), crashDir+"="+c.dir, crashListen+"="+c.listen, "GOMEMLIMIT=2GiB") // as serve does by default
	if c.engine {
		cmd.Env = append(cmd.Env, crashEngine+"=1")
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.hub = cmd.Process
	return func() {
		_ = cmd.Process.Kill() // an error means that it ended by itself, which Wait tells
		err := cmd.Wait()
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signal() == syscall.SIGKILL {
				return
			}
		}
		c.t.Errorf("hub ended by itself: %v", err)
	}
}

// sensors makes n sensors and returns their TLS configurations.
func (c *crash) sensors(n int) []*tls.Config {
	c.t.Helper()
	var all []enrolled
	var out []*tls.Config
	for i := range n {
		id := mtls.Identity{Site: "north", Sensor: model.SensorID(fmt.Sprint("n", i))}
		p, err := c.authority.Client(id, time.Now())
		if err != nil {
			c.t.Fatal(err)
		}
		pair, err := p.TLS()
		if err != nil {
			c.t.Fatal(err)
		}
		all, out = append(all, enrolled{id, p.Serial}), append(out, mtls.Client(pair, c.authority.Pool()))
	}
	text, err := json.Marshal(all)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.dir, sensorsFile), text, 0o600); err != nil {
		c.t.Fatal(err)
	}
	return out
}

// send is one sensor: seals batches until stop, restarts now and then, delivers each until it is
// acknowledged, in any order, and some again long after.
func (c *crash) send(ctx context.Context, stop <-chan struct{}, name string, cfg *tls.Config) error {
	nc, err := nats.Connect("tls://"+c.listen, nats.Secure(cfg), nats.CustomInboxPrefix(subject.InboxPrefix(model.SensorID(name))),
		nats.IgnoreAuthErrorAbort(), nats.MaxReconnects(-1), nats.RetryOnFailedConnect(true), nats.ReconnectBufSize(-1),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}), // cut connections are the test
		nats.ReconnectWait(20*time.Millisecond), nats.ReconnectJitter(20*time.Millisecond, 20*time.Millisecond))
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	codec, err := event.NewCodec()
	if err != nil {
		return err
	}
	var unsent, done []*model.Batch
	epoch, sequence := uint64(1), uint64(0)
	for running := true; running || len(unsent) > 0; {
		select {
		case <-stop:
			running = false
		default:
		}
		if running && len(unsent) < 30 {
			if rand.IntN(100) == 0 {
				epoch, sequence = epoch+1, 0
				c.restarts.Add(1)
			}
			sequence++
			b := batch("north", name, epoch, sequence, flowsPerBatch)
			c.seal(b)
			unsent = append(unsent, b)
		}
		if len(done) > 0 && rand.IntN(10) == 0 { // whether it arrives does not matter
			c.again.Add(1)
			_ = publish(ctx, js, codec, done[rand.IntN(len(done))])
		}
		i := rand.IntN(min(len(unsent), 8)) // several in flight overtake each other
		if err := publish(ctx, js, codec, unsent[i]); err != nil {
			if ctx.Err() != nil {
				return fmt.Errorf("%s: %d batches never taken: %w", name, len(unsent), err)
			}
			sleepUpTo(20 * time.Millisecond)
			continue
		}
		done = append(done, unsent[i])
		unsent = append(unsent[:i], unsent[i+1:]...)
	}
	return nil
}

func (c *crash) seal(b *model.Batch) {
	c.sealed.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ids[subject.MessageID(b.ID)] = true
}

func publish(ctx context.Context, js jetstream.JetStream, codec *event.Codec, b *model.Batch) error {
	data, err := codec.Encode(b)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	_, err = js.Publish(ctx, subject.Events(b.ID.Site, b.ID.Sensor), data, jetstream.WithMsgID(subject.MessageID(b.ID)), jetstream.WithRetryAttempts(0))
	return err
}

func sleepUpTo(d time.Duration) { <-time.After(rand.N(d)) }

// storm kills the hub n times at random moments while sensors send, and then lets all arrive.
// It returns what kills the last hub.
func (c *crash) storm(n, sensors int, longest time.Duration) (last func()) {
	c.t.Helper()
	configs := c.sensors(sensors)
	ctx, cancel := context.WithTimeout(c.t.Context(), 3*time.Minute)
	defer cancel()
	stop := make(chan struct{})
	ended := make(chan error, sensors)
	for i, cfg := range configs {
		go func() { ended <- c.send(ctx, stop, fmt.Sprint("n", i), cfg) }()
	}
	kill := c.start()
	for range n {
		sleepUpTo(longest)
		kill()
		kill = c.start()
	}
	close(stop)
	for range configs {
		if err := <-ended; err != nil {
			c.t.Error(err)
		}
	}
	return kill
}

func kills(fallback int) int {
	if n, err := strconv.Atoi(os.Getenv("WARDSCOPE_TEST_KILLS")); err == nil {
		return n
	}
	return fallback
}

// TestKilledAtAnyMoment counts every batch at the end: none lost, none twice.
func TestKilledAtAnyMoment(t *testing.T) {
	c := newCrash(t, false)
	n := kills(25)
	last := c.storm(n, 6, 700*time.Millisecond)
	file := filepath.Join(c.dir, groupsFile)
	count := func() (stored map[string]int, flows, groups int) {
		lines, _, err := readGroups(file)
		if err != nil {
			t.Fatal(err)
		}
		stored = map[string]int{}
		for _, l := range lines {
			for _, id := range l.Batches {
				stored[id]++
			}
			flows += l.Flows
		}
		return stored, flows, len(lines)
	}
	deadline := time.Now().Add(time.Minute)
	for {
		stored, _, _ := count()
		if len(stored) >= len(c.ids) {
			break
		}
		if time.Now().After(deadline) {
			_ = c.hub.Signal(syscall.SIGQUIT) // it writes what each goroutine waits for
			break
		}
		sleepUpTo(100 * time.Millisecond)
	}
	<-time.After(3 * time.Second) // a late insert would come by now
	last()
	stored, flows, groups := count()
	lost, twice := 0, 0
	for id := range c.ids {
		switch stored[id] {
		case 0:
			lost++
		case 1:
		default:
			twice++
		}
	}
	t.Logf("kills %d, sensor restarts %d, batches %d, sent again %d, groups %d, lost %d, duplicated %d",
		n+1, c.restarts.Load(), len(c.ids), c.again.Load(), groups, lost, twice)
	if lost != 0 || twice != 0 || len(stored) != len(c.ids) || flows != flowsPerBatch*len(c.ids) {
		t.Errorf("got %d lost, %d twice, %d stored of %d, %d flows", lost, twice, len(stored), len(c.ids), flows)
	}
}

// drain runs hub and engine here until everything in the stream is stored, and returns the store.
func (c *crash) drain() *store.Store {
	c.t.Helper()
	cfg := store.DefaultConfig()
	cfg.DataDir = filepath.Join(c.dir, engineDir)
	s, err := store.Open(c.t.Context(), cfg)
	if err != nil {
		c.t.Fatal(err)
	}
	h := openHub(c.t, filepath.Join(c.dir, "stream"))
	_, stop := h.run(quick(), s)
	h.drained()
	stop()
	return s
}

// TestKilledOnTheRealEngine does the same with the engine in the killed process.
func TestKilledOnTheRealEngine(t *testing.T) {
	storetest.Engine(t)
	c := newCrash(t, true)
	n := kills(6)
	last := c.storm(n, 3, 3*time.Second)
	last()
	s := c.drain()
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	epochs, err := s.Recount(t.Context(), store.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	var batches, flows, observations uint64
	for _, e := range epochs {
		batches += e.Batches
		flows += e.Rows.Flows
		observations += e.Rows.Observations
		if e.Rows != e.Sealed || e.Batches != e.LastSequence {
			t.Errorf("%s/%d: %d batches up to %d, rows %+v, sealed %+v", e.Sensor, e.Epoch, e.Batches, e.LastSequence, e.Rows, e.Sealed)
		}
	}
	want := uint64(len(c.ids))
	t.Logf("kills %d, sensor restarts %d, batches %d, sent again %d, stored %d", n+1, c.restarts.Load(), want, c.again.Load(), batches)
	if batches != want || flows != flowsPerBatch*want || observations != want {
		t.Errorf("got %d batches, %d flows, %d observations of %d batches", batches, flows, observations, want)
	}
}
