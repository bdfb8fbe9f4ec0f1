package real_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/capture/pcapfile"
	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/pipeline"
)

type line struct {
	Flow *struct {
		Initiator, Responder struct {
			IP   string
			Port int
		}
		IPProtocol                   int
		Service, Version, ServerName string
		Encrypted                    bool
		Operations                   []struct {
			Verb, Object, Result string
			Count                int
		}
	}
	Observation *struct {
		Subject             struct{ IP, MAC, Part string }
		Kind, Value, Source string
	}
	Finding *struct {
		Type, Rule, Service, Detail string
		Subject                     struct{ IP string }
		Port                        int
	}
}

// TestCaptures reads every capture twice: by one worker, whose output is compared with the golden file, and by
// three, whose output must be the same.
func TestCaptures(t *testing.T) {
	files, err := filepath.Glob("testdata/*.pcap")
	if err != nil || len(files) == 0 {
		t.Fatalf("no captures in testdata: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".pcap"), func(t *testing.T) {
			got := facts(t, file, 1)
			golden := strings.TrimSuffix(file, ".pcap") + ".golden"
			if dissecttest.Updating() {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatalf("%v (run with -update to write it)", err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s differs (-want +got):\n%s", golden, diff)
			}
			if diff := cmp.Diff(got, facts(t, file, 3)); diff != "" {
				t.Errorf("three workers differ from one (-one +three):\n%s", diff)
			}
		})
	}
}

// facts is what the sensor says of a capture, each fact once, in order. Client ports are left out, and the
// port of a finding, which is that of any of the conversations that show it.
func facts(t *testing.T, file string, workers int) string {
	t.Helper()
	src := pcapfile.New(1, file)
	defer func() {
		if err := src.Close(); err != nil {
			t.Error(err)
		}
	}()
	return said(t, file, src, workers)
}

func said(t *testing.T, file string, src capture.Source, workers int) string {
	t.Helper()
	cfg := pipeline.DefaultConfig()
	cfg.Workers = workers
	var out bytes.Buffer
	if err := pipeline.Read(t.Context(), cfg, src, &out); err != nil {
		t.Fatal(err)
	}
	if text := strings.ToUpper(out.String()); strings.Contains(text, "CANARY") {
		for l := range strings.Lines(text) {
			if strings.Contains(l, "CANARY") {
				t.Errorf("%s: a marked text leaves: %s", file, l)
			}
		}
	}
	var all []string
	for raw := range bytes.Lines(out.Bytes()) {
		var l line
		if err := json.Unmarshal(raw, &l); err != nil {
			t.Fatalf("line %q: %v", raw, err)
		}
		if s := l.text(); s != "" {
			all = append(all, s)
		}
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), "\n") + "\n"
}

func (l *line) text() string {
	switch {
	case l.Flow != nil:
		f := l.Flow
		s := fmt.Sprintf("flow %s > %s", f.Initiator.IP, f.Responder.IP)
		if f.Service != "" && f.IPProtocol != 1 && f.IPProtocol != 58 && (f.Responder.Port < 32768 || f.Responder.Port == 47808) {
			s += fmt.Sprintf(" port %d", f.Responder.Port)
		}
		s += fmt.Sprintf(" protocol %d service=%s version=%q server_name=%q encrypted=%t", f.IPProtocol, f.Service, f.Version, f.ServerName, f.Encrypted)
		for _, o := range f.Operations {
			s += fmt.Sprintf(" %s %s %s×%d", strings.TrimPrefix(o.Verb, "VERB_"), o.Object, strings.TrimPrefix(o.Result, "RESULT_"), o.Count)
		}
		return s
	case l.Observation != nil:
		o := l.Observation
		who := strings.TrimSpace(strings.Join([]string{o.Subject.IP, o.Subject.MAC, o.Subject.Part}, " "))
		return fmt.Sprintf("%s %s %s = %s", strings.ToLower(strings.TrimPrefix(o.Kind, "OBSERVATION_KIND_")), who, o.Source, o.Value)
	case l.Finding != nil:
		f := l.Finding
		return fmt.Sprintf("finding %s %s on %s service %s: %s", strings.TrimPrefix(f.Type, "FINDING_TYPE_"), f.Rule, f.Subject.IP, f.Service, f.Detail)
	}
	return ""
}
