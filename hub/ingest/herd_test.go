package ingest_test

import (
	"context"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"github.com/wardscope/wardscope/hub/store/storetest"
	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/subject"
)

// TestHerd lets sixty sensors come back at once, each with a backlog: a hub process with the real
// engine takes and stores all of it, and its memory does not grow with time.
func TestHerd(t *testing.T) {
	if testing.Short() {
		t.Skip("measures memory of minutes: -short leaves it out")
	}
	storetest.Engine(t)
	const sensors = 60
	each, flows, waves := 1, 500, 4 // in a few seconds the engine is still warming up: the second half counts
	if text := os.Getenv("WARDSCOPE_HERD"); text != "" {
		mib, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("WARDSCOPE_HERD: %q is no number of MiB", text)
		}
		each, flows, waves = mib<<20, 2000, 1
	}
	c := newCrash(t, true)
	configs := c.sensors(sensors)
	kill := c.start()
	memory := &watch{pid: c.hub.Pid, begin: time.Now()}
	ctx, cancel := context.WithCancel(t.Context())
	watched := make(chan struct{})
	go func() { defer close(watched); memory.run(ctx) }()

	var sent, half time.Duration
	for wave := range waves {
		if wave == waves/2 {
			half = time.Since(memory.begin)
		}
		var group errgroup.Group
		for i, cfg := range configs {
			group.Go(func() error { return c.backlog(t.Context(), fmt.Sprint("n", i), cfg, uint64(wave), each, flows) })
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		sent = time.Since(memory.begin)
		c.storedAll(t)
	}
	end := time.Since(memory.begin)
	cancel()
	<-watched
	kill()
	first, last, most := memory.peak(0, end/3), memory.peak(2*end/3, end), 1.1
	if waves > 1 {
		first, last, most = memory.peak(0, half), memory.peak(half, end), 1.4
	}
	t.Logf("%d sensors with %.1f MiB each: taken after %v, stored after %v; peak memory at first %d MiB, at last %d MiB (%.2f x)",
		sensors, float64(each)/(1<<20), sent.Round(time.Second), end.Round(time.Second), first>>20, last>>20, float64(last)/float64(first))
	if float64(last) > most*float64(first) {
		t.Errorf("memory grows: %d MiB, then %d MiB", first>>20, last>>20)
	}
}

// backlog sends so many bytes of batches, numbered after sequence, up to eight at a time, until all are acknowledged.
func (c *crash) backlog(ctx context.Context, name string, cfg *tls.Config, sequence uint64, bytes, flows int) error {
	nc, err := nats.Connect("tls://"+c.listen, nats.Secure(cfg), nats.CustomInboxPrefix(subject.InboxPrefix(model.SensorID(name))), nats.Timeout(30*time.Second),
		nats.IgnoreAuthErrorAbort(), nats.MaxReconnects(-1), nats.RetryOnFailedConnect(true), nats.ReconnectWait(50*time.Millisecond))
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
	var group errgroup.Group
	group.SetLimit(8)
	for left := bytes; left > 0; {
		sequence++
		b := bulky(name, sequence, flows)
		data, err := codec.Encode(b)
		if err != nil {
			return err
		}
		c.sealed.Add(int64(len(b.Flows)))
		left -= len(data)
		group.Go(func() error {
			for {
				try, cancel := context.WithTimeout(ctx, 30*time.Second)
				_, err := js.Publish(try, subject.Events(b.ID.Site, b.ID.Sensor), data, jetstream.WithMsgID(subject.MessageID(b.ID)), jetstream.WithRetryAttempts(0))
				cancel()
				if err == nil || ctx.Err() != nil {
					return ctx.Err()
				}
				sleepUpTo(500 * time.Millisecond)
			}
		})
	}
	return group.Wait()
}

// bulky is a batch of flows that hardly compress: half a MiB of 2,000.
func bulky(name string, sequence uint64, flows int) *model.Batch {
	b := batch("north", name, 1, sequence, flows)
	raw := make([]byte, 100)
	for i := range b.Flows {
		for k := 0; k+8 <= len(raw); k += 8 {
			v := rand.Uint64()
			for j := range 8 {
				raw[k+j] = byte(v >> (8 * j))
			}
		}
		f := &b.Flows[i]
		f.ServerName, f.Initiator.Port = hex.EncodeToString(raw), uint16(rand.IntN(60000))
		f.Initiator.Addr = model.AddrFrom4([]byte{10, 1, raw[0], raw[1]})
	}
	return b
}

// storedAll waits until the hub says that it has stored every flow.
func (c *crash) storedAll(t *testing.T) {
	t.Helper()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for second := range 25 * 60 {
		raw, err := os.ReadFile(c.dir + "/" + progressFile)
		n, _ := strconv.ParseInt(strings.TrimSpace(string(raw)), 10, 64)
		if err == nil && n >= c.sealed.Load() {
			return
		}
		if second%60 == 59 {
			t.Logf("%d of %d flows stored", n, c.sealed.Load())
		}
		<-tick.C
	}
	t.Fatal("not stored in time")
}

// watch samples the resident memory of a process.
type watch struct {
	pid   int
	begin time.Time
	at    []time.Duration
	bytes []int64
}

func (w *watch) run(ctx context.Context) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", w.pid))
		if _, rest, ok := strings.Cut(string(raw), "VmRSS:"); err == nil && ok {
			if kib, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64); err == nil {
				w.at, w.bytes = append(w.at, time.Since(w.begin)), append(w.bytes, kib<<10)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// peak is the highest sample between two times.
func (w *watch) peak(from, to time.Duration) (most int64) {
	for i, at := range w.at {
		if at >= from && at <= to {
			most = max(most, w.bytes[i])
		}
	}
	return most
}
