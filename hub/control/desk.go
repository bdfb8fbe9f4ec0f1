package control

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/wardscope/wardscope/hub/fleet"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/internal/mtls"
	uplinkv1 "github.com/wardscope/wardscope/proto/wardscope/uplink/v1"
)

// Wishes has what sensors are told to do; package state has it.
type Wishes interface {
	Wish(ctx context.Context, id model.SensorID) (state.Wish, error)
	Configuration(ctx context.Context, version uint64) (state.Configuration, error)
	KeepBundle(ctx context.Context, b state.Bundle) error
}

// Deps is what a Desk works with.
type Deps struct {
	Wishes Wishes
	// Renew signs a new certificate for a signing request; nil: certificates are renewed elsewhere.
	Renew func(ctx context.Context, from mtls.Identity, request []byte) ([]byte, error)
	Now   func() time.Time
}

// Desk answers reports. Make it by New.
type Desk struct {
	deps Deps

	mu      sync.Mutex
	reports map[model.SensorID]fleet.Report // guarded by mu
}

// New makes a Desk.
func New(deps Deps) *Desk { return &Desk{deps: deps, reports: map[model.SensorID]fleet.Report{}} }

// maxReport bounds a report, bytes: a sensor with hundreds of interfaces stays far below.
const maxReport = 256 << 10

// Answer takes a report of a sensor and says what is wanted of it.
func (d *Desk) Answer(ctx context.Context, from mtls.Identity, report []byte) ([]byte, error) {
	received := d.deps.Now()
	if len(report) > maxReport {
		return nil, fmt.Errorf("report of sensor %s: %d bytes, at most %d are allowed", from, len(report), maxReport)
	}
	var r uplinkv1.Report
	if err := proto.Unmarshal(report, &r); err != nil {
		return nil, fmt.Errorf("report of sensor %s: %w", from, err)
	}
	d.keep(from.Sensor, &r, received)
	if raw := r.GetSupportBundle(); len(raw) > 0 {
		if err := d.deps.Wishes.KeepBundle(ctx, state.Bundle{Sensor: from.Sensor, Number: r.GetSupportBundleNumber(), Received: received, Archive: raw}); err != nil {
			return nil, err
		}
	}
	wish, err := d.deps.Wishes.Wish(ctx, from.Sensor)
	if err != nil {
		return nil, err
	}
	a := &uplinkv1.Answer{ReceivedNs: uint64(received.UnixNano()), Pause: wish.Pause, Configuration: wish.Configuration, SupportBundleNumber: wish.Bundle}
	if wish.Configuration != 0 && wish.Configuration != r.GetConfiguration() && wish.Configuration != r.GetRefusedConfiguration() {
		c, err := d.deps.Wishes.Configuration(ctx, wish.Configuration)
		if err != nil {
			return nil, err
		}
		a.ConfigurationYaml = c.Text
	}
	if !wish.RestartBefore.IsZero() {
		// The sensor compares with its own clock.
		a.RestartBeforeNs = uint64(wish.RestartBefore.UnixNano() + r.GetClockOffsetNs())
	}
	if request := r.GetCertificateRequestPem(); request != "" && d.deps.Renew != nil {
		text, err := d.deps.Renew(ctx, from, []byte(request))
		if err != nil {
			a.CertificateRefusal = err.Error()
		}
		a.CertificatePem = string(text)
	}
	a.SentNs = uint64(d.deps.Now().UnixNano())
	out, err := proto.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("answer sensor %s: %w", from, err)
	}
	return out, nil
}

// keep remembers a report, and the part since the one before by which losses are judged.
func (d *Desk) keep(id model.SensorID, r *uplinkv1.Report, received time.Time) {
	next := fleet.Report{
		Received: received, Epoch: r.GetEpoch(), Version: model.Text(r.GetVersion()), Started: time.Unix(0, int64(r.GetStartedNs())),
		ClockOffset: time.Duration(r.GetClockOffsetNs()), ClockError: time.Duration(r.GetClockErrorNs()),
		Sealed: r.GetSealedBatches(), Sent: r.GetSentBatches(), Shed: r.GetShedBatches(), Waiting: r.GetWaitingBatches(),
		WaitingOctets: r.GetWaitingOctets(), WaitingMax: r.GetWaitingMax(), Lag: time.Duration(r.GetLagNs()), CPU: time.Duration(r.GetCpuNs()), Memory: r.GetMemoryOctets(),
		Paused: r.GetPaused(), Configuration: r.GetConfiguration(), RefusedConfiguration: r.GetRefusedConfiguration(), Refusal: model.Text(r.GetRefusal()),
		Packets: r.GetPackets(), Group: r.GetGroupPackets(), Live: r.GetLive(),
	}
	for _, id := range r.GetExpectedVlans()[:min(len(r.GetExpectedVlans()), maxVLANs)] {
		next.Expected = append(next.Expected, uint16(id))
	}
	for _, drop := range r.GetDrops() {
		next.Dropped += drop.GetPackets()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if old := d.reports[id]; old.Epoch == next.Epoch && next.Shed >= old.Shed {
		next.Shedding = next.Shed > old.Shed
	}
	old := d.reports[id]
	next.Since, next.SincePackets, next.SinceGroup, next.LastPacket = old.Since, old.SincePackets, old.SinceGroup, old.LastPacket
	if old.Epoch != next.Epoch || next.Packets < old.Packets || next.Since.IsZero() || received.Sub(old.Since) > window {
		next.Since, next.SincePackets, next.SinceGroup = received, old.Packets, old.Group
		if old.Epoch != next.Epoch || next.Packets < old.Packets {
			next.SincePackets, next.SinceGroup = 0, 0
		}
	}
	if next.LastPacket.IsZero() || old.Epoch != next.Epoch || next.Packets != old.Packets {
		next.LastPacket = received
	}
	d.reports[id] = next
}

// window is over how long the share of frames to everybody is taken, at most.
const window = 10 * time.Minute

// maxVLANs bounds what a report may list (IEEE 802.1Q has no more).
const maxVLANs = 4094

// Reports gives the last report of each sensor since the hub started.
func (d *Desk) Reports() map[model.SensorID]fleet.Report {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.reports)
}
