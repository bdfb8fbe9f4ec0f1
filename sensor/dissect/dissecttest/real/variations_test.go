package real_test

import (
	"encoding/binary"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/capture/pcapfile"
)

// A variation is what a mirror port or a network may make of the same conversation.
type variation struct {
	name string
	make func([]capture.Frame) []capture.Frame
	// same says that everything that is said stays as it is; else nothing may be said that was not said before.
	same bool
}

// aside are lines that a variation of a capture adds or takes away for a reason.
var aside = map[string]*regexp.Regexp{
	// Nobody sees the refusal.
	"dcmjs/one direction": regexp.MustCompile(`^identifier \S+ \S+ dicom\.called_ae = NOSUCH$`),
	"dicom/one direction": regexp.MustCompile(`^identifier \S+ \S+ dicom\.called_ae = NOSUCH$`),
	// The records of the other family are now of one address.
	"avahi/IPv6": regexp.MustCompile(`^hostname 10\.66\.0\.20 mdns\.address = printer20\.local$`),
	// An address of the payload has no link address by this family.
	"dns_dhcp/IPv6": regexp.MustCompile(`dhcp\.option54 = DHCP server$`),
	// Both ends of SIP over UDP speak in clear: who is the server is a guess without the first message.
	"kamailio/every fifth frame lost": regexp.MustCompile(`^finding CLEARTEXT_PROTOCOL sip\.cleartext on fd66::10 `),
	// What is inside shows, when the part in which another protocol led to it is missing.
	"mariadb/from the middle":    tlsInside,
	"postgresql/from the middle": tlsInside,
	"rdp/from the middle":        tlsInside,
	"socks/from the middle":      regexp.MustCompile(` http\.(cleartext on 10\.66\.0\.20|server = lighttpd)`),
	"mqtt_node/one direction":    regexp.MustCompile(`^flow .* port 8083 protocol 6 service=http `),
	// The server's half of the opening is read, because the client's is not there.
	"openvpn/from the middle":        regexp.MustCompile(`^stack 10\.66\.0\.20 \S+ ip\.ttl = 64$`),
	"openvpn/every fifth frame lost": regexp.MustCompile(`^(stack|capability) 10\.66\.0\.20 \S+ (ip\.ttl = 64|openvpn\.reset = control channel by TLS alone)$`),
}

var tlsInside = regexp.MustCompile(`^flow .* service=tls version="TLS 1\.[23]" `)

var variations = []variation{
	{name: "VLAN", make: each(tag(0x8100, 66)), same: true},
	{name: "QinQ", make: each(tag(0x88a8, 7), tag(0x8100, 66)), same: true},
	{name: "copied by the mirror", make: copied, same: true},
	{name: "sent again", make: again, same: true},
	{name: "reordered", make: reordered, same: true},
	{name: "without handshakes", make: midway(3)},
	{name: "from the middle", make: midway(8)},
	{name: "one direction", make: oneWay},
	{name: "every fifth frame lost", make: lossy},
	{name: "IPv6", make: v6, same: true},
}

// TestVariations plays every capture in every variation: the facts stay, and nothing false is said.
func TestVariations(t *testing.T) {
	files, err := filepath.Glob("testdata/*.pcap")
	if err != nil || len(files) == 0 {
		t.Fatalf("no captures in testdata: %v", err)
	}
	for _, file := range files {
		frames := framesOf(t, file)
		plain := sayings(t, &replay{frames: frames})
		name := strings.TrimSuffix(filepath.Base(file), ".pcap")
		for _, v := range variations {
			t.Run(name+"/"+v.name, func(t *testing.T) {
				got := sayings(t, &replay{frames: v.make(frames)})
				compare(t, v.same, aside[name+"/"+v.name], plain, got)
			})
		}
	}
}

var service = regexp.MustCompile(`service=(\S*) `)

func compare(t *testing.T, same bool, aside *regexp.Regexp, plain, got []string) {
	t.Helper()
	services := map[string]bool{"": true}
	for _, l := range plain {
		if m := service.FindStringSubmatch(l); m != nil {
			services[m[1]] = true
		}
	}
	for _, l := range got {
		if slices.Contains(plain, l) || aside != nil && aside.MatchString(l) {
			continue
		}
		// Of a flow that was seen in part other things are known; what it is must not be made up.
		if m := service.FindStringSubmatch(l); same || m == nil || !services[m[1]] {
			t.Errorf("said now: %s", l)
		}
	}
	for _, l := range plain {
		if same && !slices.Contains(got, l) && (aside == nil || !aside.MatchString(l)) {
			t.Errorf("not said any more: %s", l)
		}
	}
}

// signature has parts of its own for each family of addresses.
var signature = regexp.MustCompile(`( tcp\.syn = )[46](:.*):[a-z0-9,+-]*:0$`)

// sayings are the facts of a capture.
func sayings(t *testing.T, src capture.Source) []string {
	t.Helper()
	var out []string
	for l := range strings.Lines(said(t, "variation", src, 1)) {
		out = append(out, signature.ReplaceAllString(unmapped(strings.TrimSpace(l)), "$1$2"))
	}
	return out
}

func framesOf(t *testing.T, file string) []capture.Frame {
	t.Helper()
	src := pcapfile.New(1, file)
	frames := framesBefore(src)
	if err := src.Close(); err != nil || len(frames) == 0 {
		t.Fatalf("%s: %d frames, %v", file, len(frames), err)
	}
	return frames
}

// framesBefore are those before the end of a source, or its damage.
func framesBefore(src capture.Source) []capture.Frame {
	var out []capture.Frame
	for {
		var f capture.Frame
		if src.Next(&f) != nil {
			return out
		}
		f.Data = slices.Clone(f.Data)
		out = append(out, f)
	}
}

// replay is a Source of frames in memory.
type replay struct {
	frames []capture.Frame
	next   int
}

func (r *replay) Next(f *capture.Frame) error {
	if r.next == len(r.frames) {
		return io.EOF
	}
	*f = r.frames[r.next]
	r.next++
	return nil
}

func (r *replay) Stats() capture.Stats { return capture.Stats{Frames: uint64(r.next)} }
func (r *replay) Close() error         { return nil }

func each(change ...func(capture.Frame) capture.Frame) func([]capture.Frame) []capture.Frame {
	return func(in []capture.Frame) []capture.Frame {
		out := make([]capture.Frame, 0, len(in))
		for _, f := range in {
			for _, c := range slices.Backward(change) {
				f = c(f)
			}
			out = append(out, f)
		}
		return out
	}
}

// tag puts a VLAN tag behind the link addresses.
func tag(tpid, vlan uint16) func(capture.Frame) capture.Frame {
	return func(f capture.Frame) capture.Frame {
		if len(f.Data) < 14 {
			return f
		}
		f.Data = slices.Concat(f.Data[:12], []byte{byte(tpid >> 8), byte(tpid), byte(vlan >> 8), byte(vlan)}, f.Data[12:])
		f.WireLen += 4
		return f
	}
}

// segment is what is read of a TCP segment, in an Ethernet frame with IPv4 or IPv6 and no options before it.
type segment struct {
	tcp     int // where the header begins
	flow    string
	payload int
	flags   byte
}

func segmentOf(f capture.Frame) (s segment, ok bool) {
	d := f.Data
	end := len(d)
	switch {
	case len(d) > 54 && d[12] == 8 && d[13] == 0 && d[14] == 0x45 && d[23] == 6 && binary.BigEndian.Uint16(d[20:])&0x3fff == 0:
		s.tcp, s.flow, end = 34, string(d[26:38]), min(end, 14+int(binary.BigEndian.Uint16(d[16:])))
	case len(d) > 74 && d[12] == 0x86 && d[13] == 0xdd && d[20] == 6:
		s.tcp, s.flow, end = 54, string(d[22:58]), min(end, 54+int(binary.BigEndian.Uint16(d[18:])))
	default:
		return s, false
	}
	s.flags = d[s.tcp+13]
	s.payload = end - s.tcp - int(d[s.tcp+12]>>4)*4
	return s, s.payload >= 0
}

// both is the flow's name for both directions.
func (s segment) both() string {
	n := (len(s.flow) - 4) / 2
	a, b := s.flow[:n]+s.flow[2*n:2*n+2], s.flow[n:2*n]+s.flow[2*n+2:]
	return min(a, b) + max(a, b)
}

// copied gives every frame twice, as a mirror of both ends of a path does.
func copied(in []capture.Frame) []capture.Frame {
	var out []capture.Frame
	for _, f := range in {
		twin := f
		twin.Time += 10e3
		out = append(out, f, twin)
	}
	return out
}

// again gives every TCP segment with payload a second time, 300 ms later and behind the next three.
func again(in []capture.Frame) []capture.Frame {
	var out []capture.Frame
	for i, f := range in {
		out = append(out, f)
		if i < 3 {
			continue
		}
		if s, ok := segmentOf(in[i-3]); ok && s.payload > 0 && s.flags&0x07 == 0 && s.tcp == 34 {
			twin := in[i-3]
			twin.Data = slices.Clone(twin.Data)
			binary.BigEndian.PutUint16(twin.Data[18:], binary.BigEndian.Uint16(twin.Data[18:])+7777)
			twin.Time += 300e6
			out = append(out, twin)
		}
	}
	return out
}

// reordered swaps segments with payload that follow one another in a direction.
func reordered(in []capture.Frame) []capture.Frame {
	out := slices.Clone(in)
	for i := 0; i+1 < len(out); i++ {
		a, okA := segmentOf(out[i])
		b, okB := segmentOf(out[i+1])
		if okA && okB && a.flow == b.flow && a.payload > 0 && b.payload > 0 && (a.flags|b.flags)&0x07 == 0 {
			out[i], out[i+1] = out[i+1], out[i]
			out[i].Time, out[i+1].Time = out[i+1].Time, out[i].Time
			i++
		}
	}
	return out
}

// midway leaves out the first n segments of every TCP conversation.
func midway(n int) func([]capture.Frame) []capture.Frame {
	return func(in []capture.Frame) []capture.Frame {
		seen := map[string]int{}
		var out []capture.Frame
		for _, f := range in {
			if s, ok := segmentOf(f); ok {
				if s.flags&0x12 == 0x02 {
					seen[s.both()] = 0
				}
				if seen[s.both()]++; seen[s.both()] <= n {
					continue
				}
			}
			out = append(out, f)
		}
		return out
	}
}

// oneWay leaves out what responders of TCP say.
func oneWay(in []capture.Frame) []capture.Frame {
	first := map[string]string{}
	var out []capture.Frame
	for _, f := range in {
		if s, ok := segmentOf(f); ok {
			if first[s.both()] == "" {
				first[s.both()] = s.flow
			}
			if first[s.both()] != s.flow {
				continue
			}
		}
		out = append(out, f)
	}
	return out
}

func lossy(in []capture.Frame) []capture.Frame {
	var out []capture.Frame
	for i, f := range in {
		if i%5 != 4 {
			out = append(out, f)
		}
	}
	return out
}

// v6 turns TCP and UDP over IPv4 between two machines into the same over IPv6, under addresses that hold the others
// (RFC 6052). Payload stays as it is.
func v6(in []capture.Frame) []capture.Frame {
	var out []capture.Frame
	for _, f := range in {
		d := f.Data
		if len(d) < 34 || d[12] != 8 || d[13] != 0 || d[14] != 0x45 || d[23] != 6 && d[23] != 17 || d[0]&1 == 1 || binary.BigEndian.Uint16(d[20:])&0x3fff != 0 {
			out = append(out, f)
			continue
		}
		prefix := []byte{0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0}
		head := []byte{0x86, 0xdd, 0x60, 0, 0, 0, 0, 0, d[23], d[22]}
		binary.BigEndian.PutUint16(head[6:], binary.BigEndian.Uint16(d[16:])-20)
		f.Data = slices.Concat(d[:12], head, prefix, d[26:30], prefix, d[30:34], d[34:])
		f.WireLen += 20
		out = append(out, f)
	}
	return out
}

var embedded = regexp.MustCompile(`64:ff9b::([0-9a-f]{1,4}):([0-9a-f]{1,4})`)

// unmapped writes the addresses of v6 as they were.
func unmapped(line string) string {
	return embedded.ReplaceAllStringFunc(line, func(s string) string {
		m := embedded.FindStringSubmatch(s)
		high, _ := strconv.ParseUint(m[1], 16, 16)
		low, _ := strconv.ParseUint(m[2], 16, 16)
		return fmt.Sprintf("%d.%d.%d.%d", high>>8, high&255, low>>8, low&255)
	})
}
