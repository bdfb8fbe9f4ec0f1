package wiring

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wardscope/wardscope/hub/api"
	"github.com/wardscope/wardscope/hub/doctor"
	"github.com/wardscope/wardscope/hub/fleet"
	"github.com/wardscope/wardscope/hub/receive"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store/engine"
	"github.com/wardscope/wardscope/hub/wiring/socket"
	"github.com/wardscope/wardscope/internal/mtls"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// doctorTime bounds one question of the doctor.
const doctorTime = 10 * time.Second

// Doctor looks at the hub on the data directory, running or stopped.
func Doctor(ctx context.Context, cfg *Config, version string, log *slog.Logger) (out []doctor.Check, err error) {
	if _, err := os.Stat(cfg.DataDir); err != nil {
		return nil, fmt.Errorf("look at data directory: %w; name it with --data-dir", err)
	}
	err = socket.Ask(ctx, cfg.DataDir, http.MethodGet, "/doctor", nil, &out)
	if !errors.Is(err, socket.ErrStopped) {
		return out, err
	}
	h := &Hub{cfg: cfg, log: log, version: version}
	defer func() { err = errors.Join(err, h.Close()) }()
	opened := h.openStopped(ctx)
	var locked *engine.LockedError
	var missing *engine.MissingError
	if errors.As(opened, &locked) || errors.As(opened, &missing) || errors.Is(opened, receive.ErrLocked) {
		return nil, opened
	}
	f := h.facts(ctx)
	if opened != nil {
		f.Engine = opened
	}
	return doctor.Judge(f), nil
}

// answerDiagnose is the doctor over the API.
func (h *Hub) answerDiagnose(ctx context.Context) (*hubv1.DiagnoseResponse, error) {
	out := &hubv1.DiagnoseResponse{}
	for _, c := range doctor.Judge(h.facts(ctx)) {
		out.Checks = append(out.Checks, &hubv1.Check{Level: hubv1.CheckLevel(c.Level), Topic: c.Topic, Text: c.Text, Remedy: c.Remedy})
	}
	return out, nil
}

// facts collects what the doctor judges. What cannot be asked is a fact too.
func (h *Hub) facts(ctx context.Context) *doctor.Facts {
	ctx, cancel := context.WithTimeout(ctx, doctorTime)
	defer cancel()
	f := &doctor.Facts{Now: time.Now(), Running: h.ingest != nil, Data: dataFacts(h.cfg.DataDir)}
	unknown := func(err error) {
		if err != nil {
			f.Unknown = append(f.Unknown, err)
		}
	}
	if h.store != nil {
		if f.Engine = h.store.Ping(ctx); f.Engine == nil {
			list, err := h.store.Quarantined(ctx)
			unknown(err)
			for _, q := range list {
				f.Quarantine = append(f.Quarantine, doctor.Quarantine{Sensor: string(q.Sensor), Reason: q.Reason, Batches: q.Batches, Last: q.Last})
			}
		}
	}
	if h.receiver != nil {
		p, err := h.receiver.Pending(ctx)
		unknown(err)
		f.Stream = doctor.Stream{Bytes: p.Bytes, MaxBytes: p.MaxBytes}
	}
	if h.ingest != nil {
		for _, s := range h.ingest.Status() {
			f.Partitions = append(f.Partitions, doctor.Partition{Number: s.Partition, Pending: s.Pending, Received: s.Received, Refused: s.Refused, Stopped: s.Stopped})
		}
	}
	unknown(h.certificateFacts(ctx, f))
	if h.service != nil && f.Engine == nil { // a stopped hub's sensors cannot be well
		unknown(h.sensorFacts(ctx, f))
	}
	if h.library != nil {
		for _, e := range h.library.List() {
			if !e.Replaced {
				f.Knowledge = append(f.Knowledge, doctor.Knowledge{Name: e.Kind, Age: e.Age(f.Now)})
			}
		}
	}
	return f
}

func dataFacts(dir string) doctor.Data {
	d := doctor.Data{Path: dir}
	info, err := os.Stat(dir)
	if err != nil {
		d.Fault = err
		return d
	}
	d.Mode = info.Mode()
	probe, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		d.Fault = err
	} else {
		d.Fault = errors.Join(probe.Close(), os.Remove(probe.Name()))
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err == nil {
		d.Free, d.Total = fs.Bavail*uint64(fs.Bsize), fs.Blocks*uint64(fs.Bsize)
	}
	return d
}

func (h *Hub) certificateFacts(ctx context.Context, f *doctor.Facts) error {
	add := func(name string, expires time.Time, remedy string) {
		f.Certificates = append(f.Certificates, doctor.Certificate{Name: name, Expires: expires, Remedy: remedy})
	}
	if h.authority != nil {
		c, err := mtls.ParseCertificate(h.authority.PEM())
		if err != nil {
			return err
		}
		add("the hub's authority", c.NotAfter, "make a new data directory's authority and enrol the sensors anew before that day")
	}
	if h.shown != nil {
		if c := h.shown.Leaf(); c != nil {
			add("the hub's own certificate", c.NotAfter, "look at the hub's log: it renews it by itself")
		}
	}
	if h.state == nil {
		return nil
	}
	all, err := h.state.Sensors(ctx)
	if err != nil {
		return err
	}
	for i := range all {
		if n := len(all[i].Certificates); n > 0 {
			newest := all[i].Certificates[n-1].Expires
			add("the certificate of sensor "+string(all[i].ID), newest, "make another: wardscope sensors add "+string(all[i].ID)+" --site "+string(all[i].Site))
		}
	}
	return nil
}

// sensorFacts tells how the sensors are that may log in.
func (h *Hub) sensorFacts(ctx context.Context, f *doctor.Facts) error {
	seen, err := h.service.server.Sights(ctx)
	if err != nil {
		return err
	}
	denied, err := h.state.Denials(ctx)
	if err != nil {
		return err
	}
	for i := range seen {
		s := &seen[i]
		if slices.ContainsFunc(denied, func(d state.Denial) bool { return d.Sensor == s.ID }) {
			continue
		}
		one := doctor.Sensor{Name: string(s.ID), State: api.StateName(s.Health), Reason: s.Reason, Good: s.Health == fleet.StateOK || s.Health == fleet.StatePaused || s.Health == fleet.StateRevoked || s.Health == fleet.StateSkewedClock}
		if s.Report != nil {
			one.ClockOffset, one.ClockError = s.Report.ClockOffset, s.Report.ClockError
		}
		f.Sensors = append(f.Sensors, one)
	}
	return nil
}
