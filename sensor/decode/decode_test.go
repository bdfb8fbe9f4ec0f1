package decode_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/capture"
	"github.com/wardscope/wardscope/sensor/decode"
)

// encapsulations are packets made by the specifications, all around inside().
func encapsulations() []struct {
	name  string
	link  capture.LinkType
	data  []byte
	encap model.Encap
	vlan  uint16
	outer string // source of the outermost tunnel
} {
	const eth = capture.LinkEthernet
	wifi := func(order [2]byte, qos bool) []byte {
		head := join(order[:], []byte{0, 0}, []byte{2, 0, 0, 0, 0, 7}, []byte{2, 0, 0, 0, 0, 8}, []byte{2, 0, 0, 0, 0, 9}, []byte{0, 0})
		if qos {
			head = append(head, 0, 0)
		}
		return join(head, llcSNAP(0x0800, inside()))
	}
	capwap := func(native bool, body []byte) []byte {
		flags := 2<<19 | 1<<9
		if native {
			flags |= 1 << 8
		}
		return join(u32(flags), u32(0), body)
	}
	return []struct {
		name  string
		link  capture.LinkType
		data  []byte
		encap model.Encap
		vlan  uint16
		outer string
	}{
		{"plain", eth, insideFrame(), 0, 0, ""},
		{"VLAN", eth, ether(7, 0x8100, dot1q(0x2005, 0x0800, inside())), model.EncapVLAN, 5, ""},
		{"priority tag", eth, ether(7, 0x8100, dot1q(0, 0x0800, inside())), model.EncapVLAN, 0, ""},
		{"QinQ", eth, ether(7, 0x88a8, dot1q(6, 0x8100, dot1q(5, 0x0800, inside()))), model.EncapVLAN | model.EncapQinQ, 6, ""},
		{"three tags", eth, ether(7, 0x9100, dot1q(8, 0x8100, dot1q(6, 0x8100, dot1q(5, 0x0800, inside())))), model.EncapVLAN | model.EncapQinQ, 8, ""},
		{"SNAP", eth, ether(7, 8+len(inside()), llcSNAP(0x0800, inside())), model.EncapLLC, 0, ""},
		{"VLAN and SNAP", eth, ether(7, 0x8100, dot1q(5, 8+len(inside()), llcSNAP(0x0800, inside()))), model.EncapLLC | model.EncapVLAN, 5, ""},
		{"TrustSec tag", eth, ether(7, 0x8909, join([]byte{1, 1, 0, 1, 0, 9}, u16(0x0800), inside())), 0, 0, ""},
		{"VNTag", eth, ether(7, 0x8926, join(u32(0), u16(0x0800), inside())), model.EncapVNTag, 0, ""},
		{"E-TAG", eth, ether(7, 0x893f, join(u32(0), u16(0), u16(0x0800), inside())), model.EncapVNTag, 0, ""},
		{"802.1ah", eth, ether(1, 0x88e7, join(u32(99), insideFrame())), model.EncapQinQ, 0, ""},
		{"MPLS", eth, ether(7, 0x8847, join(u32(17<<12|64), u32(18<<12|1<<8|64), inside())), model.EncapMPLS, 0, ""},
		{"MPLS pseudowire with control word", eth, ether(1, 0x8847, join(u32(17<<12|1<<8|64), u32(0), insideFrame())), model.EncapMPLS, 0, ""},
		{"MPLS pseudowire", eth, ether(1, 0x8847, join(u32(17<<12|1<<8|64), insideFrame())), model.EncapMPLS, 0, ""},
		{"PPPoE", eth, ether(7, 0x8864, join([]byte{0x11, 0, 0, 1}, u16(2+len(inside())), u16(0x21), inside())), model.EncapPPPoE, 0, ""},
		{"GRE", eth, ether(7, 0x0800, ipv4(1, 47, join(u16(0), u16(0x0800), inside()))), model.EncapGRE, 0, "10.0.1.1"},
		{"GRE checksum, key, sequence", eth, ether(7, 0x0800, ipv4(1, 47, join(u16(0xb000), u16(0x0800), make([]byte, 12), inside()))), model.EncapGRE, 0, "10.0.1.1"},
		{"GRE over IPv6", eth, ether(7, 0x86dd, ipv6(1, 47, join(u16(0), u16(0x0800), inside()))), model.EncapGRE, 0, "fd00::1:1"},
		{"NVGRE", eth, ether(1, 0x0800, ipv4(1, 47, join(u16(0x2000), u16(0x6558), u32(77), insideFrame()))), model.EncapGRE, 0, "10.0.1.1"},
		{"PPTP", eth, ether(7, 0x0800, ipv4(1, 47, join(u16(0x3081), u16(0x880b), make([]byte, 12), []byte{0xff, 3}, u16(0x21), inside()))), model.EncapGRE, 0, "10.0.1.1"},
		{"WCCP", eth, ether(7, 0x0800, ipv4(1, 47, join(u16(0), u16(0x883e), u32(0), inside()))), model.EncapGRE, 0, "10.0.1.1"},
		{"ERSPAN I", eth, ether(1, 0x0800, ipv4(1, 47, join(u16(0), u16(0x88be), insideFrame()))), model.EncapGRE | model.EncapERSPAN, 0, "10.0.1.1"},
		{"ERSPAN II", eth, ether(1, 0x0800, ipv4(1, 47, join(u16(0x1000), u16(0x88be), u32(9), u16(0x1000|33), u16(7), u32(0), insideFrame()))), model.EncapGRE | model.EncapERSPAN, 33, "10.0.1.1"},
		{"ERSPAN II, tagged frame", eth, ether(1, 0x8100, dot1q(900, 0x0800, ipv4(1, 47, join(u16(0x1000), u16(0x88be), u32(9), u16(0x1000|33), u16(7), u32(0), ether(7, 0x8100, dot1q(44, 0x0800, inside())))))),
			model.EncapGRE | model.EncapERSPAN | model.EncapVLAN | model.EncapQinQ, 44, "10.0.1.1"},
		{"ERSPAN III", eth, ether(1, 0x0800, ipv4(1, 47, join(u16(0x1000), u16(0x22eb), u32(9), u16(0x2000|33), u16(7), u32(0), u32(0), insideFrame()))), model.EncapGRE | model.EncapERSPAN, 33, "10.0.1.1"},
		{"ERSPAN III with subheader", eth, ether(1, 0x0800, ipv4(1, 47, join(u16(0x1000), u16(0x22eb), u32(9), u16(0x2000|33), u16(7), u32(0), u32(1), make([]byte, 8), insideFrame()))), model.EncapGRE | model.EncapERSPAN, 33, "10.0.1.1"},
		{"VXLAN", eth, ether(1, 0x0800, ipv4(1, 17, udp(4789, join(u32(8<<24), u32(55<<8), insideFrame())))), model.EncapVXLAN, 0, "10.0.1.1"},
		{"VXLAN of Linux's old port", eth, ether(1, 0x0800, ipv4(1, 17, udp(8472, join(u32(8<<24), u32(55<<8), insideFrame())))), model.EncapVXLAN, 0, "10.0.1.1"},
		{"VXLAN GPE with IPv4", eth, ether(7, 0x0800, ipv4(1, 17, udp(4790, join(u32(0xc<<24|1), u32(55<<8), inside())))), model.EncapVXLAN, 0, "10.0.1.1"},
		{"GENEVE with options", eth, ether(1, 0x0800, ipv4(1, 17, udp(6081, join([]byte{2, 0}, u16(0x6558), u32(1<<8), make([]byte, 8), insideFrame())))), model.EncapGENEVE, 0, "10.0.1.1"},
		{"CAPWAP, 802.3", eth, ether(1, 0x0800, ipv4(1, 17, udp(5247, capwap(false, insideFrame())))), model.EncapCAPWAP, 0, "10.0.1.1"},
		{"CAPWAP, 802.11", eth, ether(1, 0x0800, ipv4(1, 17, udp(5247, capwap(true, wifi([2]byte{8, 2}, false))))), model.EncapCAPWAP, 0, "10.0.1.1"},
		{"CAPWAP, 802.11 QoS, octets swapped", eth, ether(1, 0x0800, ipv4(1, 17, udp(5247, capwap(true, wifi([2]byte{1, 0x88}, true))))), model.EncapCAPWAP, 0, "10.0.1.1"},
		{"IP in IP", eth, ether(7, 0x0800, ipv4(1, 4, inside())), model.EncapIPIP, 0, "10.0.1.1"},
		{"4in6", eth, ether(7, 0x86dd, ipv6(1, 4, inside())), model.EncapIPIP, 0, "fd00::1:1"},
		{"EtherIP", eth, ether(1, 0x0800, ipv4(1, 97, join(u16(0x3000), insideFrame()))), model.EncapIPIP, 0, "10.0.1.1"},
		{"MPLS in IP", eth, ether(7, 0x0800, ipv4(1, 137, join(u32(17<<12|1<<8|64), inside()))), model.EncapMPLS, 0, "10.0.1.1"},
		{"GTP-U", eth, ether(7, 0x0800, ipv4(1, 17, udp(2152, join([]byte{0x34, 255}, u16(len(inside())+12), u32(1), []byte{0, 0, 0, 0x85}, []byte{2, 0, 0, 0, 0, 0, 0, 0}, inside())))), model.EncapGTP, 0, "10.0.1.1"},
		{"authentication header", eth, ether(7, 0x0800, ipv4(7, 51, join([]byte{6, 4, 0, 0}, make([]byte, 20), tcp("payload")))), 0, 0, ""},
		{"VXLAN in GRE", eth, ether(1, 0x0800, ipv4(2, 47, join(u16(0), u16(0x0800), ipv4(1, 17, udp(4789, join(u32(8<<24), u32(0), insideFrame())))))), model.EncapGRE | model.EncapVXLAN, 0, "10.0.2.1"},
		{"raw", capture.LinkRaw, inside(), 0, 0, ""},
		{"null, little endian", capture.LinkNull, join([]byte{2, 0, 0, 0}, inside()), 0, 0, ""},
		{"loop, big endian", capture.LinkLoop, join([]byte{0, 0, 0, 2}, inside()), 0, 0, ""},
		{"SLL", capture.LinkSLL, join(u16(0), u16(1), u16(6), []byte{2, 0, 0, 0, 0, 7, 0, 0}, u16(0x0800), inside()), 0, 0, ""},
		{"SLL2", capture.LinkSLL2, join(u16(0x0800), u16(0), u32(2), u16(1), []byte{0, 6, 2, 0, 0, 0, 0, 7, 0, 0}, inside()), 0, 0, ""},
		{"NFLOG", capture.LinkNFLOG, join([]byte{2, 0, 0, 0}, []byte{8, 0, 1, 0, 0, 0, 0, 0}, []byte{byte(4 + len(inside())), 0, 9, 0}, inside()), 0, 0, ""},
		{"PPP", capture.LinkPPP, join([]byte{0xff, 3, 0, 0x21}, inside()), 0, 0, ""},
		{"PPP, compressed field", capture.LinkPPP, join([]byte{0x21}, inside()), 0, 0, ""},
		{"Cisco HDLC", capture.LinkCiscoHDLC, join([]byte{0xf, 0}, u16(0x0800), inside()), 0, 0, ""},
		{"802.11", capture.LinkWiFi, wifi([2]byte{8, 1}, false), 0, 0, ""},
		{"radiotap", capture.LinkRadiotap, join([]byte{0, 0, 10, 0, 0, 0, 0, 0, 0, 0}, wifi([2]byte{0x88, 1}, true)), 0, 0, ""},
	}
}

func TestEncapsulations(t *testing.T) {
	for _, c := range encapsulations() {
		t.Run(c.name, func(t *testing.T) {
			p := one(c.link, c.data)
			if !p.IP || p.Src.String() != "10.0.7.1" || p.Dst.String() != "10.0.7.2" || p.Protocol != 6 || p.SrcPort != 40000 || p.DstPort != 80 {
				t.Fatalf("got %v:%d to %v:%d, protocol %d", p.Src, p.SrcPort, p.Dst, p.DstPort, p.Protocol)
			}
			if string(p.Payload) != "payload" || p.PayloadLen != 7 || p.Truncated || p.Undecoded || p.Seq != 1000 || p.Ack != 2000 {
				t.Errorf("got payload %q of %d, truncated %v, undecoded %v", p.Payload, p.PayloadLen, p.Truncated, p.Undecoded)
			}
			if p.Encap != c.encap || p.VLAN() != c.vlan || p.OuterSrc.String() != c.outer {
				t.Errorf("got encapsulation %v, VLAN %d, outer source %v; want %v, %d, %s", p.Encap.Names(), p.VLAN(), p.OuterSrc, c.encap.Names(), c.vlan, c.outer)
			}
			if c.name != "authentication header" && p.IPOctets != 47 {
				t.Errorf("got %d IP octets, want 47", p.IPOctets)
			}
		})
	}
}

func TestIPv6(t *testing.T) {
	teredo := join([]byte{0, 1, 0, 0}, make([]byte, 9), []byte{0, 0}, make([]byte, 6), ipv6(7, 17, udp(53, []byte("q"))))
	peer := ipv6(7, 17, udp(53, []byte("q")))
	copy(peer[24:], []byte{0x20, 1, 0, 0}) // to an address with Teredo's prefix
	for _, c := range []struct {
		name  string
		data  []byte
		encap model.Encap
	}{
		{"plain", ether(7, 0x86dd, ipv6(7, 17, udp(53, []byte("q")))), 0},
		{"extension headers", ether(7, 0x86dd, ipv6(7, 0, join([]byte{60, 0, 0, 0, 0, 0, 0, 0}, []byte{43, 1}, make([]byte, 14), []byte{17, 0, 0, 0, 0, 0, 0, 0}, udp(53, []byte("q"))))), 0},
		{"atomic fragment", ether(7, 0x86dd, ipv6(7, 44, join([]byte{17, 0, 0, 0, 0, 0, 0, 9}, udp(53, []byte("q"))))), 0},
		{"6in4", ether(7, 0x0800, ipv4(1, 41, ipv6(7, 17, udp(53, []byte("q"))))), model.EncapIPIP},
		{"Teredo between peers", ether(7, 0x0800, ipv4(1, 17, udp(40001, peer))), model.EncapTeredo},
		{"Teredo", ether(7, 0x0800, ipv4(1, 17, udp(3544, teredo))), model.EncapTeredo},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := one(capture.LinkEthernet, c.data)
			if p.Src.String() != "fd00::7:1" || p.DstPort != 53 || string(p.Payload) != "q" || p.Encap != c.encap {
				t.Errorf("got %v port %d %q %v", p.Src, p.DstPort, p.Payload, p.Encap.Names())
			}
		})
	}
}

// What looks like a tunnel and is none stays the outer flow.
func TestOuterFlowStays(t *testing.T) {
	for name, data := range map[string][]byte{
		"VXLAN port, other bytes": ether(1, 0x0800, ipv4(1, 17, udp(4789, []byte("not a tunnel at all")))),
		"VXLAN, broken inside":    ether(1, 0x0800, ipv4(1, 17, udp(4789, join(u32(8<<24), u32(0), ether(7, 0x0800, []byte{0x45, 0, 0})))))[:60],
		"CAPWAP, encrypted":       ether(1, 0x0800, ipv4(1, 17, udp(5247, []byte{1, 0, 0, 0, 22, 254, 255, 0, 0, 0}))),
		"CAPWAP, keep-alive":      ether(1, 0x0800, ipv4(1, 17, udp(5247, join(u32(2<<19|1<<9|1<<3), u32(0), make([]byte, 20))))),
		"Teredo port, no IPv6":    ether(1, 0x0800, ipv4(1, 17, udp(3544, []byte{0x60, 1, 2, 3}))),
		"GRE of version 2":        ether(1, 0x0800, ipv4(1, 47, join(u16(2), u16(0x0800), inside()))),
		"IP in IP, lying length":  ether(1, 0x0800, ipv4(1, 4, append([]byte{0x45, 0, 9, 9}, make([]byte, 16)...))),
	} {
		p := one(capture.LinkEthernet, data)
		if !p.IP || p.Src.String() != "10.0.1.1" || !p.OuterSrc.IsZero() || p.Encap != 0 {
			t.Errorf("%s: got %v, encapsulation %v", name, p.Src, p.Encap.Names())
		}
	}
}

func TestLinkLevel(t *testing.T) {
	arp := make([]byte, 28)
	for _, c := range []struct {
		name    string
		data    []byte
		kind    uint16
		payload int
	}{
		{"ARP", ether(1, 0x0806, arp), 0x0806, 28},
		{"ARP on a VLAN", ether(1, 0x8100, dot1q(5, 0x0806, arp)), 0x0806, 28},
		{"ARP mirrored by ERSPAN", ether(1, 0x0800, ipv4(1, 47, join(u16(0), u16(0x88be), ether(7, 0x0806, arp)))), 0x0806, 28},
		{"LLDP", ether(1, 0x88cc, []byte{2, 7, 4}), 0x88cc, 3},
		{"STP with padding", ether(1, 38, append(append([]byte{0x42, 0x42, 3}, make([]byte, 35)...), 0xff, 0xff)), 0, 38},
		{"CDP", ether(1, 12, []byte{0xaa, 0xaa, 3, 0, 0, 12, 0x20, 0, 1, 2, 3, 4}), 0, 12},
	} {
		p := one(capture.LinkEthernet, c.data)
		if p.IP || p.Undecoded || !p.Src.IsZero() || p.HasPorts || p.EtherType != c.kind || len(p.Payload) != c.payload || p.PayloadLen != c.payload {
			t.Errorf("%s: got IP %v, type %04x, payload %d, undecoded %v", c.name, p.IP, p.EtherType, len(p.Payload), p.Undecoded)
		}
	}
}

func TestOtherTransports(t *testing.T) {
	icmp := one(capture.LinkRaw, ipv4(1, 1, []byte{3, 1, 0xab, 0xcd, 0, 0, 0, 0, 1}))
	if icmp.SrcPort != 3 || icmp.DstPort != 1 || icmp.Checksum != 0xabcd || len(icmp.Payload) != 5 {
		t.Errorf("ICMP: got %+v", icmp)
	}
	sctp := one(capture.LinkRaw, ipv4(1, 132, join(u16(5), u16(6), make([]byte, 8), []byte("chunk"))))
	if sctp.SrcPort != 5 || sctp.DstPort != 6 || string(sctp.Payload) != "chunk" {
		t.Errorf("SCTP: got %+v", sctp)
	}
	lite := one(capture.LinkRaw, ipv4(1, 136, join(u16(5), u16(6), u16(8), u16(1), []byte("all of it"))))
	if string(lite.Payload) != "all of it" {
		t.Errorf("UDP-Lite: got %q", lite.Payload)
	}
	igmp := one(capture.LinkRaw, ipv4(1, 2, []byte{0x16, 0, 0, 0}))
	if igmp.HasPorts || igmp.Protocol != 2 || len(igmp.Payload) != 4 {
		t.Errorf("IGMP: got %+v", igmp)
	}
}

func TestLengths(t *testing.T) {
	padded := one(capture.LinkEthernet, append(insideFrame(), make([]byte, 12)...))
	if string(padded.Payload) != "payload" || padded.Truncated {
		t.Errorf("padding: got %q", padded.Payload)
	}
	var cut decode.Packet
	d := decode.New(decode.Config{})
	whole := insideFrame()
	d.Decode(&capture.Frame{Data: whole[:len(whole)-3], WireLen: len(whole), LinkType: capture.LinkEthernet}, &cut)
	if string(cut.Payload) != "payl" || cut.PayloadLen != 7 || !cut.Truncated || cut.Undecoded {
		t.Errorf("cut: got %q of %d, truncated %v", cut.Payload, cut.PayloadLen, cut.Truncated)
	}
	options := tcp("payload")
	options[12] = 8 << 4 // 12 octets of options, of which none were captured
	headers := ipv4(7, 6, append(options, make([]byte, 12)...))
	d.Decode(&capture.Frame{Data: headers[:40], WireLen: len(headers), LinkType: capture.LinkRaw}, &cut)
	if cut.Undecoded || !cut.Truncated || !cut.HasPorts || cut.PayloadLen != 7 || len(cut.Payload) != 0 || cut.Seq != 1000 {
		t.Errorf("options cut: got %+v", cut)
	}
	offload := inside()
	offload[2], offload[3] = 0, 0
	if p := one(capture.LinkRaw, offload); p.IPOctets != 47 || string(p.Payload) != "payload" {
		t.Errorf("offload: got %d octets, %q", p.IPOctets, p.Payload)
	}
	for name, data := range map[string][]byte{
		"IPv4 header length": append([]byte{0x44}, inside()[1:]...),
		"IPv4 total length":  join([]byte{0x45, 0, 0, 10}, inside()[4:]),
		"version 5":          append([]byte{0x55}, inside()[1:]...),
		"TCP offset":         ipv4(1, 6, join(tcp("x")[:12], []byte{0x10}, tcp("x")[13:])),
		"UDP length":         ipv4(1, 17, join(u16(1), u16(2), u16(5), u16(0))),
		"nothing":            {},
	} {
		if p := one(capture.LinkRaw, data); !p.Undecoded {
			t.Errorf("%s: not counted as undecoded", name)
		}
	}
	if s := d.Stats(); s.Packets != 2 || s.Truncated != 2 || s.Undecoded != 0 {
		t.Errorf("got stats %+v", s)
	}
}

func TestDepthIsBounded(t *testing.T) {
	data := inside()
	for range 200 {
		data = ipv4(1, 4, data)
	}
	d := decode.New(decode.Config{})
	var p decode.Packet
	d.Decode(&capture.Frame{Data: data, WireLen: len(data), LinkType: capture.LinkRaw}, &p)
	if !p.IP || p.Protocol != 4 || d.Stats().TooDeep != 1 {
		t.Errorf("got protocol %d, too deep %d", p.Protocol, d.Stats().TooDeep)
	}
}

func TestRingTag(t *testing.T) {
	var p decode.Packet
	data := ether(7, 0x8100, dot1q(5, 0x0800, inside()))
	decode.New(decode.Config{}).Decode(&capture.Frame{Data: data, WireLen: len(data) + 4, LinkType: capture.LinkEthernet, Tagged: true, VLANTag: 0x6009, TPID: 0x88a8}, &p)
	if diff := cmp.Diff([4]uint16{9, 5}, p.VLANs); diff != "" || p.VLANCount != 2 || p.Encap != model.EncapVLAN|model.EncapQinQ || p.Truncated {
		t.Errorf("got tags %v of %d, %v, truncated %v", p.VLANs, p.VLANCount, p.Encap.Names(), p.Truncated)
	}
}

// A tag that the card took off is no missing byte, also where no IP header says how long a packet is.
func TestRingTagCutsNothingShort(t *testing.T) {
	var p decode.Packet
	data := ether(7, 0x0806, make([]byte, 46))
	decode.New(decode.Config{}).Decode(&capture.Frame{Data: data, WireLen: len(data) + 4, LinkType: capture.LinkEthernet, Tagged: true, VLANTag: 9, TPID: 0x8100}, &p)
	if p.Truncated || p.VLAN() != 9 {
		t.Errorf("got truncated %v, VLAN %d", p.Truncated, p.VLAN())
	}
	decode.New(decode.Config{}).Decode(&capture.Frame{Data: data[:40], WireLen: len(data) + 4, LinkType: capture.LinkEthernet, Tagged: true, VLANTag: 9, TPID: 0x8100}, &p)
	if !p.Truncated {
		t.Error("a frame that was cut is not called so")
	}
}

func TestDecodeAllocs(t *testing.T) {
	d := decode.New(decode.Config{})
	var p decode.Packet
	var frames []capture.Frame
	for _, c := range encapsulations() {
		frames = append(frames, capture.Frame{Data: c.data, WireLen: len(c.data), LinkType: c.link})
	}
	body := udp(53, make([]byte, 1000))
	for i, part := range [][]byte{body[:504], body[504:]} {
		data := fragment4(1, 17, 0, more>>(13*i)|i*63, part)
		frames = append(frames, capture.Frame{Data: data, WireLen: len(data), LinkType: capture.LinkRaw})
	}
	turn := func() {
		for i := range frames {
			d.Decode(&frames[i], &p)
		}
	}
	turn()
	if !p.Reassembled {
		t.Fatal("the fragments were not put together")
	}
	if got := testing.AllocsPerRun(100, turn); got != 0 {
		t.Errorf("got %v allocations over %d packets, want 0", got, len(frames))
	}
}
