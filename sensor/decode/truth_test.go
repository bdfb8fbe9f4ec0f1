package decode_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/capture/pcapfile"
	"github.com/wardscope/wardscope/sensor/decode"
)

// captures is the folder of labelled captures beside the repository.
const captures = "../../../shared/pcaps"

// truth is what TRUTH.jsonl says of one capture, as far as this package can be held to it.
type truth struct {
	File       string `json:"file"`
	Group      string `json:"group"`
	Packets    uint64 `json:"packets"`
	ReadError  any    `json:"read_error"`
	Hosts      []host `json:"hosts"`
	InnerHosts []host `json:"inner_hosts"`
}

type host struct {
	IP string `json:"ip"`
}

func readTruth(t *testing.T) []truth {
	t.Helper()
	file, err := os.Open(filepath.Join(captures, "TRUTH.jsonl"))
	if err != nil {
		t.Skip("absent: the labelled captures in ../shared/pcaps")
	}
	t.Cleanup(func() { _ = file.Close() })
	var all []truth
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var one truth
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			t.Fatalf("read truth: %v", err)
		}
		all = append(all, one)
	}
	return all
}

// TestLabelledCaptures holds file reader and decoder against what tshark saw in real captures.
func TestLabelledCaptures(t *testing.T) {
	var known, found int
	for _, want := range readTruth(t) {
		got := readCapture(t, filepath.Join(captures, want.File))
		if want.ReadError == nil && got.packets != want.Packets {
			t.Errorf("%s: got %d packets, want %d (%v)", want.File, got.packets, want.Packets, got.err)
		}
		if want.Group == "malformed" {
			continue
		}
		if got.err != nil && want.ReadError == nil {
			t.Errorf("%s: %v", want.File, got.err)
		}
		hosts := want.InnerHosts
		if len(hosts) == 0 {
			hosts = want.Hosts
		}
		for _, h := range hosts {
			if h.IP == "" {
				continue
			}
			known++
			if got.hosts[h.IP] {
				found++
			} else {
				t.Logf("%s: host %s not seen", want.File, h.IP)
			}
		}
	}
	t.Logf("hosts: %d of %d", found, known)
	if float64(found) < 0.995*float64(known) {
		t.Errorf("got %d of %d hosts, want 99.5 %%", found, known)
	}
}

type seen struct {
	packets uint64
	hosts   map[string]bool
	err     error
}

func readCapture(t *testing.T, path string) seen {
	t.Helper()
	r := pcapfile.New(0, path)
	defer r.Close()
	d := decode.New(decode.Config{})
	s := seen{hosts: map[string]bool{}}
	var f capture.Frame
	var p decode.Packet
	for {
		err := r.Next(&f)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			s.err = err
			break
		}
		s.packets++
		d.Decode(&f, &p)
		if p.IP {
			s.hosts[p.Src.String()], s.hosts[p.Dst.String()] = true, true
		}
		if !p.OuterSrc.IsZero() { // where the truth lists no inner hosts, it lists the tunnel's ends
			s.hosts[p.OuterSrc.String()], s.hosts[p.OuterDst.String()] = true, true
		}
		if p.EtherType == 0x0806 && len(p.Payload) >= 28 {
			s.hosts[arpSender(p.Payload)] = true
		}
	}
	return s
}

// arpSender is the sender protocol address: hosts that only ever spoke ARP are hosts.
func arpSender(b []byte) string { return model.AddrFrom4(b[14:]).String() }
