package ruling

import (
	"cmp"
	"context"
	"fmt"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/wardscope/wardscope/hub/api/answer"
	"github.com/wardscope/wardscope/hub/api/problem"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/knowledge"
	"github.com/wardscope/wardscope/hub/inventory/ownrules"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// Folder has the own files.
type Folder interface {
	Status() ownrules.Status
	With(name, text string) (*knowledge.Set, error)
}

// Keeper has the inventory and tries rules on it.
type Keeper interface {
	answer.Keeper
	Try(ctx context.Context, set *knowledge.Set) (*inventory.Inventory, error)
}

// Deps is what a Server works with.
type Deps struct {
	Folder Folder // nil: no folder is configured
	Dir    string // as shown to people
	Keeper Keeper
}

// Server serves own rules.
type Server struct {
	hubv1.UnimplementedRuleServiceServer
	deps Deps

	trying sync.Mutex // a try costs as much as a resolution
}

// New returns a server.
func New(deps Deps) *Server { return &Server{deps: deps} }

var errNone = status.Error(codes.FailedPrecondition, "this hub has no folder for own rules: set knowledge.rules in its configuration")

// GetRules tells which own files are in use.
func (s *Server) GetRules(context.Context, *hubv1.GetRulesRequest) (*hubv1.GetRulesResponse, error) {
	if s.deps.Folder == nil {
		return nil, errNone
	}
	st := s.deps.Folder.Status()
	out := &hubv1.GetRulesResponse{Folder: s.deps.Dir, Files: st.Files, Rules: st.Rules, Disabled: st.Disabled, Fault: st.Fault}
	if !st.Since.IsZero() {
		out.Since = timestamppb.New(st.Since)
	}
	return out, nil
}

const (
	usualChanges = 1000
	mostChanges  = 10_000
)

// TryRules validates a file and tells what devices would become with it.
func (s *Server) TryRules(ctx context.Context, req *hubv1.TryRulesRequest) (*hubv1.TryRulesResponse, error) {
	limit := int(cmp.Or(req.GetLimit(), usualChanges))
	switch {
	case s.deps.Folder == nil:
		return nil, errNone
	case limit < 0 || limit > mostChanges:
		return nil, problem.Field("limit", fmt.Sprintf("must be 1 to %d", mostChanges))
	case req.GetName() == "":
		return nil, problem.Field("name", "is empty; give the file's name, such as own.yaml")
	}
	set, err := s.deps.Folder.With(req.GetName(), req.GetContent())
	if err != nil {
		return nil, problem.Field("content", err.Error())
	}
	if !s.trying.TryLock() {
		return nil, status.Error(codes.ResourceExhausted, "another file is being tried; try again in a moment")
	}
	defer s.trying.Unlock()
	then, err := s.deps.Keeper.Try(ctx, set)
	if err != nil {
		return nil, err
	}
	changes := ownrules.Differ(s.deps.Keeper.Current().Inventory, then)
	out := &hubv1.TryRulesResponse{Rules: int64(len(set.Own()))}
	devices := map[string]bool{}
	for i := range changes {
		c := &changes[i]
		devices[c.Device.ID] = true
		if c.From == c.To {
			out.Confidences++
		} else {
			out.Values++
		}
		if len(out.GetChanges()) < limit {
			out.Changes = append(out.Changes, &hubv1.RuleChange{Device: answer.Ref(c.Device), Attribute: c.Attribute, From: c.From, To: c.To,
				FromConfidence: c.FromConfidence, ToConfidence: c.ToConfidence, Rules: c.Rules})
		}
	}
	out.Devices = int64(len(devices))
	return out, nil
}
