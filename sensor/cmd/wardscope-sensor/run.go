package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/wardscope/wardscope/internal/config"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/telemetry"
	"github.com/wardscope/wardscope/sensor/capture/valve"
	"github.com/wardscope/wardscope/sensor/control/agent"
	"github.com/wardscope/wardscope/sensor/control/bundle"
	"github.com/wardscope/wardscope/sensor/pipeline"
	"github.com/wardscope/wardscope/sensor/uplink"
)

const envPrefix = "WARDSCOPE_SENSOR"

func newRun() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "run --config FILE",
		Short: "Capture, and send what was seen to the hub, until stopped",
		Long: `Capture from the interfaces of the configuration, or from files or a generated scenario, and send
events to the hub. SIGTERM flushes and exits 0. The sensor never sends on a capture interface; it
says at start whether that interface could, and which commands silence it. Exit 75 means that the hub
wants a restart, or gave another configuration: the service manager starts the sensor again.`,
		Example: "  wardscope-sensor run --config /etc/wardscope/sensor.yaml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := loadSettings(file)
			if err != nil {
				return err
			}
			return run(cmd.Context(), s)
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "configuration file")
	return cmd
}

func newConfig() *cobra.Command {
	var file string
	cmd := &cobra.Command{Use: "config", Short: "Show or check the configuration"}
	show := &cobra.Command{
		Use: "print", Short: "Print the effective configuration: defaults, file and environment", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := loadSettings(file)
			if err != nil {
				return err
			}
			text, err := config.Print(s)
			if err == nil {
				_, err = fmt.Fprint(cmd.OutOrStdout(), text)
			}
			return err
		},
	}
	show.Flags().StringVar(&file, "config", "", "configuration file")
	cmd.AddCommand(show)
	return cmd
}

func loadSettings(file string) (*settings, error) {
	s := defaultSettings()
	s.base, s.tail = filepath.Dir(file), &bundle.Tail{}
	if err := config.Load(file, envPrefix, os.Environ(), s); err != nil {
		return nil, &codedError{code: exitUsage, err: err}
	}
	return s, nil
}

func (s *settings) logger() *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.Log.Level)); err != nil {
		level = slog.LevelInfo // Validate has refused everything else
	}
	var out io.Writer = os.Stderr
	if s.tail != nil {
		out = io.MultiWriter(os.Stderr, s.tail)
	}
	return telemetry.Logger(out, level, s.Log.JSON)
}

func run(ctx context.Context, own *settings) (err error) {
	started := time.Now()
	s, steward := own.effective(own.logger())
	log := s.logger()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	defer func() { err = steward.blame(err) }()
	steward.now, steward.started, steward.stop, steward.log, steward.valve = s, started, stop, log, valve.New()
	feeds, silence, err := openFeeds(s, log)
	if err != nil {
		return err
	}
	defer func() {
		for _, f := range feeds {
			err = errors.Join(err, f.Source.Close())
		}
	}()
	// After capture: what an unclean stop before has cost ends when the spool is opened, and no packet
	// may be missed between the two.
	outbox, err := openOutbox(s, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, outbox.shut()) }()
	for i, f := range feeds {
		feeds[i].Source = steward.valve.On(ctx, f.Source, f.Live)
	}
	link, err := s.link(outbox, log)
	if err != nil {
		return &codedError{code: exitUsage, err: err}
	}
	stopMetrics, err := serveMetrics(ctx, s.Metrics.Listen, outbox, link)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopMetrics()) }()

	steward.vlans = s.Capture.VLANs
	steward.outbox, steward.epoch, steward.feeds, steward.silence, steward.max = outbox, outbox.epoch, feeds, silence, s.ceilingOfQueue()
	reports, err := steward.agent(link)
	if err != nil {
		return err
	}
	id := pipeline.Identity{Site: model.SiteID(s.Site), Sensor: model.SensorID(s.Sensor), Epoch: outbox.epoch, Version: version}
	log.Info("sensor started", slog.String("site", s.Site), slog.String("sensor", s.Sensor), slog.Int("shards", len(feeds)), slog.String("version", version))
	err = capturing(ctx, s, id, pipeline.RunDeps{Feeds: feeds, Outbox: outbox, Log: log, Interfaces: silence, Offset: offsetOf(reports)}, link, outbox, reports)
	t := outbox.Totals()
	log.Info("sensor stopped", slog.Uint64("sealed_batches", t.Batches), slog.Uint64("sent_batches", t.SentBatches), slog.Uint64("shed_batches", t.ShedBatches),
		slog.Uint64("sent_events", t.SentEvents))
	if err == nil && errors.Is(context.Cause(ctx), errRestart) {
		return &codedError{code: exitRestart, err: errRestart}
	}
	return err
}

func offsetOf(a *agent.Agent) func() time.Duration {
	return func() time.Duration {
		offset, _ := a.Offset()
		return offset
	}
}

// capturing runs capture, outbox and uplink side by side. When capture ends, the uplink gets some
// seconds to hand over what is left.
func capturing(ctx context.Context, s *settings, id pipeline.Identity, deps pipeline.RunDeps, link uplink.Link, outbox waiting, reports *agent.Agent) error {
	linkCtx, stopLink := context.WithCancel(context.WithoutCancel(ctx))
	defer stopLink()
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer outbox.Close()
		err := pipeline.Run(groupCtx, s.stages(), id, deps)
		time.AfterFunc(outbox.drainTime(), stopLink)
		return err
	})
	group.Go(func() error { return outbox.run(linkCtx, deps.Feeds) })
	group.Go(func() error { return reports.Run(linkCtx) })
	group.Go(func() error {
		defer stopLink()
		err := link.Run(linkCtx)
		if errors.Is(err, context.Canceled) {
			return outbox.left(s.hubNames(), link.Status().Fault, deps.Log)
		}
		return err
	})
	return group.Wait()
}

// serveMetrics answers on loopback only: the sensor has no other listener.
func serveMetrics(ctx context.Context, address string, outbox outbox, link uplink.Link) (stop func() error, err error) {
	if address == "" {
		return func() error { return nil }, nil
	}
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return nil, &codedError{code: exitUsage, err: config.Field("metrics.listen", address, "a loopback address such as 127.0.0.1:9091: the sensor offers nothing to the network")}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, &codedError{code: exitUsage, err: fmt.Errorf("listen for metrics: %w; set metrics.listen to a free port", err)}
	}
	serveCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	go func() { done <- telemetry.Serve(serveCtx, listener, metricsHandler(outbox, link)) }()
	return func() error {
		cancel()
		return <-done
	}, nil
}
