package archtest_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the goldens")

var goLine = regexp.MustCompile(`(?m)^go (\S+)$`)

func TestOneGoVersion(t *testing.T) {
	top := root(t)
	files := []string{"go.work"}
	for _, pattern := range []string{"*/go.mod", "internal/tools/go.mod", "internal/tools/*/go.mod"} {
		found, err := filepath.Glob(filepath.Join(top, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range found {
			relative, err := filepath.Rel(top, name)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, relative)
		}
	}
	if len(files) < 6 {
		t.Fatalf("found only %q", files)
	}
	var want string
	for _, name := range files {
		text, err := os.ReadFile(filepath.Join(top, name))
		if err != nil {
			t.Fatal(err)
		}
		m := goLine.FindStringSubmatch(string(text))
		if m == nil {
			t.Errorf("%s: no go line", name)
			continue
		}
		if want == "" {
			want = m[1]
		}
		if m[1] != want {
			t.Errorf("%s: go %s, but go.work says %s", name, m[1], want)
		}
		if strings.Contains(string(text), "\ntoolchain ") {
			t.Errorf("%s: a toolchain line downloads a compiler; the go line is enough", name)
		}
	}
}

// linked returns the modules that programs link, sorted.
func linked(t *testing.T, programs ...string) []string {
	t.Helper()
	args := append([]string{"list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}"}, programs...)
	out := goCommand(t, []string{"GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0"}, args...)
	modules := strings.Fields(string(out))
	slices.Sort(modules)
	return slices.Compact(modules)
}

// checkGolden compares lines with a golden file at a path relative to the checkout.
func checkGolden(t *testing.T, name string, got []string) {
	t.Helper()
	full := filepath.Join(root(t), name)
	text := strings.Join(got, "\n") + "\n"
	if *update {
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(full)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(text, "\n")); diff != "" {
		t.Errorf("%s (-committed +linked now); if the change is meant: go test ./internal/archtest -update\n%s", name, diff)
	}
}

func TestSensorDependencies(t *testing.T) {
	modules := linked(t, "./sensor/cmd/wardscope-sensor")
	for _, module := range modules {
		for _, banned := range []string{"nats-server", "clickhouse", "ch-go", "grpc-gateway", "purego", "/hub"} {
			if strings.Contains(strings.ToLower(module), banned) {
				t.Errorf("the sensor links %s: a device inside a hospital carries no server and no database", module)
			}
		}
	}
	checkGolden(t, "sensor/deps.golden", modules)
}

func TestHubDependencies(t *testing.T) {
	checkGolden(t, "hub/deps.golden", linked(t, "./hub/cmd/wardscope-hub", "./hub/cmd/wardscope"))
}
