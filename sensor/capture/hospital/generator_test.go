package hospital_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/capture/hospital"
)

var start = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

// demo is the embedded demo, cut to half an hour from a fixed start.
func demo(t testing.TB) hospital.Scenario {
	t.Helper()
	s, err := hospital.Load("demo")
	if err != nil {
		t.Fatal(err)
	}
	s.Start, s.Duration = start, 30*time.Minute
	return s
}

func generator(t testing.TB, s hospital.Scenario, site string, seed uint64) *hospital.Generator {
	t.Helper()
	g, err := hospital.New(s, site, seed)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// each calls f with every frame that is left.
func each(t testing.TB, g *hospital.Generator, f func(at int64, frame []byte)) {
	t.Helper()
	for {
		at, frame, err := g.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		f(at, frame)
	}
}

func digest(t testing.TB, g *hospital.Generator) string {
	t.Helper()
	h := sha256.New()
	each(t, g, func(at int64, frame []byte) { note(h, at, frame) })
	return fmt.Sprintf("%x", h.Sum(nil))
}

func note(h hash.Hash, at int64, frame []byte) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(at))
	h.Write(b[:])
	h.Write(frame)
}

func TestDeterministic(t *testing.T) {
	s := demo(t)
	for _, site := range s.SiteIDs() {
		a, b := digest(t, generator(t, s, site, 0)), digest(t, generator(t, s, site, 0))
		if a != b {
			t.Errorf("%s: the same seed gives two captures", site)
		}
	}
	if digest(t, generator(t, s, "south", 0)) == digest(t, generator(t, s, "south", 2)) {
		t.Error("two seeds give the same capture")
	}
	for _, load := range []string{"mix", "flows"} {
		s, err := hospital.Load(load)
		if err != nil {
			t.Fatal(err)
		}
		s.Start, s.Packets = start, 1<<14
		a, b := digest(t, generator(t, s, "x", 0)), digest(t, generator(t, s, "x", 0))
		if a != b {
			t.Errorf("%s: the same seed gives two captures", load)
		}
	}
}

// view is what the checks read of an IPv4 frame.
type view struct {
	srcMAC, dstMAC string
	src, dst       netip.Addr
	proto          byte
	transport      []byte
	ttl            byte
	vlan           uint16
}

func read(frame []byte) (view, bool) {
	v := view{srcMAC: mac(frame[6:12]), dstMAC: mac(frame[:6])}
	p := frame[12:]
	if binary.BigEndian.Uint16(p) == 0x8100 {
		v.vlan = binary.BigEndian.Uint16(p[2:])
		p = p[4:]
	}
	if binary.BigEndian.Uint16(p) != 0x0800 {
		return v, false
	}
	p = p[2:]
	p = p[:binary.BigEndian.Uint16(p[2:])]
	v.src, v.dst = netip.AddrFrom4([4]byte(p[12:16])), netip.AddrFrom4([4]byte(p[16:20]))
	v.proto, v.ttl, v.transport = p[9], p[8], p[20:]
	return v, true
}

func mac(b []byte) string {
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5])
}

// TestTruthAgreesWithFrames holds that each device of the truth speaks from its own addresses,
// that nobody else does, and that the counts are those of the frames.
func TestTruthAgreesWithFrames(t *testing.T) {
	s := demo(t)
	for _, site := range s.SiteIDs() {
		g := generator(t, s, site, 0)
		owner := map[string]string{} // MAC by source address
		var packets, octets uint64
		last := int64(0)
		each(t, g, func(at int64, frame []byte) {
			packets++
			octets += uint64(len(frame))
			if at < last || at < start.UnixNano() || at >= start.Add(s.Duration).UnixNano() {
				t.Fatalf("%s: frame %d at %d is out of order or time", site, packets, at)
			}
			last = at
			if v, ok := read(frame); ok && v.src.IsValid() && !v.src.IsUnspecified() && len(v.transport) > 0 {
				if v.proto == 17 && binary.BigEndian.Uint16(v.transport) == 67 { // relayed by the core switch
					return
				}
				if had := owner[v.src.String()]; had != "" && had != v.srcMAC {
					t.Fatalf("%s: %s speaks from %s and %s", site, v.src, had, v.srcMAC)
				}
				owner[v.src.String()] = v.srcMAC
			}
		})
		truth := g.Truth()
		if truth.Packets != packets || truth.Octets != octets {
			t.Errorf("%s: truth counts %d packets, %d octets, frames %d, %d", site, truth.Packets, truth.Octets, packets, octets)
		}
		known := map[string]bool{}
		for _, d := range truth.Devices {
			for _, ip := range d.IPs {
				known[ip] = true
				if got := owner[ip]; d.Here && got != "" && got != d.MACs[0] {
					t.Errorf("%s: %s has %s, speaks from %s", site, d.Hostname, d.MACs[0], got)
				}
			}
		}
		for _, f := range truth.External {
			known[f.Initiator], known[f.Responder] = true, true
		}
		for ip := range owner {
			if !known[ip] {
				t.Errorf("%s: %s speaks and is not in the truth", site, ip)
			}
		}
		if n := len(truth.Devices); n < 200 {
			t.Errorf("%s: only %d devices", site, n)
		}
	}
}

// TestSharedSessions holds that a conversation between two sites looks the same to both sensors
// but for addresses of the link, tags and hops.
func TestSharedSessions(t *testing.T) {
	s := demo(t)
	streams := func(site string) map[string][]byte {
		out := map[string][]byte{}
		each(t, generator(t, s, site, 0), func(_ int64, frame []byte) {
			v, ok := read(frame)
			if !ok || v.proto != 6 || v.src.As4()[1] == v.dst.As4()[1] || v.src.As4()[0] != 10 || v.dst.As4()[0] != 10 {
				return
			}
			key := fmt.Sprint(v.src, v.dst, binary.BigEndian.Uint32(v.transport))
			out[key] = append(out[key], v.transport...)
			if v.ttl == 255 || v.ttl == 128 || v.ttl == 64 {
				if v.src.As4()[1] != map[string]byte{"north": 10, "south": 20}[site] {
					t.Fatalf("%s: %s of the other site arrives with TTL %d", site, v.src, v.ttl)
				}
			}
		})
		return out
	}
	north, south := streams("north"), streams("south")
	if len(north) < 10 {
		t.Fatalf("only %d streams between the sites", len(north))
	}
	// The last frames in transit at the end may be missing from either side.
	same := 0
	for key, a := range north {
		b := south[key]
		n := min(len(a), len(b))
		if !bytes.Equal(a[:n], b[:n]) || len(a)-n > 20_000 || len(b)-n > 20_000 {
			t.Errorf("stream %s differs: %d and %d octets", key, len(a), len(b))
			continue
		}
		same++
	}
	t.Logf("%d streams agree", same)
	truth := generator(t, s, "north", 0)
	each(t, truth, func(int64, []byte) {})
	var dicom bool
	for _, f := range truth.Truth().Cross {
		dicom = dicom || f.Service == "dicom" && f.InitiatorSite == "south" && f.ResponderSite == "north" && f.Sessions > 0
	}
	if !dicom {
		t.Error("the truth has no DICOM flow from south to north")
	}
}

func TestPlantedShow(t *testing.T) {
	s := demo(t)
	s.Duration = 2 * time.Hour
	want := map[string][]string{
		"north": {"DEFAULT_CREDENTIAL telnet", "DEFAULT_CREDENTIAL snmp", "OBSOLETE_PROTOCOL smb", "OBSOLETE_PROTOCOL tls", "NO_AUTHENTICATION vnc", "KNOWN_VULNERABLE_COMPONENT axeda"},
		"south": {"CLEARTEXT_CREDENTIAL ftp", "CLEARTEXT_CREDENTIAL ldap", "OBSOLETE_PROTOCOL rdp", "INTERNET_INBOUND http", "EXTERNAL_COMMUNICATION tls", "CLEARTEXT_PROTOCOL hl7"},
		"east":  {"KNOWN_VULNERABLE_COMPONENT axeda", "CLEARTEXT_CREDENTIAL mqtt", "DEFAULT_CREDENTIAL http", "LEGACY_OS "},
	}
	text := map[string]string{"north": "apc>", "south": "PASS canary-password", "east": "ERemoteServer"}
	for site, findings := range want {
		g := generator(t, s, site, 0)
		seen := false
		each(t, g, func(_ int64, frame []byte) { seen = seen || bytes.Contains(frame, []byte(text[site])) })
		if !seen {
			t.Errorf("%s: no frame holds %q", site, text[site])
		}
		have := map[string]bool{}
		for _, f := range g.Truth().Findings {
			have[f.Types[0]+" "+f.Service] = true
		}
		for _, w := range findings {
			if !have[w] {
				t.Errorf("%s: truth lacks %s", site, w)
			}
		}
	}
}

func TestScale(t *testing.T) {
	s := demo(t)
	s.Duration, s.Scale = 10*time.Minute, 3
	g := generator(t, s, "north", 0)
	each(t, g, func(int64, []byte) {})
	if n := len(g.Truth().Devices); n < 800 {
		t.Errorf("three times the devices are only %d", n)
	}
}

func TestErrors(t *testing.T) {
	for _, tt := range []struct{ name, yaml, want string }{
		{"unknown key", "sitez: []", "sitez"},
		{"no sites", "name: x", "sites: none given"},
		{"bad prefix", "sites: [{id: a, realm: a, prefix: 10.0.0.1/16, devices: {pacs: 1}}]", "without host bits"},
		{"unknown type", "sites: [{id: a, realm: a, prefix: 10.0.0.0/16, devices: {pacs: 1, toaster: 2}}]", `unknown type "toaster"`},
		{"unknown weakness", "sites: [{id: a, realm: a, prefix: 10.0.0.0/16, devices: {pacs: 1}, planted: [luck]}]", `unknown weakness "luck"`},
		{"no archive", "sites: [{id: a, realm: a, prefix: 10.0.0.0/16}]", "needs a pacs"},
		{"bad archive", "sites: [{id: a, realm: a, prefix: 10.0.0.0/16, archive: b}]", `archive "b"`},
		{"bad scale", "scale: 99\nsites: [{id: a, realm: a, prefix: 10.0.0.0/16, devices: {pacs: 1}}]", "scale"},
		{"bad load", "load: rain\npackets: 1", `load "rain"`},
		{"bad packets", "load: mix", "packets"},
		{"bad speed", "speed: -1\nsites: [{id: a, realm: a, prefix: 10.0.0.0/16, devices: {pacs: 1}}]", "speed"},
	} {
		if _, err := hospital.Parse([]byte(tt.yaml)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
	if _, err := hospital.Load("nowhere"); err == nil || !strings.Contains(err.Error(), "embedded: demo, flows, mix") {
		t.Errorf("missing file: %v", err)
	}
	if _, err := hospital.New(demo(t), "west", 0); err == nil || !strings.Contains(err.Error(), "no site") {
		t.Errorf("missing site: %v", err)
	}
}

// TestSmallSites holds that a site may lack any kind of device.
func TestSmallSites(t *testing.T) {
	full := demo(t)
	for word := range full.Sites[0].Devices {
		s := demo(t)
		s.Duration = 5 * time.Minute
		s.Sites = s.Sites[:1]
		devices := map[string]int{"pacs": 1}
		for k, n := range full.Sites[0].Devices {
			if k != word || k == "pacs" {
				devices[k] = min(n, 2)
			}
		}
		s.Sites[0].Devices = devices
		each(t, generator(t, s, "north", 0), func(int64, []byte) {})
	}
}

func TestSource(t *testing.T) {
	s := demo(t)
	s.Duration = time.Minute
	source := hospital.NewSource(generator(t, s, "east", 0), 7)
	var f capture.Frame
	n := uint64(0)
	for {
		err := source.Next(&f)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		n++
		if f.Domain != 7 || f.LinkType != capture.LinkEthernet || f.WireLen != len(f.Data) || len(f.Data) < 60 {
			t.Fatalf("frame %+v", f)
		}
	}
	if got := source.Stats(); got.Frames != n || n == 0 || got.Lost() != 0 {
		t.Errorf("stats %+v after %d frames", got, n)
	}
	if err := source.Close(); err != nil {
		t.Error(err)
	}
}

// TestSourcePaced holds that a paced source runs no faster than its speed.
func TestSourcePaced(t *testing.T) {
	s := demo(t)
	s.Duration, s.Speed = time.Minute, 600
	source := hospital.NewSource(generator(t, s, "east", 0), 1)
	var f capture.Frame
	began, first := time.Now(), int64(0)
	for {
		err := source.Next(&f)
		if errors.Is(err, capture.ErrTimeout) {
			continue
		}
		if err != nil {
			break
		}
		if first == 0 {
			first = f.Time
		}
	}
	if took, virtual := time.Since(began), time.Duration(f.Time-first); took < virtual/700 {
		t.Errorf("%s of traffic came within %s", virtual, took)
	}
}

// TestSourceLive holds that frames of the past come at once and those of the future do not.
func TestSourceLive(t *testing.T) {
	s := demo(t)
	s.Start, s.Duration = time.Now().Add(-10*time.Minute), time.Hour
	source := hospital.NewSource(generator(t, s, "east", 0), 1)
	source.Live = true
	var f capture.Frame
	n := 0
	for {
		err := source.Next(&f)
		if errors.Is(err, capture.ErrTimeout) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if late := time.Since(time.Unix(0, f.Time)); n < 1000 || late < 0 || late > time.Minute {
		t.Errorf("stopped after %d frames, the last of %s ago", n, late)
	}
}

func TestPcap(t *testing.T) {
	s := demo(t)
	s.Duration = time.Minute
	var file bytes.Buffer
	g := generator(t, s, "south", 0)
	if err := g.WritePcap(&file); err != nil {
		t.Fatal(err)
	}
	b := file.Bytes()
	if got, want := b[:4], []byte{0x4d, 0x3c, 0xb2, 0xa1}; !bytes.Equal(got, want) {
		t.Errorf("magic %x", got)
	}
	n := uint64(0)
	for b = b[24:]; len(b) > 0; n++ {
		b = b[16+binary.LittleEndian.Uint32(b[8:]):]
	}
	if truth := g.Truth(); truth.Packets != n {
		t.Errorf("%d records, truth says %d", n, truth.Packets)
	}
	var truth bytes.Buffer
	if err := g.Truth().WriteJSON(&truth); err != nil || !bytes.Contains(truth.Bytes(), []byte(`"site": "south"`)) {
		t.Errorf("truth: %v", err)
	}
	if diff := cmp.Diff([]string{"demo", "flows", "mix"}, hospital.Names()); diff != "" {
		t.Error(diff)
	}
}
