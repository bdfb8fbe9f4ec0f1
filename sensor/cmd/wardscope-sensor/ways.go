package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/wardscope/wardscope/internal/config"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
	"github.com/wardscope/wardscope/sensor/control/check"
	"github.com/wardscope/wardscope/sensor/uplink"
	"github.com/wardscope/wardscope/sensor/uplink/dial"
	"github.com/wardscope/wardscope/sensor/uplink/grpclink"
	"github.com/wardscope/wardscope/sensor/uplink/natslink"
	"github.com/wardscope/wardscope/sensor/uplink/trial"
)

// Ways to the hub, as hub.transport names them.
const (
	transportAuto      = "auto"
	transportNATS      = "nats"
	transportWebSocket = "websocket"
	transportGRPC      = "grpc"
)

// proxyAddress is shown without its password.
type proxyAddress string

// UnmarshalText takes it as it stands; Validate judges it.
func (p *proxyAddress) UnmarshalText(text []byte) error {
	*p = proxyAddress(text)
	return nil
}

// MarshalText is for `config print`.
func (p proxyAddress) MarshalText() ([]byte, error) { return []byte(dial.Redact(string(p))), nil }

// way is one way to the hub.
type way struct {
	name, url string
	open      func(box uplink.Outbox, ceiling *uplink.Ceiling, log *slog.Logger) (uplink.Link, error)
	probe     func(ctx context.Context) (dial.Reach, error)
}

// ways lists those that may be taken, the most wished first.
func (s *settings) ways() (out []way) {
	for _, w := range []way{s.natsWay(transportNATS, s.Hub.NATS), s.natsWay(transportWebSocket, s.Hub.WebSocket), s.grpcWay()} {
		if w.url != "" && (s.Hub.Transport == transportAuto || s.Hub.Transport == w.name) {
			out = append(out, w)
		}
	}
	return out
}

func (s *settings) files() mtls.Files {
	return mtls.Files{Cert: s.beside(s.Hub.Certificate), Key: s.beside(s.Hub.Key), CA: s.beside(s.Hub.CA)}
}

func (s *settings) natsWay(name, url string) way {
	c := natslink.DefaultConfig()
	c.URL, c.Proxy, c.Site, c.Sensor, c.TLS = url, string(s.Hub.Proxy), model.SiteID(s.Site), model.SensorID(s.Sensor), s.files()
	return way{
		name: name, url: url,
		open: func(box uplink.Outbox, ceiling *uplink.Ceiling, log *slog.Logger) (uplink.Link, error) {
			return natslink.New(c, natslink.Deps{Outbox: box, Ceiling: ceiling, Log: log})
		},
		probe: func(ctx context.Context) (dial.Reach, error) { return natslink.Probe(ctx, c) },
	}
}

func (s *settings) grpcWay() way {
	c := grpclink.DefaultConfig()
	c.URL, c.Proxy, c.Site, c.Sensor, c.TLS = s.Hub.GRPC, string(s.Hub.Proxy), model.SiteID(s.Site), model.SensorID(s.Sensor), s.files()
	return way{
		name: transportGRPC, url: s.Hub.GRPC,
		open: func(box uplink.Outbox, ceiling *uplink.Ceiling, log *slog.Logger) (uplink.Link, error) {
			return grpclink.New(c, grpclink.Deps{Outbox: box, Ceiling: ceiling, Log: log})
		},
		probe: func(ctx context.Context) (dial.Reach, error) { return grpclink.Probe(ctx, c) },
	}
}

// checkWays says what is wrong with where the hub is.
func (s *settings) checkWays() error {
	var errs []error
	urls := map[string]string{transportNATS: s.Hub.NATS, transportWebSocket: s.Hub.WebSocket, transportGRPC: s.Hub.GRPC}
	switch url, named := urls[s.Hub.Transport]; {
	case !named && s.Hub.Transport != transportAuto:
		errs = append(errs, config.Field("hub.transport", s.Hub.Transport, "auto, nats, websocket or grpc"))
	case named && url == "":
		errs = append(errs, config.Field("hub."+s.Hub.Transport, "", "set, because hub.transport names it"))
	case s.Hub.NATS+s.Hub.WebSocket+s.Hub.GRPC == "":
		errs = append(errs, config.Field("hub.nats", "", "set, or hub.websocket or hub.grpc; `wardscope sensors add` writes a file that has them"))
	}
	for _, u := range []struct{ key, url, want string }{
		{"hub.nats", s.Hub.NATS, "tls://host:4222 or wss://host:443"}, {"hub.websocket", s.Hub.WebSocket, "wss://host:443"}, {"hub.grpc", s.Hub.GRPC, "grpc://host:443"},
	} {
		scheme, _, _ := strings.Cut(u.url, "://")
		if u.url != "" && !strings.Contains(u.want, scheme+"://") {
			errs = append(errs, config.Field(u.key, u.url, u.want))
		}
	}
	if dial.CheckProxy(string(s.Hub.Proxy)) != nil {
		errs = append(errs, config.Field("hub.proxy", dial.Redact(string(s.Hub.Proxy)), "http://host:port, http://user:password@host:port, or direct"))
	}
	return errors.Join(errs...)
}

// link prepares the way to the hub; which one is found out by trial where several may be taken.
func (s *settings) link(box uplink.Outbox, log *slog.Logger) (uplink.Link, error) {
	ceiling := s.ceiling()
	c := trial.DefaultConfig()
	if s.Spool.Dir != "" {
		c.File = filepath.Join(filepath.Dir(s.beside(s.Spool.Dir)), "transport")
	}
	var ways []trial.Way
	for _, w := range s.ways() {
		ways = append(ways, trial.Way{Name: w.name, New: func(box uplink.Outbox) (uplink.Link, error) { return w.open(box, ceiling, log) }})
	}
	link, err := trial.New(c, trial.Deps{Ways: ways, Outbox: box, Log: log})
	if err != nil {
		return nil, &codedError{code: exitUsage, err: err}
	}
	return link, nil
}

// hubNames is where the hub is, for people.
func (s *settings) hubNames() string {
	var urls []string
	for _, w := range s.ways() {
		urls = append(urls, w.url)
	}
	return strings.Join(urls, " or ")
}

// checkWays goes every way to the hub as the sensor would. Where one of several is open, the others
// are no fault.
func checkWays(ctx context.Context, s *settings) []check.Result {
	ways := s.ways()
	results := make([]check.Result, len(ways))
	var group errgroup.Group
	for i, w := range ways {
		group.Go(func() error {
			results[i] = checkWay(ctx, w)
			return nil
		})
	}
	_ = group.Wait() // the results have it all
	open := 0
	for _, r := range results {
		if r.Level != check.Fault {
			open++
		}
	}
	for i := range results {
		if open > 0 && results[i].Level == check.Fault {
			results[i].Level = check.Warning
		}
		if len(ways) > 1 {
			results[i].Text = ways[i].name + ": " + results[i].Text
		}
	}
	return results
}

func checkWay(ctx context.Context, w way) check.Result {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	reach, err := w.probe(ctx)
	if fault, ok := errors.AsType[*dial.Fault](err); ok {
		return check.Result{Level: check.Fault, Topic: "hub", Name: fault.Name, Text: fault.Text, Remedy: fault.Remedy}
	}
	if err != nil {
		return check.Result{Level: check.Fault, Topic: "hub", Name: "unreachable", Text: err.Error()}
	}
	const most = 2 * time.Minute // what a certificate's validity allows for at both ends, and more than NTP ever leaves
	if reach.Timed && reach.Clock.Abs() > most {
		return check.Result{
			Level: check.Warning, Topic: "hub", Name: "clock", Text: fmt.Sprintf("the clock here is %v from the hub's", reach.Clock.Round(time.Second)), Remedy: "set this machine's clock by a time server",
		}
	}
	return check.Result{Level: check.OK, Topic: "hub", Text: fmt.Sprintf("%s takes this sensor's certificate (%v)", reach.Address, reach.Took.Round(time.Millisecond))}
}
