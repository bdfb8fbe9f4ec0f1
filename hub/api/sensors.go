package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/wardscope/wardscope/hub/access"
	"github.com/wardscope/wardscope/hub/api/answer"
	"github.com/wardscope/wardscope/hub/api/problem"
	"github.com/wardscope/wardscope/hub/fleet"
	"github.com/wardscope/wardscope/hub/inventory/filter"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/event"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

type sensorServer struct {
	hubv1.UnimplementedSensorServiceServer
	s *Server
}

var sensorSchema = filter.Schema{{Name: "site"}, {Name: "state", Kind: filter.Enum, Values: []string{"ok", "silent", "dropping", "half_blind", "never_seen", "lagging", "skewed_clock", "paused", "revoked", "blind"}}}

var stateNames = [...]string{"", "ok", "silent", "dropping", "half_blind", "never_seen", "lagging", "skewed_clock", "paused", "revoked", "blind"}

// ListSensors lists the sensors with their health.
func (v sensorServer) ListSensors(ctx context.Context, req *hubv1.ListSensorsRequest) (*hubv1.ListSensorsResponse, error) {
	f, err := problem.Filter(req.GetFilter(), sensorSchema)
	if err != nil {
		return nil, err
	}
	seen, err := v.s.answers.Sights(ctx)
	if err != nil {
		return nil, err
	}
	all, err := v.s.deps.Store.Coverage(ctx, store.Scope{}, store.Period{})
	if err != nil {
		return nil, err
	}
	out := &hubv1.ListSensorsResponse{}
	for i := range seen {
		s := &seen[i]
		if f.Match(func(name string) []string {
			switch name {
			case "site":
				return []string{string(s.Site)}
			case "state":
				return []string{stateNames[s.Health]}
			}
			return []string{string(s.ID), string(s.Site), s.Reason}
		}) {
			out.Sensors = append(out.Sensors, sensorMessage(s, all))
		}
	}
	return out, nil
}

// Sights lists the sensors with their health, for whoever looks at the whole hub.
func (s *Server) Sights(ctx context.Context) ([]answer.Sight, error) { return s.answers.Sights(ctx) }

// Renew assesses exposure anew: after a resolution, answers would follow within a second anyway.
func (s *Server) Renew(ctx context.Context) error { return s.answers.Renew(ctx) }

// StateName is the word for a sensor's health.
func StateName(s fleet.State) string { return stateNames[s] }

func sensorMessage(s *answer.Sight, all []store.Coverage) *hubv1.Sensor {
	out := &hubv1.Sensor{Id: string(s.ID), Site: string(s.Site), State: hubv1.SensorState(s.Health), Reason: s.Reason}
	var last time.Time
	for i := range s.Ledger {
		l := &s.Ledger[i]
		out.Batches += l.Batches
		out.Events += l.Stored.Total()
		if !l.LastReceived.Before(last) {
			last = l.LastReceived
			out.Version, out.ClockOffset = l.Version, durationpb.New(time.Duration(l.ClockOffset))
		}
	}
	out.LastReceived = stamp(last)
	drops := map[model.Place]uint64{}
	var newest time.Time
	var interfaces []model.Interface
	for i := range all {
		c := &all[i]
		if c.Sensor != s.ID {
			continue
		}
		out.Packets += c.Packets
		for _, d := range c.Drops {
			drops[d.Place] += d.Packets
		}
		if len(c.Interfaces) > 0 && !c.Last.Before(newest) {
			newest, interfaces = c.Last, c.Interfaces
		}
	}
	stats := model.Stats{Interfaces: interfaces}
	for p, n := range drops {
		stats.Drops = append(stats.Drops, model.Drop{Place: p, Packets: n})
	}
	slices.SortFunc(stats.Drops, func(a, b model.Drop) int { return int(a.Place) - int(b.Place) })
	row := event.StatsRow(&stats)
	out.Drops, out.Interfaces = row.GetDrops(), row.GetInterfaces()
	if r := s.Report; r != nil {
		out.Report = reportMessage(r)
		out.Version = r.Version
		if r.ClockError > 0 {
			out.ClockOffset = durationpb.New(r.ClockOffset)
		}
	}
	return out
}

func reportMessage(r *fleet.Report) *hubv1.SensorReport {
	return &hubv1.SensorReport{
		Received: stamp(r.Received), Started: stamp(r.Started), ClockError: durationpb.New(r.ClockError), Sealed: r.Sealed, Sent: r.Sent, Shed: r.Shed,
		Waiting: r.Waiting, WaitingOctets: r.WaitingOctets, WaitingMax: r.WaitingMax, Lag: durationpb.New(r.Lag), Cpu: durationpb.New(r.CPU), Memory: r.Memory,
		Paused: r.Paused, Configuration: r.Configuration, RefusedConfiguration: r.RefusedConfiguration, Refusal: r.Refusal,
	}
}

// AddSensor makes a certificate for a sensor.
func (v sensorServer) AddSensor(ctx context.Context, req *hubv1.AddSensorRequest) (*hubv1.AddSensorResponse, error) {
	if err := model.CheckID("site", req.GetSite()); err != nil {
		return nil, problem.Field("site", err.Error())
	}
	if err := model.CheckID("sensor", req.GetSensor()); err != nil {
		return nil, problem.Field("sensor", err.Error())
	}
	e, err := v.s.deps.Fleet.Add(ctx, model.SiteID(req.GetSite()), model.SensorID(req.GetSensor()))
	if err != nil {
		return nil, enrolProblem(req.GetSensor(), err)
	}
	return &hubv1.AddSensorResponse{CertificatePem: string(e.CertificatePEM), PrivateKeyPem: string(e.PrivateKeyPEM), CaPem: string(e.CAPEM), NatsUrl: e.NATSURL, ConfigYaml: e.ConfigYAML}, nil
}

// enrolProblem says why a sensor cannot be added.
func enrolProblem(sensor string, err error) error {
	switch {
	case errors.Is(err, state.ErrExists):
		return status.Errorf(codes.AlreadyExists, "sensor %s belongs to another site; sensor ids are unique over all sites", sensor)
	case errors.Is(err, fleet.ErrInUse):
		return status.Errorf(codes.FailedPrecondition, "sensor %s is in use: enrolling it anew ends its present certificates; say --replace if that is meant, or revoke it first", sensor)
	case errors.Is(err, fleet.ErrRevoked):
		return status.Errorf(codes.FailedPrecondition, "%v; only a new enrolment lets it in again: wardscope sensors enroll-token", err)
	}
	return problem.Conflict(err)
}

// CreateEnrolmentToken makes a token for one sensor.
func (v sensorServer) CreateEnrolmentToken(ctx context.Context, req *hubv1.CreateEnrolmentTokenRequest) (*hubv1.CreateEnrolmentTokenResponse, error) {
	if err := model.CheckID("site", req.GetSite()); err != nil {
		return nil, problem.Field("site", err.Error())
	}
	if req.GetSensor() != "" {
		if err := model.CheckID("sensor", req.GetSensor()); err != nil {
			return nil, problem.Field("sensor", err.Error())
		}
	}
	life := req.GetTtl().AsDuration()
	if req.GetTtl() != nil && (life < fleet.MinTokenLife || life > fleet.MaxTokenLife) {
		return nil, problem.Field("ttl", fmt.Sprintf("must be %s to %s", fleet.MinTokenLife, fleet.MaxTokenLife))
	}
	if err := v.declared(ctx, req.GetSite()); err != nil {
		return nil, err
	}
	t, err := v.s.deps.Fleet.MakeToken(ctx, fleet.Wanted{
		Site: model.SiteID(req.GetSite()), Sensor: model.SensorID(req.GetSensor()), Life: life, Replace: req.GetReplace(), By: access.From(ctx).Name,
	})
	if err != nil {
		return nil, enrolProblem(req.GetSensor(), err)
	}
	return &hubv1.CreateEnrolmentTokenResponse{Token: t.Text, Sensor: string(t.Sensor), Expires: timestamppb.New(t.Expires), HubUrl: t.URL, CaFingerprint: t.Fingerprint}, nil
}

// declared refuses a site that nobody declared, where any is: it is a slip of the keyboard.
func (v sensorServer) declared(ctx context.Context, site string) error {
	doc, err := v.s.deps.State.Sites(ctx)
	if err != nil {
		return err
	}
	var names []string
	for i := range doc.Sites {
		if string(doc.Sites[i].ID) == site {
			return nil
		}
		names = append(names, string(doc.Sites[i].ID))
	}
	if len(names) == 0 {
		return nil
	}
	return problem.Field("site", "is not declared; declared are "+strings.Join(names, ", ")+": see `wardscope sites apply`")
}

// RevokeSensor shuts a sensor out.
func (v sensorServer) RevokeSensor(ctx context.Context, req *hubv1.RevokeSensorRequest) (*hubv1.RevokeSensorResponse, error) {
	if err := model.CheckID("sensor", req.GetSensor()); err != nil {
		return nil, problem.Field("sensor", err.Error())
	}
	if strings.TrimSpace(req.GetReason()) == "" {
		return nil, problem.Field("reason", "say why: those who come after you will ask")
	}
	begin := time.Now()
	err := v.s.deps.Fleet.Revoke(ctx, model.SensorID(req.GetSensor()), req.GetReason())
	if errors.Is(err, state.ErrNotFound) {
		return nil, problem.NotFound("sensor", req.GetSensor())
	}
	return &hubv1.RevokeSensorResponse{Took: durationpb.New(time.Since(begin))}, err
}

// GetLedger counts what a sensor sent and what was stored.
func (v sensorServer) GetLedger(ctx context.Context, req *hubv1.GetLedgerRequest) (*hubv1.GetLedgerResponse, error) {
	seen, err := v.s.answers.Sights(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(seen, func(s answer.Sight) bool { return string(s.ID) == req.GetSensor() })
	if i < 0 {
		return nil, problem.NotFound("sensor", req.GetSensor())
	}
	accounts, err := v.s.deps.Store.Accounts(ctx, store.Scope{}, seen[i].ID)
	if err != nil {
		return nil, err
	}
	missing := map[uint64]uint64{} // by boot
	for j := range accounts {
		missing[accounts[j].Epoch] += accounts[j].Lost()
	}
	out := &hubv1.GetLedgerResponse{}
	for j := range seen[i].Ledger {
		l := &seen[i].Ledger[j]
		out.Epochs = append(out.Epochs, &hubv1.LedgerEpoch{
			Epoch: l.Epoch, LastSequence: l.LastSequence, Batches: l.Batches, Missing: missing[l.Epoch], Quarantined: l.Quarantined, Flows: l.Stored.Flows,
			Observations: l.Stored.Observations, Findings: l.Stored.Findings, DroppedEvents: l.Dropped, LastReceived: stamp(l.LastReceived),
		})
	}
	return out, nil
}
