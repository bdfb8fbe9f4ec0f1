package pcapfile_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/capture/pcapfile"
)

type order interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// classic writes a pcap file with frames of the given lengths, a second apart, 7 fraction units after the full one.
func classic(o order, magic uint32, link uint32, lengths ...int) []byte {
	b := o.AppendUint32(nil, magic)
	b = o.AppendUint16(b, 2)
	b = o.AppendUint16(b, 4)
	b = append(b, make([]byte, 8)...)
	b = o.AppendUint32(b, 65535)
	b = o.AppendUint32(b, link)
	for i, n := range lengths {
		b = o.AppendUint32(b, uint32(1000+i))
		b = o.AppendUint32(b, 7)
		b = o.AppendUint32(b, uint32(n))
		b = o.AppendUint32(b, uint32(n+10))
		if magic == 0xa1b2cd34 {
			b = append(b, make([]byte, 8)...)
		}
		b = append(b, bytes.Repeat([]byte{byte(i)}, n)...)
	}
	return b
}

func block(o order, kind uint32, body []byte) []byte {
	for len(body)%4 != 0 {
		body = append(body, 0)
	}
	n := uint32(len(body) + 12)
	b := o.AppendUint32(nil, kind)
	b = o.AppendUint32(b, n)
	b = append(b, body...)
	return o.AppendUint32(b, n)
}

func section(o order) []byte {
	body := o.AppendUint32(nil, 0x1a2b3c4d)
	body = o.AppendUint16(body, 1)
	body = o.AppendUint16(body, 0)
	return block(o, 0x0a0d0d0a, o.AppendUint64(body, ^uint64(0)))
}

func describe(o order, link uint16, options ...byte) []byte {
	body := o.AppendUint16(nil, link)
	body = o.AppendUint16(body, 0)
	body = o.AppendUint32(body, 0)
	return block(o, 1, append(body, options...))
}

func enhanced(o order, iface uint32, stamp uint64, data string) []byte {
	body := o.AppendUint32(nil, iface)
	body = o.AppendUint32(body, uint32(stamp>>32))
	body = o.AppendUint32(body, uint32(stamp))
	body = o.AppendUint32(body, uint32(len(data)))
	body = o.AppendUint32(body, uint32(len(data)))
	return block(o, 6, append(body, data...))
}

// read returns one line a frame, and the error that ended the reading, nil for io.EOF.
func read(r *pcapfile.Reader) (lines []string, fault error) {
	var f capture.Frame
	for {
		err := r.Next(&f)
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return lines, err
		}
		lines = append(lines, fmt.Sprintf("%d %d/%d %v if%d", f.Time, len(f.Data), f.WireLen, f.LinkType, f.Interface))
	}
}

func TestClassic(t *testing.T) {
	for _, c := range []struct {
		name  string
		order order
		magic uint32
		nano  int
	}{
		{"micro, little endian", binary.LittleEndian, 0xa1b2c3d4, 7000},
		{"micro, big endian", binary.BigEndian, 0xa1b2c3d4, 7000},
		{"nano, little endian", binary.LittleEndian, 0xa1b23c4d, 7},
		{"nano, big endian", binary.BigEndian, 0xa1b23c4d, 7},
		{"modified, little endian", binary.LittleEndian, 0xa1b2cd34, 7000},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := classic(c.order, c.magic, 1, 60, 0, 1500)
			got, err := read(pcapfile.NewStream(0, "x", bytes.NewReader(file)))
			want := fmt.Sprintf("[%d 60/70 ethernet if0 %d 0/10 ethernet if0 %d 1500/1510 ethernet if0]",
				1000_000_000_000+c.nano, 1001_000_000_000+c.nano, 1002_000_000_000+c.nano)
			if fmt.Sprint(got) != want || err != nil {
				t.Errorf("got %v, %v\nwant %s", got, err, want)
			}
		})
	}
}

func TestPcapng(t *testing.T) {
	for _, o := range []order{binary.LittleEndian, binary.BigEndian} {
		nano := append(o.AppendUint16(o.AppendUint16(nil, 9), 1), 9, 0, 0, 0)
		obsolete := o.AppendUint16(o.AppendUint16(nil, 0), 0)
		obsolete = append(obsolete, o.AppendUint32(o.AppendUint32(o.AppendUint32(o.AppendUint32(nil, 0), 5_000_000), 2), 2)...)
		file := bytes.Join([][]byte{
			section(o), block(o, 4, make([]byte, 8)), describe(o, 1), block(o, 0xbad, make([]byte, 100)),
			enhanced(o, 0, 3_000_000, "abc"),
			block(o, 2, append(obsolete, "de"...)),
			block(o, 3, append(o.AppendUint32(nil, 9), "simple"...)),
			describe(o, 101, nano...), enhanced(o, 1, 4_000_000_001, "fghi"),
			section(binary.BigEndian), describe(binary.BigEndian, 1, append(resolution(0x87), offset(100)...)...), enhanced(binary.BigEndian, 0, 5*128+64, "j"),
		}, nil)
		got, err := read(pcapfile.NewStream(0, "x", bytes.NewReader(file)))
		want := "[3000000000 3/3 ethernet if0 5000000000 2/2 ethernet if0 0 8/9 ethernet if0 4000000001 4/4 raw if1 105500000000 1/1 ethernet if2]"
		if fmt.Sprint(got) != want || err != nil {
			t.Errorf("%v: got %v, %v\nwant %s", o, got, err, want)
		}
	}
}

// resolution is an if_tsresol option, offset an if_tsoffset one.
func resolution(value byte) []byte {
	return append(binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, 9), 1), value, 0, 0, 0)
}

func offset(seconds uint64) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, 14), 8), seconds)
}

func TestDamage(t *testing.T) {
	le := binary.LittleEndian
	whole := classic(le, 0xa1b2c3d4, 1, 60, 60)
	ng := bytes.Join([][]byte{section(le), describe(le, 1), enhanced(le, 0, 1, "abc")}, nil)
	for _, c := range []struct {
		name    string
		file    []byte
		packets int
		want    string
	}{
		{"empty", nil, 0, "x: not a capture file: it is empty"},
		{"three bytes", []byte{1, 2, 3}, 0, "x: not a capture file: it is shorter than a file header"},
		{"text", []byte("hello, this is no capture file"), 0, "x: not a capture file: it begins with 68 65 6c 6c"},
		{"half a header", whole[:20], 0, "x: not a capture file: it is shorter than a file header"},
		{"cut in a record header", whole[:24+76+5], 1, "x: truncated after 1 packets at offset 100"},
		{"cut in a record", whole[:len(whole)-1], 1, "x: truncated after 1 packets at offset 100"},
		{"record too long", append(bytes.Clone(whole[:24+76]), bytes.Repeat([]byte{0xff}, 16)...), 1, "x: damaged after 1 packets at offset 100: a record of 4294967295 bytes"},
		{"USB", classic(le, 0xa1b2c3d4, 189, 60), 0, "x: unsupported link type 189"},
		{"pcapng with USB", append(bytes.Clone(ng), append(describe(le, 220), enhanced(le, 1, 2, "u")...)...), 1, "x: unsupported link type 220"},
		{"pcapng cut", ng[:len(ng)-2], 0, "x: truncated after 0 packets at offset 48"},
		{"pcapng block too short", append(bytes.Clone(ng), 6, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0), 1, "x: damaged after 1 packets at offset 84: a block of 8 bytes"},
		{"pcapng without interface", append(section(le), enhanced(le, 0, 1, "abc")...), 0, "x: damaged after 0 packets at offset 28: a packet of interface 0, which is not described"},
		{"gzip header only", []byte{0x1f, 0x8b, 8}, 0, "x: not a capture file: its compression header is damaged"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := read(pcapfile.NewStream(0, "x", bytes.NewReader(c.file)))
			if len(got) != c.packets || err == nil || err.Error() != c.want {
				t.Errorf("got %d packets, %v\nwant %d, %s", len(got), err, c.packets, c.want)
			}
		})
	}
}

func TestCompressed(t *testing.T) {
	file := classic(binary.LittleEndian, 0xa1b2c3d4, 1, make([]int, 5000)...)
	var gz, zst bytes.Buffer
	z := gzip.NewWriter(&gz)
	_, _ = z.Write(file)
	_ = z.Close()
	s, err := zstd.NewWriter(&zst)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = s.Write(file)
	_ = s.Close()
	for name, packed := range map[string][]byte{"gz": gz.Bytes(), "zst": zst.Bytes()} {
		if got, err := read(pcapfile.NewStream(0, "x", bytes.NewReader(packed))); len(got) != 5000 || err != nil {
			t.Errorf("%s: got %d packets, %v", name, len(got), err)
		}
		got, err := read(pcapfile.NewStream(0, "x", bytes.NewReader(packed[:len(packed)-12])))
		var damaged *pcapfile.DamagedError
		if !errors.As(err, &damaged) || damaged.Packets != uint64(len(got)) || !strings.Contains(err.Error(), "truncated after") {
			t.Errorf("%s cut: got %d packets, %v", name, len(got), err)
		}
	}
}

func TestFilesInSequence(t *testing.T) {
	dir := t.TempDir()
	name := func(s string) string { return filepath.Join(dir, s) }
	for file, raw := range map[string][]byte{
		"a.pcap":  classic(binary.LittleEndian, 0xa1b2c3d4, 1, 60, 60),
		"b.pcap":  []byte("nonsense"),
		"c.pcap":  classic(binary.BigEndian, 0xa1b23c4d, 101, 40),
		"d.empty": nil,
	} {
		if err := os.WriteFile(name(file), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := pcapfile.New(5, name("a.pcap"), name("b.pcap"), name("absent"), dir, name("c.pcap"))
	defer r.Close()
	var f capture.Frame
	var packets int
	var faults []error
	for {
		err := r.Next(&f)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			faults = append(faults, err)
			continue
		}
		packets++
		if f.Domain != 5 {
			t.Errorf("got domain %d", f.Domain)
		}
	}
	if packets != 3 || len(faults) != 3 || r.Stats().Frames != 3 {
		t.Errorf("got %d packets, faults %v", packets, faults)
	}
	if len(faults) == 3 && !errors.Is(faults[1], os.ErrNotExist) {
		t.Errorf("got %v, want that the file does not exist", faults[1])
	}
}

func TestNextAllocs(t *testing.T) {
	file := classic(binary.LittleEndian, 0xa1b2c3d4, 1, make([]int, 4000)...)
	r := pcapfile.NewStream(0, "x", bytes.NewReader(file))
	var f capture.Frame
	if err := r.Next(&f); err != nil {
		t.Fatal(err)
	}
	if got := testing.AllocsPerRun(3000, func() {
		if err := r.Next(&f); err != nil {
			t.Fatal(err)
		}
	}); got != 0 {
		t.Errorf("got %v allocations a frame, want 0", got)
	}
}

func FuzzReader(f *testing.F) {
	le := binary.LittleEndian
	f.Add(classic(le, 0xa1b2c3d4, 1, 60, 60))
	f.Add(classic(binary.BigEndian, 0xa1b23c4d, 101, 20))
	f.Add(bytes.Join([][]byte{section(le), describe(le, 1, 9, 0, 1, 0, 12, 0, 0, 0), enhanced(le, 0, 1, "abc"), section(binary.BigEndian)}, nil))
	f.Fuzz(func(t *testing.T, file []byte) {
		r := pcapfile.NewStream(0, "x", bytes.NewReader(file))
		var frame capture.Frame
		for range 1000 {
			err := r.Next(&frame)
			if err != nil {
				if strings.ContainsAny(err.Error(), "\n") {
					t.Errorf("error of several lines: %q", err)
				}
				return
			}
			if frame.WireLen < len(frame.Data) {
				t.Fatalf("wire length %d under captured %d", frame.WireLen, len(frame.Data))
			}
		}
	})
}
