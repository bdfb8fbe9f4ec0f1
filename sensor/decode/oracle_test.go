package decode_test

import (
	"net/netip"
	"path/filepath"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/capture/pcapfile"
	"github.com/wardscope/wardscope/sensor/decode"
)

// TestAgreesWithLibrary holds addresses, ports, sequence numbers and payload lengths against the
// packet library's, over all labelled captures that are neither damaged nor tunnelled.
func TestAgreesWithLibrary(t *testing.T) {
	compared := 0
	for _, file := range readTruth(t) {
		if file.Group == "malformed" || file.Group == "encapsulation" {
			continue
		}
		r := pcapfile.New(0, filepath.Join(captures, file.File))
		d := decode.New(decode.Config{})
		var f capture.Frame
		var p decode.Packet
		for n := 1; r.Next(&f) == nil; n++ {
			d.Decode(&f, &p)
			if p.Fragment || p.Encap&^(model.EncapVLAN|model.EncapQinQ|model.EncapLLC) != 0 || f.LinkType != capture.LinkEthernet {
				continue
			}
			compared++
			packet := gopacket.NewPacket(f.Data, layers.LayerTypeEthernet, gopacket.DecodeOptions{Lazy: true, NoCopy: true})
			if why := disagree(&p, packet); why != "" {
				t.Errorf("%s, packet %d: %s", file.File, n, why)
			}
		}
		_ = r.Close()
	}
	if compared < 40_000 {
		t.Errorf("compared %d packets only", compared)
	}
	t.Logf("compared %d packets", compared)
}

func disagree(p *decode.Packet, packet gopacket.Packet) string {
	network := packet.NetworkLayer()
	if (network != nil) != p.IP {
		return "one sees IP, the other does not"
	}
	if network == nil {
		return ""
	}
	src, dst := network.NetworkFlow().Endpoints()
	if model.AddrFromNetip(netip.MustParseAddr(src.String())) != p.Src || model.AddrFromNetip(netip.MustParseAddr(dst.String())) != p.Dst {
		return "addresses differ"
	}
	switch l := packet.TransportLayer().(type) {
	case *layers.TCP:
		if p.Protocol != 6 || p.SrcPort != uint16(l.SrcPort) || p.DstPort != uint16(l.DstPort) || p.Seq != l.Seq || p.Ack != l.Ack || p.Window != l.Window || p.Checksum != l.Checksum {
			return "TCP headers differ"
		}
		if len(p.Payload) != len(l.Payload) {
			return "TCP payloads differ"
		}
	case *layers.UDP:
		if p.Protocol != 17 || p.SrcPort != uint16(l.SrcPort) || p.DstPort != uint16(l.DstPort) {
			return "UDP headers differ"
		}
		if len(p.Payload) != len(l.Payload) {
			return "UDP payloads differ"
		}
	}
	return ""
}
