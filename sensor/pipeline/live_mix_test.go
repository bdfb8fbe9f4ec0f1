//go:build linux

package pipeline_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/capture/afpacket"
	"github.com/wardscope/wardscope/sensor/observe"
	"github.com/wardscope/wardscope/sensor/pipeline"
)

// sink counts batches and lets them go.
type sink struct{ batches, bytes int }

func (s *sink) Put(b observe.Sealed) { s.batches++; s.bytes += len(b.Data) }
func (*sink) Losses() []model.Loss   { return nil }

// The hospital mix at 50,000 frames a second through a whole sensor with a ring of 64 MiB: no frame
// is lost, and what was sent is what was delivered. WARDSCOPE_LIVE_SECONDS sets for how long.
func TestLiveMixLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("absent: time, with -short")
	}
	if _, err := exec.LookPath("tcpreplay"); err != nil {
		t.Skip("absent: tcpreplay")
	}
	const packets, perSecond = 200_000, 50_000
	seconds := 4
	if n, err := strconv.Atoi(os.Getenv("WARDSCOPE_LIVE_SECONDS")); err == nil {
		seconds = n
	}
	wires(t, [2]string{"wa", "wb"})
	file := writeLoad(t, "mix", packets)
	cfg := afpacket.DefaultConfig()
	cfg.Interfaces, cfg.Domain, cfg.RingBytes = []string{"wb"}, 1, 64<<20
	sources, err := afpacket.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	source := sources[0]
	defer source.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var out sink
	done := make(chan error)
	cpu := processor()
	go func() {
		done <- pipeline.Run(ctx, pipeline.DefaultConfig(), identity, pipeline.RunDeps{
			Feeds: []pipeline.Feed{{Source: source, Domain: 1, Live: true}}, Outbox: &out, Log: slog.New(slog.DiscardHandler),
		})
	}()
	loops := max(1, seconds*perSecond/packets)
	said, err := exec.Command("tcpreplay", "-q", "-i", "wa", "--preload-pcap", "--pps="+strconv.Itoa(perSecond), "--loop="+strconv.Itoa(loops), file).CombinedOutput()
	if err != nil {
		t.Fatalf("tcpreplay: %v: %s", err, said)
	}
	sent := uint64(0)
	for line := range bytes.Lines(said) {
		_, _ = fmt.Sscanf(strings.TrimSpace(string(line)), "Successful packets: %d", &sent)
	}
	if sent != uint64(loops*packets) {
		t.Fatalf("tcpreplay sent %d of %d frames: %s", sent, loops*packets, said)
	}
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); _, _ = unix.Poll(nil, 10) {
		if s := source.Stats(); s.Frames+s.Lost() >= sent {
			break
		}
	}
	_, _ = unix.Poll(nil, 300) // the shard takes what the ring handed over
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	s := source.Stats()
	t.Logf("%d frames in about %d s, %d ns of processor time each, %d batches, %d bytes; %s", sent, loops*packets/perSecond,
		(processor()-cpu)/int64(sent), out.batches, out.bytes, rate(said))
	if s.Frames != sent || s.KernelDrops+s.InterfaceDrops != 0 {
		t.Errorf("sent %d, delivered %d, lost in the ring %d, at the interface %d, before it %d", sent, s.Frames, s.KernelDrops, s.InterfaceDrops, s.SoftnetDrops)
	}
}

// rate is what tcpreplay says of its speed.
func rate(said []byte) string {
	for line := range bytes.Lines(said) {
		if bytes.Contains(line, []byte("Rated:")) {
			return strings.TrimSpace(string(line))
		}
	}
	return "no rate said"
}
