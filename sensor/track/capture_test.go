package track_test

import (
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/capture/pcapfile"
	"github.com/wardscope/wardscope/sensor/decode"
	"github.com/wardscope/wardscope/sensor/track"
)

// conversation names a flow without direction, for adding up apart from the table.
type conversation struct {
	Low, High         string
	PortLow, PortHigh uint16
	Protocol          uint8
}

type sums struct{ Packets, Octets uint64 }

func name(a, b model.Addr, portA, portB uint16, protocol uint8) conversation {
	if protocol != 6 && protocol != 17 {
		portA, portB = 0, 0
	}
	if b.Less(a) || a == b && portB < portA {
		a, b, portA, portB = b, a, portB, portA
	}
	return conversation{Low: a.String(), High: b.String(), PortLow: portA, PortHigh: portB, Protocol: protocol}
}

// TestCapturesAddUp holds the records of real captures against packets and octets added up by a
// plain map, and the streams against the sum of what was delivered and told as missing.
func TestCapturesAddUp(t *testing.T) {
	files, err := filepath.Glob("../../../shared/pcaps/*/*.pcap*")
	if err != nil || len(files) == 0 {
		t.Skip("absent: the labelled captures in ../shared/pcaps")
	}
	for _, file := range files {
		want, got := map[conversation]sums{}, map[conversation]sums{}
		r := &taker{}
		table, out := newTable(t, track.DefaultConfig(), r)
		packets := playFile(t, file, table, want)
		table.Flush(model.EndForced)
		duplicated := uint64(0)
		for i := range out.flows {
			f := &out.flows[i]
			c := name(f.Initiator.Addr, f.Responder.Addr, f.Initiator.Port, f.Responder.Port, f.Protocol)
			s := got[c]
			s.Packets += f.InitiatorPackets + f.ResponderPackets + uint64(f.Duplicated)
			s.Octets += f.InitiatorOctets + f.ResponderOctets
			got[c] = s
			duplicated += uint64(f.Duplicated)
			if f.End < f.Start || f.HandshakeRTT < 0 || !strings.HasPrefix(community(f), "1:") {
				t.Errorf("%s: strange record %+v", file, *f)
			}
		}
		if duplicated > 0 { // the records leave out the octets of what the mirror showed twice
			for _, m := range []map[conversation]sums{want, got} {
				for c, s := range m {
					s.Octets = 0
					m[c] = s
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-map +records):\n%s", filepath.Base(file), diff)
		}
		s := total(table)
		if s.Packets != packets || s.Duplicates != duplicated || table.Counters().Live != 0 {
			t.Errorf("%s: got stats %+v for %d packets", filepath.Base(file), s, packets)
		}
		if s.Duplicates+s.Undecoded+s.UnseenAckedOctets+s.TCPOneWay > 0 {
			t.Logf("%s: %d packets: %d duplicates, %d undecoded, %d octets unseen, %d of %d one way", filepath.Base(file), packets,
				s.Duplicates, s.Undecoded, s.UnseenAckedOctets, s.TCPOneWay, s.TCPConversations)
		}
	}
}

func playFile(t *testing.T, file string, table *track.Table, want map[conversation]sums) (packets uint64) {
	t.Helper()
	r := pcapfile.New(0, file)
	defer r.Close()
	d := decode.New(decode.Config{})
	var f capture.Frame
	var p decode.Packet
	for {
		err := r.Next(&f)
		if errors.Is(err, io.EOF) {
			return packets
		}
		if err != nil {
			continue // damaged on purpose; what came before counts
		}
		packets++
		d.Decode(&f, &p)
		table.Packet(&p)
		if !p.IP {
			continue
		}
		src, dst := p.SrcPort, p.DstPort
		if !p.HasPorts {
			src, dst = 0, 0
		}
		c := name(p.Src, p.Dst, src, dst, p.Protocol)
		s := want[c]
		s.Packets++
		s.Octets += uint64(p.IPOctets)
		want[c] = s
	}
}
