package ruling_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/wardscope/wardscope/hub/api/ruling"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/knowledge"
	"github.com/wardscope/wardscope/hub/inventory/live"
	"github.com/wardscope/wardscope/hub/inventory/ownrules"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// folder has one file in use; a text of "bad" is refused.
type folder struct{}

func (folder) Status() ownrules.Status {
	return ownrules.Status{Files: []string{"own.yaml"}, Rules: []string{"own.pumps"}, Since: time.Unix(9, 0)}
}

func (folder) With(_, text string) (*knowledge.Set, error) {
	if text == "bad" {
		return nil, errors.New("own.yaml: line 1")
	}
	return knowledge.Extend(map[string][]byte{"own.yaml": []byte(text)})
}

// keeper had a nameless device of no type; by other rules it is a pump.
type keeper struct{ fail error }

func devices(typ string) *inventory.Inventory {
	d := inventory.Device{ID: "d-1", Hostname: "ip-0042", Type: typ}
	if typ != "" {
		d.Attributes = []inventory.Attribute{{Name: inventory.AttrType, Value: typ, Confidence: 0.9, Evidence: []inventory.Evidence{{Source: "dhcp.option12", Rule: "own.pumps"}}}}
	}
	return inventory.Of([]inventory.Device{d})
}

func (k keeper) Current() *live.Snapshot { return &live.Snapshot{Inventory: devices("")} }
func (k keeper) Try(context.Context, *knowledge.Set) (*inventory.Inventory, error) {
	return devices("infusion-pump"), k.fail
}

const own = `rules: [{id: own.pumps, kind: hostname, match: '^ip-[0-9]{4}$', set: {type: infusion-pump}, weight: 0.8, origin: naming scheme, sample: ip-0042}]`

func TestWithoutAFolder(t *testing.T) {
	s := ruling.New(ruling.Deps{})
	if _, err := s.GetRules(t.Context(), &hubv1.GetRulesRequest{}); status.Code(err) != codes.FailedPrecondition {
		t.Errorf("got %v", err)
	}
	if _, err := s.TryRules(t.Context(), &hubv1.TryRulesRequest{Name: "own.yaml"}); status.Code(err) != codes.FailedPrecondition {
		t.Errorf("got %v", err)
	}
}

func TestRulesAreTriedAndNotKept(t *testing.T) {
	s := ruling.New(ruling.Deps{Folder: folder{}, Dir: "rules", Keeper: keeper{}})
	held, err := s.GetRules(t.Context(), &hubv1.GetRulesRequest{})
	if err != nil || held.GetFolder() != "rules" || len(held.GetRules()) != 1 || held.GetSince().GetSeconds() != 9 {
		t.Errorf("got %v, %v", held, err)
	}
	got, err := s.TryRules(t.Context(), &hubv1.TryRulesRequest{Name: "own.yaml", Content: own})
	if err != nil || got.GetDevices() != 1 || got.GetRules() != 1 || len(got.GetChanges()) == 0 {
		t.Fatalf("got %v, %v", got, err)
	}
	if c := got.GetChanges()[0]; c.GetAttribute() != "type" || c.GetFrom() != "" || c.GetTo() != "infusion-pump" {
		t.Errorf("got %v", c)
	}
	for what, r := range map[string]*hubv1.TryRulesRequest{"no name": {Content: own}, "a fault": {Name: "own.yaml", Content: "bad"}, "limit": {Name: "own.yaml", Content: own, Limit: 10_001}} {
		if _, err := s.TryRules(t.Context(), r); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%s: got %v", what, err)
		}
	}
	if _, err := ruling.New(ruling.Deps{Folder: folder{}, Keeper: keeper{errors.New("gone")}}).TryRules(t.Context(), &hubv1.TryRulesRequest{Name: "own.yaml", Content: own}); err == nil {
		t.Error("a try that failed was told as one without changes")
	}
}
