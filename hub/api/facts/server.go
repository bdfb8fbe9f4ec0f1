package facts

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/wardscope/wardscope/hub/api/answer"
	"github.com/wardscope/wardscope/hub/api/problem"
	"github.com/wardscope/wardscope/hub/exposure"
	"github.com/wardscope/wardscope/hub/exposure/advisory"
	"github.com/wardscope/wardscope/hub/inventory/pack"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// Library keeps the packs in use.
type Library interface {
	List() []pack.Entry
	Check(raw []byte) (*pack.Pack, []pack.Difference, error)
	Install(raw []byte, older bool) (*pack.Pack, []pack.Difference, error)
	Remove(name string) error
	Keys() []string
}

// Deps is what a Server works with.
type Deps struct {
	Library    Library
	Keeper     answer.Keeper
	Advisories func() *advisory.Pack // in use now
	Now        func() time.Time
}

// Server serves knowledge.
type Server struct {
	hubv1.UnimplementedKnowledgeServiceServer
	deps Deps
}

// New returns a server.
func New(deps Deps) *Server { return &Server{deps: deps} }

// maxNamed is how many records of a difference are named.
const maxNamed = 1000

const day = 24 * time.Hour

func (s *Server) table(e *pack.Entry) *hubv1.KnowledgeTable {
	now := s.deps.Now()
	return &hubv1.KnowledgeTable{Kind: e.Kind, Pack: e.Pack, Version: e.Version, Date: e.Date, AgeDays: int32(e.Age(now) / day), Stale: e.Stale(now), Source: e.Source,
		Licence: e.Licence, Records: int64(e.Records), Key: e.Key, Overlaid: e.Replaced}
}

// ListKnowledge lists every table with its source and date.
func (s *Server) ListKnowledge(context.Context, *hubv1.ListKnowledgeRequest) (*hubv1.ListKnowledgeResponse, error) {
	out := &hubv1.ListKnowledgeResponse{TrustedKeys: s.deps.Library.Keys()}
	list := s.deps.Library.List()
	for i := range list {
		out.Tables = append(out.Tables, s.table(&list[i]))
	}
	return out, nil
}

// ImportPack checks a pack, and takes it unless that is a dry run.
func (s *Server) ImportPack(_ context.Context, req *hubv1.ImportPackRequest) (*hubv1.ImportPackResponse, error) {
	var p *pack.Pack
	var changes []pack.Difference
	var err error
	if req.GetDryRun() {
		p, changes, err = s.deps.Library.Check(req.GetContent())
	} else {
		p, changes, err = s.deps.Library.Install(req.GetContent(), req.GetOlder())
	}
	switch {
	case errors.Is(err, pack.ErrOlder):
		return nil, status.Error(codes.FailedPrecondition, err.Error()+"; set older to take it all the same")
	case errors.Is(err, pack.ErrUntrusted):
		return nil, problem.Field("content", err.Error()+"; put the publisher's public key into knowledge.trust of the hub's configuration")
	case isFault(err):
		return nil, err
	case err != nil:
		return nil, problem.Field("content", err.Error())
	}
	out := &hubv1.ImportPackResponse{Name: p.Name, Version: p.Version, Date: p.Date, Publisher: p.Publisher, Key: p.Key}
	for i := range changes {
		c := &changes[i]
		e := pack.Entry{Table: c.Table, Pack: p.Name, Version: p.Version, Publisher: p.Publisher, Key: p.Key}
		out.Tables = append(out.Tables, &hubv1.TableDifference{Table: s.table(&e), Added: some(c.Added), Removed: some(c.Removed), Changed: some(c.Changed),
			AddedCount: int64(len(c.Added)), RemovedCount: int64(len(c.Removed)), ChangedCount: int64(len(c.Changed)), SameCount: int64(c.Same)})
	}
	return out, nil
}

// isFault tells the hub's own faults from those of what it was sent.
func isFault(err error) bool {
	_, isPath := errors.AsType[*fs.PathError](err)
	return isPath
}

func some(list []string) []string { return list[:min(len(list), maxNamed)] }

// RemovePack takes a pack out of use.
func (s *Server) RemovePack(_ context.Context, req *hubv1.RemovePackRequest) (*hubv1.RemovePackResponse, error) {
	err := s.deps.Library.Remove(req.GetName())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, problem.NotFound("pack", req.GetName())
	}
	return &hubv1.RemovePackResponse{}, err
}

// GetDeviceAdvisories lists what was published about a device.
func (s *Server) GetDeviceAdvisories(_ context.Context, req *hubv1.GetDeviceAdvisoriesRequest) (*hubv1.GetDeviceAdvisoriesResponse, error) {
	d := s.deps.Keeper.Current().Device(req.GetId())
	if d == nil {
		return nil, problem.NotFound("device", req.GetId())
	}
	known := s.deps.Advisories()
	age := pack.Entry{Table: pack.Table{Date: known.AsOf}}
	out := &hubv1.GetDeviceAdvisoriesResponse{Device: answer.Ref(d), AsOf: known.AsOf, Stale: age.Stale(s.deps.Now())}
	sure := 0
	for _, h := range known.Match(exposure.ProductOf(d)) {
		if h.Affected() {
			sure++
		}
		out.Advisories = append(out.Advisories, &hubv1.DeviceAdvisory{Advisory: h.Advisory, Cves: h.CVEs, Cvss: h.CVSS, Certainty: h.Certainty.String(), Exploited: h.Exploited,
			Fixed: h.Fixed, Product: h.Product, Versions: h.Versions, Reason: h.Reason, AsOf: h.AsOf})
	}
	switch {
	case d.Model == "" && d.OS == "":
		out.Summary = "neither model nor operating system is known: nothing can be looked up"
	case len(out.GetAdvisories()) == 0:
		out.Summary = "no advisory found as of " + known.AsOf
	case len(out.GetAdvisories()) == 1:
		out.Summary = fmt.Sprintf("one advisory (%s), as of %s", out.GetAdvisories()[0].GetCertainty(), known.AsOf)
	default:
		out.Summary = fmt.Sprintf("%d advisories, %d of them confirmed, as of %s", len(out.GetAdvisories()), sure, known.AsOf)
	}
	return out, nil
}
