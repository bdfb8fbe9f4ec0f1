package e2e_test

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// token makes an enrolment token and returns it with the address that is printed with it.
func (h *hub) tokenFor(t *testing.T, args ...string) (token, url string) {
	t.Helper()
	var answer struct{ Token, HubURL string }
	out := must(t, h.env(), "wardscope", append([]string{"sensors", "enroll-token", "-o", "json"}, args...)...)
	if err := json.Unmarshal([]byte(out), &answer); err != nil || answer.Token == "" {
		t.Fatalf("%v\n%s", err, out)
	}
	return answer.Token, answer.HubURL
}

// line fails unless a program ended with a code and one line of errors that has all the words.
func (o outcome) line(t *testing.T, code int, words ...string) {
	t.Helper()
	text := strings.TrimSpace(o.errOut)
	if o.code != code || strings.Contains(text, "\n") {
		t.Errorf("exit %d, want %d with one line\n%s%s", o.code, code, o.out, o.errOut)
	}
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("no %q in: %s", w, text)
		}
	}
	t.Log(text)
}

// captures points an enrolled sensor at generated traffic instead of the mirror.
func captures(t *testing.T, config, capture string) {
	t.Helper()
	raw, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(raw), "capture:\n")
	_, tail, ok2 := strings.Cut(rest, "\n")
	if !ok || !ok2 {
		t.Fatalf("no capture section in\n%s", raw)
	}
	if err := os.WriteFile(config, []byte(head+"capture:\n  "+capture+"\n"+tail), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A sensor enrols with a token, sends, and everything else that somebody tries with a token is
// refused with a line that says what to do; the audit has it all.
func TestEnrolWithAToken(t *testing.T) {
	h := newHub(t)
	token, url := h.tokenFor(t, "--site", "north")
	out := filepath.Join(h.dir, "north-1")
	enroll := func(dir, token string, more ...string) outcome {
		return tool(t, nil, "wardscope-sensor", append([]string{"enroll", "--hub", url, "--token", token, "--out", dir, "--interface", "lo0"}, more...)...)
	}
	enroll(out, token).line(t, 2, "no interface lo0", "name one of")
	iface := anInterface(t)
	enroll = func(dir, token string, more ...string) outcome {
		return tool(t, nil, "wardscope-sensor", append([]string{"enroll", "--hub", url, "--token", token, "--out", dir, "--interface", iface}, more...)...)
	}
	elsewhere := filepath.Join(h.dir, "elsewhere")
	enroll(elsewhere, token[:40]).line(t, 2, "no whole token", "copy it whole")
	enroll(elsewhere, token, "--site", "south").line(t, 2, "for site north, not south")
	got := enroll(out, token)
	if got.code != 0 {
		t.Fatalf("exit %d\n%s", got.code, got.errOut)
	}
	t.Log(got.out)
	enroll(elsewhere, token).line(t, 2, "the token was used on", "wardscope sensors revoke north-1")
	enroll(out, token).line(t, 2, "holds an enrolled sensor", "--replace")
	short, _ := h.tokenFor(t, "--site", "north", "--ttl", "1s")
	<-time.After(1200 * time.Millisecond)
	enroll(elsewhere, short).line(t, 2, "the token expired on", "at the hub", "enroll-token --site north --sensor north-2")
	if info, err := os.Stat(filepath.Join(out, "sensor.pem")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v %v", info, err)
	}

	config := filepath.Join(out, "sensor.yaml")
	captures(t, config, "simulate: demo")
	must(t, nil, "wardscope-sensor", "run", "--config", config)
	eventually(t, time.Minute, "devices", func() bool { return h.sql(t, "SELECT count() FROM devices") > 0 })

	audit := must(t, h.env(), "wardscope", "audit")
	for _, want := range []string{"CreateEnrolmentToken", "refused", "site: the token is for site north, not south", "used: the token was used on", "expired: the token expired", "ok"} {
		if !strings.Contains(audit, want) {
			t.Errorf("the audit lacks %q", want)
		}
	}
	if strings.Contains(audit, token) {
		t.Error("the token stands in the audit")
	}
	t.Log("\n" + audit)
}

// anInterface is one of the machine's that enroll takes; nothing captures from it.
func anInterface(t *testing.T) string {
	t.Helper()
	all, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		if i.Flags&net.FlagLoopback == 0 {
			return i.Name
		}
	}
	t.Skip("this machine has no interface but loopback")
	return ""
}
