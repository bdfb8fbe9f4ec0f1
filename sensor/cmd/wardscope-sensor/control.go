package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/wardscope/wardscope/internal/config"
	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
	uplinkv1 "github.com/wardscope/wardscope/proto/wardscope/uplink/v1"
	"github.com/wardscope/wardscope/sensor/capture/valve"
	"github.com/wardscope/wardscope/sensor/control/agent"
	"github.com/wardscope/wardscope/sensor/control/managed"
	"github.com/wardscope/wardscope/sensor/pipeline"
	"github.com/wardscope/wardscope/sensor/uplink"
)

// exitRestart says that the hub wants the program started again: the service manager does that.
const exitRestart = 75

// errRestart ends the sensor in order.
var errRestart = errors.New("started again at the hub's wish")

// managedKeys are what a hub may set, by section; nil is all of it. Where the hub is, what is
// captured from, how much of the line is used and where things lie stay the site's own.
var managedKeys = map[string][]string{"capture": {"filter", "vlans"}, "privacy": nil, "limits": {"flows", "claims"}, "log": {"level"}}

// checkManaged refuses keys that are the site's own.
func checkManaged(text string) error {
	var sections map[string]map[string]any
	if err := yaml.Unmarshal([]byte(text), &sections); err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	var errs []error
	for section, keys := range sections {
		allowed, ok := managedKeys[section]
		if !ok {
			errs = append(errs, fmt.Errorf("%s: is the site's own; a hub may set capture.filter, capture.vlans, privacy, limits.flows, limits.claims and log.level", section))
			continue
		}
		for key := range keys {
			if allowed != nil && !slices.Contains(allowed, key) {
				errs = append(errs, fmt.Errorf("%s.%s: is the site's own; a hub may set %s of it", section, key, strings.Join(allowed, " and ")))
			}
		}
	}
	return errors.Join(errs...)
}

// managedFile lies beside the spool, where the sensor may write; without one beside its own file.
func (s *settings) managedFile() string {
	if s.Spool.Dir != "" {
		return filepath.Join(filepath.Dir(s.beside(s.Spool.Dir)), "managed.yaml")
	}
	return filepath.Join(s.base, "managed.yaml")
}

// overlay lays the hub's configuration over the site's own, and checks the whole.
func (s *settings) overlay(text string) (*settings, error) {
	if err := checkManaged(text); err != nil {
		return nil, err
	}
	file, err := os.CreateTemp("", "wardscope-*.yaml")
	if err != nil {
		return nil, fmt.Errorf("check configuration: %w", err)
	}
	defer os.Remove(file.Name()) //nolint:errcheck // in the temporary folder
	_, err = file.WriteString(text)
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("check configuration: %w", err)
	}
	out := *s
	out.Privacy.Networks, out.Capture.VLANs = nil, slices.Clone(s.Capture.VLANs)
	if err := config.Load(file.Name(), "", nil, &out); err != nil {
		return nil, errors.New(strings.ReplaceAll(err.Error(), file.Name(), "configuration"))
	}
	// A hub may add networks, never take one away that the site wants kept private.
	out.Privacy.Networks = slices.Concat(s.Privacy.Networks, out.Privacy.Networks)
	return &out, errors.Join(withinOwn("limits.flows", s.Limits.Flows, out.Limits.Flows), withinOwn("limits.claims", s.Limits.Claims, out.Limits.Claims))
}

// withinOwn refuses what exceeds the site's own ceiling.
func withinOwn(key string, own, wanted int) error {
	if wanted > own {
		return fmt.Errorf("%s: %d exceeds the site's own %d; a hub may only lower it", key, wanted, own)
	}
	return nil
}

// effective is the site's configuration with the hub's laid over it.
func (s *settings) effective(log *slog.Logger) (*settings, *steward) {
	w := &steward{own: s, log: log}
	w.managed = managed.Open(s.managedFile(), func(text string) error {
		_, err := s.overlay(text)
		return err
	}, log)
	version, text := w.managed.InForce()
	if version == 0 {
		return s, w
	}
	out, err := s.overlay(text)
	if err != nil { // it fitted a moment ago
		log.Error("the hub's configuration does not fit: running without", slog.Any("error", err))
		return s, w
	}
	return out, w
}

// steward does what the hub wants and reports how the sensor is.
type steward struct {
	own     *settings // without the hub's
	log     *slog.Logger
	started time.Time
	epoch   uint64
	valve   *valve.Valve
	outbox  outbox
	feeds   []pipeline.Feed
	silence func() []model.Interface
	max     uint64 // octets that may wait
	stop    context.CancelCauseFunc
	renewal *renewal
	vlans   []uint16  // that the mirror should carry
	oldest  time.Time // since when something waits without a batch having been taken
	sent    uint64

	managed *managed.Store

	now     *settings // in force: the hub's laid over own
	packed  uint64    // number of the support bundle in archive
	archive []byte    // nil when the hub asked for none
}

// agent prepares the conversation with the hub.
func (w *steward) agent(link uplink.Link) (*agent.Agent, error) {
	a, err := agent.New(agent.DefaultConfig(), agent.Deps{Fill: w.fill, Ask: link.Ask, Apply: w.apply, Now: time.Now, Log: w.log})
	w.renewal = &renewal{Renewal: mtls.NewRenewal(w.own.files()), log: w.log, now: func() time.Time { return time.Now().Add(-offsetOf(a)()) }}
	return a, err
}

func (w *steward) fill(r *uplinkv1.Report) {
	t, held := w.outbox.Totals(), w.outbox.Held()
	r.Epoch, r.Version, r.StartedNs = w.epoch, version, uint64(w.started.UnixNano())
	r.SealedBatches, r.SentBatches, r.ShedBatches = t.Batches, t.SentBatches, t.ShedBatches
	r.WaitingBatches, r.WaitingOctets, r.WaitingMax, r.LagNs = uint64(held.Batches), uint64(held.Bytes), w.max, uint64(w.lag(t.SentBatches, held.Batches))
	var stats model.Stats
	var kernel, card, softnet uint64
	for _, f := range w.feeds {
		c := f.Source.Stats()
		r.Packets, r.GroupPackets, r.Live = r.Packets+c.Frames, r.GroupPackets+c.Group, r.Live || f.Live
		kernel, card, softnet = kernel+c.KernelDrops, card+c.InterfaceDrops, softnet+c.SoftnetDrops
	}
	for _, d := range []model.Drop{{Place: model.PlaceKernel, Packets: kernel}, {Place: model.PlaceInterface, Packets: card}, {Place: model.PlaceSoftnet, Packets: softnet}} {
		if d.Packets > 0 {
			stats.Drops = append(stats.Drops, d)
		}
	}
	if w.silence != nil {
		stats.Interfaces = w.silence()
	}
	row := event.StatsRow(&stats)
	r.Drops, r.Interfaces = row.GetDrops(), row.GetInterfaces()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err == nil {
		r.CpuNs = uint64(syscall.TimevalToNsec(use.Utime) + syscall.TimevalToNsec(use.Stime))
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	r.MemoryOctets = memory.Sys - memory.HeapReleased
	r.Paused = w.valve.Shut()
	r.Configuration, _ = w.managed.InForce()
	r.RefusedConfiguration, r.Refusal = w.managed.Refused()
	for _, id := range w.vlans {
		r.ExpectedVlans = append(r.ExpectedVlans, uint32(id))
	}
	w.renewal.fill(r)
	r.SupportBundle, r.SupportBundleNumber = w.archive, w.packed
}

// lag is for how long batches have been waiting while the hub took none.
func (w *steward) lag(sent uint64, waiting int) time.Duration {
	now := time.Now()
	if waiting == 0 || sent != w.sent || w.oldest.IsZero() {
		w.oldest, w.sent = now, sent
	}
	return now.Sub(w.oldest)
}

// apply does what the hub wants.
func (w *steward) apply(a *uplinkv1.Answer) {
	w.renewal.take(a)
	w.managed.Answered(a.GetConfiguration())
	w.pack(a.GetSupportBundleNumber())
	if w.valve.Set(a.GetPause()) {
		w.log.Info("capture paused or resumed at the hub's wish", slog.Bool("paused", a.GetPause()))
	}
	version, _ := w.managed.InForce()
	switch {
	case a.GetRestartBeforeNs() > uint64(w.started.UnixNano()):
		w.log.Info("the hub wants a restart")
		w.stop(errRestart)
	case a.GetConfiguration() == version:
	case a.GetConfiguration() == 0:
		if err := w.managed.Clear(); err != nil {
			w.log.Warn("the hub's configuration is not taken back", slog.Any("error", err))
			return
		}
		w.log.Info("the hub's configuration is taken back")
		w.stop(errRestart)
	case a.GetConfigurationYaml() != "":
		w.take(a.GetConfiguration(), a.GetConfigurationYaml())
	}
}

// blame gives a version of the hub up with which the program ends before the hub has answered. The
// service manager has to start it again then, which it does not after an error of configuration.
func (w *steward) blame(err error) error {
	if coded, ok := errors.AsType[*codedError](err); err == nil || ok && coded.code == exitRestart || !w.managed.Failed(err) {
		return err
	}
	w.log.Error("the hub's configuration is given up", slog.Any("error", err))
	return &codedError{code: exitRestart, err: err}
}

// take checks a configuration, keeps it, and ends the program: capture is opened with it.
func (w *steward) take(version uint64, text string) {
	if err := w.managed.Take(version, text); err != nil {
		w.log.Warn("the hub's configuration is refused", slog.Uint64("version", version), slog.Any("error", err))
		return
	}
	w.log.Info("the hub's configuration is taken: starting again", slog.Uint64("version", version))
	w.stop(errRestart)
}
