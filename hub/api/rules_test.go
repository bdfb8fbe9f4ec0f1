package api_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/wardscope/wardscope/hub/inventory/ownrules"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

const ctIsPACS = "rules:\n  - {id: own.ct, kind: hostname, match: '^ct-03$', set: {location: room 7}, weight: 0.8, origin: plan of 2019, sample: ct-03}\n"

func TestRules(t *testing.T) {
	h := start(t)
	c := h.dial(t, secret)
	if _, err := c.Rules.GetRules(t.Context(), &hubv1.GetRulesRequest{}); status.Code(err) != codes.FailedPrecondition {
		t.Errorf("without a folder: %v", err)
	}
	dir := t.TempDir()
	folder := ownrules.New(ownrules.Config{Dir: dir}, ownrules.Deps{Take: h.keeper.SetKnowledge, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now }})
	deps := h.deps
	deps.Rules, deps.RulesDir = folder, "rules"
	serve(t, h, deps)
	c = h.dial(t, secret)

	tried, err := c.Rules.TryRules(t.Context(), &hubv1.TryRulesRequest{Name: "own.yaml", Content: ctIsPACS})
	if err != nil || tried.GetValues() != 1 || tried.GetDevices() != 1 || tried.GetRules() != 1 {
		t.Fatalf("got %v, %v", tried, err)
	}
	change := tried.GetChanges()[0]
	if change.GetDevice().GetName() != "ct-03" || change.GetAttribute() != "location" || change.GetTo() != "room 7" || strings.Join(change.GetRules(), "") != "own.ct" {
		t.Errorf("got %v", change)
	}
	ct := h.keeper.Current().At("wan", addr(t, "10.1.0.5"), 0, 0)
	if ct.Attribute("location") != nil {
		t.Error("trying changed the inventory")
	}
	for _, r := range []*hubv1.TryRulesRequest{{Name: "own.yaml", Content: "rulez: []"}, {Content: ctIsPACS}, {Name: "own.yaml", Limit: -1}, {Name: "own.txt"}} {
		if _, err := c.Rules.TryRules(t.Context(), r); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%v: got %v", r, err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "own.yaml"), []byte(ctIsPACS), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := folder.Load(); err != nil {
		t.Fatal(err)
	}
	if err := h.keeper.Resolve(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a := h.keeper.Current().At("wan", addr(t, "10.1.0.5"), 0, 0).Attribute("location"); a == nil || a.Value != "room 7" {
		t.Errorf("a file in the folder is not in use: %v", a)
	}
	got, err := c.Rules.GetRules(t.Context(), &hubv1.GetRulesRequest{})
	if err != nil || strings.Join(got.GetRules(), "") != "own.ct" || got.GetFolder() != "rules" || got.GetFault() != "" || !got.GetSince().AsTime().Equal(now) {
		t.Errorf("got %v, %v", got, err)
	}
	without, err := c.Rules.TryRules(t.Context(), &hubv1.TryRulesRequest{Name: "own.yaml"})
	if err != nil || without.GetValues() != 1 || without.GetChanges()[0].GetFrom() != "room 7" {
		t.Errorf("got %v, %v", without, err)
	}
}
