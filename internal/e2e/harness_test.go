package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// bin is the folder of the programs, built once.
var bin string

func TestMain(m *testing.M) {
	os.Exit(testMain(m))
}

func testMain(m *testing.M) int {
	if bin = os.Getenv("WARDSCOPE_BIN"); bin != "" {
		return m.Run() // the build has made them
	}
	dir, err := os.MkdirTemp("", "wardscope-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }() // of the system's temporary folder
	bin = dir
	for _, p := range []struct{ module, name, cgo string }{{"sensor", "wardscope-sensor", "0"}, {"hub", "wardscope", "0"}, {"hub", "wardscope-hub", "1"}} {
		build := exec.Command("go", "build", "-o", filepath.Join(dir, p.name), "./cmd/"+p.name)
		build.Dir = filepath.Join("..", "..", p.module)
		build.Env = append(os.Environ(), "CGO_ENABLED="+p.cgo)
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build %s: %v\n%s", p.name, err, out)
			return 1
		}
	}
	return m.Run()
}

// needEngine skips when the ClickHouse library is absent, and fails where CI demands it.
func needEngine(t *testing.T) {
	t.Helper()
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{os.Getenv("WARDSCOPE_CHDB"), filepath.Join(os.Getenv("WARDSCOPE_CACHE"), "chdb", "libchdb.so"), filepath.Join(home, ".cache", "wardscope", "chdb", "libchdb.so"), "/usr/lib/wardscope/libchdb.so"} {
		if _, err := os.Stat(file); err == nil && file != "" {
			return
		}
	}
	if os.Getenv("E2E_REQUIRED") == "1" {
		t.Fatal("libchdb.so is absent: run `make deps`")
	}
	t.Skip("libchdb.so is absent: run `make deps`")
}

// waitStored is how long what was sent may take to be queryable on a busy machine.
const waitStored = time.Minute

// outcome of a finished program.
type outcome struct {
	code        int
	out, errOut string
}

// tool runs a program to its end.
func tool(t *testing.T, env []string, name string, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	path, args := inside(namespaceOf(env), name, args)
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(os.Environ(), env...)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("run %s %v: %v", name, args, err)
	}
	return outcome{cmd.ProcessState.ExitCode(), out.String(), errOut.String()}
}

// namespaceKey names the network namespace that a program runs in, among its environment.
const namespaceKey = "E2E_NETNS="

func namespaceOf(env []string) string {
	for _, pair := range env {
		if ns, ok := strings.CutPrefix(pair, namespaceKey); ok {
			return ns
		}
	}
	return ""
}

// inside is the command line of a program of ours in a network namespace; "" is this one.
func inside(ns, name string, args []string) (path string, all []string) {
	if ns == "" {
		return filepath.Join(bin, name), args
	}
	return "ip", append([]string{"netns", "exec", ns, filepath.Join(bin, name)}, args...)
}

// must runs a program that has to succeed and returns its standard output.
func must(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	o := tool(t, env, name, args...)
	if o.code != 0 {
		t.Fatalf("%s %s: exit %d\n%s%s", name, strings.Join(args, " "), o.code, o.out, o.errOut)
	}
	return o.out
}

// given are the ports that freePort gave away: tests run side by side.
var given sync.Map

func freePort(t *testing.T) string {
	t.Helper()
	for {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := l.Addr().String()
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if _, again := given.LoadOrStore(address, true); !again {
			return address
		}
	}
}

// hub is a running `wardscope-hub serve`.
type hub struct {
	dir, config   string
	api, nats, at string
	web, grpc     string // where sensors come in over WebSocket and gRPC
	token         string
	ns            string // network namespace; "" is this one
	process       *exec.Cmd
	log           *os.File
}

func newHub(t *testing.T) *hub {
	t.Helper()
	return newHubIn(t, t.TempDir())
}

// newHubIn keeps everything in a folder.
func newHubIn(t *testing.T, dir string) *hub {
	t.Helper()
	h := prepareHub(t, dir)
	h.start(t)
	return h
}

// prepareHub writes the configuration of a hub that is yet to be started; it is stopped with the test.
func prepareHub(t *testing.T, dir string) *hub {
	t.Helper()
	needEngine(t)
	h := &hub{dir: dir, api: freePort(t), nats: freePort(t), at: freePort(t), web: freePort(t), grpc: freePort(t)}
	h.config = filepath.Join(h.dir, "hub.yaml")
	text := fmt.Sprintf("data_dir: %s\nlisten: %s\nnats:\n  listen: %s\n  websocket: %s\ngrpc:\n  listen: %s\nmetrics:\n  listen: %s\n", filepath.Join(h.dir, "data"), h.api, h.nats, h.web, h.grpc, h.at)
	if err := os.WriteFile(h.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.stop(t) })
	return h
}

var tokenForm = regexp.MustCompile(`--token (\S+)`)

// start runs the hub and waits until it is ready.
func (h *hub) start(t *testing.T) {
	t.Helper()
	log, err := os.OpenFile(filepath.Join(h.dir, "hub.log"), os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	h.log = log
	path, args := inside(h.ns, "wardscope-hub", []string{"serve", "--config", h.config})
	h.process = exec.Command(path, args...)
	h.process.Stdout, h.process.Stderr = log, log
	if err := h.process.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, time.Minute, "hub answers", func() bool {
		return tool(t, h.env(), "wardscope", "sites", "list").code == 0 || h.learnToken()
	})
	eventually(t, time.Minute, "hub takes its token", func() bool { return tool(t, h.env(), "wardscope", "status").code == 0 })
}

// learnToken takes the token of the first start from the hub's output. It always returns false:
// the next try uses it.
func (h *hub) learnToken() bool {
	raw, err := os.ReadFile(h.log.Name())
	if m := tokenForm.FindSubmatch(raw); err == nil && m != nil {
		h.token = string(m[1])
	}
	return false
}

func (h *hub) env() []string {
	return []string{"WARDSCOPE_HUB=" + h.api, "WARDSCOPE_TOKEN=" + h.token, "WARDSCOPE_CA=" + filepath.Join(h.dir, "data", "ca", "ca.pem"), "WARDSCOPE_LOGIN=" + filepath.Join(h.dir, "login.yaml"), namespaceKey + h.ns}
}

// kill ends the hub as a power cut would.
func (h *hub) kill(t *testing.T) {
	t.Helper()
	if err := h.process.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = h.process.Wait() // the signal is the error
	h.process = nil
}

func (h *hub) stop(t *testing.T) {
	t.Helper()
	if h.process == nil {
		return
	}
	_ = h.process.Process.Signal(syscall.SIGTERM) // it may have ended
	if err := h.process.Wait(); err != nil {
		raw, _ := os.ReadFile(h.log.Name())
		t.Errorf("hub ended with %v\n%s", err, tail(string(raw), 30))
	}
	h.process = nil
}

func tail(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// text asks for one value.
func (h *hub) text(t *testing.T, statement string) string {
	t.Helper()
	var answer struct {
		Rows []struct{ Values []string }
	}
	out := must(t, h.env(), "wardscope", "sql", "-o", "json", statement)
	if err := json.Unmarshal([]byte(out), &answer); err != nil || len(answer.Rows) != 1 {
		t.Fatalf("%s: %v\n%s", statement, err, out)
	}
	return answer.Rows[0].Values[0]
}

// sql asks for one number.
func (h *hub) sql(t *testing.T, statement string) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(h.text(t, statement), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// enrol adds a sensor and writes its configuration with what it captures.
func (h *hub) enrol(t *testing.T, site, sensor, capture string) (config string) {
	t.Helper()
	dir := filepath.Join(h.dir, sensor)
	must(t, h.env(), "wardscope", "sensors", "add", sensor, "--site", site, "--out", dir)
	config = filepath.Join(dir, sensor+".yaml")
	raw, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	head, _, ok := strings.Cut(string(raw), "capture:")
	if !ok {
		t.Fatalf("no capture section in\n%s", raw)
	}
	if err := os.WriteFile(config, []byte(head+"capture:\n  "+capture+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return config
}

// eventually polls with a ticker until f holds.
func eventually(t *testing.T, limit time.Duration, what string, f func() bool) {
	t.Helper()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !f() {
		select {
		case <-deadline.C:
			t.Fatalf("%s: not within %v", what, limit)
		case <-tick.C:
		}
	}
}
