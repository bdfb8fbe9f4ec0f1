package uplink

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/observe"
)

// MaxBatch is the most bytes that the hub takes as one batch; what is sealed stays far below.
const MaxBatch = 1 << 20

// Outbox holds batches. Next waits for one and hands it out, each once; io.EOF means that no more
// come. Ack lets go of one.
type Outbox interface {
	Next(ctx context.Context) (observe.Sealed, error)
	Ack(id model.BatchID) error
}

// Link is a way to one hub, whatever it speaks.
type Link interface {
	// Run sends until the Outbox has ended and everything is acknowledged, and then returns nil; or
	// until the context ends, and then returns its error: what the Outbox still holds is not at the
	// hub for certain. To stop without loss, close the Outbox and give Run a deadline.
	Run(ctx context.Context) error
	// Ask sends a report about the sensor itself and waits for the hub's answer. While the hub is
	// away it fails at once.
	Ask(ctx context.Context, report []byte) ([]byte, error)
	Status() Status
}

// ErrAway is why a report is not even tried.
var ErrAway = errors.New("not connected")

// Status is how a link stands.
type Status struct {
	Connected bool
	Over      string // nats, websocket or grpc
	Acked     uint64 // batches that the hub holds, since start
	Refused   uint64 // attempts that failed, since start
	Fault     string // the last one; "" when the last attempt went well
}

// Retry says how long is waited after a refused or failed attempt.
type Retry struct{ Min, Max time.Duration }

// DefaultRetry begins with a fifth of a second.
func DefaultRetry() Retry { return Retry{Min: 200 * time.Millisecond, Max: 10 * time.Second} }

// Validate says what is wrong.
func (r Retry) Validate() error {
	if r.Min <= 0 || r.Max < r.Min {
		return errors.New("uplink: times must be positive, and the longest pause not under the shortest")
	}
	return nil
}

// Pause grows with the attempts and is spread, so that sixty sensors do not come back in step.
func (r Retry) Pause(attempts int) time.Duration {
	d := r.Min << min(max(attempts-1, 0), 16)
	d = min(max(d, r.Min), r.Max)
	return d/2 + rand.N(d/2+1)
}

// Sleep waits for a time or the end of the context.
func Sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// Standing keeps a link's Status and says in the log what changes. Its methods may be called by
// any goroutine.
type Standing struct {
	log  *slog.Logger
	over string

	connected atomic.Bool
	acked     atomic.Uint64
	refused   atomic.Uint64
	mu        sync.Mutex
	fault     string // guarded by mu
}

// NewStanding makes one for a link over what is named.
func NewStanding(over string, log *slog.Logger) *Standing { return &Standing{log: log, over: over} }

// Up says that the hub has let the sensor in.
func (s *Standing) Up(server string) {
	if !s.connected.Swap(true) {
		s.log.Info("hub connected", slog.String("server", server), slog.String("over", s.over))
	}
	s.note("")
}

// Down says that the connection is gone, or could not be made. A nil error is an end in peace.
func (s *Standing) Down(what string, err error) {
	was := s.connected.Swap(false)
	s.trouble(what, err, was)
}

// Trouble says that something is wrong although the connection stands.
func (s *Standing) Trouble(what string, err error) { s.trouble(what, err, false) }

func (s *Standing) trouble(what string, err error, news bool) {
	if err == nil {
		return
	}
	if s.note(err.Error()) || news { // not again and again while the hub is away
		s.log.Warn("hub link in trouble", slog.String("what", what), slog.String("over", s.over), slog.Any("error", err))
	}
}

// stored says that the hub has a batch.
func (s *Standing) stored() {
	s.acked.Add(1)
	s.note("")
}

// refuse says that an attempt failed.
func (s *Standing) refuse(b observe.Sealed, err error) {
	s.refused.Add(1)
	s.note(err.Error())
	s.log.Debug("batch not taken: trying again", slog.Uint64("sequence", b.ID.Sequence), slog.Any("error", err))
}

// note remembers a fault and reports whether it is another one than before.
func (s *Standing) note(fault string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	changed := s.fault != fault
	s.fault = fault
	return changed
}

// Connected reports whether the hub has let the sensor in.
func (s *Standing) Connected() bool { return s.connected.Load() }

// Status tells how the link stands.
func (s *Standing) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Status{Connected: s.connected.Load(), Over: s.over, Acked: s.acked.Load(), Refused: s.refused.Load(), Fault: s.fault}
}
