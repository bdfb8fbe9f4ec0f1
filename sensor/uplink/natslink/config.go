package natslink

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
)

// Config says where the hub is and who the sensor is.
type Config struct {
	URL        string // tls://host:4222 or wss://host:443
	Proxy      string // http://[user:password@]host:port for HTTP CONNECT; empty: none
	Site       model.SiteID
	Sensor     model.SensorID
	TLS        mtls.Files
	AckTimeout time.Duration // for one attempt
	RetryMin   time.Duration // pause after a refused or failed attempt; doubles up to RetryMax
	RetryMax   time.Duration
}

// DefaultConfig has the times; where and who must still be set.
func DefaultConfig() Config {
	return Config{AckTimeout: 10 * time.Second, RetryMin: 200 * time.Millisecond, RetryMax: 10 * time.Second}
}

// Validate reports all faults at once.
func (c Config) Validate() error {
	errs := []error{
		mtls.Identity{Site: c.Site, Sensor: c.Sensor}.Check(),
		checkURL("hub.nats", c.URL, "tls", "wss", "nats"),
	}
	if c.Proxy != "" {
		errs = append(errs, checkURL("hub.proxy", c.Proxy, "http", "https"))
	}
	if c.AckTimeout <= 0 || c.RetryMin <= 0 || c.RetryMax < c.RetryMin {
		errs = append(errs, errors.New("uplink: times must be positive, and the longest pause not under the shortest"))
	}
	return errors.Join(errs...)
}

func checkURL(key, text string, schemes ...string) error {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || !slices.Contains(schemes, u.Scheme) {
		return fmt.Errorf("%s: %q is no address; write it as %s://host:port", key, text, schemes[0])
	}
	return nil
}
