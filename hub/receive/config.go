package receive

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
)

// Config says where sensors come in.
type Config struct {
	Dir        string        // folder of the embedded server, made when missing
	Listen     string        // host:port of the embedded server for sensors; port 0 takes a free one
	WebSocket  string        // host:port of the same server over WebSocket; empty: none
	Names      []string      // host names and addresses by which sensors reach it, beside those of this machine
	MaxBytes   int64         // ceiling of the stream; when full, sensors keep their batches
	Duplicates time.Duration // for how long the server itself knows a batch again
	Replicas   int           // copies of the stream: 1 embedded, 3 on a cluster
	External   *External     // set: connect to servers instead of running one
}

// External names a NATS cluster that has the accounts of accounts.conf.
type External struct {
	URL         string     // nats or tls, several separated by commas
	TLS         mtls.Files // certificate by which the hub logs in, and the servers' authority
	HubPassword string     // of user hub
	SysPassword string     // of user sys
	IssuerSeed  string     // seed of the account key named as issuer in auth_callout
	XKeySeed    string     // seed of the curve key named as xkey in auth_callout; empty: requests are not encrypted
	SensorURL   string     // by which sensors reach the cluster
	WebURL      string     // the same over WebSocket; empty: the cluster has none
}

// Sizes.
const (
	minMaxBytes    = 64 << 20
	maxBatchBytes  = 1 << 20          // compressed batch (transport.md, decision 7)
	maxHeaderBytes = 4 << 10          // Nats-Msg-Id and the server's own headers
	stateBytes     = 512 << 20        // room for key-value buckets beside a full stream
	tokenLife      = time.Hour        // a login ends then at the latest, whatever else failed
	requiredTLS    = "1.3"            // as the server writes it in a login request
	readyTimeout   = 30 * time.Second // a store of some GiB after a crash takes seconds to open
	callTimeout    = 5 * time.Second  // one request to a server
)

// DefaultConfig listens on loopback.
func DefaultConfig() Config {
	return Config{Listen: "127.0.0.1:4222", MaxBytes: 4 << 30, Duplicates: 10 * time.Minute, Replicas: 1}
}

// Validate reports all faults at once.
func (c Config) Validate() error {
	var errs []error
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.MaxBytes < minMaxBytes {
		add("receive.max_bytes: %d is under 64 MiB", c.MaxBytes)
	}
	if c.Duplicates < time.Second {
		add("receive.duplicates: %s is under 1s", c.Duplicates)
	}
	if c.Replicas < 1 || c.Replicas > 5 {
		add("receive.replicas: %d is not 1 to 5", c.Replicas)
	}
	if c.External == nil {
		if c.Dir == "" {
			add("receive.dir: is empty")
		}
		if _, _, err := net.SplitHostPort(c.Listen); err != nil {
			add("receive.listen: %q is not host:port", c.Listen)
		}
		if _, _, err := net.SplitHostPort(c.WebSocket); err != nil && c.WebSocket != "" {
			add("receive.websocket: %q is not host:port", c.WebSocket)
		}
		if c.Replicas > 1 {
			add("receive.replicas: the embedded server keeps 1 copy")
		}
		return errors.Join(errs...)
	}
	for _, f := range []struct{ key, value string }{
		{"url", c.External.URL}, {"hub_password", c.External.HubPassword}, {"sys_password", c.External.SysPassword},
		{"issuer_seed", c.External.IssuerSeed}, {"sensor_url", c.External.SensorURL},
	} {
		if f.value == "" {
			add("receive.external.%s: is empty", f.key)
		}
	}
	return errors.Join(errs...)
}

// Deps is what a Receiver works with.
type Deps struct {
	Authority *mtls.Authority // signs the server's certificate, and verifies the sensors'
	Log       *slog.Logger
	Now       func() time.Time
}

// Admitter knows which sensors may be connected, on every transport: nil lets the holder of a
// verified certificate in. Package state has it, as Roll.
type Admitter interface {
	Admit(ctx context.Context, id mtls.Identity, serial string) error
	// Withdrawn calls fn, one call at a time, with each sensor that may have lost its admission. Who
	// holds sessions of it asks Admit again for each, and cuts those that are refused.
	Withdrawn(ctx context.Context, fn func(id model.SensorID)) error
}
