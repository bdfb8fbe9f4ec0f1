package assets

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/wardscope/wardscope/hub/access"
	"github.com/wardscope/wardscope/hub/api/answer"
	"github.com/wardscope/wardscope/hub/api/problem"
	"github.com/wardscope/wardscope/hub/inventory/live"
	"github.com/wardscope/wardscope/hub/inventory/register"
	"github.com/wardscope/wardscope/hub/state"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// State keeps registers.
type State interface {
	PutRegister(ctx context.Context, r state.Register) error
	Registers(ctx context.Context) ([]state.Register, error)
	DeleteRegister(ctx context.Context, name string) error
}

// Keeper has the inventory and holds registers against it.
type Keeper interface {
	Current() *live.Snapshot
	SetRegisters(all []state.Register)
	Resolve(ctx context.Context) error
}

// Deps is what a Server works with.
type Deps struct {
	State  State
	Keeper Keeper
	Now    func() time.Time
}

// Server serves registers.
type Server struct {
	hubv1.UnimplementedRegisterServiceServer
	deps Deps
}

// New returns a server.
func New(deps Deps) *Server { return &Server{deps: deps} }

const (
	maxUnpacked = 64 << 20 // bytes of a file
	maxChanges  = 1000     // that an answer lists
	maxRows     = 10_000
	usualRows   = 1000
)

// unpack reads what gzip packed, and leaves anything else as it is.
func unpack(raw []byte) ([]byte, error) {
	if !bytes.HasPrefix(raw, []byte{0x1f, 0x8b}) { // RFC 1952, section 2.3.1
		return raw, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(z, maxUnpacked+1))
	if err == nil && len(text) > maxUnpacked {
		err = fmt.Errorf("has more than %d MiB: import one register a site", maxUnpacked>>20)
	}
	return text, err
}

// read makes a register of a request.
func read(req *hubv1.ImportRegisterRequest) (state.Register, int, error) {
	m, err := register.ReadMapping([]byte(req.GetMapping()))
	if err != nil {
		return state.Register{}, 0, problem.Field("mapping", err.Error())
	}
	if err := model.CheckID("register", m.Register); err != nil {
		return state.Register{}, 0, problem.Field("mapping", err.Error())
	}
	raw, err := unpack(req.GetContent())
	if err != nil {
		return state.Register{}, 0, problem.Field("content", err.Error())
	}
	columns, entries, empty, err := register.Read(&m, raw)
	if err != nil {
		return state.Register{}, 0, problem.Field("content", err.Error())
	}
	return state.Register{Name: m.Register, Format: m.Format, Mapping: req.GetMapping(), Columns: columns, Entries: entries}, empty, nil
}

// ImportRegister replaces a register by what a file says.
func (s *Server) ImportRegister(ctx context.Context, req *hubv1.ImportRegisterRequest) (*hubv1.ImportRegisterResponse, error) {
	fresh, empty, err := read(req)
	if err != nil {
		return nil, err
	}
	fresh.At, fresh.Who = s.deps.Now().UTC(), access.From(ctx).Name
	all, err := s.deps.State.Registers(ctx)
	if err != nil {
		return nil, err
	}
	var before []state.RegisterEntry
	if at := slices.IndexFunc(all, func(r state.Register) bool { return r.Name == fresh.Name }); at >= 0 {
		before = all[at].Entries
	}
	out := &hubv1.ImportRegisterResponse{Register: message(&fresh, nil), Empty: int64(empty)}
	for _, c := range register.Diff(before, fresh.Entries) {
		switch c.Kind {
		case register.Added:
			out.Added++
		case register.Removed:
			out.Removed++
		default:
			out.Changed++
		}
		if len(out.GetChanges()) < maxChanges {
			out.Changes = append(out.Changes, &hubv1.RegisterChange{Key: c.Key, Line: int32(c.Line), Kind: c.Kind, Fields: changes(c.Fields)})
		}
	}
	out.Remarks = remarks(&fresh, s.deps.Keeper.Current())
	if req.GetDryRun() {
		return out, nil
	}
	if err := s.deps.State.PutRegister(ctx, fresh); err != nil {
		return nil, problem.Conflict(err)
	}
	if err := s.renew(ctx); err != nil {
		return nil, fmt.Errorf("register %s is kept, but not held against the inventory yet: %w", fresh.Name, err)
	}
	out.Register = message(&fresh, s.deps.Keeper.Current().Match)
	return out, nil
}

// maxRemarks bounds what is told of one kind.
const maxRemarks = 10

// remarks tells of sites that nobody declared and where no device is: most likely nobody
// translated what the register calls them.
func remarks(r *state.Register, snap *live.Snapshot) []string {
	known := map[string]bool{"": true}
	for _, site := range snap.Sites.Document().Sites {
		known[string(site.ID)] = true
	}
	for i := range snap.Devices {
		known[string(snap.Devices[i].Site)] = true
	}
	var unknown []string
	for i := range r.Entries {
		if site := r.Entries[i].Fields[register.FieldSite]; !known[site] {
			known[site] = true
			unknown = append(unknown, fmt.Sprintf("%q is no site: translate it under values.site of the mapping, or declare it", site))
		}
	}
	slices.Sort(unknown)
	return unknown[:min(len(unknown), maxRemarks)]
}

// renew brings the inventory up to date with the registers there are.
func (s *Server) renew(ctx context.Context) error {
	all, err := s.deps.State.Registers(ctx)
	if err != nil {
		return err
	}
	s.deps.Keeper.SetRegisters(all)
	return s.deps.Keeper.Resolve(ctx)
}

func changes(list []register.FieldChange) []*hubv1.FieldChange {
	out := make([]*hubv1.FieldChange, len(list))
	for i, c := range list {
		out[i] = &hubv1.FieldChange{Name: c.Name, Old: c.Old, New: c.New}
	}
	return out
}

func message(r *state.Register, match *register.Report) *hubv1.Register {
	out := &hubv1.Register{Name: r.Name, Format: r.Format, Imported: timestamppb.New(r.At), Who: r.Who, Entries: int64(len(r.Entries))}
	if match == nil {
		return out
	}
	for i := range match.Matches {
		if match.Matches[i].Register != r.Name {
			continue
		}
		switch match.Matches[i].Status {
		case register.Both:
			out.Both++
		case register.Contradictory:
			out.Contradictory++
		case register.NotObservable:
			out.NotObservable++
		default:
			out.OnlyRegister++
		}
	}
	return out
}

// ListRegisters lists what was imported.
func (s *Server) ListRegisters(context.Context, *hubv1.ListRegistersRequest) (*hubv1.ListRegistersResponse, error) {
	snap := s.deps.Keeper.Current()
	out := &hubv1.ListRegistersResponse{}
	for i := range snap.Registers {
		out.Registers = append(out.Registers, message(&snap.Registers[i], snap.Match))
	}
	return out, nil
}

var statuses = map[register.Status]hubv1.RegisterStatus{
	register.Both: hubv1.RegisterStatus_REGISTER_STATUS_BOTH, register.Contradictory: hubv1.RegisterStatus_REGISTER_STATUS_CONTRADICTORY,
	register.OnlyRegister: hubv1.RegisterStatus_REGISTER_STATUS_ONLY_REGISTER, register.NotObservable: hubv1.RegisterStatus_REGISTER_STATUS_NOT_OBSERVABLE,
}

// order is in which states are listed: what people must look at comes first.
var order = []hubv1.RegisterStatus{hubv1.RegisterStatus_REGISTER_STATUS_CONTRADICTORY, hubv1.RegisterStatus_REGISTER_STATUS_ONLY_REGISTER,
	hubv1.RegisterStatus_REGISTER_STATUS_ONLY_WIRE, hubv1.RegisterStatus_REGISTER_STATUS_NOT_OBSERVABLE, hubv1.RegisterStatus_REGISTER_STATUS_BOTH}

// MatchRegisters tells how registers and wire agree, worst first.
func (s *Server) MatchRegisters(_ context.Context, req *hubv1.MatchRegistersRequest) (*hubv1.MatchRegistersResponse, error) {
	limit := int(cmp.Or(req.GetLimit(), usualRows))
	if limit < 0 || limit > maxRows {
		return nil, problem.Field("limit", fmt.Sprintf("must be 1 to %d", maxRows))
	}
	snap := s.deps.Keeper.Current()
	if name := req.GetName(); name != "" && !slices.ContainsFunc(snap.Registers, func(r state.Register) bool { return r.Name == name }) {
		return nil, problem.NotFound("register", name)
	}
	rows := collect(snap.Match, req.GetName(), req.GetSite())
	out, count := &hubv1.MatchRegistersResponse{}, map[hubv1.RegisterStatus]int64{}
	for _, r := range rows {
		count[r.GetStatus()]++
	}
	for _, status := range order {
		out.Counts = append(out.Counts, &hubv1.StatusCount{Status: status, Count: count[status]})
	}
	rows = slices.DeleteFunc(rows, func(r *hubv1.RegisterMatch) bool { return req.GetStatus() != 0 && r.GetStatus() != req.GetStatus() })
	slices.SortStableFunc(rows, func(a, b *hubv1.RegisterMatch) int {
		return cmp.Compare(slices.Index(order, a.GetStatus()), slices.Index(order, b.GetStatus()))
	})
	out.TotalSize = int64(len(rows))
	out.Matches = rows[:min(len(rows), limit)]
	return out, nil
}

func collect(match *register.Report, name, site string) (rows []*hubv1.RegisterMatch) {
	for i := range match.Matches {
		m := &match.Matches[i]
		if name != "" && m.Register != name || site != "" && m.Entry.Fields[register.FieldSite] != site && (m.Device == nil || string(m.Device.Site) != site) {
			continue
		}
		row := &hubv1.RegisterMatch{Status: statuses[m.Status], Register: m.Register, Line: int32(m.Entry.Line), Entry: m.Entry.Fields, By: m.By, Quality: m.Quality,
			Against: m.Against, Updates: changes(m.Updates)}
		if m.Device != nil {
			row.Device, row.LastSeen = answer.Ref(m.Device), timestamppb.New(time.Unix(0, m.Device.Last))
		}
		rows = append(rows, row)
	}
	for _, d := range match.OnlyWire {
		if site == "" || string(d.Site) == site {
			rows = append(rows, &hubv1.RegisterMatch{Status: hubv1.RegisterStatus_REGISTER_STATUS_ONLY_WIRE, Device: answer.Ref(d), LastSeen: timestamppb.New(time.Unix(0, d.Last))})
		}
	}
	return rows
}

// WriteRegister gives a CSV file in the register's own columns.
func (s *Server) WriteRegister(_ context.Context, req *hubv1.WriteRegisterRequest) (*hubv1.WriteRegisterResponse, error) {
	snap := s.deps.Keeper.Current()
	for i := range snap.Registers {
		r := &snap.Registers[i]
		if r.Name != req.GetName() {
			continue
		}
		if r.Format == register.FormatMDS2 {
			return nil, problem.Field("name", "is a maker's form about a model: there is nothing to write back")
		}
		var out strings.Builder
		if err := register.WriteBack(&out, r, snap.Match, req.GetFresh()); err != nil {
			return nil, err
		}
		return &hubv1.WriteRegisterResponse{Csv: out.String()}, nil
	}
	return nil, problem.NotFound("register", req.GetName())
}

// DeleteRegister forgets a register.
func (s *Server) DeleteRegister(ctx context.Context, req *hubv1.DeleteRegisterRequest) (*hubv1.DeleteRegisterResponse, error) {
	err := s.deps.State.DeleteRegister(ctx, req.GetName())
	if errors.Is(err, state.ErrNotFound) {
		return nil, problem.NotFound("register", req.GetName())
	}
	if err != nil {
		return nil, problem.Conflict(err)
	}
	return &hubv1.DeleteRegisterResponse{}, s.renew(ctx)
}
