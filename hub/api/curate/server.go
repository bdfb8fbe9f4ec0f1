package curate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/wardscope/wardscope/hub/access"
	"github.com/wardscope/wardscope/hub/api/answer"
	"github.com/wardscope/wardscope/hub/api/problem"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/correction"
	"github.com/wardscope/wardscope/hub/inventory/live"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// State keeps decisions.
type State interface {
	AddCorrection(ctx context.Context, c state.Correction) (uint64, error)
	Corrections(ctx context.Context) ([]state.Correction, error)
}

// Keeper has the inventory and obeys decisions.
type Keeper interface {
	Current() *live.Snapshot
	SetDecisions(log []state.Correction)
	Resolve(ctx context.Context) error
}

// Kinds knows the closed list of device types.
type Kinds interface {
	// Category is the category of a type, "" when there is no such type.
	Category(typ string) string
}

// Deps is what a Server works with.
type Deps struct {
	State  State
	Keeper Keeper
	Kinds  Kinds
	Now    func() time.Time
}

// Server serves corrections.
type Server struct {
	hubv1.UnimplementedCorrectionServiceServer
	deps Deps
}

// New returns a server.
func New(deps Deps) *Server { return &Server{deps: deps} }

func (s *Server) device(field, id string) (*inventory.Device, error) {
	if id == "" {
		return nil, problem.Field(field, "is empty: name a device by its id")
	}
	d := s.deps.Keeper.Current().Device(id)
	if d == nil {
		return nil, problem.NotFound("device", id)
	}
	return d, nil
}

// decide writes a decision down and brings the inventory up to date with it.
func (s *Server) decide(ctx context.Context, c state.Correction) (*hubv1.Correction, error) {
	c.Who, c.At, c.Why = access.From(ctx).Name, s.deps.Now().UTC(), strings.TrimSpace(c.Why)
	if c.Why == "" {
		return nil, problem.Field("reason", "is empty: say why, for those who come after you")
	}
	if err := c.Validate(); err != nil {
		return nil, problem.Document(err)
	}
	id, err := s.deps.State.AddCorrection(ctx, c)
	if err != nil {
		return nil, err
	}
	c.ID = id
	log, err := s.deps.State.Corrections(ctx)
	if err != nil {
		return nil, err
	}
	s.deps.Keeper.SetDecisions(log)
	if err := s.deps.Keeper.Resolve(ctx); err != nil {
		return nil, fmt.Errorf("decision %d is kept, but the inventory could not be resolved with it yet: %w", id, err)
	}
	return message(c, 0), nil
}

// holding is the device that an endpoint belongs to now.
func (s *Server) holding(a state.Anchor, detail bool) *hubv1.Device {
	snap, e := s.deps.Keeper.Current(), correction.Endpoint(a)
	if d := snap.Device(e.ID()); d != nil {
		return answer.Device(d, detail)
	}
	for i := range snap.Devices {
		if slices.Contains(snap.Devices[i].Endpoints, e) {
			return answer.Device(&snap.Devices[i], detail)
		}
	}
	return nil
}

// CorrectDevice sets an attribute.
func (s *Server) CorrectDevice(ctx context.Context, req *hubv1.CorrectDeviceRequest) (*hubv1.CorrectDeviceResponse, error) {
	d, err := s.device("id", req.GetId())
	if err != nil {
		return nil, err
	}
	value := strings.TrimSpace(req.GetValue())
	if err := s.check(req.GetAttribute(), value); err != nil {
		return nil, err
	}
	made, subject, err := s.set(ctx, d, req.GetAttribute(), value, req.GetReason())
	if err != nil {
		return nil, err
	}
	return &hubv1.CorrectDeviceResponse{Correction: made, Device: s.holding(subject, true)}, nil
}

func (s *Server) set(ctx context.Context, d *inventory.Device, name, value, why string) (*hubv1.Correction, state.Anchor, error) {
	c := state.Correction{Kind: state.CorrectionSet, Why: why, Device: d.ID, Subject: correction.Anchor(d.Endpoints[0]), Attribute: name, Value: value}
	if a := d.Attribute(name); a != nil {
		c.Before = a.Value
	} else if name == inventory.AttrDepartment {
		c.Before = d.Department
	}
	made, err := s.decide(ctx, c)
	return made, c.Subject, err
}

// LabelDevice adds and removes labels.
func (s *Server) LabelDevice(ctx context.Context, req *hubv1.LabelDeviceRequest) (*hubv1.LabelDeviceResponse, error) {
	d, err := s.device("id", req.GetId())
	if err != nil {
		return nil, err
	}
	if len(req.GetAdd())+len(req.GetRemove()) == 0 {
		return nil, problem.Field("add", "is empty, and so is remove: name a label")
	}
	labels := d.Labels()
	for i, l := range req.GetAdd() {
		if !label.MatchString(l) {
			return nil, problem.Field(fmt.Sprintf("add[%d]", i), "is no label: 1 to 64 letters, digits and - _ . : /")
		}
		labels = append(labels, l)
	}
	slices.Sort(labels)
	labels = slices.DeleteFunc(slices.Compact(labels), func(l string) bool { return slices.Contains(req.GetRemove(), l) })
	value := strings.Join(labels, inventory.LabelSeparator)
	if len(value) > model.MaxText {
		return nil, problem.Field("add", fmt.Sprintf("makes the labels longer than %d bytes in all", model.MaxText))
	}
	made, subject, err := s.set(ctx, d, inventory.AttrLabels, value, req.GetReason())
	if err != nil {
		return nil, err
	}
	return &hubv1.LabelDeviceResponse{Correction: made, Device: s.holding(subject, true)}, nil
}

// JoinDevices makes another device part of this one.
func (s *Server) JoinDevices(ctx context.Context, req *hubv1.JoinDevicesRequest) (*hubv1.JoinDevicesResponse, error) {
	d, err := s.device("id", req.GetId())
	if err != nil {
		return nil, err
	}
	other, err := s.device("other", req.GetOther())
	if err != nil {
		return nil, err
	}
	switch {
	case d.ID == other.ID:
		return nil, problem.Field("other", "is the same device")
	case d.Realm != other.Realm:
		return nil, problem.Field("other", "is in realm "+string(other.Realm)+", the device in "+string(d.Realm)+": an address means something else there, so they cannot be joined")
	case d.Part != "" || other.Part != "":
		return nil, problem.Field("other", "equipment behind a gateway is told apart by what the gateway says and cannot be joined")
	}
	c := state.Correction{Kind: state.CorrectionJoin, Why: req.GetReason(), Device: d.ID, Other: other.ID, Subject: correction.Anchor(d.Endpoints[0])}
	for _, e := range other.Endpoints {
		c.Others = append(c.Others, correction.Anchor(e))
	}
	made, err := s.decide(ctx, c)
	if err != nil {
		return nil, err
	}
	return &hubv1.JoinDevicesResponse{Correction: made, Device: s.holding(c.Subject, true)}, nil
}

// SplitDevice makes an address of a device a device of its own.
func (s *Server) SplitDevice(ctx context.Context, req *hubv1.SplitDeviceRequest) (*hubv1.SplitDeviceResponse, error) {
	d, err := s.device("id", req.GetId())
	if err != nil {
		return nil, err
	}
	c := state.Correction{Kind: state.CorrectionSplit, Why: req.GetReason(), Device: d.ID}
	if err := cut(d, req.GetOff(), &c); err != nil {
		return nil, err
	}
	made, err := s.decide(ctx, c)
	if err != nil {
		return nil, err
	}
	out := &hubv1.SplitDeviceResponse{Correction: made}
	for _, a := range []state.Anchor{c.Others[0], c.Subject} {
		if dev := s.holding(a, true); dev != nil {
			out.Devices = append(out.Devices, dev)
		}
	}
	return out, nil
}

// UndoCorrection takes a decision back.
func (s *Server) UndoCorrection(ctx context.Context, req *hubv1.UndoCorrectionRequest) (*hubv1.UndoCorrectionResponse, error) {
	log, err := s.deps.State.Corrections(ctx)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(log, func(c state.Correction) bool { return c.ID == req.GetId() })
	if at < 0 {
		return nil, problem.NotFound("decision", fmt.Sprint(req.GetId()))
	}
	if by := correction.Undone(log)[req.GetId()]; by != 0 {
		return nil, problem.Field("id", fmt.Sprintf("was taken back by decision %d", by))
	}
	made, err := s.decide(ctx, state.Correction{Kind: state.CorrectionUndo, Why: req.GetReason(), Device: log[at].Device, Subject: log[at].Subject, Undoes: req.GetId()})
	if err != nil {
		return nil, err
	}
	return &hubv1.UndoCorrectionResponse{Correction: made}, nil
}

// ListCorrections lists decisions, newest first.
func (s *Server) ListCorrections(ctx context.Context, req *hubv1.ListCorrectionsRequest) (*hubv1.ListCorrectionsResponse, error) {
	log, err := s.deps.State.Corrections(ctx)
	if err != nil {
		return nil, err
	}
	concerns := func(state.Correction) bool { return true }
	if id := req.GetDevice(); id != "" {
		d := s.deps.Keeper.Current().Device(id)
		concerns = func(c state.Correction) bool { return c.Device == id || c.Other == id || d != nil && names(c, d) }
		if d == nil && !slices.ContainsFunc(log, concerns) {
			return nil, problem.NotFound("device", id)
		}
	}
	undone := correction.Undone(log)
	out := &hubv1.ListCorrectionsResponse{}
	for _, c := range slices.Backward(log) {
		if concerns(c) {
			out.Corrections = append(out.Corrections, message(c, undone[c.ID]))
		}
	}
	return out, nil
}

// names reports that a decision names an endpoint of a device.
func names(c state.Correction, d *inventory.Device) bool {
	return slices.ContainsFunc(append([]state.Anchor{c.Subject}, c.Others...), func(a state.Anchor) bool {
		return slices.Contains(d.Endpoints, correction.Endpoint(a))
	})
}

var kinds = map[state.CorrectionKind]hubv1.CorrectionKind{
	state.CorrectionSet: hubv1.CorrectionKind_CORRECTION_KIND_SET, state.CorrectionJoin: hubv1.CorrectionKind_CORRECTION_KIND_JOIN,
	state.CorrectionSplit: hubv1.CorrectionKind_CORRECTION_KIND_SPLIT, state.CorrectionUndo: hubv1.CorrectionKind_CORRECTION_KIND_UNDO,
}

func message(c state.Correction, undoneBy uint64) *hubv1.Correction {
	out := &hubv1.Correction{Id: c.ID, Time: timestamppb.New(c.At), Who: c.Who, Reason: c.Why, Kind: kinds[c.Kind], Device: c.Device, Other: c.Other,
		Attribute: c.Attribute, Value: c.Value, Before: c.Before, Undoes: c.Undoes, UndoneBy: undoneBy}
	for _, a := range append([]state.Anchor{c.Subject}, c.Others...) {
		out.Endpoints = append(out.Endpoints, words(a))
	}
	return out
}

// words tells an endpoint to people.
func words(a state.Anchor) string {
	text := a.Addr.String()
	if a.MAC != 0 {
		text = a.MAC.String()
	}
	if a.Part != "" {
		text += " part " + a.Part
	}
	return text + " in " + string(a.Realm)
}

// errNothingLeft says that a split would leave nothing.
var errNothingLeft = errors.New("is all there is of this device: nothing would be left")
