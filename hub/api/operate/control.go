package operate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/wardscope/wardscope/hub/access"
	"github.com/wardscope/wardscope/hub/api/problem"
	"github.com/wardscope/wardscope/hub/fleet"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// maxConfiguration bounds a configuration, bytes.
const maxConfiguration = 64 << 10

// known refuses a sensor that was never added.
func (s *Server) known(ctx context.Context, field, sensor string) error {
	_, err := s.deps.State.Sensor(ctx, model.SensorID(sensor))
	if model.CheckID("sensor", sensor) != nil || errors.Is(err, state.ErrNotFound) {
		return problem.Field(field, fmt.Sprintf("%q is no sensor that was added here; `wardscope sensors list` shows them", sensor))
	}
	return err
}

// ControlSensor pauses, resumes or restarts a sensor.
func (s *Server) ControlSensor(ctx context.Context, req *hubv1.ControlSensorRequest) (*hubv1.ControlSensorResponse, error) {
	if err := s.known(ctx, "sensor", req.GetSensor()); err != nil {
		return nil, err
	}
	now, who, reason := s.deps.Now(), access.From(ctx).Name, model.Text(strings.TrimSpace(req.GetReason()))
	var change func(*state.Wish)
	switch req.GetAction() {
	case hubv1.SensorAction_SENSOR_ACTION_PAUSE:
		if reason == "" {
			return nil, problem.Field("reason", "a pause needs one: it stands beside the sensor until it is resumed")
		}
		change = func(w *state.Wish) { w.Pause, w.PauseReason, w.PausedBy, w.PausedAt = true, reason, who, now }
	case hubv1.SensorAction_SENSOR_ACTION_RESUME:
		change = func(w *state.Wish) { w.Pause, w.PauseReason, w.PausedBy, w.PausedAt = false, "", "", now }
	case hubv1.SensorAction_SENSOR_ACTION_RESTART:
		change = func(w *state.Wish) { w.RestartBefore = now }
	default:
		return nil, problem.Field("action", "must be pause, resume or restart")
	}
	if err := s.deps.State.ChangeWish(ctx, model.SensorID(req.GetSensor()), change); err != nil {
		return nil, err
	}
	return &hubv1.ControlSensorResponse{}, nil
}

// CreateConfiguration keeps a new version. Sensors check it against their own file when they get it.
func (s *Server) CreateConfiguration(ctx context.Context, req *hubv1.CreateConfigurationRequest) (*hubv1.CreateConfigurationResponse, error) {
	var sections map[string]map[string]any
	switch err := yaml.Unmarshal([]byte(req.GetYaml()), &sections); {
	case len(req.GetYaml()) > maxConfiguration:
		return nil, problem.Field("yaml", fmt.Sprintf("has %d bytes, at most %d are allowed", len(req.GetYaml()), maxConfiguration))
	case err != nil:
		return nil, problem.Field("yaml", "cannot be read: "+err.Error())
	case len(sections) == 0:
		return nil, problem.Field("yaml", "is empty; assign version 0 to take the hub's configuration back")
	}
	reference := model.Text(strings.TrimSpace(req.GetReference()))
	if reference == "" {
		return nil, problem.Field("reference", "name the change that this belongs to")
	}
	c, err := s.deps.State.PutConfiguration(ctx, state.Configuration{Made: s.deps.Now(), Author: access.From(ctx).Name, Reference: reference, Text: req.GetYaml()})
	if err != nil {
		return nil, err
	}
	before, err := s.deps.State.Configuration(ctx, c.Version-1)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return nil, err
	}
	return &hubv1.CreateConfigurationResponse{Configuration: configuration(c, before.Text)}, nil
}

func configuration(c state.Configuration, before string) *hubv1.Configuration {
	return &hubv1.Configuration{
		Version: c.Version, Made: timestamppb.New(c.Made), Author: c.Author, Reference: c.Reference, Yaml: c.Text, Diff: diff(before, c.Text),
	}
}

// diff lists the lines that are only in one of two texts, in their order: a longest common
// subsequence, which is quick enough for files of this size.
func diff(before, after string) (out []string) {
	a, b := lines(before), lines(after)
	common := make([][]int, len(a)+1) // of the tails from i and j
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i, x := range slices.Backward(a) {
		for j, y := range slices.Backward(b) {
			if x == y {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			out = append(out, "-"+a[i])
			i++
		default:
			out = append(out, "+"+b[j])
			j++
		}
	}
	return out
}

// maxLines bounds the work of a difference.
const maxLines = 1000

func lines(text string) []string {
	if text = strings.TrimRight(text, "\n"); text == "" {
		return nil
	}
	out := strings.Split(text, "\n")
	return out[:min(len(out), maxLines)]
}

// GetConfiguration shows one version, and how it differs from another.
func (s *Server) GetConfiguration(ctx context.Context, req *hubv1.GetConfigurationRequest) (*hubv1.GetConfigurationResponse, error) {
	c, err := s.version(ctx, "version", req.GetVersion())
	if err != nil {
		return nil, err
	}
	var before state.Configuration
	if against := cmp.Or(req.GetAgainst(), c.Version-1); against != 0 {
		if before, err = s.version(ctx, "against", against); err != nil {
			return nil, err
		}
	}
	return &hubv1.GetConfigurationResponse{Configuration: configuration(c, before.Text)}, nil
}

func (s *Server) version(ctx context.Context, field string, version uint64) (state.Configuration, error) {
	c, err := s.deps.State.Configuration(ctx, version)
	if errors.Is(err, state.ErrNotFound) {
		return c, problem.Field(field, fmt.Sprintf("there is no version %d; `wardscope sensors configurations` lists them", version))
	}
	return c, err
}

// ListConfigurations lists versions, and what each sensor has.
func (s *Server) ListConfigurations(ctx context.Context, _ *hubv1.ListConfigurationsRequest) (*hubv1.ListConfigurationsResponse, error) {
	all, err := s.deps.State.Configurations(ctx)
	if err != nil {
		return nil, err
	}
	out := &hubv1.ListConfigurationsResponse{}
	before := ""
	for _, c := range all {
		out.Configurations = append(out.Configurations, configuration(c, before))
		before = c.Text
	}
	wishes, err := s.deps.State.Wishes(ctx)
	if err != nil {
		return nil, err
	}
	wanted := map[model.SensorID]uint64{}
	for _, w := range wishes {
		wanted[w.Sensor] = w.Configuration
	}
	sensors, err := s.deps.State.Sensors(ctx)
	if err != nil {
		return nil, err
	}
	reports := s.reports()
	for _, x := range sensors {
		r, reported := reports[x.ID]
		a := &hubv1.Assignment{Sensor: string(x.ID), Wanted: wanted[x.ID], InForce: r.Configuration, Reported: reported}
		if r.RefusedConfiguration != 0 && r.RefusedConfiguration == a.GetWanted() {
			a.Refusal = r.Refusal
		}
		out.Assignments = append(out.Assignments, a)
	}
	slices.SortFunc(out.Assignments, func(a, b *hubv1.Assignment) int { return cmp.Compare(a.GetSensor(), b.GetSensor()) })
	return out, nil
}

func (s *Server) reports() map[model.SensorID]fleet.Report {
	if s.deps.Reports == nil {
		return nil
	}
	return s.deps.Reports()
}

// AssignConfiguration gives a version to sensors.
func (s *Server) AssignConfiguration(ctx context.Context, req *hubv1.AssignConfigurationRequest) (*hubv1.AssignConfigurationResponse, error) {
	if v := req.GetVersion(); v != 0 {
		if _, err := s.version(ctx, "version", v); err != nil {
			return nil, err
		}
	}
	if len(req.GetSensors()) == 0 {
		return nil, problem.Field("sensors", "name at least one")
	}
	for i, id := range req.GetSensors() {
		if err := s.known(ctx, fmt.Sprintf("sensors[%d]", i), id); err != nil {
			return nil, err
		}
	}
	if s.deps.Rollouts != nil {
		ids := make([]model.SensorID, 0, len(req.GetSensors()))
		for _, id := range req.GetSensors() {
			ids = append(ids, model.SensorID(id))
		}
		number, err := s.deps.Rollouts.Running(ctx, ids)
		if err != nil {
			return nil, err
		}
		if number != 0 {
			return nil, status.Errorf(codes.FailedPrecondition, "roll-out %d is under way at one of them; halt it first: wardscope sensors rollout halt %d", number, number)
		}
	}
	for _, id := range req.GetSensors() {
		err := s.deps.State.ChangeWish(ctx, model.SensorID(id), func(w *state.Wish) {
			if w.Configuration != req.GetVersion() {
				w.Previous, w.Configuration = w.Configuration, req.GetVersion()
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return &hubv1.AssignConfigurationResponse{}, nil
}
