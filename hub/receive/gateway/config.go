package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/wardscope/wardscope/hub/receive"
	"github.com/wardscope/wardscope/internal/mtls"
)

// Config bounds what sensors may take.
type Config struct {
	MaxBytes   int64         // of batches under way into the stream, over all sensors
	AckTimeout time.Duration // for the stream to confirm one batch
	Recheck    time.Duration // how often a connected sensor's admission is asked again
	MaxLife    time.Duration // of a connection: then the sensor logs in again
}

// Sizes.
const (
	maxInFlight  = 64      // batches of one connection (transport.md, section 3)
	maxStreams   = 2       // connections of one sensor: a dead one may linger while the next comes
	maxMessage   = 2 << 20 // bytes; a batch is 1 MiB at most, the rest is refused by the stream
	window       = 1 << 20 // bytes of a stream that HTTP/2 takes in unread; fixed, or it grows to 16 MiB
	pingEvery    = 20 * time.Second
	pingTimeout  = 10 * time.Second
	pingFloor    = 10 * time.Second // sensors ping every 20 s; faster ones are cut
	helloTimeout = 10 * time.Second // for TLS and the HTTP/2 preface
)

// DefaultConfig suits sixty sensors.
func DefaultConfig() Config {
	return Config{MaxBytes: 64 << 20, AckTimeout: 5 * time.Second, Recheck: 2 * time.Second, MaxLife: time.Hour}
}

// Validate reports all faults at once.
func (c Config) Validate() error {
	var errs []error
	if c.MaxBytes < maxMessage {
		errs = append(errs, fmt.Errorf("gateway.max_bytes: %d is under %d", c.MaxBytes, maxMessage))
	}
	if c.AckTimeout <= 0 || c.Recheck <= 0 || c.MaxLife <= 0 {
		errs = append(errs, errors.New("gateway: times must be positive"))
	}
	return errors.Join(errs...)
}

// Publisher is the stream's entrance; jetstream.JetStream is one.
type Publisher interface {
	PublishMsg(ctx context.Context, msg *nats.Msg, opts ...jetstream.PublishOpt) (*jetstream.PubAck, error)
}

// Deps is what a Gateway works with.
type Deps struct {
	TLS       *tls.Config // the hub's certificate, demanding one of sensors
	Publisher Publisher
	Admit     receive.Admitter
	Report    func(ctx context.Context, from mtls.Identity, report []byte) ([]byte, error)
	Log       *slog.Logger
	Now       func() time.Time
}
