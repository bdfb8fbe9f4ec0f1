package e2e_test

import (
	"encoding/binary"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// checked runs `wardscope-sensor check` on the near end of a cable while a capture is played into
// the far end, and returns the names of the faults of the mirror.
func checked(t *testing.T, far, near, file string, args ...string) (faults []string) {
	t.Helper()
	args = append([]string{"netns", "exec", near, filepath.Join(bin, "wardscope-sensor"), "check", "--interface", "wsmirror", "--for", "4s", "--output", "json"}, args...)
	cmd := exec.Command("ip", args...)
	var out strings.Builder
	cmd.Stdout = &out
	before := counter(t, near, "wsmirror", "rx")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if file != "" {
		opened := time.NewTimer(1500 * time.Millisecond) // by then its socket is open
		<-opened.C
		replay(t, far, "wscable", file, 30_000)
	}
	_ = cmd.Wait() // exit 3 says that something has to be mended
	for text := range strings.Lines(out.String()) {
		var line struct{ Level, Topic, Name string }
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		if line.Topic == "mirror" && line.Level == "fault" {
			faults = append(faults, line.Name)
		}
	}
	t.Logf("frames %d\n%s", counter(t, near, "wsmirror", "rx")-before, out.String())
	return faults
}

// rewrite makes a capture of what change does with each frame of another.
func rewrite(t *testing.T, from, to string, change func(frame []byte) [][]byte) {
	t.Helper()
	raw, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	out := slices.Clone(raw[:24])
	for at := 24; at+16 <= len(raw) && len(out) < 4<<20; {
		n := int(binary.LittleEndian.Uint32(raw[at+8:]))
		head, frame := raw[at:at+8], raw[at+16:at+16+n]
		at += 16 + n
		if cut(frame) {
			continue // the generator keeps only the head of bulk data
		}
		for _, f := range change(frame) {
			out = append(out, head...)
			out = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(out, uint32(len(f))), uint32(len(f)))
			out = append(out, f...)
		}
	}
	if err := os.WriteFile(to, out, 0o600); err != nil {
		t.Fatal(err)
	}
}

// cut tells whether a frame ends before its IPv4 packet does.
func cut(frame []byte) bool {
	at := 12
	for at+4 <= len(frame) && frame[at] == 0x81 && frame[at+1] == 0 {
		at += 4
	}
	return at+6 <= len(frame) && frame[at] == 8 && frame[at+1] == 0 && at+2+int(binary.BigEndian.Uint16(frame[at+4:])) > len(frame)
}

// Six broken mirrors on a real interface, each named, and a whole one.
func TestCheckNamesBrokenMirrors(t *testing.T) {
	t.Parallel() // it mostly waits
	if os.Geteuid() != 0 {
		t.Skip("not root: network namespaces cannot be made")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("ip (Debian package iproute2) is absent")
	}
	far, near := netns(t, "wsfar"), netns(t, "wsnear")
	ip(t, "link", "add", "wscable", "netns", far, "type", "veth", "peer", "name", "wsmirror", "netns", near)
	for _, end := range [][2]string{{far, "wscable"}, {near, "wsmirror"}} {
		ip(t, "netns", "exec", end[0], "sysctl", "-qw", "net.ipv6.conf."+end[1]+".disable_ipv6=1")
		ip(t, "-n", end[0], "link", "set", end[1], "arp", "off", "up")
	}
	dir := t.TempDir()
	must(t, nil, "wardscope-sensor", "simulate", "--scenario", "demo", "--site", "north", "--out", dir)
	whole := filepath.Join(dir, "north.pcap")
	group := func(f []byte) bool { return f[0]&1 == 1 }
	for _, c := range []struct {
		name   string
		change func(f []byte) [][]byte // nil: not a frame
		args   []string
		want   []string
	}{
		{name: "whole", change: func(f []byte) [][]byte { return [][]byte{f} }},
		{name: "silent", want: []string{"silent"}},
		{name: "one direction", want: []string{"one_way"}, change: func(f []byte) [][]byte {
			if !group(f) && string(f[:6]) < string(f[6:12]) {
				return nil
			}
			return [][]byte{f}
		}},
		{name: "broadcast only", want: []string{"broadcast_only"}, change: func(f []byte) [][]byte {
			if !group(f) {
				return nil
			}
			return [][]byte{f}
		}},
		{name: "duplicated", want: []string{"duplicated"}, change: func(f []byte) [][]byte { return [][]byte{f, f} }},
		{name: "truncated", want: []string{"truncated"}, change: func(f []byte) [][]byte { return [][]byte{f[:min(len(f), 80)]} }},
		{name: "wrong VLAN", want: []string{"wrong_vlan"}, args: []string{"--vlan", "999"}, change: func(f []byte) [][]byte { return [][]byte{f} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := ""
			if c.change != nil {
				file = filepath.Join(t.TempDir(), "mirror.pcap")
				rewrite(t, whole, file, c.change)
			}
			if got := checked(t, far, near, file, c.args...); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
	if got := counter(t, far, "wscable", "rx"); got != 0 {
		t.Errorf("the check sent %d frames to the mirror", got)
	}
}
