package natslink

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/internal/subject"
	"github.com/wardscope/wardscope/sensor/uplink"
	"github.com/wardscope/wardscope/sensor/uplink/dial"
)

// Config says where the hub is and who the sensor is.
type Config struct {
	URL        string // tls://host:4222 or wss://host:443
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

// Validate reports all faults at once.
func (c Config) Validate() error {
	errs := []error{
		mtls.Identity{Site: c.Site, Sensor: c.Sensor}.Check(),
		checkURL("hub.nats", c.URL, "tls", "wss", "nats"),
		dial.CheckProxy(c.Proxy),
		c.Retry.Validate(),
	}
	if c.AckTimeout <= 0 {
		errs = append(errs, errors.New("uplink: times must be positive"))
	}
	return errors.Join(errs...)
}

// web says whether the hub is reached by WebSocket.
func (c Config) web() bool { return strings.HasPrefix(c.URL, "wss:") }

func (c Config) over() string {
	if c.web() {
		return "websocket"
	}
	return "nats"
}

func (c Config) dialer() *dial.Dialer { return &dial.Dialer{Proxy: c.Proxy, Timeout: c.dialTimeout()} }

// dialTimeout is for one connection to be made.
func (c Config) dialTimeout() time.Duration { return min(c.AckTimeout, 10*time.Second) }

// options are what every connection of the sensor has.
func (c Config) options() ([]nats.Option, error) {
	tlsConfig, err := c.TLS.Load(time.Now())
	if err != nil {
		return nil, err
	}
	options := []nats.Option{
		nats.Name("wardscope-sensor " + string(c.Sensor)),
		nats.Secure(tlsConfig),
		nats.CustomInboxPrefix(subject.InboxPrefix(c.Sensor)),
		nats.Timeout(c.dialTimeout()),
		nats.SetCustomDialer(c.dialer()),
	}
	u, err := url.Parse(c.URL)
	if err != nil {
		return nil, fmt.Errorf("hub.nats: %w", err)
	}
	if c.dialer().Proxied(u.Host) {
		// The proxy resolves the hub's name: a sensor behind one often cannot.
		options = append(options, nats.SkipHostLookup())
	}
	return options, nil
}

func checkURL(key, text string, schemes ...string) error {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || !slices.Contains(schemes, u.Scheme) {
		return fmt.Errorf("%s: %q is no address; write it as %s://host:port", key, text, schemes[0])
	}
	return nil
}
