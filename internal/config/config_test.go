package config_test

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/internal/config"
)

type sample struct {
	Name    string `yaml:"name"`
	Capture struct {
		Interfaces []string     `yaml:"interfaces"`
		RingBytes  config.Bytes `yaml:"ring_bytes"`
		Promisc    bool         `yaml:"promiscuous"`
	} `yaml:"capture"`
	Flush    time.Duration `yaml:"flush"`
	Share    float64       `yaml:"share"`
	Port     uint16        `yaml:"port"`
	Networks []network     `yaml:"networks"`
}

type network struct {
	Prefix string `yaml:"prefix"`
	Mode   string `yaml:"mode"`
}

func (s *sample) Validate() error {
	var errs []error
	if s.Capture.RingBytes < 1<<20 {
		errs = append(errs, config.Field("capture.ring_bytes", s.Capture.RingBytes, "at least 1MiB"))
	}
	for _, n := range s.Networks {
		if _, err := netip.ParsePrefix(n.Prefix); err != nil {
			errs = append(errs, errors.New("networks: bad prefix"))
		}
	}
	return errors.Join(errs...)
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func defaults() *sample {
	s := &sample{Name: "d", Flush: time.Second}
	s.Capture.RingBytes = 64 << 20
	return s
}

func TestLoad(t *testing.T) {
	path := write(t, "name: north\ncapture:\n  interfaces: [a, b]\n  ring_bytes: 32MiB\n  promiscuous: true\nshare: 0.5\nnetworks:\n  - prefix: 10.0.0.0/8\n    mode: counts\n")
	got := defaults()
	if err := config.Load(path, "WARDSCOPE_T", []string{"WARDSCOPE_T_FLUSH=5s", "WARDSCOPE_T_CAPTURE_INTERFACES=x, y", "WARDSCOPE_T_PORT=0x10", "OTHER=1"}, got); err != nil {
		t.Fatal(err)
	}
	want := &sample{Name: "north", Flush: 5 * time.Second, Share: 0.5, Port: 16, Networks: []network{{"10.0.0.0/8", "counts"}}}
	want.Capture.Interfaces, want.Capture.RingBytes, want.Capture.Promisc = []string{"x", "y"}, 32<<20, true
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	text, err := config.Print(got)
	if err != nil || !strings.Contains(text, "ring_bytes: 32MiB") || !strings.Contains(text, "flush: 5s") {
		t.Errorf("printed %s, %v", text, err)
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	path := write(t, "nmae: x\ncapture:\n  ring_bytes: 5KiB\n  promiscuous: maybe\nflush: soon\nport: 70000\nshare: [1]\nnetworks: 3\n")
	err := config.Load(path, "W", []string{"W_SHARE=much"}, defaults())
	if err == nil {
		t.Fatal("got no error")
	}
	for _, want := range []string{
		path + `:1: unknown key "nmae" (did you mean "name"?)`, `:3: capture.ring_bytes: "5120" is not allowed: at least 1MiB`,
		`:4: capture.promiscuous: "maybe" is not allowed: want true or false`, `:5: flush: "soon" is not allowed: want a duration such as 30s`,
		`:6: port: "70000"`, `:7: share: want a number`, `:8: networks: want a list`, `environment: W_SHARE: "much"`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in\n%v", want, err)
		}
	}
}

func TestUnreadable(t *testing.T) {
	if err := config.Load("/nonexistent.yaml", "W", nil, defaults()); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("got %v", err)
	}
	if err := config.Load(write(t, "a: [b\n"), "W", nil, defaults()); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
	if err := config.Load(write(t, "just text\n"), "W", nil, defaults()); err == nil {
		t.Error("got no error")
	}
	if err := config.Load(write(t, ""), "W", nil, defaults()); err != nil {
		t.Error(err)
	}
}

func TestBytes(t *testing.T) {
	for text, want := range map[string]config.Bytes{"1": 1, "64MiB": 64 << 20, "2 GB": 2e9, "7B": 7} {
		var b config.Bytes
		if err := b.UnmarshalText([]byte(text)); err != nil || b != want {
			t.Errorf("%s = %d, %v", text, b, err)
		}
	}
	for _, bad := range []string{"", "x", "-1", "99999999999TiB"} {
		var b config.Bytes
		if b.UnmarshalText([]byte(bad)) == nil {
			t.Errorf("%q parsed", bad)
		}
	}
}
