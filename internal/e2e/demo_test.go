package e2e_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A newcomer starts the demonstration and types what it suggests: each line has to answer.
func TestDemoCommandsAnswer(t *testing.T) {
	screen, end := demo(t)
	for _, want := range []string{"Northfield General", "Southgate Clinic", "Eastbrook Hospital", "north-1/1 south-1/1", "Access:7", "SMB 1"} {
		if !strings.Contains(screen, want) {
			t.Errorf("the screen lacks %q:\n%s", want, screen)
		}
	}
	tryFurther(t, screen)
	end()
}

// The user's own captures, here a generated one: devices, external peers and findings, real times kept.
func TestDemoOfOwnCaptures(t *testing.T) {
	dir := t.TempDir()
	must(t, nil, "wardscope-sensor", "simulate", "--scenario", "demo", "--site", "east", "--out", dir)
	screen, end := demo(t, "--capture", filepath.Join(dir, "east.pcap"))
	for _, want := range []string{"$ wardscope devices list", "$ wardscope exposure", "$ wardscope findings list", "patient-monitor", "obsolete smb", "external peers"} {
		if !strings.Contains(screen, want) {
			t.Errorf("the screen lacks %q:\n%s", want, screen)
		}
	}
	tryFurther(t, screen)
	end()
}

// tryFurther types the commands that the screen suggests.
func tryFurther(t *testing.T, screen string) {
	t.Helper()
	_, further, _ := strings.Cut(screen, "Look further, in another terminal:")
	export := regexp.MustCompile(`export .*`).FindString(further)
	commands := regexp.MustCompile(`(?m)^  (\S*(?:wardscope|curl) .*)$`).FindAllStringSubmatch(further, -1)
	if export == "" || len(commands) < 8 {
		t.Fatalf("%d commands in:\n%s", len(commands), further)
	}
	for _, c := range commands {
		if strings.HasPrefix(c[1], "curl ") && !has("curl") {
			continue // the same method is asked by the API's own tests
		}
		out, err := exec.CommandContext(t.Context(), "bash", "-c", export+"\n"+c[1]).CombinedOutput()
		if err != nil || strings.Count(string(out), "\n") < 3 || strings.Contains(string(out), "No device had") {
			t.Errorf("%s: %v\n%s", c[1], err, out)
		}
	}
}

func has(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// demo runs the demonstration until it stays up, and returns what it showed and how to end it.
func demo(t *testing.T, args ...string) (screen string, end func()) {
	t.Helper()
	needEngine(t)
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "wardscope-hub"), append([]string{"demo", "--data-dir", filepath.Join(dir, "demo")}, args...)...)
	out, err := os.Create(filepath.Join(dir, "screen.txt"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = out.Close() }) // read by its name
	cmd.Stdout, cmd.Stderr = out, out
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, 3*time.Minute, "the demonstration stays up", func() bool {
		raw, err := os.ReadFile(out.Name())
		screen = string(raw)
		return err == nil && strings.Contains(screen, "The hub stays up")
	})
	t.Logf("usable after %v", time.Since(began).Round(100*time.Millisecond))
	return screen, func() {
		t.Helper()
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("the demonstration ended with %v", err)
		}
	}
}
