package bundle_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/wardscope/wardscope/sensor/control/bundle"
)

// unpack reads an archive back.
func unpack(t *testing.T, raw []byte) map[string]string {
	t.Helper()
	zip, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for archive := tar.NewReader(zip); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		out[h.Name] = string(body)
	}
}

func TestSecretsAreTakenOut(t *testing.T) {
	for text, keeps := range map[string]string{
		"proxy: http://nurse:CANARY@proxy.example:3128":                            "proxy.example:3128",
		`msg="dial http://nurse:CAN@ARY:CANARY@proxy:3128/: refused"`:              "refused",
		"GET https://hub/enrol?token=CANARY&x=1 failed":                            "failed",
		"url=tls://CANARY@hub:4222 ok":                                             "hub:4222 ok",
		"token wset_CANARYCANARYCANARY is used":                                    "is used",
		"ws_CANARYxxxxx":                                                           "",
		"jwt eyJCANARYxxxxxx.eyJCANARY.CANARY end":                                 "end",
		"Authorization: Bearer CANARY CANARY\nnext":                                "next",
		`{"authorization":"Basic CANARY","state":"ok"}`:                            `"state":"ok"`,
		"proxy-authorization=Basic CANARYxx":                                       "proxy-authorization",
		"password: CANARY\nuser: x":                                                "user: x",
		`hub_password="CANARY with blanks" level=info`:                             "level=info",
		"WARDSCOPE_SENSOR_TOKEN=CANARY":                                            "WARDSCOPE_SENSOR_TOKEN",
		"community: 'CANARY'":                                                      "community",
		"issuer_seed: SAACANARYCANARYCANARYCANARYCANARYCANARYCANARYCANARYCANARYAA": "issuer_seed",
		"key SUAACANARYCANARYCANARYCANARYCANARYCANARYCANARYCANARYCANARY end":       "",
		"-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----\nend":      "end",
		"-----BEGIN EC PRIVATE KEY-----\nCANARY":                                   "",
		`key="-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----" x`:   "x",
	} {
		got := bundle.Scrub(text)
		if strings.Contains(got, "CANARY") || !strings.Contains(got, keeps) {
			t.Errorf("%q became %q, want no canary and %q", text, got, keeps)
		}
	}
	plain := "level=INFO msg=\"sensor started\" site=north shards=2 version=1.2.3\nhub: {nats: tls://hub.example:4222, key: /etc/wardscope/key.pem}\n"
	if got := bundle.Scrub(plain); got != plain {
		t.Errorf("a text without secrets became %q", got)
	}
}

func FuzzScrub(f *testing.F) {
	f.Add("a http://u:", "@b ", "p:w")
	f.Fuzz(func(t *testing.T, before, after, extra string) {
		if len(before)+len(after)+len(extra) > 10_000 {
			return
		}
		text := before + "\nproxy: http://user:HIDE7f3a@proxy:3128\n" + after + extra
		if got := bundle.Scrub(text); strings.Contains(got, "HIDE7f3a") {
			t.Errorf("%q became %q", text, got)
		}
	})
}

// An archive is bounded, whatever goes in; the end of a text is what is kept.
func TestArchiveIsBounded(t *testing.T) {
	noise := make([]byte, 2<<20) // does not compress below a half
	if _, err := rand.Read(noise); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	for i := range len(noise) / 64 {
		fmt.Fprintf(&log, "line %d %s\n", i, hex.EncodeToString(noise[64*i:64*i+64]))
	}
	log.WriteString("the last line\n")
	raw, err := bundle.Make([]bundle.Text{{Name: "log.txt", Body: log.String()}, {Name: "config.yaml", Body: "site: north\npassword: CANARY\n"}}, time.Unix(1_800_000_000, 0))
	if err != nil || len(raw) > bundle.MaxBytes || len(raw) < bundle.MaxBytes/4 {
		t.Fatalf("%d bytes, %v", len(raw), err)
	}
	files := unpack(t, raw)
	if got := files["wardscope-sensor/log.txt"]; !strings.HasSuffix(got, "the last line\n") || !strings.HasPrefix(got, "(the beginning is left out)\nline ") {
		t.Errorf("log begins %.80q", got)
	}
	if got := files["wardscope-sensor/config.yaml"]; got != "site: north\npassword: (removed)\n" {
		t.Errorf("configuration %q", got)
	}
	if _, err := bundle.Make(make([]bundle.Text, 100), time.Now()); err == nil {
		t.Error("a hundred files are packed")
	}
	if _, err := bundle.Make([]bundle.Text{{Name: hex.EncodeToString(noise[:1<<19])}}, time.Now()); err == nil {
		t.Error("what cannot fit is packed")
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	var tail bundle.Tail
	if tail.String() != "" {
		t.Errorf("nothing written, %q held", tail.String())
	}
	for i := range 20_000 {
		if n, err := fmt.Fprintf(&tail, "line %d of the log, long enough\n", i); err != nil || n == 0 {
			t.Fatal(err)
		}
	}
	got := tail.String()
	lines := strings.Split(strings.TrimSpace(got), "\n")
	if len(got) > 256<<10+64 || lines[len(lines)-1] != "line 19999 of the log, long enough" || !strings.HasPrefix(lines[1], "line ") {
		t.Errorf("%d bytes, from %q to %q", len(got), lines[1], lines[len(lines)-1])
	}
	if _, err := tail.Write(bytes.Repeat([]byte("0123456789\n"), 100_000)); err != nil || !strings.HasSuffix(tail.String(), "0123456789\n") {
		t.Error("one long write is not kept")
	}
}

func TestMachineAndInterfaces(t *testing.T) {
	now := time.Now()
	if got := bundle.Machine("1.2.3", now.Add(-time.Hour), now, t.TempDir()); !strings.Contains(got, "version 1.2.3\n") || !strings.Contains(got, "runs for 1h0m0s") || !strings.Contains(got, "MemTotal") || !strings.Contains(got, "room in ") {
		t.Errorf("machine:\n%s", got)
	}
	if got := bundle.Interfaces(); !strings.Contains(got, "lo: ") || !strings.Contains(got, "rx_packets") {
		t.Errorf("interfaces:\n%s", got)
	}
	if got := bundle.Journal(t.Context(), "no-such-unit"); got == "" {
		t.Error("the journal says nothing at all")
	}
}
