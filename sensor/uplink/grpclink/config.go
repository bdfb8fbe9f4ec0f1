package grpclink

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/sensor/uplink"
	"github.com/wardscope/wardscope/sensor/uplink/dial"
)

// Config says where the hub is and who the sensor is.
type Config struct {
	URL        string // grpc://host:443
	Proxy      string // http://[user:password@]host:port for HTTP CONNECT; empty: the environment's; dial.Direct: none
	Site       model.SiteID
	Sensor     model.SensorID
	TLS        mtls.Files
	AckTimeout time.Duration // for one attempt
	Retry      uplink.Retry
}

// DefaultConfig has the times; where and who must still be set.
func DefaultConfig() Config {
	return Config{AckTimeout: 30 * time.Second, Retry: uplink.DefaultRetry()}
}

// What both ends of the connection agree on (package gateway of the hub).
const (
	pingEvery   = 20 * time.Second
	pingTimeout = 10 * time.Second
)

// Validate reports all faults at once.
func (c Config) Validate() error {
	errs := []error{mtls.Identity{Site: c.Site, Sensor: c.Sensor}.Check(), dial.CheckProxy(c.Proxy), c.Retry.Validate()}
	if _, err := c.address(); err != nil {
		errs = append(errs, err)
	}
	if c.AckTimeout <= 0 {
		errs = append(errs, errors.New("uplink: times must be positive"))
	}
	return errors.Join(errs...)
}

// address is host and port of the hub.
func (c Config) address() (string, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Hostname() == "" || u.Scheme != "grpc" {
		return "", fmt.Errorf("hub.grpc: %q is no address; write it as grpc://host:port", c.URL)
	}
	if u.Port() == "" {
		return net.JoinHostPort(u.Hostname(), "443"), nil
	}
	return u.Host, nil
}

func (c Config) dialer() *dial.Dialer { return &dial.Dialer{Proxy: c.Proxy, Timeout: c.dialTimeout()} }

// dialTimeout is for one connection to be made and the sensor to be let in.
func (c Config) dialTimeout() time.Duration { return min(c.AckTimeout, 10*time.Second) }

// client prepares a connection; nothing is dialled before the first call.
func (c Config) client() (*grpc.ClientConn, error) {
	address, err := c.address()
	if err != nil {
		return nil, err
	}
	tlsConfig, err := c.TLS.Load(time.Now())
	if err != nil {
		return nil, err
	}
	want := mtls.Identity{Site: c.Site, Sensor: c.Sensor}
	id, err := c.TLS.Identity()
	if err != nil {
		return nil, err
	}
	if id != want {
		return nil, fmt.Errorf("certificate %s is %s, but the configuration says %s", c.TLS.Cert, id, want)
	}
	dialer := c.dialer()
	conn, err := grpc.NewClient("passthrough:///"+address, // the dialer, or its proxy, resolves the name
		grpc.WithTransportCredentials(credentials.NewTLS(tlsConfig)),
		grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
			return dialer.DialContext(ctx, "tcp", address)
		}),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: pingEvery, Timeout: pingTimeout, PermitWithoutStream: true}),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{BaseDelay: c.Retry.Min, Multiplier: 1.6, Jitter: 0.3, MaxDelay: c.Retry.Max}, MinConnectTimeout: c.dialTimeout(),
		}),
		grpc.WithDisableServiceConfig(), grpc.WithUserAgent("wardscope-sensor"),
	)
	if err != nil {
		return nil, fmt.Errorf("connect to hub %s: %w", c.URL, err)
	}
	return conn, nil
}
