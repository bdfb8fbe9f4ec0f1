package check_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/control/check"
)

// segment is an Ethernet, IPv4, TCP frame of a conversation, in one direction or the other.
func segment(conversation, number int, back bool, size int) capture.Frame {
	a, b := []byte{10, 1, byte(conversation >> 8), byte(conversation)}, []byte{10, 2, 0, byte(conversation % 7)}
	ports := []byte{0x9c, byte(conversation), 0x01, 0xbb}
	macs := []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2}
	if back {
		a, b, ports = b, a, []byte{0x01, 0xbb, 0x9c, byte(conversation)}
		macs = append(macs[6:12:12], macs[:6]...)
	}
	data := append(slices.Clone(macs), 8, 0, 0x45, 0, 0, 0, byte(number>>8), byte(number), 0x40, 0, 64, 6, 0, 0)
	data = append(append(data, a...), b...)
	data = append(append(data, ports...), 0, 0, 1, 0, 0, 0, 1, 0, 0x50, 0x18, 1, 0, 0, 0, 0, 0)
	binary.BigEndian.PutUint32(data[38:], uint32(1000+number*size))
	binary.BigEndian.PutUint16(data[50:], uint16(number*31+conversation))
	data = append(data, make([]byte, size)...)
	binary.BigEndian.PutUint16(data[16:], uint16(len(data)-14))
	return capture.Frame{
		Time: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC).UnixNano() + int64(number)*int64(10*time.Millisecond) + int64(conversation)*1000,
		Data: data, WireLen: len(data), LinkType: capture.LinkEthernet, Domain: 1,
	}
}

// broadcast is an ARP request.
func broadcast(number int) capture.Frame {
	data := append([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, byte(number), 8, 6, 0, 1, 8, 0, 6, 4, 0, 1}, make([]byte, 38)...)
	return capture.Frame{Time: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC).UnixNano() + int64(number), Data: data, WireLen: len(data), LinkType: capture.LinkEthernet, Domain: 1}
}

// mirror plays 40 conversations of 20 segments each, and some broadcast, through change, which
// returns what the mirror makes of a frame.
func mirror(t *testing.T, change func(f capture.Frame, back bool) []capture.Frame, expected ...uint16) []check.Result {
	t.Helper()
	w, err := check.NewWatch()
	if err != nil {
		t.Fatal(err)
	}
	give := func(frames []capture.Frame) {
		for _, f := range frames {
			w.Frame(&f)
		}
	}
	for number := range 20 {
		for conversation := range 40 {
			back := number%2 == 1
			give(change(segment(conversation, number, back, 400), back))
		}
		give(change(broadcast(number), false))
	}
	return check.Judge(w.View(), 30*time.Second, expected)
}

func names(results []check.Result) (out []string) {
	for _, r := range results {
		if r.Level != check.OK {
			out = append(out, r.Name)
		}
	}
	return out
}

func group(f capture.Frame) bool { return f.Data[0]&1 == 1 }

func TestEachBrokenMirrorIsNamed(t *testing.T) {
	whole := func(f capture.Frame, _ bool) []capture.Frame { return []capture.Frame{f} }
	for _, c := range []struct {
		name     string
		change   func(f capture.Frame, back bool) []capture.Frame
		expected []uint16
		want     []string
	}{
		{name: "whole", change: whole},
		{name: "whole, as expected", change: whole, expected: []uint16{0}},
		{name: "silent", change: func(capture.Frame, bool) []capture.Frame { return nil }, want: []string{check.Silent}},
		{name: "one direction", change: func(f capture.Frame, back bool) []capture.Frame {
			if back {
				return nil
			}
			return []capture.Frame{f}
		}, want: []string{check.OneWay}},
		{name: "broadcast only", change: func(f capture.Frame, _ bool) []capture.Frame {
			if !group(f) {
				return nil
			}
			return []capture.Frame{f}
		}, want: []string{check.BroadcastOnly}},
		{name: "duplicated", change: func(f capture.Frame, _ bool) []capture.Frame {
			again := f
			again.Time += 3000
			return []capture.Frame{f, again}
		}, want: []string{check.Duplicated}},
		{name: "truncated", change: func(f capture.Frame, _ bool) []capture.Frame {
			f.Data = f.Data[:min(len(f.Data), 96)]
			return []capture.Frame{f}
		}, want: []string{check.Truncated}},
		{name: "wrong VLAN", change: func(f capture.Frame, _ bool) []capture.Frame {
			f.Tagged, f.VLANTag, f.TPID = true, 30, 0x8100
			return []capture.Frame{f}
		}, expected: []uint16{10, 30}, want: []string{check.WrongVLAN}},
		{name: "merged by an offload", change: func(f capture.Frame, _ bool) []capture.Frame {
			f.WireLen += 20_000
			f.Data = append(f.Data, make([]byte, 20_000)...)
			return []capture.Frame{f}
		}, want: []string{check.Merged}},
	} {
		t.Run(c.name, func(t *testing.T) {
			results := mirror(t, c.change, c.expected...)
			if got := names(results); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v: %+v", got, c.want, results)
			}
			for _, r := range results {
				if (r.Level == check.OK) != (r.Remedy == "") || r.Text == "" || r.Topic == "" {
					t.Errorf("a result without text or remedy: %+v", r)
				}
			}
		})
	}
}

func TestTooLittleIsAState(t *testing.T) {
	w, err := check.NewWatch()
	if err != nil {
		t.Fatal(err)
	}
	for number := range 6 {
		f := segment(1, number, number%2 == 1, 10)
		w.Frame(&f)
	}
	if got := names(check.Judge(w.View(), time.Second, nil)); !slices.Equal(got, []string{"too_little"}) {
		t.Errorf("got %v", got)
	}
}

func TestHost(t *testing.T) {
	if r := check.Link("no-such-if0"); r.Level != check.Fault || !strings.Contains(r.Remedy, "lo") {
		t.Errorf("absent interface: %+v", r)
	}
	if r := check.Link("lo"); r.Level != check.OK {
		t.Errorf("loopback: %+v", r)
	}
	if r := check.RingMemory(1 << 60); r.Name != "ring" {
		t.Errorf("absurd ring: %+v", r)
	}
	if r := check.RingMemory(1 << 20); r.Level != check.OK {
		t.Errorf("small ring: %+v", r)
	}
	for _, r := range []check.Result{check.Clock(), check.Privileges(), check.Offloads("lo")} {
		if r.Level == check.LevelUnset || (r.Level == check.OK) != (r.Remedy == "") {
			t.Errorf("%+v", r)
		}
	}
}

func TestDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "spool")
	if r := check.Disk(dir, 1<<20); r.Level != check.OK && r.Name != "slow" {
		t.Errorf("good folder: %+v", r)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
		t.Errorf("the test left %v, %v", files, err)
	}
	if r := check.Disk(dir, 1<<62); r.Name != "small" {
		t.Errorf("ceiling over the disk: %+v", r)
	}
	if r := check.Disk("", 1<<20); r.Name != "no_spool" {
		t.Errorf("no folder: %+v", r)
	}
	if r := check.Disk("/proc/spool", 1<<20); r.Name != "unwritable" {
		t.Errorf("no place for a folder: %+v", r)
	}
	if check.Fault.String() != "fault" || check.Level(99).String() != "unset" {
		t.Error("levels have no names")
	}
}
