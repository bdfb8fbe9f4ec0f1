package outlived_test

import (
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/wardscope/wardscope/hub/api/outlived"
	"github.com/wardscope/wardscope/hub/exposure/advisory"
	"github.com/wardscope/wardscope/hub/exposure/legacy"
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/live"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

type keeper struct{}

func device(id, typ, os string, support inventory.Support, until string) inventory.Device {
	e := []inventory.Evidence{{Source: "smb.native_os", Value: os, Weight: 0.85, Count: 1}}
	return inventory.Device{ID: id, Name: id, Hostname: id, Type: typ, OS: os, Support: support, SupportUntil: until, Attributes: []inventory.Attribute{
		{Name: inventory.AttrOS, Value: os, Confidence: 0.95, Evidence: e}, {Name: inventory.AttrType, Value: typ, Confidence: 0.95, Evidence: e}}}
}

func (keeper) Current() *live.Snapshot {
	return &live.Snapshot{Inventory: inventory.Of([]inventory.Device{
		device("ct", "modality-ct", "Windows XP", inventory.SupportEnded, "2014-04-08"),
		device("desk", "workstation", "Windows XP", inventory.SupportEnded, "2014-04-08"),
		device("new", "workstation", "Windows 11", inventory.SupportCurrent, "2028-10-10")})}
}

func server(t *testing.T) *outlived.Server {
	t.Helper()
	table, err := legacy.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return outlived.New(outlived.Deps{Keeper: keeper{}, Advisories: func() *advisory.Pack { return advisory.Merge() }, Table: table,
		Now: func() time.Time { return time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC) }})
}

func TestListLegacy(t *testing.T) {
	s := server(t)
	got, err := s.ListLegacy(t.Context(), &hubv1.ListLegacyRequest{})
	if err != nil || got.GetTotalSize() != 2 || got.GetVerdicts()[0].GetDevice().GetId() != "ct" || got.GetVerdicts()[0].GetAdvice() != "segment" {
		t.Fatalf("got %v, %v: want the scanner first, which its owner may not patch", got, err)
	}
	if v := got.GetVerdicts()[0]; v.GetUntil() != "2014-04-08" || v.GetAdviceText() == "" || v.GetPatchableReason() == "" || len(v.GetEvidence()) == 0 {
		t.Errorf("a verdict without grounds: %v", v)
	}
	for name, want := range map[string]struct {
		req  *hubv1.ListLegacyRequest
		size int64
		here int
	}{
		"all":      {&hubv1.ListLegacyRequest{All: true}, 3, 3},
		"one":      {&hubv1.ListLegacyRequest{Limit: 1}, 2, 1},
		"device's": {&hubv1.ListLegacyRequest{Filter: "type=workstation"}, 1, 1},
		"verdict":  {&hubv1.ListLegacyRequest{Filter: `advice="segment"`}, 1, 1},
	} {
		if got, err := s.ListLegacy(t.Context(), want.req); err != nil || got.GetTotalSize() != want.size || len(got.GetVerdicts()) != want.here {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
	for _, r := range []*hubv1.ListLegacyRequest{{Limit: -1}, {Limit: 10_001}, {Filter: "colour=red"}} {
		if _, err := s.ListLegacy(t.Context(), r); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%v: got %v", r, err)
		}
	}
}
