package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each fault gets one clear line with the remedy and the documented exit code, never a stack trace.
func TestBadInput(t *testing.T) {
	needEngine(t)
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	must(t, nil, "wardscope-sensor", "simulate", "--scenario", "demo", "--site", "east", "--out", dir)
	whole, err := os.ReadFile(filepath.Join(dir, "east.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	unsupported := "\xd4\xc3\xb2\xa1\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00\xf9\x00\x00\x00" // LINKTYPE_USBPCAP
	foreign := filepath.Join(dir, "foreign", "engine")
	if err := os.MkdirAll(foreign, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(foreign, "thesis.txt"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		env     []string
		program string
		args    []string
		code    int
		says    string
	}{
		{"truncated capture", nil, "wardscope-sensor", []string{"read", file("cut.pcap", string(whole[:100_000]))}, 1, "cut.pcap"},
		{"empty capture", nil, "wardscope-sensor", []string{"read", file("empty.pcap", "")}, 1, "empty.pcap"},
		{"not a capture", nil, "wardscope-sensor", []string{"read", file("text.pcap", strings.Repeat("hello ", 20))}, 1, "text.pcap"},
		{"absent capture", nil, "wardscope-sensor", []string{"read", filepath.Join(dir, "absent.pcap")}, 1, "absent.pcap"},
		{"unsupported link type", nil, "wardscope-sensor", []string{"read", file("usb.pcap", unsupported)}, 1, "link type"},
		{"unknown output form", nil, "wardscope-sensor", []string{"read", "--output", "xml", "x.pcap"}, 2, "jsonl"},
		{"unknown command", nil, "wardscope-sensor", []string{"raed"}, 2, "raed"},
		{"unknown sensor key", nil, "wardscope-sensor", []string{"run", "--config", file("sensor.yaml", "site: a\nsensor: b\ncaptrue:\n  interfaces: [x]\n")}, 2, `sensor.yaml:3: unknown key "captrue" (did you mean "capture"?)`},
		{"absent sensor configuration", nil, "wardscope-sensor", []string{"run", "--config", filepath.Join(dir, "none.yaml")}, 2, "no such file"},
		{"unknown scenario", nil, "wardscope-sensor", []string{"simulate", "--scenario", "circus"}, 2, "circus"},
		{"unknown hub key", nil, "wardscope-hub", []string{"serve", "--config", file("hub.yaml", "listne: x\n")}, 2, `hub.yaml:1: unknown key "listne" (did you mean "listen"?)`},
		{"unwritable data directory", nil, "wardscope-hub", []string{"serve", "--data-dir", "/proc/nowhere"}, 3, "/proc/nowhere"},
		{"foreign data directory", nil, "wardscope-hub", []string{"serve", "--data-dir", filepath.Join(dir, "foreign")}, 2, "foreign"},
		{"library missing", []string{"WARDSCOPE_HUB_STORE_LIBRARY=/nonexistent/libchdb.so"}, "wardscope-hub", []string{"serve", "--data-dir", filepath.Join(dir, "lib")}, 3, "make deps"},
		{"hub not running", []string{"WARDSCOPE_HUB=127.0.0.1:1", "WARDSCOPE_TOKEN=x"}, "wardscope", []string{"status"}, 3, "does not answer"},
		{"unknown table form", []string{"WARDSCOPE_HUB=127.0.0.1:1"}, "wardscope", []string{"map", "--by", "floor"}, 2, "site, group or device"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := tool(t, c.env, c.program, c.args...)
			if o.code != c.code || !strings.Contains(o.errOut, c.says) {
				t.Errorf("exit %d, want %d; stderr %q, want %q in it", o.code, c.code, o.errOut, c.says)
			}
			if strings.Contains(o.errOut, "goroutine ") || strings.Contains(o.errOut, "panic") || strings.Count(strings.TrimSpace(o.errOut), "\n") > 6 {
				t.Errorf("stderr is no clear line:\n%s", o.errOut)
			}
		})
	}
	cut := tool(t, nil, "wardscope-sensor", "read", filepath.Join(dir, "cut.pcap"))
	if strings.Count(cut.out, "\n") < 20 || !strings.Contains(tail(cut.out, 1), `"stats"`) || strings.Count(cut.errOut, "\n") != 1 {
		t.Errorf("what came before the damage: %d lines; stderr %q", strings.Count(cut.out, "\n"), cut.errOut)
	}
}

func TestBadInputOfARunningHub(t *testing.T) {
	h := newHub(t)
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"filter with a typo", []string{"devices", "list", "--filter", `vendr="x"`}, 2, `did you mean "vendor"`},
		{"filter that does not parse", []string{"findings", "list", "--filter", `severity = `}, 2, "filter"},
		{"cursor of another query", []string{"flows", "--page-token", "bm9wZQ"}, 2, "page_token"},
		{"time that is no time", []string{"flows", "--from", "yesterday-ish"}, 2, "--from"},
		{"SQL that writes", []string{"sql", "INSERT INTO flows SELECT * FROM flows"}, 2, "sql"},
		{"SQL over system tables", []string{"sql", "SELECT * FROM system.tables"}, 2, "not allowed"},
		{"unknown device", []string{"devices", "show", "d-nothing"}, 2, "d-nothing"},
		{"bad site name", []string{"sensors", "add", "north-1", "--site", "North Wing"}, 2, "site"},
		{"sites file with an unknown field", []string{"sites", "apply", writeFile(t, "sites.yaml", "sites:\n  - id: a\n    prefixs: [10.0.0.0/8]\n")}, 2, "prefixs"},
		{"sites file with a bad prefix", []string{"sites", "apply", writeFile(t, "prefix.yaml", "sites:\n  - id: a\n    prefixes: [10.0.0.0/99]\n")}, 2, "prefixes"},
		{"zone with a bad selector", []string{"zones", "apply", writeFile(t, "zones.yaml", "zones:\n  - name: x\n    selector: tpye=\"y\"\n")}, 2, "selector"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := tool(t, h.env(), "wardscope", c.args...)
			if o.code != c.code || !strings.Contains(o.errOut, c.says) || strings.Count(o.errOut, "\n") > 2 {
				t.Errorf("exit %d, want %d; stderr %q, want %q in it", o.code, c.code, o.errOut, c.says)
			}
		})
	}
	t.Run("second hub on the same directory", func(t *testing.T) {
		o := tool(t, nil, "wardscope-hub", "serve", "--config", h.config)
		if o.code != 4 || !strings.Contains(o.errOut, "process") {
			t.Errorf("exit %d, stderr %q", o.code, o.errOut)
		}
	})
	t.Run("port in use", func(t *testing.T) {
		other := writeFile(t, "other.yaml", "data_dir: "+t.TempDir()+"\nlisten: "+h.api+"\nnats:\n  listen: 127.0.0.1:0\nmetrics:\n  listen: 127.0.0.1:0\n")
		o := tool(t, nil, "wardscope-hub", "serve", "--config", other)
		if o.code != 2 || !strings.Contains(o.errOut, h.api) || !strings.Contains(o.errOut, "free the port") {
			t.Errorf("exit %d, stderr %q", o.code, o.errOut)
		}
	})
	t.Run("wrong token", func(t *testing.T) {
		o := tool(t, append(h.env(), "WARDSCOPE_TOKEN=ws_wrong"), "wardscope", "status")
		if o.code != 2 || !strings.Contains(o.errOut, "token") {
			t.Errorf("exit %d, stderr %q", o.code, o.errOut)
		}
	})
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
