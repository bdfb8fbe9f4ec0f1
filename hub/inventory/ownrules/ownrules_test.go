package ownrules_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/hub/inventory/knowledge"
	"github.com/wardscope/wardscope/hub/inventory/ownrules"
)

const good = "rules:\n  - {id: own.pumps, kind: hostname, match: '^ip-', set: {type: infusion-pump}, weight: 0.8, origin: naming scheme, sample: ip-1}\n"

type site struct {
	dir   string
	taken []*knowledge.Set
	*ownrules.Folder
}

func folder(t *testing.T) *site {
	t.Helper()
	s := &site{dir: t.TempDir()}
	s.Folder = ownrules.New(ownrules.Config{Dir: s.dir}, ownrules.Deps{Take: func(k *knowledge.Set) { s.taken = append(s.taken, k) },
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return time.Unix(1000, 0) }})
	return s
}

func (s *site) put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestFolder(t *testing.T) {
	s := folder(t)
	if err := s.Load(); err != nil || len(s.taken) != 1 || len(s.Status().Files) != 0 {
		t.Fatalf("an empty folder: %v, taken %d", err, len(s.taken))
	}
	s.put(t, "a.yaml", good)
	s.put(t, "notes.txt", "no rule")
	if err := s.Load(); err != nil || len(s.taken) != 2 {
		t.Fatalf("a file: %v, taken %d", err, len(s.taken))
	}
	want := ownrules.Status{Files: []string{"a.yaml"}, Rules: []string{"own.pumps"}, Since: time.Unix(1000, 0)}
	if diff := cmp.Diff(want, s.Status()); diff != "" {
		t.Error(diff)
	}
	if err := s.Load(); err != nil || len(s.taken) != 2 {
		t.Errorf("nothing changed: %v, taken %d", err, len(s.taken))
	}
	s.put(t, "b.yaml", "rulez: []")
	if err := s.Load(); err == nil || !strings.Contains(err.Error(), "b.yaml") || len(s.taken) != 2 {
		t.Errorf("a fault: %v, taken %d", err, len(s.taken))
	}
	if err := s.Load(); err != nil {
		t.Errorf("a fault is told twice: %v", err)
	}
	if st := s.Status(); st.Fault == "" || len(st.Rules) != 1 {
		t.Errorf("what was in use is not any more, or the fault is not told: %+v", st)
	}
	s.put(t, "b.yaml", "disable: [offers.rdp]")
	if err := s.Load(); err != nil || s.Status().Fault != "" || len(s.Status().Disabled) != 1 {
		t.Errorf("mended: %v, %+v", err, s.Status())
	}
	if err := os.Remove(filepath.Join(s.dir, "a.yaml")); err != nil {
		t.Fatal(err)
	}
	if err := s.Load(); err != nil || len(s.Status().Rules) != 0 {
		t.Errorf("a file that is gone: %v, %+v", err, s.Status())
	}
}

func TestWith(t *testing.T) {
	s := folder(t)
	s.put(t, "a.yaml", good)
	for _, c := range []struct {
		name, text, want, fault string
	}{
		{"b.yaml", strings.ReplaceAll(good, "own.pumps", "own.more"), "[own.more own.pumps]", ""},
		{"a.yaml", strings.ReplaceAll(good, "own.pumps", "own.other"), "[own.other]", ""},
		{"a.yaml", "", "[]", ""},
		{"b.yaml", good, "", "used twice"},
		{"b.txt", good, "", "end in .yaml"},
		{"../../b.yaml", strings.ReplaceAll(good, "own.pumps", "own.more"), "[own.more own.pumps]", ""},
	} {
		set, err := s.With(c.name, c.text)
		switch {
		case c.fault != "":
			if err == nil || !strings.Contains(err.Error(), c.fault) {
				t.Errorf("%s: got %v", c.name, err)
			}
		case err != nil:
			t.Errorf("%s: %v", c.name, err)
		case fmt.Sprint(set.Own()) != c.want:
			t.Errorf("%s: got %v, want %s", c.name, set.Own(), c.want)
		}
	}
	if len(s.taken) != 0 {
		t.Error("trying took rules into use")
	}
}

func attr(name, value string, confidence float64, rules ...string) inventory.Attribute {
	a := inventory.Attribute{Name: name, Value: value, Confidence: confidence}
	for _, r := range rules {
		a.Evidence = append(a.Evidence, inventory.Evidence{Rule: r})
	}
	return a
}

// resolved is an inventory with an index, by way of the resolver's own decisions.
func resolved(ds ...inventory.Device) *inventory.Inventory { return inventory.Of(ds) }

func TestDiffer(t *testing.T) {
	before := resolved(
		inventory.Device{ID: "d-1", Name: "a", Attributes: []inventory.Attribute{attr("type", "server", 0.8), attr("os", "Linux", 0.9), attr("vendor", "X", 0.5)}},
		inventory.Device{ID: "d-2", Name: "b"}, inventory.Device{ID: "d-4", Name: "d", Attributes: []inventory.Attribute{attr("os", "Linux", 0.9)}})
	after := resolved(
		inventory.Device{ID: "d-1", Name: "a", Attributes: []inventory.Attribute{attr("type", "pacs", 0.9, "own.x", "own.x"), attr("os", "Linux", 0.95)}},
		inventory.Device{ID: "d-3", Name: "c"}, inventory.Device{ID: "d-4", Name: "d", Attributes: []inventory.Attribute{attr("os", "Linux", 0.9)}})
	var got []string
	for _, c := range ownrules.Differ(before, after) {
		got = append(got, fmt.Sprintf("%s %s %q %q %.2f %.2f %v", c.Device.ID, c.Attribute, c.From, c.To, c.FromConfidence, c.ToConfidence, c.Rules))
	}
	want := []string{`d-1 type "server" "pacs" 0.80 0.90 [own.x]`, `d-1 vendor "X" "" 0.50 0.00 []`, `d-2  "b" "" 0.00 0.00 []`, `d-3  "" "c" 0.00 0.00 []`, `d-1 os "Linux" "Linux" 0.90 0.95 []`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
