package gateway_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/wardscope/wardscope/hub/receive/gateway"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
	uplinkv1 "github.com/wardscope/wardscope/proto/wardscope/uplink/v1"
)

var north = mtls.Identity{Site: "north", Sensor: "n1"}

func TestStoredMeansInTheStream(t *testing.T) {
	h := start(t, nil)
	s := h.deliver(t, h.dial(t, h.client(t, north)))
	body := bytes.Repeat([]byte{7}, 1<<20)
	for range 2 { // the same batch again is the same batch
		if err := s.Send(&uplinkv1.DeliverRequest{Epoch: 5, Sequence: 1, Batch: body}); err != nil {
			t.Fatal(err)
		}
		answer, err := s.Recv()
		if err != nil || answer.GetOutcome() != uplinkv1.Outcome_OUTCOME_STORED || answer.GetEpoch() != 5 || answer.GetSequence() != 1 {
			t.Fatalf("got %v, %v", answer, err)
		}
		msg, err := h.stream(t).GetMsg(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(msg.Data, body) || msg.Header.Get(nats.MsgIdHdr) != "n1/5/1" {
			t.Errorf("stored %d bytes under id %q", len(msg.Data), msg.Header.Get(nats.MsgIdHdr))
		}
		if n := h.stream(t).CachedInfo().State.Msgs; n != 1 {
			t.Errorf("%d messages in the stream", n)
		}
	}
	// What was sent before the sensor ended is still answered.
	for i := range 20 {
		if err := s.Send(&uplinkv1.DeliverRequest{Epoch: 5, Sequence: uint64(i + 2), Batch: []byte("x")}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.CloseSend(); err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; ; n++ {
		if _, err := s.Recv(); err != nil {
			if !errors.Is(err, io.EOF) {
				t.Error(err)
			}
			break
		}
	}
	if n != 20 {
		t.Errorf("%d answers, want 20", n)
	}
}

func TestFullStreamRefusesAtOnce(t *testing.T) {
	h := start(t, nil)
	s := h.deliver(t, h.dial(t, h.client(t, north)))
	body := make([]byte, 1<<20)
	stored := 0
	for i := range 65 {
		begin := time.Now()
		if err := s.Send(&uplinkv1.DeliverRequest{Epoch: 1, Sequence: uint64(i + 1), Batch: body}); err != nil {
			t.Fatal(err)
		}
		answer, err := s.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if answer.GetOutcome() != uplinkv1.Outcome_OUTCOME_STORED {
			if answer.GetOutcome() != uplinkv1.Outcome_OUTCOME_FULL || answer.GetReason() == "" || time.Since(begin) > 2*time.Second {
				t.Errorf("got %v after %v, want FULL at once", answer, time.Since(begin))
			}
			break
		}
		stored++
	}
	if n := h.stream(t).CachedInfo().State.Msgs; n != uint64(stored) || stored == 65 {
		t.Errorf("%d messages in the stream, %d answered as stored", n, stored)
	}
	// A batch over the limit is refused by itself, the others go on; beyond 2 MiB the call ends.
	if err := s.Send(&uplinkv1.DeliverRequest{Epoch: 1, Sequence: 100, Batch: make([]byte, 1<<20+8<<10)}); err != nil {
		t.Fatal(err)
	}
	if answer, err := s.Recv(); err != nil || answer.GetOutcome() != uplinkv1.Outcome_OUTCOME_FAILED {
		t.Errorf("batch over 1 MiB: got %v, %v", answer, err)
	}
	if err := s.Send(&uplinkv1.DeliverRequest{Epoch: 1, Sequence: 101, Batch: make([]byte, 3<<20)}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Recv(); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("message over 2 MiB: got %v, want ResourceExhausted", err)
	}
}

func TestLoginRefused(t *testing.T) {
	h := start(t, func(_ *gateway.Config, d *gateway.Deps) {
		d.Report = func(context.Context, mtls.Identity, []byte) ([]byte, error) { return nil, nil }
	})
	other, err := mtls.NewAuthority("other", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	good := h.client(t, north)
	pair := func(a *mtls.Authority, id mtls.Identity, at time.Time) *tls.Config {
		p, err := a.Client(id, at)
		if err != nil {
			t.Fatal(err)
		}
		return clientOf(t, h.authority, p)
	}
	old := good.Clone()
	old.MinVersion, old.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
	for _, tc := range []struct {
		name string
		cfg  *tls.Config
		want codes.Code
	}{
		{name: "no certificate", cfg: &tls.Config{RootCAs: h.authority.Pool()}, want: codes.Unavailable},
		{name: "forged certificate", cfg: pair(other, north, time.Now()), want: codes.Unavailable},
		{name: "expired", cfg: pair(h.authority, north, time.Now().Add(-2*mtls.ClientLife)), want: codes.Unavailable},
		{name: "TLS 1.2", cfg: old, want: codes.Unavailable},
		{name: "never registered", cfg: pair(h.authority, mtls.Identity{Site: "north", Sensor: "n9"}, time.Now()), want: codes.PermissionDenied},
		{name: "another site's", cfg: pair(h.authority, mtls.Identity{Site: "south", Sensor: "n1"}, time.Now()), want: codes.PermissionDenied},
		{name: "unknown serial", cfg: pair(h.authority, north, time.Now()), want: codes.PermissionDenied},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := h.dial(t, tc.cfg)
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			s, err := c.Deliver(ctx)
			if err == nil {
				_, err = s.Recv()
			}
			if status.Code(err) != tc.want {
				t.Errorf("deliver: got %v, want %v", err, tc.want)
			}
			if _, err := c.Report(ctx, &uplinkv1.ReportRequest{}); status.Code(err) != tc.want {
				t.Errorf("report: got %v, want %v", err, tc.want)
			}
		})
	}
	h.deliver(t, h.dial(t, good))
}

// unwatched never tells who lost admission.
type unwatched struct{ *state.State }

func (unwatched) Withdrawn(ctx context.Context, _ func(model.SensorID)) error {
	<-ctx.Done()
	return nil
}

func TestRevokedSensorIsCut(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(h *hub, c *gateway.Config, d *gateway.Deps)
	}{
		{name: "told by the watch"},
		{name: "found by asking", change: func(h *hub, c *gateway.Config, d *gateway.Deps) {
			c.Recheck, d.Admit = 100*time.Millisecond, unwatched{h.state}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := &hub{}
			h.start(t, func(c *gateway.Config, d *gateway.Deps) {
				if tc.change != nil {
					tc.change(h, c, d)
				}
			})
			c := h.dial(t, h.client(t, north))
			s, stay := h.deliver(t, c), h.deliver(t, h.dial(t, h.client(t, mtls.Identity{Site: "north", Sensor: "n2"})))
			begin := time.Now()
			if err := h.state.Deny(t.Context(), state.Denial{Sensor: "n1", Since: begin, Reason: "stolen"}); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Recv(); status.Code(err) != codes.PermissionDenied {
				t.Errorf("got %v, want it cut", err)
			}
			if took := time.Since(begin); took > 5*time.Second {
				t.Errorf("cut after %v", took)
			} else {
				t.Logf("cut after %v", took)
			}
			again, err := c.Deliver(t.Context())
			if err == nil {
				_, err = again.Recv()
			}
			if status.Code(err) != codes.PermissionDenied {
				t.Errorf("came back: %v", err)
			}
			if err := stay.Send(&uplinkv1.DeliverRequest{Epoch: 1, Sequence: 1, Batch: []byte("x")}); err != nil {
				t.Fatal(err)
			}
			if answer, err := stay.Recv(); err != nil || answer.GetOutcome() != uplinkv1.Outcome_OUTCOME_STORED {
				t.Errorf("another sensor: got %v, %v", answer, err)
			}
		})
	}
}

func TestOldestOfTooManyConnectionsGoes(t *testing.T) {
	h := start(t, nil)
	c := h.dial(t, h.client(t, north))
	first, second := h.deliver(t, c), h.deliver(t, c)
	third := h.deliver(t, c)
	if _, err := first.Recv(); status.Code(err) != codes.Unavailable {
		t.Errorf("first: got %v, want it replaced", err)
	}
	for i, s := range []interface {
		Send(*uplinkv1.DeliverRequest) error
		Recv() (*uplinkv1.DeliverResponse, error)
	}{second, third} {
		if err := s.Send(&uplinkv1.DeliverRequest{Epoch: 1, Sequence: uint64(i + 1), Batch: []byte("x")}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Recv(); err != nil {
			t.Error(err)
		}
	}
}

func TestConnectionEndsWithItsTime(t *testing.T) {
	h := start(t, func(c *gateway.Config, _ *gateway.Deps) {
		c.MaxLife, c.Recheck = 300*time.Millisecond, 100*time.Millisecond
	})
	s := h.deliver(t, h.dial(t, h.client(t, north)))
	if _, err := s.Recv(); status.Code(err) != codes.Unavailable {
		t.Errorf("got %v, want it to end", err)
	}
}

// slow is a stream that answers when told.
type slow struct {
	release chan struct{}
	now     atomic.Int64
	mu      sync.Mutex
	most    int64
	bytes   int64
}

func (s *slow) PublishMsg(ctx context.Context, msg *nats.Msg, _ ...jetstream.PublishOpt) (*jetstream.PubAck, error) {
	s.mu.Lock()
	s.bytes += int64(len(msg.Data))
	s.most = max(s.most, s.bytes)
	s.mu.Unlock()
	s.now.Add(1)
	defer func() {
		s.mu.Lock()
		s.bytes -= int64(len(msg.Data))
		s.mu.Unlock()
	}()
	select {
	case <-s.release:
		return &jetstream.PubAck{Stream: "EVENTS", Sequence: 1}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestWhatIsUnderWayIsBounded(t *testing.T) {
	stream := &slow{release: make(chan struct{})}
	h := start(t, func(c *gateway.Config, d *gateway.Deps) {
		c.MaxBytes, c.AckTimeout, d.Publisher = 4<<20, 20*time.Second, stream
	})
	const each = 20
	var group sync.WaitGroup
	for _, id := range []mtls.Identity{north, {Site: "north", Sensor: "n2"}} {
		s := h.deliver(t, h.dial(t, h.client(t, id)))
		group.Go(func() {
			for i := range each {
				if err := s.Send(&uplinkv1.DeliverRequest{Epoch: 1, Sequence: uint64(i + 1), Batch: make([]byte, 1<<20)}); err != nil {
					t.Error(err)
				}
			}
		})
		group.Go(func() {
			for range each {
				if answer, err := s.Recv(); err != nil || answer.GetOutcome() != uplinkv1.Outcome_OUTCOME_STORED {
					t.Errorf("got %v, %v", answer, err)
				}
			}
		})
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for stream.now.Load() < 4 {
		<-tick.C
	}
	for range 2 * each {
		stream.release <- struct{}{}
	}
	group.Wait()
	if stream.most > 4<<20 {
		t.Errorf("%d bytes under way, want at most 4 MiB", stream.most)
	}
}

func TestAtMost64Unanswered(t *testing.T) {
	stream := &slow{release: make(chan struct{})}
	h := start(t, func(c *gateway.Config, d *gateway.Deps) { c.AckTimeout, d.Publisher = 20*time.Second, stream })
	s := h.deliver(t, h.dial(t, h.client(t, north)))
	for i := range 100 {
		if err := s.Send(&uplinkv1.DeliverRequest{Epoch: 1, Sequence: uint64(i + 1), Batch: []byte("x")}); err != nil {
			t.Fatal(err)
		}
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for last := int64(-1); stream.now.Load() != last; <-tick.C {
		last = stream.now.Load()
	}
	if n := stream.now.Load(); n != 64 {
		t.Errorf("%d batches under way, want 64", n)
	}
	close(stream.release)
	for range 100 {
		if _, err := s.Recv(); err != nil {
			t.Fatal(err)
		}
	}
}

// An answer of another stream, or none in time, is no confirmation.
func TestUnconfirmedIsNotStored(t *testing.T) {
	for _, tc := range []struct {
		name      string
		publisher gateway.Publisher
	}{
		{name: "another stream", publisher: elsewhere{}},
		{name: "no answer", publisher: &slow{release: make(chan struct{})}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := start(t, func(c *gateway.Config, d *gateway.Deps) {
				c.AckTimeout, c.Recheck, d.Publisher = 50*time.Millisecond, time.Minute, tc.publisher
			})
			s := h.deliver(t, h.dial(t, h.client(t, north)))
			if err := s.Send(&uplinkv1.DeliverRequest{Epoch: 1, Sequence: 1, Batch: []byte("x")}); err != nil {
				t.Fatal(err)
			}
			if answer, err := s.Recv(); err != nil || answer.GetOutcome() != uplinkv1.Outcome_OUTCOME_FAILED || answer.GetReason() == "" {
				t.Errorf("got %v, %v", answer, err)
			}
		})
	}
}

type elsewhere struct{}

func (elsewhere) PublishMsg(context.Context, *nats.Msg, ...jetstream.PublishOpt) (*jetstream.PubAck, error) {
	return &jetstream.PubAck{Stream: "OTHER"}, nil
}

func TestReport(t *testing.T) {
	h := start(t, func(_ *gateway.Config, d *gateway.Deps) {
		d.Report = func(_ context.Context, from mtls.Identity, raw []byte) ([]byte, error) {
			var r uplinkv1.Report
			if err := proto.Unmarshal(raw, &r); err != nil || from != north || r.GetVersion() == "bad" {
				return nil, errors.New("bad report")
			}
			return proto.Marshal(&uplinkv1.Answer{Configuration: r.GetEpoch() + 1})
		}
	})
	c := h.dial(t, h.client(t, north))
	got, err := c.Report(t.Context(), &uplinkv1.ReportRequest{Report: &uplinkv1.Report{Epoch: 41}})
	if err != nil || got.GetAnswer().GetConfiguration() != 42 {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := c.Report(t.Context(), &uplinkv1.ReportRequest{Report: &uplinkv1.Report{Version: "bad"}}); status.Code(err) != codes.Unavailable {
		t.Errorf("got %v", err)
	}
}

func TestValidate(t *testing.T) {
	if err := gateway.DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	if _, err := gateway.New(gateway.Config{}, gateway.Deps{}); err == nil {
		t.Error("got no error")
	}
}
