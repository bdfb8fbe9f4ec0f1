package archtest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The contract's guard must bite: a field removed from a released message fails `buf breaking`.
func TestRemovedFieldBreaksTheContract(t *testing.T) {
	buf := os.Getenv("WARDSCOPE_BUF")
	if buf == "" {
		if os.Getenv("E2E_REQUIRED") != "" {
			t.Fatal("WARDSCOPE_BUF does not name buf; run make arch")
		}
		t.Skip("WARDSCOPE_BUF does not name buf; run make arch")
	}
	top, scratch := root(t), t.TempDir()
	for _, name := range []string{"buf.yaml", "proto", "internal/tools/googleapis"} {
		target := filepath.Join(scratch, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), "cp", "-r", filepath.Join(top, name), target).CombinedOutput(); err != nil {
			t.Fatalf("copy %s: %v\n%s", name, err, out)
		}
	}
	breaking := func() (string, error) {
		cmd := exec.CommandContext(t.Context(), buf, "breaking", "proto", "--against", "proto/released.binpb")
		cmd.Dir = scratch
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := breaking(); err != nil {
		t.Fatalf("the contract as it stands: %v\n%s", err, out)
	}
	name := filepath.Join(scratch, "proto/wardscope/event/v1/event.proto")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	field := regexp.MustCompile(`(?m)^  (?:repeated )?[a-zA-Z0-9_.]+ [a-z0-9_]+ = \d+;.*\n`).Find(text)
	if field == nil {
		t.Fatal("event.proto holds no field to remove")
	}
	if err := os.WriteFile(name, []byte(strings.Replace(string(text), string(field), "", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := breaking()
	if err == nil || !strings.Contains(out, "deleted") {
		t.Fatalf("removed %q: got %v and %q, want a complaint about a deleted field", strings.TrimSpace(string(field)), err, out)
	}
}
