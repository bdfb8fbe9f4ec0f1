package agent_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/proto"

	uplinkv1 "github.com/wardscope/wardscope/proto/wardscope/uplink/v1"
	"github.com/wardscope/wardscope/sensor/control/agent"
)

// The hub's clock is three hours behind, ways take different times, and one exchange is lost. The
// offset is within its own bound, and follows when the sensor's clock is set.
func TestClockIsMeasuredAgainstTheHub(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var skew atomic.Int64 // of the sensor's clock
		skew.Store(int64(3 * time.Hour))
		exchange := 0
		var reports []*uplinkv1.Report
		applied := 0
		a, err := agent.New(agent.DefaultConfig(), agent.Deps{
			Fill: func(r *uplinkv1.Report) { r.Epoch = 7 },
			Ask: func(_ context.Context, raw []byte) ([]byte, error) {
				exchange++
				var r uplinkv1.Report
				if err := proto.Unmarshal(raw, &r); err != nil {
					return nil, err
				}
				reports = append(reports, &r)
				if exchange == 3 {
					return nil, errors.New("no answer")
				}
				<-time.After(time.Duration(exchange) * 20 * time.Millisecond) // the way there is slower each time
				received := time.Now()
				<-time.After(time.Second) // the hub is busy, which says nothing of the way
				answer, err := proto.Marshal(&uplinkv1.Answer{ReceivedNs: uint64(received.UnixNano()), SentNs: uint64(time.Now().UnixNano()), Pause: true})
				<-time.After(10 * time.Millisecond)
				return answer, err
			},
			Apply: func(a *uplinkv1.Answer) {
				if a.GetPause() {
					applied++
				}
			},
			Now: func() time.Time { return time.Now().Add(time.Duration(skew.Load())) }, Log: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		if offset, bound := a.Offset(); offset != 0 || bound != 0 {
			t.Errorf("before any exchange: %v ± %v", offset, bound)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- a.Run(ctx) }()
		<-time.After(28 * time.Second) // six reports, the last one answered
		synctest.Wait()
		offset, bound := a.Offset()
		if (offset-3*time.Hour).Abs() > bound || bound > 20*time.Millisecond {
			t.Errorf("offset %v ± %v, want %v within 20ms", offset, bound, 3*time.Hour)
		}
		if len(reports) != 6 || applied != 5 || reports[0].GetClockErrorNs() != 0 || reports[5].GetClockErrorNs() == 0 || reports[5].GetEpoch() != 7 {
			t.Errorf("%d reports, %d answers applied, last %v", len(reports), applied, reports[len(reports)-1])
		}
		skew.Store(0) // somebody sets the clock
		<-time.After(10 * time.Second)
		if offset, bound := a.Offset(); offset.Abs() > bound {
			t.Errorf("after the clock was set: %v ± %v", offset, bound)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestConfigIsChecked(t *testing.T) {
	for _, bad := range []agent.Config{{}, {Every: time.Second}, {Every: time.Second, Timeout: 2 * time.Second}} {
		if _, err := agent.New(bad, agent.Deps{}); err == nil {
			t.Errorf("%+v: got no error", bad)
		}
	}
}
