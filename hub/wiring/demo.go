package wiring

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"go.yaml.in/yaml/v3"
	"golang.org/x/sync/errgroup"

	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/telemetry"
)

// DemoConfig says what the demonstration shows.
type DemoConfig struct {
	Dir      string   // where everything is kept; empty makes a folder that is removed at the end
	Captures []string // the user's own captures instead of the three simulated sites
	Once     bool     // end after the summary instead of staying up
	Sensor   string   // path of wardscope-sensor
	CLI      string   // path of wardscope
	Version  string
	Out      io.Writer
}

//go:embed demo
var demoFiles embed.FS

// Demo runs a hub, and a sensor process for each site, shows what they found, and stays up until
// the context ends.
func Demo(ctx context.Context, cfg DemoConfig) (err error) {
	if cfg.Dir == "" {
		if cfg.Dir, err = os.MkdirTemp("", "wardscope-demo-"); err != nil {
			return fmt.Errorf("make folder for the demonstration: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(cfg.Dir)) }()
	}
	d := &demo{cfg: cfg, began: time.Now()}
	return d.run(ctx)
}

type demo struct {
	cfg   DemoConfig
	hub   *Hub
	began time.Time
	log   *os.File
}

// sensorFeed is what one sensor of the demonstration reads.
type sensorFeed struct {
	site, sensor string
	capture      map[string]any
}

func (d *demo) run(ctx context.Context) (err error) {
	for _, dir := range []string{"logs", "sensors"} {
		if err := os.MkdirAll(filepath.Join(d.cfg.Dir, dir), 0o700); err != nil {
			return fmt.Errorf("make folder for the demonstration: %w", err)
		}
	}
	if d.log, err = os.Create(filepath.Join(d.cfg.Dir, "logs", "hub.log")); err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	defer func() { err = errors.Join(err, d.log.Close()) }()
	if err := d.open(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.hub.Close()) }()
	hubCtx, stopHub := context.WithCancel(context.WithoutCancel(ctx))
	defer stopHub()
	group, groupCtx := errgroup.WithContext(hubCtx)
	group.Go(func() error { return d.hub.Run(groupCtx) })
	group.Go(func() error {
		defer stopHub()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(groupCtx, cancel)()
		return d.show(ctx)
	})
	return group.Wait()
}

// open starts the hub, on a free port when the usual one is taken.
func (d *demo) open(ctx context.Context) (err error) {
	cfg := DefaultConfig()
	cfg.DataDir, cfg.NATS.Listen, cfg.Metrics.Listen = filepath.Join(d.cfg.Dir, "hub"), "127.0.0.1:0", "127.0.0.1:0"
	log := telemetry.Logger(d.log, slog.LevelInfo, false)
	d.hub, err = Open(ctx, cfg, d.cfg.Version, log)
	if _, busy := errors.AsType[*PortError](err); busy {
		cfg.Listen = "127.0.0.1:0"
		d.hub, err = Open(ctx, cfg, d.cfg.Version, log)
	}
	return err
}

func (d *demo) show(ctx context.Context) error {
	d.say("hub is up: API on %s, sensors on %s", d.hub.Address(), d.hub.SensorURL())
	feeds, err := d.prepare(ctx)
	if err != nil {
		return err
	}
	if err := d.sense(ctx, feeds); err != nil {
		return d.ended(ctx, err)
	}
	if err := d.settle(ctx); err != nil {
		return d.ended(ctx, err)
	}
	if err := d.summary(ctx); err != nil {
		return d.ended(ctx, err)
	}
	if d.cfg.Once {
		return nil
	}
	fmt.Fprintln(d.cfg.Out, "\nThe hub stays up: Ctrl-C ends it.")
	<-ctx.Done()
	return nil
}

// ended turns the end that the user asked for into no fault.
func (d *demo) ended(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return nil
}

func (d *demo) say(format string, args ...any) {
	fmt.Fprintf(d.cfg.Out, "%5.1f s  %s\n", time.Since(d.began).Seconds(), fmt.Sprintf(format, args...))
}

// prepare declares the sites and zones and says what each sensor reads.
func (d *demo) prepare(ctx context.Context) ([]sensorFeed, error) {
	name := "demo/sites.yaml"
	if len(d.cfg.Captures) > 0 {
		name = "demo/captures.yaml"
	}
	var sites state.Sites
	if err := readDemo(name, &sites); err != nil {
		return nil, err
	}
	if _, err := d.hub.state.PutSites(ctx, sites, 0); err != nil {
		return nil, fmt.Errorf("declare sites: %w", err)
	}
	var zones state.Zones
	if err := readDemo("demo/zones.yaml", &zones); err != nil {
		return nil, err
	}
	if _, err := d.hub.state.PutZones(ctx, zones, 0); err != nil {
		return nil, fmt.Errorf("declare zones: %w", err)
	}
	var feeds []sensorFeed
	for _, s := range sites.Sites {
		f := sensorFeed{site: string(s.ID), sensor: string(s.ID) + "-1", capture: map[string]any{"simulate": "demo"}}
		if len(d.cfg.Captures) > 0 {
			files := make([]string, len(d.cfg.Captures))
			for i, c := range d.cfg.Captures {
				path, err := filepath.Abs(c)
				if err != nil {
					return nil, fmt.Errorf("find capture: %w", err)
				}
				files[i] = path
			}
			f.capture = map[string]any{"files": files}
		}
		feeds = append(feeds, f)
	}
	return feeds, nil
}

func readDemo(name string, into any) error {
	raw, err := demoFiles.ReadFile(name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	if err := yaml.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// sense runs the sensors to the end of what they read.
func (d *demo) sense(ctx context.Context, feeds []sensorFeed) error {
	group, groupCtx := errgroup.WithContext(ctx)
	for _, f := range feeds {
		file, err := d.enrol(ctx, f)
		if err != nil {
			return err
		}
		group.Go(func() error { return d.sensor(groupCtx, f, file) })
	}
	done := make(chan error, 1)
	go func() { done <- group.Wait() }()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-tick.C:
			d.progress()
		}
	}
}

// enrol adds a sensor to the hub and writes what it needs, as an operator would.
func (d *demo) enrol(ctx context.Context, f sensorFeed) (file string, err error) {
	made, err := d.hub.fleet.Add(ctx, model.SiteID(f.site), model.SensorID(f.sensor))
	if err != nil {
		return "", err
	}
	dir := filepath.Join(d.cfg.Dir, "sensors", f.sensor)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("write sensor files: %w", err)
	}
	settings, err := yaml.Marshal(map[string]any{
		"site": f.site, "sensor": f.sensor, "capture": f.capture,
		"hub": map[string]string{"nats": made.NATSURL, "ca": "ca.pem", "certificate": f.sensor + ".pem", "key": f.sensor + "-key.pem"},
	})
	if err != nil {
		return "", fmt.Errorf("write sensor files: %w", err)
	}
	for name, text := range map[string][]byte{"ca.pem": made.CAPEM, f.sensor + ".pem": made.CertificatePEM, f.sensor + "-key.pem": made.PrivateKeyPEM, "sensor.yaml": settings} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return "", fmt.Errorf("write sensor files: %w", err)
		}
	}
	return filepath.Join(dir, "sensor.yaml"), nil
}

func (d *demo) sensor(ctx context.Context, f sensorFeed, file string) (err error) {
	name := filepath.Join(d.cfg.Dir, "logs", f.sensor+".log")
	log, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	cmd := exec.CommandContext(ctx, d.cfg.Sensor, "run", "--config", file)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 20 * time.Second
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		text, readErr := os.ReadFile(name)
		if readErr != nil {
			return errors.Join(err, readErr)
		}
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		return fmt.Errorf("sensor %s: %w: %s", f.sensor, err, strings.TrimPrefix(lines[len(lines)-1], "wardscope-sensor: "))
	}
	d.say("sensor %s has sent everything it saw", f.sensor)
	return nil
}

func (d *demo) progress() {
	var batches, rows uint64
	for _, s := range d.hub.ingest.Status() {
		batches, rows = batches+s.Batches, rows+s.Rows
	}
	d.say("%d batches with %d events stored, %d devices known", batches, rows, len(d.hub.keeper.Current().Devices))
}

// settle waits until everything that arrived is stored, and concludes from it once more.
func (d *demo) settle(ctx context.Context) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		waiting, err := d.hub.receiver.Pending(ctx)
		if err != nil {
			return err
		}
		var stored uint64
		for _, s := range d.hub.ingest.Status() {
			stored += s.Batches + s.Duplicates
		}
		if stored >= waiting.Batches {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	if err := d.hub.keeper.Resolve(ctx); err != nil {
		return err
	}
	if err := d.hub.service.server.Renew(ctx); err != nil {
		return err
	}
	d.progress()
	return nil
}
